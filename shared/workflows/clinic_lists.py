"""Lists across the patients of a clinic: whose records a caller lists, and of which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.records.problems import Forbidden
from shared.store.admission import FRONT_DESK
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork


def of_doctor(work: UnitOfWork, doctor_id: str | None) -> list[Filter]:
    """The filter for the records of a doctor. A doctor lists their own, who sees all patients those of any or of all.

    Raises Forbidden when a doctor asks for another's.
    """
    work.keyring()  # the caller is looked up
    if work.scope != FRONT_DESK and doctor_id not in (None, work.user_id):
        raise Forbidden("a doctor lists their own visits")
    wanted = doctor_id if work.scope == FRONT_DESK else work.user_id
    return [("doctor_id", "==", wanted)] if wanted else []


def on_day(field: str, day: date, zone: str) -> list[Filter]:
    """The filter for moments on a calendar day in a time zone; a day may have 23 or 25 hours."""
    return on_days(field, day, 1, zone)


def on_days(field: str, first: date, count: int, zone: str) -> list[Filter]:
    """The filter for moments on some calendar days, one after the other."""
    return [(field, ">=", _midnight(first, zone)), (field, "<", _midnight(first + timedelta(days=count), zone))]


def from_day(field: str, day: date, zone: str) -> list[Filter]:
    """The filter for moments on a calendar day or later."""
    return [(field, ">=", _midnight(day, zone))]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
