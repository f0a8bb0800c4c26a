"""A patient with money owed, an open session or a coming visit is not deleted, also when one appears meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.records.patients.patient import Patient
from shared.records.problems import Blocked
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import obligations
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.free_times import free_time
from tests.support.patients import path_of


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


@pytest.mark.parametrize("opening", [begin, booked], ids=["session", "appointment"])
def test_what_begins_between_the_check_and_the_commit_blocks(clinic: TestClinic, opening: Any) -> None:
    patient = clinic.patient()
    attempts: list[int] = []

    def transaction(work: UnitOfWork) -> None:
        found = work.get(Patient.ref(patient.body["id"]))
        obligations.refuse_if_any(work, found)
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
