"""The death of a patient: when, as far as it is known, and when the clinic recorded it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from pydantic import Field

from shared.records.partial_date import PartialDate
from shared.records.patients.obligations import MOST_NAMED
from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Day, Id


class _KnownDeath(Value):
    date: PartialDate
    """As much as is known: `2026`, `2026-06` or `2026-06-08`."""
    reason: ShortText | None = None
    """How the clinic knows, such as "told by the daughter". The cause of death belongs in clinical fields."""


class Death(_KnownDeath):
    """That a patient died."""

    recorded_on: Day
    """The day, at the clinic, on which the death was recorded: the patient died on it or before."""

    @property
    def latest(self) -> datetime.date:
        """The last day on which the patient can have lived."""
        return min(self.date.latest, self.recorded_on)


class NewDeath(_KnownDeath):
    """The death of a patient, as a request records or corrects it."""

    cancel_pending: list[Id] = Field(default=[], max_length=MOST_NAMED)
    """The coming appointments that are cancelled: exactly those in `blocked_by`. If there are others by now, nothing is
    done, and `blocked_by` has them."""

    def errors(self, born: PartialDate | None, today: datetime.date) -> Iterator[FieldError]:
        """Why the patient cannot have died then; a date that is known in part is wrong if every day of it is."""
        if self.date.earliest > today:
            yield FieldError("/date", "is in the future")
        if born is not None and self.date.latest < born.earliest:
            yield FieldError("/date", "is before the date of birth")

    def recorded(self, today: datetime.date) -> Death:
        """The death, recorded on this day."""
        return Death(date=self.date, reason=self.reason, recorded_on=today)
