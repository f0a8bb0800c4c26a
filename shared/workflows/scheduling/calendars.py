"""Calendars: the feed of a doctor, and the file of one appointment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import settings
from shared.lazily import lazily
from shared.records.clinic.calendar_feed import AHEAD, BACK, MOST_EVENTS
from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.problems import Forbidden, NotFound
from shared.records.record import Ref
from shared.records.scheduling.types import AppointmentStatus
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.pagination import LIVE
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.clinic.calendar_feed import (
        CalendarFeed,
        CalendarFeedState,
        IssuedCalendarFeed,
        NewCalendarFeed,
        OwnCalendar,
    )
    from shared.records.links.token import is_token, new_token
    from shared.records.messages.calendar_part import CalendarMethod, CalendarPart
    from shared.records.scheduling.appointment import Appointment
    from shared.records.scheduling.calendar_event import CalendarEvent

PATH = "/api/v1/calendar"
"""Of the feeds (`functions/links`)."""
_TOKEN = "calendar token"  # noqa: S105 - the name of a kind of hash
_SUMMARY = "Appointment"
_HELD = frozenset(AppointmentStatus) - {AppointmentStatus.RESCHEDULED}
"""What was moved is in the calendar as the appointment that replaces it, which is the same event."""


@dataclass(frozen=True)
class Feed:
    """A feed as it is now."""

    content: bytes
    changed_at: datetime


def issue(clinic: Clinic, new: NewCalendarFeed) -> IssuedCalendarFeed:
    """Give the caller a new feed; the earlier one ends."""

    def transaction(work: UnitOfWork) -> IssuedCalendarFeed:
        own = work.get_or_none(OwnCalendar.ref(work.user_id))
        if own is not None:
            _end(work, own.feed_id)
        token = new_token()
        feed_id = work.keyring().ids(_TOKEN, "", token)[0]
        work.create(CalendarFeed.new(feed_id, work.stamp, doctor_id=work.user_id, with_names=new.with_names))
        fields = {"feed_id": feed_id, "with_names": new.with_names, "issued_at": work.now}
        calendar = own or OwnCalendar.new(work.user_id, work.stamp, **fields)
        work.upsert(calendar.edited(work.stamp, **fields, live=True))
        if work.user is not None:
            work.require_unchanged(work.user)
        url = f"{settings.load(settings.Links).public_url}{PATH}/{work.clinic_id}/{token}.ics"
        return IssuedCalendarFeed(with_names=new.with_names, issued_at=work.now, url=url)

    return clinic.perform("calendar.issue", transaction)


def get(clinic: Clinic) -> CalendarFeedState:
    """The caller's feed. Raises NotFound without one."""
    return clinic.perform("calendar.state", lambda work: _state(work.get(OwnCalendar.ref(work.user_id))))


def revoke(clinic: Clinic) -> None:
    """End the caller's feed. Raises NotFound without one."""

    def transaction(work: UnitOfWork) -> None:
        own = work.get(OwnCalendar.ref(work.user_id))
        _end(work, own.feed_id)
        work.save(own.edited(work.stamp, live=False))

    clinic.perform("calendar.revoke", transaction)


def read(clinic: Clinic, token: str) -> Feed:
    """The feed of a token. Raises NotFound for an unknown or revoked one, and for that of somebody who is no active
    doctor."""
    if not is_token(token):
        raise NotFound

    def transaction(work: UnitOfWork) -> Feed:
        feed = _find(work, token)
        doctor = work.get_or_none(User.ref(feed.doctor_id))
        if doctor is None or not doctor.is_active_doctor:
            raise NotFound
        return _feed(work, feed)

    try:
        return clinic.perform("calendar.read", transaction)
    except Forbidden:
        raise NotFound from None  # no such clinic


def _find(work: UnitOfWork, token: str) -> CalendarFeed:
    refs = [CalendarFeed.ref(id) for id in work.keyring().ids(_TOKEN, "", token)]
    work.prefetch(*refs, work.settings_ref())
    found = next((feed for ref in refs if (feed := work.get_or_none(ref))), None)
    if found is None:
        raise NotFound
    return found


def _feed(work: UnitOfWork, feed: CalendarFeed) -> Feed:
    """The appointments of the doctor around now. Without names no record of a patient is opened."""
    from shared.render import calendar

    snapshots = queries.first(
        work.clinic_id,
        Appointment.collection,
        [
            LIVE,
            ("doctor_id", "==", feed.doctor_id),
            ("scheduled_at", ">=", work.now - BACK),
            ("scheduled_at", "<", work.now + AHEAD),
        ],
        "scheduled_at",
        MOST_EVENTS,
    )
    shown = [one for one in snapshots if one.get("status") in _HELD]
    names = _names(work, feed, shown) if feed.with_names else {}
    events = [
        CalendarEvent.of(
            work.clinic_id,
            {**one.to_dict(), "id": one.id},
            names.get(one.get("patient_id"), _SUMMARY),
        )
        for one in shown
    ]
    changed = max([feed.created_at, *(event.changed_at for event in events)])
    return Feed(calendar.feed(events, work.settings().name_in_messages), changed)


def _names(work: UnitOfWork, feed: CalendarFeed, snapshots: Sequence[Any]) -> dict[str, str]:
    """The names of the patients that the doctor may see, by id."""
    refs: list[Ref[Patient]] = [Patient.ref(id) for id in sorted({one.get("patient_id") for one in snapshots})]
    work.prefetch(*refs)
    found = {}
    for ref in refs:
        if not work.exists(ref):
            continue
        patient = work.get(ref)
        if patient.seen_by(feed.doctor_id):
            found[ref.id] = patient.display_name
    return found


def file_of(clinic: Clinic, appointment_id: str) -> tuple[bytes, int]:
    """The calendar file of one appointment, for its patient, and the appointment's revision."""

    def transaction(work: UnitOfWork) -> tuple[bytes, int]:
        work.expect(work.settings_ref())
        appointment = work.get(Appointment.ref(appointment_id))
        return invitation(work, appointment, None)[0], appointment.revision

    return clinic.perform("appointment.calendar_file", transaction)


def invitation(work: UnitOfWork, appointment: Appointment, patient_address: str | None) -> tuple[bytes, str]:
    """The calendar file of an appointment and its method, to be sent to this mail address, or to be shown."""
    from shared.render import calendar

    clinic = work.settings()
    event = CalendarEvent.of(work.clinic_id, appointment.model_dump(), clinic.name_in_messages)
    return calendar.file(event, calendar.Invitation(clinic.name_in_messages, clinic.email, patient_address))


def part(work: UnitOfWork, appointment: Appointment, patient_address: str) -> CalendarPart:
    """The calendar file for the mail to this address that tells the patient of an appointment as it is now."""
    content, method = invitation(work, appointment, patient_address)
    return CalendarPart(method=CalendarMethod(method), content=content.decode())


def _end(work: UnitOfWork, feed_id: str) -> None:
    feed = work.get_or_none(CalendarFeed.ref(feed_id))
    if feed is not None:
        work.save(feed.edited(work.stamp, live=False))


def _state(own: OwnCalendar) -> CalendarFeedState:
    return CalendarFeedState(with_names=own.with_names, issued_at=own.issued_at)
