"""Corrections of a report: what a request asks for, what was changed, and the rule that applies it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema

from shared.records.claims.kinds import StatementKind
from shared.records.record import Stamp, Value
from shared.records.reports.notes import Note, NoteNumber, NoteSource, cited
from shared.records.reports.statements import MOST_CITED, SegmentNumber, Statement
from shared.records.templates.sections import Leaf
from shared.records.text import ShortText, Text
from shared.records.types import Id, Moment

_MOST_NAMED = 5
"""Maximum number of unknown segments that an error names."""


class EditReason(StrEnum):
    """The usual reasons of a correction; other reasons are free text."""

    MISHEARD = "misheard"
    WRONG_SPEAKER = "wrong_speaker"
    WORDING = "wording"
    ADDED = "added"
    NOT_RELEVANT = "not_relevant"


_USUAL = {"type": "string", "enum": [reason.value for reason in EditReason]}
_FREE = {"type": "string", "format": "text-line", "minLength": 1, "maxLength": 500}
Reason = Annotated[ShortText, Field(min_length=1), WithJsonSchema({"anyOf": [_USUAL, _FREE]})]
"""One of the usual reasons, or free text."""


class Correction(Value):
    """A manual change of a statement. `before` is null for an addition, `after` for a removal."""

    statement_id: Id
    before: Text | None
    after: Text | None
    moved_to: ShortText | None = None
    """The new section, if the statement was moved."""
    before_segments: list[SegmentNumber] = []
    """The segments that the statement cited before."""
    before_notes: list[NoteNumber] = []
    """The notes that the statement cited before."""
    before_kind: StatementKind | None = None
    """The kind of the statement before."""
    reason: ShortText | None = None
    """One of the usual reasons, or free text; null if none was given."""
    author_id: Id
    at: Moment


class Edit(Value):
    """One requested correction of a statement: another text, kind, section or evidence; a new statement; a removal."""

    statement_id: Id | None = None
    """The statement to change; left out for a new statement."""
    section: ShortText | None = None
    """The section of a new statement, or the section to move the statement to."""
    text: Text | None = Field(default=None, min_length=1)
    """Null removes the statement. Left out: the statement keeps its text."""
    segments: list[SegmentNumber] | None = Field(default=None, max_length=MOST_CITED)
    """The segments of the report's transcription that the statement cites from now on; an empty list for none. Left
    out: the statement keeps its segments."""
    notes: list[NoteSource] | None = Field(default=None, max_length=len(NoteSource))
    """The session's fields that the statement cites from now on, with their present text; an empty list for none. Left
    out: the statement keeps its notes."""
    kind: StatementKind | None = None
    """What the statement is from now on. Left out: the statement keeps its kind."""
    reason: Reason | None = None
    """Why: one of the usual reasons or free text. Left out: the request's reason, if it has one."""

    @property
    def removes(self) -> bool:
        """True if the edit removes a statement: only a text that is sent as null does."""
        return self.statement_id is not None and self.text is None and "text" in self.model_fields_set

    @property
    def changes_nothing(self) -> bool:
        """True if the edit says of a statement neither a text nor a kind, a section or evidence."""
        changes = (self.text, self.section, self.segments, self.notes, self.kind)
        return self.statement_id is not None and not self.removes and not any(one is not None for one in changes)


class Corrections(Value):
    """The corrections of one request; either all are applied or none."""

    edits: list[Edit] = Field(min_length=1, max_length=100)
    reason: Reason | None = None
    """The reason of all edits without a reason of their own."""
    correction_notes: Text | None = None


@dataclass(frozen=True)
class Citable:
    """What a correction may cite now."""

    segments: Collection[int] = ()
    """The numbers of the transcription's segments."""
    notes: Mapping[NoteSource, str] = field(default_factory=dict)
    """What is typed in the session."""


NOTHING = Citable()


class CorrectionCounts(Value):
    """How many statements a person corrected, added and removed, each statement once."""

    corrected: int
    """Statements of the draft with another text, kind, section or evidence."""
    added: int
    removed: int
    """Statements of the draft that were removed."""

    @classmethod
    def of(cls, corrections: Iterable[Correction]) -> CorrectionCounts:
        """The counts of a report's corrections. A statement that was added and removed again counts nowhere."""
        by_statement: dict[str, list[Correction]] = defaultdict(list)
        for correction in corrections:
            by_statement[correction.statement_id].append(correction)
        changes = [(made[0].before is None, made[-1].after is None) for made in by_statement.values()]
        return cls(
            corrected=changes.count((False, False)),
            added=changes.count((True, False)),
            removed=changes.count((False, True)),
        )


