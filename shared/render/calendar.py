"""iCalendar (RFC 5545 and 5546): events as text, with the rules of their time zones.

The same events give the same bytes, so that an ETag tells whether anything changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from shared.records.scheduling.calendar_event import CalendarEvent

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

MEDIA_TYPE = "text/calendar"
_PRODUCT = "-//SynapseAI//Appointments//EN"
_STEP, _SECOND = timedelta(days=1), timedelta(seconds=1)
_AROUND = timedelta(days=370)
"""Before the first event, so that the zone has a rule for it."""


@dataclass(frozen=True)
class Invitation:
    """Who invites whom, for a file that goes to a patient."""

    clinic: str
    """The clinic's name in messages."""
    clinic_address: str | None
    """Its mail address."""
    patient_address: str | None
    """That of the patient; None for a file without a recipient, which is published instead of sent."""


def feed(events: Sequence[CalendarEvent], name: str) -> bytes:
    """A calendar to subscribe to."""
    from icalendar import vText

    calendar = _calendar(events)
    calendar.add("x-wr-calname", vText(name))
    for event in events:
        calendar.add_component(_event(event))
    return bytes(calendar.to_ical())


def file(event: CalendarEvent, invitation: Invitation) -> tuple[bytes, str]:
    """The file of one appointment and its method: REQUEST, PUBLISH without a recipient, CANCEL if it is cancelled."""
    from icalendar import vCalAddress

    sent = invitation.patient_address is not None
    method = "CANCEL" if event.cancelled else "REQUEST" if sent else "PUBLISH"
    calendar, component = _calendar([event]), _event(event)
    calendar.add("method", method)
    # Every method needs an organizer; a clinic without a mail address has none that takes answers.
    address = f"mailto:{invitation.clinic_address}" if invitation.clinic_address else "invalid:nomail"
    organizer = vCalAddress(address)
    organizer.params["CN"] = invitation.clinic
    component.add("organizer", organizer)
    if sent:
        attendee = vCalAddress(f"mailto:{invitation.patient_address}")
        attendee.params["RSVP"] = "FALSE"
        component.add("attendee", attendee)
    calendar.add_component(component)
    return bytes(calendar.to_ical()), method


def _calendar(events: Sequence[CalendarEvent]) -> Calendar:
    """A calendar with the zones of its events, before them."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    local = [event for event in events if event.is_plain_local]
    for zone in sorted({event.time_zone for event in local}):
        times = [event.starts_at for event in local if event.time_zone == zone]
        calendar.add_component(_zone(zone, min(times) - _AROUND, max(times) + _AROUND))
    return calendar


def _event(event: CalendarEvent) -> Event:
    from icalendar import Event

    found = Event()
    found.add("uid", event.uid)
    found.add("sequence", event.sequence)
    found.add("dtstamp", event.changed_at.replace(microsecond=0))
    found.add("last-modified", event.changed_at.replace(microsecond=0))
    # The end is an instant as well: a visit may last from before a change of clocks until after it.
    zone = ZoneInfo(event.time_zone) if event.is_plain_local else UTC
    found.add("dtstart", event.starts_at.astimezone(zone))
    found.add("duration", timedelta(minutes=event.minutes))
    found.add("summary", event.summary)
    found.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    found.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    return found


def _zone(name: str, first: datetime, last: datetime) -> Timezone:
    """The rules of a zone between two instants.

    Written here: icalendar 7.3 begins an observance at the local time after the change of clocks, where RFC 5545
    (3.6.5) wants that before it; readers then are an hour wrong for the hour after clocks go forward.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    zone, found = ZoneInfo(name), Timezone()
    found.add("tzid", name)
    for at in (first, *_changes(zone, first, last)):
        after = at.astimezone(zone)
        before = (at - _SECOND).astimezone(zone)
        # What clocks showed before the change goes on counting until the instant of it.
        onset = (at + (before.utcoffset() or timedelta())).replace(tzinfo=None, microsecond=0)
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        part.add("dtstart", onset)
        part.add("tzoffsetfrom", before.utcoffset())
        part.add("tzoffsetto", after.utcoffset())
        part.add("tzname", after.tzname())
        found.add_component(part)
    return found


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The instants at which the offset of a zone changes, to the second; a change and its reverse within one day do not
    happen."""
    at = first
    while at < last:
        if _offset(zone, at) != _offset(zone, at + _STEP):
            yield _change(zone, at, at + _STEP)
        at += _STEP


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(zone, datetime.fromtimestamp(middle, UTC)) == _offset(zone, before)
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
