"""Operations on appointments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.record import Detailed, Stamp
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES, PATIENT
from tools.openapi.operation_cases.sample_clinic import BEGAN, DESK, DOCTOR

_BOOKING = {
    "patient_id": PATIENT.id,
    "doctor_id": DOCTOR,
    "scheduled_at": "2026-09-14T10:00:00+05:30",
    "duration_minutes": 30,
    "type": "followup",
    "reason_for_visit": "Trouble sleeping again",
    "preparation_instructions": "Please bring your sleep diary.",
    "location": "Room 2",
    "estimated_cost": 120_000,
}
APPOINTMENT = factories.appointment(
    PATIENT, Stamp(DESK, BEGAN - timedelta(days=5)), id=f"{PATIENT.id}-v6h3kp9x", **_BOOKING
)

_NAMED = Detailed(APPOINTMENT, PARTIES)

CASES: Mapping[str, OperationCase] = {
    "appointments.book": OperationCase(
        body=_BOOKING,
        answer=_NAMED,
        test_body={**_BOOKING, "scheduled_at": "2099-01-01T10:00:00Z"},  # it must be in the future
    ),
    "appointments.list_day": OperationCase(query={"day": "2026-09-14"}, answer=page(_NAMED), state=State.CLINIC),
    "appointments.get": OperationCase(path={"id": APPOINTMENT.id}, answer=_NAMED),
    "patients.appointments": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(_NAMED)),
}
