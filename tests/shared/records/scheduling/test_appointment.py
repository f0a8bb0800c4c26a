"""Booking of appointments: time, time zone, money, and clinical fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.privacy import fields_of
from shared.records.record import Stamp, patient_of
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.requests import NewAppointment
from shared.records.scheduling.types import MOST_DAYS_AHEAD, AppointmentStatus
from shared.web.serialization import shown
from tests.support.factories import DOCTOR, NOON, PATIENT_ID, after, settings

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - naive bounds


def new(**values: Any) -> NewAppointment:
    usual = {
        "patient_id": "PAT-20260001",
        "doctor_id": DOCTOR,
        "scheduled_at": after(days=1),
        "duration_minutes": 30,
        **values,
    }
    return NewAppointment.model_validate(usual)


def booked(**values: Any) -> Appointment:
    clinic = settings(time_zone="Asia/Dubai", currency="AED")
    id_ = {"id": f"{PATIENT_ID}-a", "patient_id": PATIENT_ID}
    return new(**values).booked(clinic, Stamp("desk", NOON), **id_, usual_minutes=30)


def test_a_booking_is_scheduled_by_the_clinics_clock_and_in_its_currency() -> None:
    appointment = booked(estimated_cost=40_000)

    assert appointment.status == AppointmentStatus.SCHEDULED
    assert (appointment.time_zone, appointment.currency, appointment.estimated_cost) == ("Asia/Dubai", "AED", 40_000)
    assert (appointment.patient_id, patient_of(appointment.id)) == (PATIENT_ID, PATIENT_ID)
    assert (appointment.created_by, appointment.created_at, appointment.revision) == ("desk", NOON, 1)


def test_another_wall_clock_may_be_named() -> None:
    assert booked(time_zone="Europe/Lisbon").time_zone == "Europe/Lisbon"


def test_everything_that_a_booking_says_is_in_the_appointment() -> None:
    said = {
        "type": "telemedicine",
        "priority": "urgent",
        "chief_complaint": "Cannot sleep",
        "notes": "Ask about lithium",
        "preparation_instructions": "Come fasting",
        "confirmation_required": True,
        "location": "Room 2",
        "insurance_verified": True,
        "copay_amount": 500,
    }

    assert booked(**said).model_dump(mode="json").items() >= said.items()
    assert NewAppointment.model_fields.keys() - {"outside_schedule"} <= Appointment.model_fields.keys()


@given(MOMENTS)
def test_a_moment_is_the_same_in_utc_whatever_offset_it_came_with(moment: datetime) -> None:
    appointment = booked(scheduled_at=moment.isoformat())

    assert appointment.scheduled_at == moment
    assert appointment.scheduled_at.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_only_what_is_yet_to_come_can_be_booked(moment: datetime, now: datetime) -> None:
    bookable = now < moment <= now + timedelta(days=MOST_DAYS_AHEAD)

    errors = [*new(scheduled_at=moment).time_errors(now, "Asia/Kolkata")]

    assert [error.pointer for error in errors] == ["/scheduled_at"] * (not bookable)


@given(st.integers(-1_000, 1_000))
def test_a_visit_takes_five_minutes_to_eight_hours(minutes: int) -> None:
    if 5 <= minutes <= 480:
        assert booked(duration_minutes=minutes).duration_minutes == minutes
    else:
        with pytest.raises(ValidationError):
            new(duration_minutes=minutes)


@given(st.sets(st.sampled_from(sorted(NewAppointment.model_fields.keys() - {"chief_complaint", "notes"}))))
def test_clinical_fields_are_told_from_the_others(others: set[str]) -> None:
    given_others = {name: value for name, value in dict(new(location="Room 2")).items() if name in others}

    assert new(**given_others).clinical_fields() == []
    assert new(**given_others, notes="n").clinical_fields() == ["notes"]
    assert new(**given_others, notes="n", chief_complaint="c").clinical_fields() == ["chief_complaint", "notes"]


def test_the_desk_sees_what_it_tells_patients_and_not_why_they_come() -> None:
    appointment = booked(chief_complaint="c", notes="n", preparation_instructions="p", copay_amount=5)

    seen = shown(appointment, clinical=False)

    assert fields_of(Appointment).clinical == {"chief_complaint", "notes"}
    assert {"chief_complaint", "notes", "record_key", "live"}.isdisjoint(seen)
    assert (seen["preparation_instructions"], seen["copay_amount"], seen["reminder_sent"]) == ("p", 5, False)


def test_a_reminder_counts_as_sent_from_the_moment_it_was() -> None:
    reminded = booked().revised(Stamp("system", after(hours=1)), reminder_sent_at=after(hours=1))

    assert reminded.reminder_sent
