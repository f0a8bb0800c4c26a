"""The opening hours of a clinic."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.records.clinic.public_settings import PublicSettings
from shared.records.clinic.settings import OpeningHours
from tests.support.factories import settings


@pytest.mark.parametrize(("opens", "closes"), [("00:00", "24:00"), ("09:00", "09:01"), ("20:30", "23:59")])
def test_a_time_within_a_day_is_accepted(opens: str, closes: str) -> None:
    assert OpeningHours(day="monday", opens=opens, closes=closes).closes == closes


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("09:00", "09:00"), ("13:00", "09:00"), ("24:00", "24:00"), ("9:00", "10:00"), ("09:00", "24:01")],
)
def test_a_time_that_does_not_exist_or_ends_before_it_begins_is_refused(opens: str, closes: str) -> None:
    with pytest.raises(ValidationError):
        OpeningHours(day="monday", opens=opens, closes=closes)


def test_the_public_settings_have_neither_tax_nor_terms_of_payment() -> None:
    hours = [{"day": "monday", "opens": "09:00", "closes": "13:00"}]

    public = PublicSettings.of(settings(hours=hours, payment_instructions="By UPI", gst_number="29ABCDE1234F1Z5"))

    assert public.hours[0].opens == "09:00"
    assert public.model_dump().keys() == {
        "id",
        "name",
        "time_zone",
        "currency",
        "hours",
        "closures",
        "rooms",
        "fees",
        "bill_issue",
        "undo_minutes",
        "visit_limit_hours",
        "backdating_days",
        "consent_policy",
        "recording_purposes",
        "consent_witness_required",
        "consent_backdating_days",
        "after_withdrawal",
        "pieces_in_pauses",
    }
