"""Notes: what the practitioner typed in a session, as evidence of a report beside the transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.records.record import Value
from shared.records.text import Text
from shared.records.visits.session import Session

MOST_LINES = 100
"""Maximum number of notes that one typed text becomes; the last one holds the rest."""
MOST_NOTES_CITED = 20
"""Maximum number of notes that one statement cites."""
NoteNumber = Annotated[int, Field(ge=1, le=100_000)]


class EvidenceKind(StrEnum):
    """A kind of evidence that is not in the transcript."""

    NOTED_BY_PRACTITIONER = "noted_by_practitioner"


class NoteSource(StrEnum):
    """The field of the session that holds a note."""

    CHIEF_COMPLAINT = "chief_complaint"
    SESSION_NOTES = "session_notes"


class Note(Value):
    """A text that the practitioner typed, as it was when a statement cited it. Later changes of the session do not
    change it."""

    number: NoteNumber
    """Unique in the report; statements cite it in `notes`."""
    kind: EvidenceKind = EvidenceKind.NOTED_BY_PRACTITIONER
    source: NoteSource
    text: Text


def typed_in(session: Session, source: NoteSource) -> str | None:
    """The text that the session has now; None if nothing was typed."""
    return session.chief_complaint if source == NoteSource.CHIEF_COMPLAINT else session.session_notes


def notes_of(session: Session) -> list[Note]:
    """The notes of a session, one for each typed line, numbered from 1: evidence must be short enough to read."""
    pieces = [(source, line) for source in NoteSource for line in _lines(typed_in(session, source) or "")]
    return [Note(number=number, source=source, text=text) for number, (source, text) in enumerate(pieces, start=1)]


def cited(notes: Sequence[Note], source: NoteSource, text: str) -> tuple[list[Note], int]:
    """The notes with one of this text, and its number. A text that is a note already gets no second number."""
    for note in notes:
        if (note.source, note.text) == (source, text):
            return list(notes), note.number
    number = max((note.number for note in notes), default=0) + 1
    return [*notes, Note(number=number, source=source, text=text)], number


def _lines(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    yield from lines[: MOST_LINES - 1]
    if rest := lines[MOST_LINES - 1 :]:
        yield "\n".join(rest)
