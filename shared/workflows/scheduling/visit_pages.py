"""What the page of an appointment says, before it is HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.lazily import lazily

with lazily(globals()):
    from shared.records.links.visit import AgreedVisit


class Answer(StrEnum):
    """What a patient can do by the link."""

    CONFIRM = "confirm"
    OTHER_TIME = "other_time"
    CANCEL = "cancel"


class VisitState(StrEnum):
    """What the page of an appointment says."""

    ASKS = "asks"
    """The appointment, with a button for each answer."""
    SURE = "sure"
    """Whether the answer is meant."""
    INCOMPLETE = "incomplete"
    """The second form lacks something. Nothing was compared."""
    WRONG = "wrong"
    AGAIN = "again"
    """The form was too old, too new, or used. Nothing was compared."""
    DONE = "done"
    CALL = "call"
    """It is too late to do this by the link."""
    CHANGED = "changed"
    """It has another time or doctor now, or nobody may tell."""
    CANCELLED = "cancelled"
    OVER = "over"
    """It has begun, or is over."""


@dataclass(frozen=True)
class Facts:
    """What a patient is told of the appointment."""

    clinic: str
    visit: AgreedVisit
    starts_at: datetime
    doctor: str | None
    phone: str | None
    confirmed: bool
    asked: bool


@dataclass(frozen=True)
class VisitPage:
    """A page of the dialogue."""

    state: VisitState
    facts: Facts | None = None
    answer: Answer | None = None
    """Of a second page: what is asked about; of `done` what was done."""
    open: tuple[Answer, ...] = ()
    """The answers that the page has buttons for."""
    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed before, to be shown again; never the year of birth."""