class EditedStatements:
    """The statements, notes and corrections of a report while edits are applied."""

    def __init__(
        self,
        statements: Iterable[Statement],
        notes: list[Note],
        corrections: Iterable[Correction],
        stamp: Stamp,
        citable: Citable,
    ) -> None:
        self.statements = {statement.id: statement for statement in statements}
        self.notes = notes
        self.corrections = list(corrections)
        self._earlier = len(self.corrections)
        self._stamp = stamp
        self._citable = citable

    @property
    def changed(self) -> bool:
        """True if an edit changed something."""
        return len(self.corrections) > self._earlier

    def problems_of(self, edit: Edit, sections: Mapping[str, Leaf]) -> Iterator[tuple[str, str]]:
        """The invalid fields of an edit, each with an explanation. `sections` are those that hold statements."""
        new = edit.statement_id is None
        if not new and edit.statement_id not in self.statements:
            yield "statement_id", "no such statement"
        if edit.removes:
            for name in ("section", "segments", "notes", "kind"):
                if getattr(edit, name) is not None:
                    yield name, "a statement that is removed has none"
            return
        if new and edit.text is None:
            yield "text", "a new statement needs a text"
        if edit.changes_nothing:
            yield "text", "nothing to change: send a text, or null to remove the statement"
        if edit.section not in sections and (new or edit.section is not None):
            yield "section", "not a section of this report"
        yield from self._uncitable(edit)
        yield from self._unchosen(edit, sections)

    def _uncitable(self, edit: Edit) -> Iterator[tuple[str, str]]:
        """The evidence of an edit that is not there."""
        if unknown := [number for number in edit.segments or () if number not in self._citable.segments]:
            yield "segments", f"no segments of the transcription: {', '.join(map(str, unknown[:_MOST_NAMED]))}"
        for source in edit.notes or ():
            if source not in self._citable.notes:
                yield "notes", f"nothing is typed in {source}"

    def _unchosen(self, edit: Edit, sections: Mapping[str, Leaf]) -> Iterator[tuple[str, str]]:
        """The text of an edit that its section does not take."""
        old = self.statements.get(edit.statement_id or "")
        leaf, text = sections.get(edit.section or (old.section if old else "")), edit.text or (old.text if old else "")
        if leaf is not None and text and not leaf.takes(text):
            yield "text", leaf.refusal

    def apply(self, edit: Edit, reason: str | None) -> None:
        """Apply a valid edit; nothing happens if it changes nothing."""
        before = self.statements.get(edit.statement_id) if edit.statement_id else None
        key = before.id if before else f"c{len(self.corrections) + 1}"
        after = None if edit.removes else self._changed(key, before, edit, reason)
        if after == before:
            return
        if after is None:
            del self.statements[key]
        else:
            self.statements[key] = after
        correction = Correction(
            statement_id=key,
            before=before.text if before else None,
            after=after.text if after else None,
            moved_to=after.section if before and after and after.section != before.section else None,
            before_segments=before.segments if before else [],
            before_notes=before.notes if before else [],
            before_kind=before.kind if before else None,
            reason=reason,
            author_id=self._stamp.by,
            at=self._stamp.at,
        )
        self.corrections.append(correction)

    def _changed(self, key: str, before: Statement | None, edit: Edit, reason: str | None) -> Statement:
        """The statement after an edit, with the evidence that the edit leaves out. A move changes nothing else."""
        old = before or Statement(id=key, section="", text="")
        section, text = edit.section or old.section, edit.text or old.text
        segments = old.segments if edit.segments is None else sorted(set(edit.segments))
        notes = old.notes if edit.notes is None else self._cited(edit.notes)
        kind = edit.kind or old.kind
        if (text, segments, notes) == (old.text, old.segments, old.notes) and edit.kind in (None, old.kind):
            return old.model_copy(update={"section": section})
        said = {"text": text, "kind": kind, "segments": segments, "notes": notes}
        return Statement(id=key, section=section, author_id=self._stamp.by, reason=reason, **said)

    def _cited(self, sources: Iterable[NoteSource]) -> list[int]:
        """The numbers of the notes with the present text of these fields."""
        numbers = set()
        for source in sources:
            self.notes, number = cited(self.notes, source, self._citable.notes[source])
            numbers.add(number)
        return sorted(numbers)
