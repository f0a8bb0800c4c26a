"""A session that was started for the wrong patient: the request to move it, and what it keeps of the move."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Id, Moment

MOST_MOVES = 10
"""Moves of one session."""


class NewMove(Value):
    """Where a session belongs."""

    patient_id: Id
    """The patient whose visit it was, by id or number."""
    from_patient_id: Id
    """The patient at whom you see it, by id or number: a session that is at another one stays where it is."""
    reason: Annotated[ShortText, Field(min_length=1)]
    """Why it is moved. It becomes part of the record of `patient_id`: name nobody else in it."""
    discard_report: bool = False
    """Throw away the report, too, that a person wrote or corrected. A draft that nobody touched always goes: it was
    written with the other patient's data."""


class SessionMove(Value):
    """A move of a session to the patient at whom it is now, or was before the next move."""

    from_patient_id: Id
    reason: ShortText
    author_id: Id
    at: Moment
