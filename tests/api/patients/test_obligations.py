"""A patient with money owed, an open session or a coming visit is not deleted, also when one appears meanwhile.

What can be cancelled is cancelled with the patient, if the request names all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.records.patients.obligations import Blocked
from shared.records.patients.patient import Patient
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import obligations
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.free_times import free_time
from tests.support.patients import path_of
from tools import google_firestore


def begin(clinic: TestClinic, patient: Reply) -> Reply:
    return clinic.start({"patient_id": patient.body["id"], "type": "followup"}).ok(201)


def completed(clinic: TestClinic, patient: Reply) -> dict[str, Any]:
    """The bill of a completed session."""
    session = begin(clinic, patient)
    clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()
    path = f"/bills/{session.body['id']}-bill"
    body: dict[str, Any] = clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.status == 200).body
    return body


def booked(clinic: TestClinic, patient: Reply) -> dict[str, Any]:
    new = {"patient_id": patient.body["id"], "doctor_id": clinic.doctor.user_id, "scheduled_at": free_time()}
    body: dict[str, Any] = clinic.receptionist.post("/appointments", {**new, "outside_schedule": True}).ok(201).body
    return body


def delete(clinic: TestClinic, patient: Reply) -> Reply:
    return clinic.doctor.delete(path_of(patient), etag=patient.etag)


def delete_with(client: ApiClient, patient: Reply, *ids: str) -> Reply:
    """Delete a patient with what is open."""
    return client.delete(f"{path_of(patient)}?cancel_pending={','.join(ids)}", etag=patient.etag)


def draft(clinic: TestClinic, patient: Reply) -> dict[str, Any]:
    line = {"description": "Certificate", "unit_price": 1_000}
    new = {"patient_id": patient.body["id"], "doctor_id": clinic.doctor.user_id, "line_items": [line]}
    body: dict[str, Any] = clinic.receptionist.post("/bills", new).ok(201).body
    return body


def blockers(refused: Reply) -> list[tuple[str, str]]:
    return [(one["kind"], one["id"]) for one in refused.refused(409, "blocked").body["blocked_by"]]


def test_every_obligation_is_named_and_nothing_is_changed(clinic: TestClinic) -> None:
    patient = clinic.patient()
    bill, session, appointment = completed(clinic, patient), begin(clinic, patient), booked(clinic, patient)

    refused = delete(clinic, patient)

    assert blockers(refused) == [
        ("session", session.body["id"]),
        ("bill", bill["id"]),
        ("appointment", appointment["id"]),
    ]
    assert clinic.doctor.get(path_of(patient)).ok().body == patient.body


@pytest.mark.parametrize("status", ["in_progress", "paused"])
def test_open_session_blocks_until_it_is_cancelled(clinic: TestClinic, status: str) -> None:
    patient = clinic.patient()
    session = begin(clinic, patient)
    if status == "paused":
        session = clinic.doctor.put(f"/sessions/{session.body['id']}", {"status": status}, etag=session.etag).ok()
    assert blockers(delete(clinic, patient)) == [("session", session.body["id"])]

    clinic.doctor.delete(f"/sessions/{session.body['id']}", etag=session.etag).ok()

    delete(clinic, patient).ok(204)


def test_completed_session_without_a_bill_blocks(clinic: TestClinic) -> None:
    patient = clinic.patient()
    bill = completed(clinic, patient)
    alter(clinic, f"sessions/{bill['session_id']}", {"billed": False})
    alter(clinic, f"bills/{bill['id']}", {"status": "paid"})

    assert blockers(delete(clinic, patient)) == [("session", bill["session_id"])]


@pytest.mark.parametrize("status", ["pending", "sent", "partially_paid", "overdue"])
def test_money_owed_blocks_until_it_is_paid(clinic: TestClinic, status: str) -> None:
    patient = clinic.patient()
    bill = completed(clinic, patient)
    alter(clinic, f"bills/{bill['id']}", {"status": status})
    assert blockers(delete(clinic, patient)) == [("bill", bill["id"])]

    payment = {"amount": bill["total_amount"], "method": "cash"}
    clinic.receptionist.post(f"/bills/{bill['id']}/payment", payment, etag='"1"').ok(201)

    delete(clinic, patient).ok(204)


@pytest.mark.parametrize(
    "change",
    [{"status": "cancelled"}, {"status": "completed"}, {"scheduled_at": datetime(2026, 1, 1, tzinfo=UTC)}],
    ids=["cancelled", "kept", "past"],
)
def test_only_a_coming_visit_blocks(clinic: TestClinic, change: dict[str, Any]) -> None:
    patient = clinic.patient()
    appointment = booked(clinic, patient)
    assert blockers(delete(clinic, patient)) == [("appointment", appointment["id"])]

    alter(clinic, f"appointments/{appointment['id']}", change)

    delete(clinic, patient).ok(204)


def test_other_patients_obligations_do_not_block(clinic: TestClinic) -> None:
    completed(clinic, clinic.patient())

    delete(clinic, clinic.patient()).ok(204)


def paid_bill(clinic: TestClinic, patient: Reply) -> Reply:
    [bill] = clinic.receptionist.get(f"{path_of(patient)}/bills").ok().body["items"]
    return clinic.receptionist.get(f"/bills/{bill['id']}").ok()


def bounced(clinic: TestClinic, patient: Reply) -> None:
    bill = paid_bill(clinic, patient)
    returned = {"reason": "Returned.", "cause": "bounced"}
    clinic.receptionist.post(f"/bills/{bill.body['id']}/payments/e2/reverse", returned, etag=bill.etag).ok()


def replaced(clinic: TestClinic, patient: Reply) -> None:
    bill = paid_bill(clinic, patient)
    line = {"description": "Longer visit", "unit_price": bill.body["total_amount"] + 1}
    amendment = {"line_items": [line], "reason": "Wrong fee."}
    clinic.receptionist.post(f"/bills/{bill.body['id']}/amend", amendment, etag=bill.etag).ok(201)


@pytest.mark.parametrize("opening", [begin, booked, draft, bounced, replaced])
def test_what_begins_between_the_check_and_the_commit_blocks(clinic: TestClinic, opening: Any) -> None:
    patient = clinic.patient()
    bill = completed(clinic, patient)
    payment = {"amount": bill["total_amount"], "method": "cheque"}
    clinic.receptionist.post(f"/bills/{bill['id']}/payment", payment, etag='"1"').ok(201)
    attempts: list[int] = []

    def transaction(work: UnitOfWork) -> None:
        found = work.get(Patient.ref(patient.body["id"]))
        obligations.must_be_cancelled(obligations.of_patient(work, found), found, [], "")
        attempts.append(1)
        if len(attempts) == 1:
            opening(clinic, patient)
        work.save(found.deleted(work.stamp))

    with pytest.raises(Blocked):
        system_clinic(clinic.id, "test").perform("patient.delete", transaction)

    assert len(attempts) == 1
    clinic.doctor.get(path_of(patient)).ok()


def test_of_a_deletion_and_session_starts_at_once_one_kind_succeeds(clinic: TestClinic) -> None:
    patient = clinic.patient()
    new = {"patient_id": patient.body["id"], "type": "followup"}

    replies = at_once(8, lambda n: clinic.start(new) if n else delete(clinic, patient))

    started, deleted = statuses(replies).get(201, 0), replies[0].status == 204
    assert bool(started) != deleted


def test_strangers_learn_nothing(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = clinic.patient()
    begin(clinic, patient)

    for stranger in (clinic.other_doctor, other_clinic.admin):
        stranger.delete(path_of(patient), etag=patient.etag).refused(404, "not-found")


def test_the_whole_list_is_named_with_what_can_be_cancelled(clinic: TestClinic) -> None:
    patient = clinic.patient()
    owed, running = completed(clinic, patient), begin(clinic, patient)
    unissued, coming = draft(clinic, patient), [booked(clinic, patient) for _ in range(25)]

    refused = delete(clinic, patient).refused(409, "blocked").body

    assert refused["counts"] == {"session": 1, "bill": 2, "appointment": 25}
    assert refused["left_out"] == 0
    assert {(one["kind"], one["id"], one["status"], one["cancellable"]) for one in refused["blocked_by"]} == {
        ("session", running.body["id"], "in_progress", True),
        ("bill", owed["id"], "pending", False),
        ("bill", unissued["id"], "draft", True),
        *(("appointment", one["id"], "scheduled", True) for one in coming),
    }


def test_what_is_not_named_is_counted(clinic: TestClinic) -> None:
    patient = clinic.patient()
    appointment = booked(clinic, patient)
    stored = google_firestore.client().document(f"clinics/{clinic.id}/appointments/{appointment['id']}")
    document = stored.get().to_dict() or {}
    for number in range(120):
        stored.parent.document(f"{patient.body['id']}-copy{number:04}").set(document)

    refused = delete(clinic, patient).refused(409, "blocked").body
    first = [one["id"] for one in refused["blocked_by"]]

    assert (len(first), refused["counts"], refused["left_out"]) == (100, {"appointment": 121}, 21)
    delete_with(clinic.doctor, patient, *first).refused(409, "blocked")


def test_what_is_named_is_cancelled_with_the_patient(clinic: TestClinic) -> None:
    patient = clinic.patient()
    running, unissued, appointment = begin(clinic, patient), draft(clinic, patient), booked(clinic, patient)
    named = [running.body["id"], unissued["id"], appointment["id"]]

    delete_with(clinic.doctor, patient, *named).ok(204)

    clinic.admin.post(f"{path_of(patient)}/restore", key="", etag='"2"').ok()
    for path in (f"/sessions/{named[0]}", f"/bills/{named[1]}", f"/appointments/{named[2]}"):
        assert clinic.doctor.get(path).ok().body["status"] == "cancelled", path
    at = {"scheduled_at": appointment["scheduled_at"], "doctor_id": clinic.doctor.user_id, "outside_schedule": True}
    clinic.receptionist.post("/appointments", {"patient_id": clinic.patient().body["id"], **at}).ok(201)


def test_a_session_is_cancelled_with_its_appointment(clinic: TestClinic) -> None:
    patient = clinic.patient()
    appointment = booked(clinic, patient)
    new = {"patient_id": patient.body["id"], "type": "followup", "appointment_id": appointment["id"]}
    session = clinic.start(new).ok(201)
    assert blockers(delete(clinic, patient)) == [("session", session.body["id"])]

    delete_with(clinic.doctor, patient, session.body["id"]).ok(204)

    clinic.admin.post(f"{path_of(patient)}/restore", key="", etag='"2"').ok()
    seen = clinic.doctor.get(f"/appointments/{appointment['id']}").ok().body
    assert (seen["status"], seen["session_id"]) == ("cancelled", None)


def test_what_the_caller_has_not_seen_is_not_cancelled(clinic: TestClinic) -> None:
    patient = clinic.patient()
    seen, new = booked(clinic, patient), booked(clinic, patient)
    both = {("appointment", seen["id"]), ("appointment", new["id"])}

    assert set(blockers(delete_with(clinic.doctor, patient, seen["id"]))) == both
    clinic.receptionist.post(f"/appointments/{new['id']}/cancel", {}, etag=f'"{new["revision"]}"').ok()
    assert blockers(delete_with(clinic.doctor, patient, seen["id"], new["id"])) == [("appointment", seen["id"])]

    delete_with(clinic.doctor, patient, seen["id"]).ok(204)


def test_money_owed_is_not_cancelled_away(clinic: TestClinic) -> None:
    patient = clinic.patient()
    bill, appointment = completed(clinic, patient), booked(clinic, patient)

    refused = delete_with(clinic.doctor, patient, bill["id"], appointment["id"])

    assert blockers(refused) == [("bill", bill["id"]), ("appointment", appointment["id"])]
    assert clinic.doctor.get(f"/appointments/{appointment['id']}").ok().body["status"] == "scheduled"
    written_off = {"amount": bill["total_amount"], "reason": "Emigrated."}
    clinic.receptionist.post(f"/bills/{bill['id']}/write-off", written_off, etag='"1"').ok()
    delete_with(clinic.doctor, patient, appointment["id"]).ok(204)


def test_only_who_may_cancel_a_session_deletes_with_it(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"{path_of(patient)}/doctors/{clinic.other_doctor.user_id}"
    shared = clinic.doctor.send("PUT", path, {"level": "write"}, etag=patient.etag or "").ok()
    new = {"patient_id": patient.body["id"], "type": "followup"}
    session = clinic.other_doctor.post("/sessions", new).ok(201).body["id"]

    (blocker,) = delete_with(clinic.doctor, shared, session).refused(409, "blocked").body["blocked_by"]

    assert (blocker["id"], blocker["cancellable"]) == (session, False)
    delete_with(clinic.admin, shared, session).ok(204)


def test_only_ids_of_the_patients_records_are_named(clinic: TestClinic) -> None:
    patient, other = clinic.patient(), booked(clinic, clinic.patient())

    for named in (other["id"], "?", "a,,b", ",".join(["x"] * 101)):
        refused = delete_with(clinic.doctor, patient, named).refused(422, "invalid")
        assert {one["pointer"].split("/")[0] for one in refused.body["errors"]} == {"cancel_pending"}
    assert clinic.doctor.get(f"/appointments/{other['id']}").ok().body["status"] == "scheduled"


def test_the_work_of_a_session_ends_with_it(clinic: TestClinic) -> None:
    patient = clinic.patient()
    session = begin(clinic, patient).body["id"]
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}
    clinic.doctor.post(f"/sessions/{session}/recordings", upload).ok(201)
    report = plant_report(clinic, session)
    plant_transcription(clinic, session, TranscriptionStatus.PENDING)

    delete_with(clinic.doctor, patient, session).ok(204)

    for path in (f"reports/{report}", f"transcriptions/{session}-t1"):
        found = google_firestore.client().document(f"clinics/{clinic.id}/{path}").get()
        assert (found.get("status"), found.get("error_code")) == ("failed", "session_cancelled"), path


def test_what_is_open_of_a_merged_record_counts_too(clinic: TestClinic) -> None:
    patient, other = clinic.patient(), clinic.patient()
    appointment, bill = booked(clinic, other), draft(clinic, other)
    body = {"patient_id": other.body["id"], "patient_revision": other.body["revision"]}
    merged = clinic.admin.post(f"{path_of(patient)}/merge", body, etag=patient.etag, key="").ok()

    assert set(blockers(clinic.admin.delete(path_of(patient), etag=merged.etag))) == {
        ("appointment", appointment["id"]),
        ("bill", bill["id"]),
    }
    delete_with(clinic.admin, merged, appointment["id"], bill["id"]).ok(204)
