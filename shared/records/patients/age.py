"""The age of a person, also when the date of birth is known in part or only estimated."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import Field

from shared.records.partial_date import PartialDate
from shared.records.record import Value
from shared.records.types import Day

MONTHS = 12
MONTHS_UNTIL = 2 * MONTHS
"""Below this number of months an age is told in months."""
OLDEST = 130


class AgeUnit(StrEnum):
    """In what an age is told: a newborn's in days, an infant's in months."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


class AgeSpan(NamedTuple):
    """The ages that a person can have on a day, in one unit, completed: `least` to `most`."""

    unit: AgeUnit
    least: int
    most: int
    estimated: bool = False
    """True if a person judged the age: it has no bounds."""

    @property
    def text(self) -> str:
        """In English: `3 months`, `75 or 76 years`, `about 76 years`."""
        unit = self.unit[:-1] if self.most == 1 else self.unit
        about = "about " if self.estimated else ""
        if self.least == self.most:
            return f"{about}{self.most} {unit}"
        return f"{self.least} {'or' if self.most == self.least + 1 else 'to'} {self.most} {unit}"


class EstimatedAge(Value):
    """The age of a person whose date of birth nobody knows, as somebody judged it."""

    years: Annotated[int, Field(ge=1, le=OLDEST)]
    """Completed years. For an infant, give the year of birth, or year and month, as `date_of_birth`."""
    as_of: Day
    """The day on which the age was judged."""

    def on(self, day: date) -> AgeSpan:
        """The age on a day: so many completed years later or earlier."""
        since, until = sorted((self.as_of, day))
        passed = completed_months(since, until) // MONTHS
        years = max(0, self.years + (passed if day >= self.as_of else -passed))
        return AgeSpan(AgeUnit.YEARS, years, years, estimated=True)


def completed_months(born: date, day: date) -> int:
    """The completed months of life; less than 0 before the birth.

    A birthday on a day that a month does not have counts from the first of the next: one on 29 February from 1 March.
    """
    return MONTHS * (day.year - born.year) + day.month - born.month - (day.day < born.day)


def span_of(born: PartialDate, day: date) -> AgeSpan | None:
    """The ages on a day of who was born then: days in the first month, months below two years, then years.

    None before the birth. The oldest that the person can be decides the unit.
    """
    if born.earliest > day:
        return None
    oldest, youngest = born.earliest, min(born.latest, day)
    months = completed_months(youngest, day), completed_months(oldest, day)
    if months[1] >= MONTHS_UNTIL:
        return AgeSpan(AgeUnit.YEARS, months[0] // MONTHS, months[1] // MONTHS)
    if months[1]:
        return AgeSpan(AgeUnit.MONTHS, *months)
    return AgeSpan(AgeUnit.DAYS, (day - youngest).days, (day - oldest).days)


class Age(Value):
    """Computed when the patient is read, in the clinic's time zone."""

    age: int | None = None
    """Completed years of life. Null if they are not certain: the date of birth is known in part, or not at all."""
    age_text: str | None = None
    """As people say it, in English: "12 days", "3 months", "42 years", "75 or 76 years", "about 76 years"."""
    age_years_min: int | None = None
    """The fewest completed years that the patient can have; null if the age is estimated or unknown."""
    age_years_max: int | None = None
    """The most completed years that the patient can have; null if the age is estimated or unknown."""

    @classmethod
    def of(cls, born: PartialDate | None, estimated: EstimatedAge | None, day: date) -> Self:
        """The age on a day."""
        return cls.told(age_span(born, estimated, day))

    @classmethod
    def told(cls, span: AgeSpan | None) -> Self:
        """The age, as a span says it; None if nobody knows."""
        if span is None or span.estimated:
            return cls(age_text=span and span.text)
        least, most = (_years(span, number) for number in (span.least, span.most))
        return cls(age=least if least == most else None, age_text=span.text, age_years_min=least, age_years_max=most)


def age_span(born: PartialDate | None, estimated: EstimatedAge | None, day: date) -> AgeSpan | None:
    """The ages on a day by the date of birth, or else by the estimate; None if nobody knows, or before the birth."""
    if born is not None:
        return span_of(born, day)
    return estimated.on(day) if estimated else None


def age_span_at(born: PartialDate | None, estimated: EstimatedAge | None, first: date, last: date) -> AgeSpan | None:
    """The ages on a day that nobody knows, between two days; the first may be before the birth."""
    younger = age_span(born, estimated, max(first, born.earliest) if born else first)
    older = age_span(born, estimated, last)
    if younger is None or older is None or older.estimated:
        return older
    if younger.unit == older.unit:
        return AgeSpan(older.unit, younger.least, older.most)
    return AgeSpan(AgeUnit.YEARS, _years(younger, younger.least), _years(older, older.most))


def _years(span: AgeSpan, number: int) -> int:
    return {AgeUnit.YEARS: number, AgeUnit.MONTHS: number // MONTHS, AgeUnit.DAYS: 0}[span.unit]
