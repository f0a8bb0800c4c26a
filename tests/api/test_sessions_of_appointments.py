"""A session takes an appointment of its own patient and doctor, once; both name each other."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.types import new_id
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.free_times import free_time
from tests.support.problems import pointers


def booked(clinic: TestClinic, patient_id: str, doctor_id: str) -> str:
    new = {"patient_id": patient_id, "doctor_id": doctor_id, "scheduled_at": free_time(), "outside_schedule": True}
    return str(clinic.receptionist.post("/appointments", new).ok(201).body["id"])


def start(clinic: TestClinic, patient_id: str, appointment_id: str) -> Reply:
    new = {"patient_id": patient_id, "type": "consultation", "appointment_id": appointment_id}
    return clinic.start(new)


def appointment_of(clinic: TestClinic, appointment_id: str) -> dict[str, Any]:
    body: dict[str, Any] = clinic.receptionist.get(f"/appointments/{appointment_id}").ok().body
    return body


def wrong_appointment(clinic: TestClinic, patient: str, which: str) -> str:
    if which == "another patient's":
        return booked(clinic, clinic.patient().body["id"], clinic.doctor.user_id)
    if which == "a stranger's":
        stranger = clinic.other_doctor.post("/patients", NAMESAKE).ok(201).body["id"]
        return booked(clinic, stranger, clinic.other_doctor.user_id)
    if which == "another doctor's":
        path = f"/patients/{patient}"
        etag = clinic.doctor.get(path).etag
        clinic.doctor.put(f"{path}/doctors/{clinic.other_doctor.user_id}", None, etag=etag).ok()
        return booked(clinic, patient, clinic.other_doctor.user_id)
    missing = {"nobody's": "nothing-at-all", "a missing one": f"{patient}-{new_id(10)}", "the patient": patient}
    return missing[which]


@pytest.mark.parametrize(
    "which",
    ["another patient's", "a stranger's", "another doctor's", "nobody's", "a missing one", "the patient"],
)
@pytest.mark.parametrize("by", ["id", "number"])
def test_only_an_appointment_of_patient_and_doctor_is_taken(clinic: TestClinic, which: str, by: str) -> None:
    patient = clinic.patient().body
    wrong = wrong_appointment(clinic, patient["id"], which)

    refused = start(clinic, patient[by], wrong).refused(422, "invalid")

    assert pointers(refused) == {"/appointment_id"}
    assert clinic.doctor.get(f"/patients/{patient['id']}/sessions").ok().body["items"] == []


def test_every_wrong_reference_is_named(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    new = {"patient_id": patient, "appointment_id": "nothing-at-all", "template_id": "none"}

    refused = clinic.doctor.post("/sessions", new).refused(422, "invalid")

    assert pointers(refused) == {"/appointment_id", "/template_id"}


@pytest.mark.parametrize("by", ["id", "number"])
def test_appointment_and_session_name_each_other_and_end_together(clinic: TestClinic, by: str) -> None:
    patient = clinic.patient().body
    appointment = booked(clinic, patient["id"], clinic.doctor.user_id)

    session = start(clinic, patient[by], appointment).ok(201)
    begun = appointment_of(clinic, appointment)
    clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()
    kept = appointment_of(clinic, appointment)

    assert session.body["appointment_id"] == appointment
    assert (begun["session_id"], begun["status"]) == (session.body["id"], "scheduled")
    assert (kept["session_id"], kept["status"]) == (session.body["id"], "completed")
    assert kept["completed_at"] is not None
    start(clinic, patient["id"], appointment).refused(409, "conflict")


def test_appointment_of_a_cancelled_session_starts_again(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    appointment = booked(clinic, patient, clinic.doctor.user_id)
    session = start(clinic, patient, appointment).ok(201)
    start(clinic, patient, appointment).refused(409, "conflict")

    clinic.doctor.delete(f"/sessions/{session.body['id']}", etag=session.etag).ok()

    assert appointment_of(clinic, appointment)["session_id"] is None
    again = start(clinic, patient, appointment).ok(201).body["id"]
    assert appointment_of(clinic, appointment)["session_id"] == again


@pytest.mark.parametrize(
    ("status", "expected"),
    [("confirmed", 201), ("cancelled", 409), ("rescheduled", 409), ("completed", 409), ("no_show", 409)],
)
def test_only_an_expected_visit_starts(clinic: TestClinic, status: str, expected: int) -> None:
    patient = clinic.patient().body["id"]
    appointment = booked(clinic, patient, clinic.doctor.user_id)
    alter(clinic, f"appointments/{appointment}", {"status": status})

    assert start(clinic, patient, appointment).status == expected


def test_of_concurrent_starts_one_takes_the_appointment(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    appointment = booked(clinic, patient, clinic.doctor.user_id)

    replies = at_once(8, lambda _: start(clinic, patient, appointment))

    assert statuses(replies) == {201: 1, 409: 7}
    (session,) = clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"]
    assert appointment_of(clinic, appointment)["session_id"] == session["id"]


def test_call_counts(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    appointment = booked(clinic, patient, clinic.doctor.user_id)
    clinic.doctor.get(f"/sessions/{patient}-nothing")

    started: list[Reply] = []
    starting = calls_during(clinic, "sessions", lambda: started.append(start(clinic, patient, appointment).ok(201)))
    (session,) = started
    path = f"/sessions/{session.body['id']}"
    ending = calls_during(clinic, "sessions", lambda: clinic.doctor.delete(path, etag=session.etag).ok())

    # The appointment is read with the patient, and written in the same commit.
    # So are the running sessions of doctor and patient; the consents say whether it may be recorded.
    assert starting == [reads(9), commit(10)]
    # The session links to report and transcription; it names its appointment and the proof of its report.
    # The session, its version, the appointment, the progress and the audit entry are written.
    assert ending == [reads(5), reads(2), commit(5)]


def test_type_and_complaint_are_carried_over_unless_the_client_sends_its_own(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    plan = {"patient_id": patient, "doctor_id": clinic.doctor.user_id, "scheduled_at": free_time()}
    plan |= {"outside_schedule": True}
    plan |= {"type": "new_patient", "chief_complaint": "Sleeps badly"}
    appointment = clinic.doctor.post("/appointments", plan).ok(201).body["id"]

    carried = clinic.start({"patient_id": patient, "appointment_id": appointment}).ok(201)
    clinic.doctor.delete(f"/sessions/{carried.body['id']}", etag=carried.etag).ok()
    own = {"patient_id": patient, "appointment_id": appointment, "type": "followup", "chief_complaint": "Tired"}
    sent = clinic.start(own).ok(201)

    assert (carried.body["type"], carried.body["chief_complaint"]) == ("new_patient", "Sleeps badly")
    assert (sent.body["type"], sent.body["chief_complaint"]) == ("followup", "Tired")
