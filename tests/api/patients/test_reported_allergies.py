"""Reported allergies over HTTP: noted by the desk, decided by a doctor of the patient, and no allergies until then."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.types import new_id
from tests.support.audit import audit_of, new_trace, verify
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report
from tests.support.patients import path_of
from tests.support.problems import pointers
from tools import google_firestore

WORD = "Jacarandapollen"


@pytest.fixture
def path(clinic: TestClinic) -> str:
    """A patient of the doctor."""
    return path_of(clinic.patient())


def note(user: ApiClient, path: str, text: str = WORD, **headers: Any) -> Reply:
    return user.post(f"{path}/reported-allergies", {"text": text}, **headers)


def decide(user: ApiClient, path: str, verdict: str, noted: Reply, etag: str | None = None, **headers: Any) -> Reply:
    """Confirm or reject the first reported allergy of a reply."""
    entry = noted.body["reported_allergies"][0]["id"]
    where = f"{path}/reported-allergies/{entry}/{verdict}"
    return user.post(where, key="", etag=noted.etag if etag is None else etag, **headers)


def texts(reply: Reply) -> list[str]:
    return [entry["text"] for entry in reply.body["reported_allergies"]]


def test_the_desk_notes_an_allergy_that_a_doctor_confirms(clinic: TestClinic, path: str) -> None:
    noted = note(clinic.receptionist, path).ok(201)

    (entry,) = noted.body["reported_allergies"]
    assert (entry["text"], entry["noted_by"]) == (WORD, clinic.receptionist.user_id)
    assert "allergies" not in noted.body
    seen = clinic.doctor.get(path).ok()
    assert (seen.body["allergies"], texts(seen), seen.etag) == ([], [WORD], noted.etag)

    confirmed = decide(clinic.doctor, path, "confirm", seen).ok()

    assert (confirmed.body["allergies"], texts(confirmed)) == ([WORD], [])
    assert WORD.encode() not in clinic.receptionist.get(path).ok().content, "it is clinical now"


def test_a_rejected_allergy_is_gone_and_the_chart_stays(clinic: TestClinic, path: str) -> None:
    noted = note(clinic.receptionist, path).ok(201)

    rejected = decide(clinic.doctor, path, "reject", noted).ok()

    assert (rejected.body["allergies"], texts(rejected)) == ([], [])
    decide(clinic.doctor, path, "confirm", noted, rejected.etag).refused(404, "not-found")


def test_who_notes_and_who_decides(clinic: TestClinic, other_clinic: TestClinic, path: str) -> None:
    colleague, strangers = (
        clinic.other_doctor,
        (clinic.other_doctor, other_clinic.doctor, other_clinic.receptionist),
    )
    for stranger in strangers:
        note(stranger, path).refused(404, "not-found")
    for number, user in enumerate((clinic.receptionist, clinic.admin, clinic.doctor)):
        noted = note(user, path, f"{WORD} {number}").ok(201)
    assert len(texts(noted)) == 3

    for verdict in ("confirm", "reject"):
        for user in (clinic.receptionist, clinic.admin):
            decide(user, path, verdict, noted).refused(403, "forbidden")
        for stranger in (colleague, other_clinic.doctor):
            decide(stranger, path, verdict, noted).refused(404, "not-found")
    alter(clinic, path[1:], {"shared_with": [colleague.user_id]})
    note(colleague, path).refused(403, "forbidden")
    decide(colleague, path, "confirm", noted).refused(403, "forbidden")
    alter(clinic, path[1:], {"writers": [colleague.user_id]})
    assert decide(colleague, path, "confirm", noted).ok().body["allergies"] == [f"{WORD} 0"]


def test_a_receptionist_who_is_a_doctor_decides_nothing_for_a_strangers_patient(own_clinic: TestClinic) -> None:
    path = path_of(own_clinic.patient())
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})

    noted = note(own_clinic.other_doctor, path).ok(201)

    decide(own_clinic.other_doctor, path, "confirm", noted).refused(404, "not-found")


def test_the_desk_does_not_learn_what_the_chart_contains(clinic: TestClinic, path: str) -> None:
    known = clinic.doctor.send("PATCH", path, {"allergies": [WORD]}, etag='"1"').ok()
    unknown = path_of(clinic.patient())

    first, second = note(clinic.receptionist, path).ok(201), note(clinic.receptionist, unknown).ok(201)

    assert texts(first) == texts(second) == [WORD]
    seen = clinic.doctor.get(path).ok()
    assert decide(clinic.doctor, path, "confirm", seen).ok().body["allergies"] == known.body["allergies"]


@pytest.mark.parametrize("verdict", ["confirm", "reject"])
def test_a_decision_needs_the_current_etag_and_is_repeated_with_its_key(
    clinic: TestClinic, path: str, verdict: str
) -> None:
    noted = note(clinic.receptionist, path).ok(201)
    current = note(clinic.receptionist, path, "latex").ok(201)
    entry, key = noted.body["reported_allergies"][0]["id"], new_id()
    where = f"{path}/reported-allergies/{entry}/{verdict}"

    clinic.doctor.post(where, key="").refused(428, "precondition-required")
    clinic.doctor.post(where, key="", etag=noted.etag).refused(412, "stale")
    first = clinic.doctor.post(where, key=key, etag=current.etag).ok()
    again = clinic.doctor.post(where, key=key, etag=current.etag).ok()

    assert (first.body, again.headers["Idempotent-Replayed"]) == (again.body, "true")
    assert clinic.doctor.get(path).ok().body == first.body
    clinic.doctor.post(where, key="", etag=current.etag).refused(412, "stale")


def test_a_note_needs_a_key_and_ten_deliveries_note_once(clinic: TestClinic, path: str) -> None:
    note(clinic.receptionist, path, key="").refused(400, "bad-request")

    replies = at_once(10, lambda _: note(clinic.receptionist, path, key="the-call"))
    others = at_once(4, lambda number: note(clinic.receptionist, path, f"other {number}"))

    assert (statuses(replies), statuses(others)) == ({201: 10}, {201: 4})
    assert len({reply.content for reply in replies}) == 1
    assert sorted(texts(clinic.doctor.get(path).ok())) == [WORD, "other 0", "other 1", "other 2", "other 3"]


@pytest.mark.parametrize("wrong", ["", "x" * 501, "one\ntwo", None])
def test_a_note_is_one_bounded_line(clinic: TestClinic, path: str, wrong: Any) -> None:
    assert pointers(note(clinic.receptionist, path, wrong).refused(422, "invalid")) == {"/text"}


def test_neither_put_nor_patch_writes_reports(clinic: TestClinic, path: str) -> None:
    noted = note(clinic.receptionist, path).ok(201)

    for user in (clinic.receptionist, clinic.doctor):
        refused = user.send("PATCH", path, {"reported_allergies": []}, etag=noted.etag).refused(422, "invalid")
        assert pointers(refused) == {"/reported_allergies"}
    patched = clinic.doctor.send("PATCH", path, {"allergies": ["nuts"]}, etag=noted.etag).ok()
    assert (patched.body["allergies"], texts(patched)) == (["nuts"], [WORD])


def test_reports_are_sealed_and_audited_with_ids_only(clinic: TestClinic, path: str) -> None:
    trace, headers = new_trace()
    deciding, others = new_trace()

    noted = note(clinic.receptionist, path, **headers).ok(201)
    stored = google_firestore.client().document(f"clinics/{clinic.id}{path}").get().to_dict()
    decide(clinic.doctor, path, "confirm", noted, **others).ok()

    assert WORD not in repr(stored)
    for entry_trace, action in ((trace, "patient.report_allergy"), (deciding, "patient.confirm_allergy")):
        (entry,) = audit_of(clinic, entry_trace)
        verify(clinic, entry)
        assert (entry["action"], entry["outcome"], entry["patient_ids"]) == (action, "done", [path.rpartition("/")[2]])
        assert WORD not in repr(entry)


def test_the_paper_of_a_report_prints_what_waits_as_to_be_confirmed(clinic: TestClinic) -> None:
    session = clinic.session().body
    path, report = f"/patients/{session['patient_id']}", plant_report(clinic, session["id"])

    def printed() -> str:
        content = clinic.doctor.pdf(f"/reports/{report}/pdf").ok().content
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        return " ".join("\n".join(pages).split())

    assert "to be confirmed" not in printed()
    noted = note(clinic.receptionist, path).ok(201)
    before = printed()
    decide(clinic.doctor, path, "confirm", noted).ok()
    after = printed()

    assert f"{WORD}. Reported to the clinic, not confirmed by a clinician." in before
    assert "Allergies to be confirmed" in before
    assert WORD in after
    assert "to be confirmed" not in after


def test_what_was_decided_is_in_the_versions_for_clinicians_only(clinic: TestClinic, path: str) -> None:
    decide(clinic.doctor, path, "confirm", note(clinic.receptionist, path).ok(201)).ok()

    newest, _ = clinic.doctor.get(f"{path}/versions").ok().body["items"]
    desk = clinic.receptionist.get(f"{path}/versions").ok()

    assert newest["clinical_before"]["allergies"] == []
    assert [entry["text"] for entry in newest["clinical_before"]["reported_allergies"]] == [WORD]
    assert (desk.body["items"], WORD.encode() in desk.content) == ([], False)


def test_call_counts_of_noting_and_deciding(clinic: TestClinic) -> None:
    paths = iter([path_of(clinic.patient()) for _ in range(2)])
    noted = calls_when_repeated(clinic, "patients", lambda: note(clinic.receptionist, next(paths)).ok(201))
    waiting = iter(
        [(path, note(clinic.doctor, path).ok(201)) for path in (path_of(clinic.patient()) for _ in range(2))]
    )

    def confirm() -> None:
        path, before = next(waiting)
        decide(clinic.doctor, path, "confirm", before).ok()

    confirmed = calls_when_repeated(clinic, "patients", confirm)

    # The caller, patient, keys and settings, and with a key the stored response; patient and version are written.
    assert noted == [reads(4), commit(4)]
    assert confirmed == [reads(3), commit(3)]
