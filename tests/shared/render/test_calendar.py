"""iCalendar: read by a second parser, right to the instant, and replaced or removed by later files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from shared.records.messages.kinds import Channel, MessageKind, MessageLanguage
from shared.records.messages.slots import Slots
from shared.records.messages.wording import worded
from shared.records.record import Stamp
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.calendar_event import CalendarEvent
from shared.records.scheduling.requests import AgreedTime, NewAppointment
from shared.records.scheduling.wall_clock import instants_of, local_of
from shared.render import calendar
from shared.render.calendar import Invitation
from shared.web.link_pages.texts import PageLanguage
from shared.web.link_pages.visit_texts import VISIT_TEXTS
from tests.support.factories import DOCTOR, NOON, PATIENT_ID, settings

ZONES = (
    *("America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Santiago", "Europe/London"),
    *("Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "Australia/Sydney", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Asia/Kolkata"),
)
CHANGES_IN_2027 = {
    "America/New_York": ("2027-03-14T02:30", "2027-03-14T01:30:00", "2027-03-14T03:30:00"),
    "Europe/Berlin": ("2027-03-28T02:30", "2027-03-28T01:30:00", "2027-03-28T03:30:00"),
    "Australia/Sydney": ("2027-10-03T02:30", "2027-10-03T01:30:00", "2027-10-03T03:30:00"),
}
STAMP = Stamp("desk", NOON)
OPEN = Invitation("Banyan", "desk@banyan.example", None)


def booked(zone: str, **when: Any) -> Appointment:
    new = NewAppointment(patient_id="P", doctor_id=DOCTOR, time_zone=zone, duration_minutes=50, **when)
    ids = {"id": f"{PATIENT_ID}-a", "patient_id": PATIENT_ID}
    return new.booked(settings(), STAMP, **ids, usual_minutes=30)


def event(appointment: Appointment) -> CalendarEvent:
    return CalendarEvent.of("banyan", appointment.model_dump(), "Banyan")


def parsed(content: bytes) -> Any:
    return vobject.readOne(content.decode())


def starts(content: bytes) -> list[datetime]:
    """The instants at which the events begin, as the second parser finds them by the zones of the file."""
    return [one.dtstart.value.astimezone(UTC) for one in parsed(content).vevent_list]


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_weekly_visits_at_nine_stays_at_nine_everywhere(zone: str) -> None:
    first = date(2027, 1, 4)
    days = [first + timedelta(weeks=week) for week in range(52)]
    visits = [booked(zone, local_time=f"{day}T09:00") for day in days]

    assert [visit.local_time[11:16] for visit in visits] == ["09:00"] * 52, "the API"
    assert [visit.scheduled_at.astimezone(ZoneInfo(zone)).hour for visit in visits] == [9] * 52
    offsets = {visit.scheduled_at.astimezone(ZoneInfo(zone)).utcoffset() for visit in visits}
    assert len(offsets) == (1 if zone == "Asia/Kolkata" else 2), "over both changes of the clocks"
    for texts in (VISIT_TEXTS[language] for language in PageLanguage):
        assert [texts.day_of(visit.local_time).split(", ")[1].split()[0] for visit in visits] == [
            str(day.day) for day in days
        ], "the page"
    for visit in visits:
        day, _, time = local_of(visit.scheduled_at, zone).partition("T")
        slots = Slots.model_validate({"visit_day": day, "visit_time": time[:5], "clinic_name": "Banyan"})
        said = worded(MessageKind.VISIT_REMINDER, Channel.SMS, MessageLanguage.ENGLISH, slots)
        assert "09:00" in said.body, "the message"
    content = calendar.feed([event(visit) for visit in visits], "Banyan")
    assert starts(content) == [visit.scheduled_at for visit in visits], "the calendar"
    for one in parsed(content).vevent_list:
        assert one.dtstart.value.strftime("%H:%M") == "09:00"


@given(st.sampled_from(ZONES), st.datetimes(datetime(2026, 12, 1), datetime(2028, 11, 1)))  # noqa: DTZ001 - on the wall
def test_any_local_time_that_exists_is_the_same_instant_in_the_calendar(zone: str, local: datetime) -> None:
    written = local.isoformat(timespec="minutes")
    found = instants_of(f"{written}:00", zone)
    for instant in found:
        visit = booked(zone, scheduled_at=instant)

        assert starts(calendar.feed([event(visit)], "Banyan")) == [instant]
        assert local_of(instant, zone)[:16] == written


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Europe/Dublin"])
def test_every_half_hour_around_both_changes_of_the_clocks_is_right(zone: str) -> None:
    changes = [*calendar._changes(ZoneInfo(zone), datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))]
    assert len(changes) == 2
    instants = [change + timedelta(minutes=30 * step) for change in changes for step in range(-6, 7)]

    content = calendar.feed([event(booked(zone, scheduled_at=instant)) for instant in instants], "Banyan")

    assert starts(content) == instants


@pytest.mark.parametrize("zone", CHANGES_IN_2027)
def test_half_past_two_on_the_spring_day_is_refused_with_both_neighbours(zone: str) -> None:
    local, before, after = CHANGES_IN_2027[zone]

    (error,) = AgreedTime(local_time=local, time_zone=zone).time_errors(NOON, "UTC")

    assert error.pointer == "/local_time"
    assert f"{before} and {after} do" in error.detail


def test_a_moved_visit_is_the_same_event_in_a_later_version_and_a_cancelled_one_is_taken_out() -> None:
    first = booked("Asia/Kolkata", local_time="2027-01-04T09:00")
    confirmed = first.confirmed(STAMP)
    second = booked("Asia/Kolkata", local_time="2027-01-05T10:00").amended(
        id=f"{PATIENT_ID}-b", **confirmed.replacement_fields
    )
    third = second.amended(id=f"{PATIENT_ID}-c", **second.replacement_fields)
    cancelled = third.cancelled(None, STAMP)
    replaced = confirmed.rescheduled(second.id, None, STAMP)

    events = [event(one) for one in (first, confirmed, replaced, second, third, cancelled)]

    assert len({one.uid for one in events}) == 1
    assert PATIENT_ID not in events[0].uid
    numbers = [one.sequence for one in events]
    assert numbers == sorted(set(numbers)), "each version has a higher number"
    assert numbers[0] == 0
    removal, method = calendar.file(events[-1], OPEN)
    found = parsed(removal)
    assert (method, found.method.value, found.vevent.status.value) == ("CANCEL", "CANCEL", "CANCELLED")
    assert CalendarEvent.of("other", first.model_dump(), "x").uid != events[0].uid


def test_a_file_invites_its_recipient_and_has_no_clinical_word() -> None:
    said = {"reason_for_visit": "Panic", "chief_complaint": "Agoraphobia", "preparation_instructions": "Fasting"}
    visit = booked("Asia/Kolkata", local_time="2027-01-04T09:00", **said)

    request, method = calendar.file(event(visit), Invitation("Banyan", None, "asha@home.example"))
    published, other = calendar.file(event(visit), OPEN)

    found = parsed(request)
    assert (method, other, found.method.value) == ("REQUEST", "PUBLISH", "REQUEST")
    assert (found.vevent.summary.value, found.vevent.attendee.value) == ("Banyan", "mailto:asha@home.example")
    assert found.vevent.organizer.value == "invalid:nomail"
    assert parsed(published).vevent.organizer.value == "mailto:desk@banyan.example"
    assert not hasattr(parsed(published).vevent, "attendee")
    for word in ("Panic", "Agoraphobia", "Fasting", PATIENT_ID, DOCTOR):
        assert word not in request.decode()


def test_a_name_cannot_add_a_line_to_the_file() -> None:
    one = CalendarEvent.of("c", booked("Asia/Kolkata", local_time="2027-01-04T09:00").model_dump(), "a\r\nATTACH:x;,\\")

    content = calendar.feed([one], "b\nX-EVIL:1").decode()

    assert not [line for line in content.splitlines() if line.startswith(("ATTACH", "X-EVIL"))]
