"""What a session takes from its appointment."""

from __future__ import annotations

import pytest

from shared.records.scheduling.types import AppointmentType
from shared.records.visits.requests import NewSession
from shared.records.visits.session import SessionType
from tests.support.factories import BY_DOCTOR, PATIENT_ID, patient
from tools.openapi.factories import appointment


@pytest.mark.parametrize("planned", AppointmentType)
def test_type_and_complaint_are_those_of_the_appointment(planned: AppointmentType) -> None:
    begun = NewSession(patient_id=PATIENT_ID).of_appointment(
        appointment(patient(), BY_DOCTOR, type=planned, chief_complaint="Sleeps badly.")
    )

    assert begun.chief_complaint == "Sleeps badly."
    assert begun.type == (SessionType.CONSULTATION if planned == AppointmentType.TELEMEDICINE else planned)


def test_what_the_client_sends_counts() -> None:
    sent = NewSession(patient_id=PATIENT_ID, type=SessionType.EMERGENCY, chief_complaint=None)

    begun = sent.of_appointment(appointment(patient(), BY_DOCTOR, chief_complaint="Sleeps badly."))

    assert (begun.type, begun.chief_complaint) == (SessionType.EMERGENCY, None)
