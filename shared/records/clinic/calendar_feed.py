"""The calendar feed of a doctor: a secret URL that a calendar program subscribes to."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from shared.records.privacy import Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.types import Id, Moment

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
"""The appointments that a feed has, from now."""
MOST_EVENTS = 1_000
"""Appointments in a feed; the furthest are left out."""


class NewCalendarFeed(Value):
    """What a feed shows."""

    with_names: bool = False
    """True to show the patients' names. They are then in every calendar that subscribes, and on its screens."""


class CalendarFeed(Record):
    """A feed. Its id is a keyed hash of the token in its URL; it is deleted when it is revoked."""

    kind: ClassVar[str] = "CalendarFeed"
    collection: ClassVar[str] = "calendar_feeds"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    doctor_id: Plain[Id]
    with_names: Plain[bool] = False


class OwnCalendar(Record):
    """The feed that a doctor has, under the doctor's id."""

    kind: ClassVar[str] = "OwnCalendar"
    collection: ClassVar[str] = "calendars"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    feed_id: Internal[Plain[Id]]
    with_names: Plain[bool] = False
    issued_at: Plain[Moment]


class CalendarFeedState(Value):
    """The caller's feed."""

    with_names: bool
    issued_at: Moment


class IssuedCalendarFeed(CalendarFeedState):
    """A new feed with its URL, which is shown only now."""

    url: str
    """Whoever has it reads the feed: no password is asked for."""
