"""A date that may be known in part: a year, a month of a year, or a day. What is not known is never filled in."""

from __future__ import annotations

import calendar
import re
from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_ADVICE = "write it as YYYY-MM-DD, or as YYYY-MM or YYYY if no more is known"
_LONGEST = 10
_PATTERN = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


class Precision(StrEnum):
    """How much of a date is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class PartialDate(str):
    """A date of ISO 8601 with reduced precision, as the `date` of FHIR: `1950`, `1950-06` or `1950-06-08`.

    Raises ValueError, with advice, for a text of another form and for a date that is not in the calendar.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if (found := _FORM.fullmatch(text)) is None:
            raise ValueError(_ADVICE)
        year, month, day = (int(part or 1) for part in found.groups())
        try:
            date(year, month, day)
        except ValueError:
            raise ValueError(_ADVICE) from None
        return super().__new__(cls, text)

    @classmethod
    def of(cls, day: date) -> Self:
        """A date that is known to the day."""
        return cls(day.isoformat())

    @property
    def year(self) -> int:
        return int(self[:4])

    @property
    def month(self) -> int | None:
        """1 to 12; None if it is not known."""
        return int(self[5:7]) if len(self) > 4 else None

    @property
    def precision(self) -> Precision:
        return {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(self)]

    @property
    def exact(self) -> date | None:
        """The day; None if it is not known."""
        return date.fromisoformat(self) if self.precision == Precision.DAY else None

    @property
    def earliest(self) -> date:
        """The first day that it can be."""
        return self.exact or date(self.year, self.month or 1, 1)

    @property
    def latest(self) -> date:
        """The last day that it can be."""
        month = self.month or 12
        return self.exact or date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def wider(self) -> list[PartialDate]:
        """The less precise dates that contain it, the closest first: 1950-06 and 1950 for 1950-06-08."""
        return [PartialDate(self[:length]) for length in (7, 4) if length < len(self)]

    def contains(self, other: PartialDate) -> bool:
        """True if every day that the other can be is one that this can be: 1950 contains 1950-06."""
        return other.startswith(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(cls, core_schema.str_schema(max_length=_LONGEST))
        return core_schema.no_info_before_validator_function(
            cls._text, text, serialization=core_schema.to_string_ser_schema(when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        examples = ["1950", "1950-06", "1950-06-08"]
        return {"type": "string", "format": "partial-date", "pattern": _PATTERN, "examples": examples}

    @staticmethod
    def _text(value: object) -> str:
        """The text of a date. Raises ValueError, with advice, for any other value and a longer text."""
        if type(value) is date:
            return value.isoformat()
        if isinstance(value, str) and len(value) <= _LONGEST:
            return value
        raise ValueError(_ADVICE)
