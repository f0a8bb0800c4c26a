"""Why a patient comes, as stated when the visit is booked: all see it, and no session takes it as its complaint."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clinics import TestClinic
from tests.support.free_times import free_time
from tests.support.problems import pointers
from tools import google_firestore

REASON = "Trouble sleeping again"


@pytest.fixture(scope="module")
def patient_id(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


def visit(clinic: TestClinic, patient_id: str, **values: object) -> dict[str, Any]:
    """The body of a booking with a reason: a visit to the doctor tomorrow, overridden by `values`."""
    defaults = {
        "patient_id": patient_id,
        "doctor_id": clinic.doctor.user_id,
        "scheduled_at": free_time(),
        "outside_schedule": True,
        "duration_minutes": 30,
        "reason_for_visit": REASON,
    }
    return {**defaults, **values}


@pytest.mark.parametrize("role", ["receptionist", "doctor", "admin"])
def test_every_role_writes_the_reason_and_all_who_see_the_appointment_see_it(
    clinic: TestClinic, patient_id: str, role: str
) -> None:
    new = visit(clinic, patient_id)
    booked = getattr(clinic, role).post("/appointments", new, key=f"why-{role}").ok(201)
    again = getattr(clinic, role).post("/appointments", new, key=f"why-{role}").ok(201)

    assert again.body == booked.body
    for user in (clinic.receptionist, clinic.doctor, clinic.admin):
        assert user.get(f"/appointments/{booked.body['id']}").ok().body["reason_for_visit"] == REASON


def test_the_reason_is_hidden_from_strangers_and_sealed(
    clinic: TestClinic, other_clinic: TestClinic, patient_id: str
) -> None:
    booked = clinic.receptionist.post("/appointments", visit(clinic, patient_id)).ok(201).body["id"]

    for stranger in (clinic.other_doctor, other_clinic.receptionist):
        assert REASON.encode() not in stranger.get(f"/appointments/{booked}").refused(404, "not-found").content
    stored = google_firestore.client().document(f"clinics/{clinic.id}/appointments/{booked}").get().to_dict()
    assert stored is not None
    assert "reason_for_visit" in stored["sealed"]
    assert REASON not in repr(stored)


@pytest.mark.parametrize("wrong", ["", "x" * 501, "one\ntwo", 7])
def test_the_reason_is_one_bounded_line(clinic: TestClinic, patient_id: str, wrong: object) -> None:
    refused = clinic.receptionist.post("/appointments", visit(clinic, patient_id, reason_for_visit=wrong))

    assert pointers(refused.refused(422, "invalid")) == {"/reason_for_visit"}


def test_a_session_of_the_appointment_does_not_copy_the_reason(clinic: TestClinic, patient_id: str) -> None:
    booked = clinic.receptionist.post("/appointments", visit(clinic, patient_id)).ok(201).body["id"]

    new = {"patient_id": patient_id, "appointment_id": booked}
    started = clinic.start(new).ok(201)

    assert (started.body["chief_complaint"], started.body["session_notes"]) == (None, None)
    assert REASON.encode() not in started.content
