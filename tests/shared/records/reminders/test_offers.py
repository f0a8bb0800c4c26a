"""No message tells of an appointment that is only offered to a patient of the waiting list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.record import Stamp
from shared.records.reminders.notices import VisitNotice, Void
from shared.records.reminders.standing import void_by_appointment
from shared.records.reminders.visit import Visit
from shared.records.scheduling.types import Offer
from tools.openapi import factories

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
STAMP = Stamp("desk", NOW)
OFFER = Offer(waiting_id="p-w", expires_at=NOW + timedelta(hours=2))


def document(**values: Any) -> dict[str, Any]:
    usual = {"status": "scheduled", "scheduled_at": NOW + timedelta(days=3), "time_zone": "UTC", "created_at": NOW}
    return {**usual, **values}


@pytest.mark.parametrize("ended", [{}, {"status": "cancelled", "cancelled_at": NOW}])
def test_nobody_is_told_of_an_offer_or_of_its_end(ended: dict[str, Any]) -> None:
    assert Visit.of("p-a", document(offer=OFFER.model_dump(), **ended)).last_change is None
    assert Visit.of("p-a", document(offer=None, **ended)).last_change is not None


def test_message_about_an_offer_is_void() -> None:
    patient = factories.patient("doctor", STAMP)
    booked = factories.appointment(patient, STAMP)

    def void(**changes: Any) -> Void | None:
        return void_by_appointment(VisitNotice.BOOKED, booked.scheduled_at, booked.amended(**changes), NOW)

    assert (void(), void(offer=OFFER)) == (None, Void.APPOINTMENT_CHANGED)
