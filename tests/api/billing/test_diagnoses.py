"""The diagnosis of a bill: checked on the day of the visit, in the system of the clinic's country."""

from __future__ import annotations

from typing import Any

from tests.api.billing.helpers import LINE
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.problems import pointers
from tests.support.visits import complete, new_session
from tools import google_firestore

CM = {"primary_diagnosis_system": "icd_10_cm"}


def written(clinic: TestClinic, code: str, **values: Any) -> Reply:
    """The answer to a draft of the doctor with this diagnosis."""
    body = {"patient_id": clinic.patient().body["id"], "line_items": [LINE], "primary_diagnosis_code": code, **values}
    return clinic.doctor.post("/bills", body)


def diagnosis_of(bill: Reply) -> tuple[Any, Any, Any]:
    return tuple(bill.body[f"primary_diagnosis_{name}"] for name in ("code", "system", "title"))


def wrong(refused: Reply) -> str:
    detail: str = refused.refused(422, "invalid").body["errors"][0]["detail"]
    assert pointers(refused) == {"/primary_diagnosis_code"}
    return detail


def test_a_code_has_system_and_title_which_only_clinicians_see(clinic: TestClinic) -> None:
    bill = written(clinic, "f411", **CM).ok(201)

    assert diagnosis_of(bill) == ("F41.1", "icd_10_cm", "Generalized anxiety disorder")
    seen = clinic.receptionist.get(f"/bills/{bill.body['id']}").ok().body
    assert not [name for name in seen if name.startswith("primary_diagnosis")]
    refused = clinic.receptionist.put(f"/bills/{bill.body['id']}", CM, etag=bill.etag)
    refused.refused(403, "forbidden")


def test_a_wrong_code_is_refused_with_right_ones(clinic: TestClinic) -> None:
    assert "there are F41.0, F41.1" in wrong(written(clinic, "F41.7", **CM))
    assert "choose one of F41.0, F41.1" in wrong(written(clinic, "F41", **CM))
    assert "S30.11XA" in wrong(written(clinic, "S30.1XXA", **CM))
    everything = written(clinic, "F41.7", **CM, doctor_id=clinic.receptionist.user_id).refused(422, "invalid")
    assert pointers(everything) == {"/primary_diagnosis_code", "/doctor_id"}


def test_the_day_of_the_visit_counts(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    session = new_session(own_clinic, patient_id=patient)
    complete(own_clinic, session).ok()
    alter(own_clinic, f"sessions/{session}", {"started_at": "2025-09-30T10:00:00Z"})

    body = {"patient_id": patient, "line_items": [LINE], "session_ids": [session], **CM}
    bill = own_clinic.doctor.post("/bills", {**body, "primary_diagnosis_code": "S30.1XXA"}).ok(201)
    later = {"primary_diagnosis_code": "S30.11XA"}
    refused = own_clinic.doctor.put(f"/bills/{bill.body['id']}", {**later, **CM}, etag=bill.etag)
    changed = own_clinic.doctor.put(f"/bills/{bill.body['id']}", {"notes": "Thank you."}, etag=bill.etag).ok()

    assert "is valid from 2025-10-01" in wrong(refused)
    assert diagnosis_of(changed) == diagnosis_of(bill)
    cleared = own_clinic.doctor.put(
        f"/bills/{bill.body['id']}", {"primary_diagnosis_code": None}, etag=changed.etag
    ).ok()
    assert diagnosis_of(cleared) == (None, None, None)


def test_the_clinics_country_decides_on_the_system(own_clinic: TestClinic) -> None:
    indian = written(own_clinic, "F41.1").ok(201)
    google_firestore.client().document("clinics", own_clinic.id).update({"time_zone": "America/Chicago"})
    american = written(own_clinic, "F41.1").ok(201)

    assert (indian.body["primary_diagnosis_system"], american.body["primary_diagnosis_system"]) == (
        "icd_10",
        "icd_10_cm",
    )
