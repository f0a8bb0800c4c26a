"""Corrections of a transcript: its text and its speakers, by segment or all at once. Pure.

The text of the engine is never changed. Each correction is a version on top of it, kept with its author, so every
version can be read: the one that a report was written from, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted
from shared.records.problems import Conflict, FieldError, NotFound, raise_if_any
from shared.records.record import Record, Stamp, Value
from shared.records.text import Text
from shared.records.types import Id, Moment
from shared.records.visits.segment import Segment
from shared.records.visits.speech import Speaker

MOST_VERSIONS = 100
"""Versions of the text of one transcription."""
_MOST_EDITS = 1_000
"""Segments that one request corrects."""


class SegmentEdit(Value):
    """Another text or speaker of one segment. What is left out stays."""

    number: int = Field(ge=1, le=1_000_000)
    """The segment's number in its transcription."""
    text: Text | None = None
    """Empty: nothing was said. The segment keeps its number."""
    speaker: Speaker | None = None


class SpeakerChange(Value):
    """Another label for everything that was labelled as one speaker."""

    speaker: Speaker
    becomes: Speaker


class TranscriptCorrection(Value):
    """One correction of a transcription; the segments that it does not name stay as they are."""

    edits: list[SegmentEdit] = Field(default=[], max_length=_MOST_EDITS)
    speakers: list[SpeakerChange] = Field(default=[], max_length=len(Speaker))
    """Changes of all segments of a speaker, at once: two of them swap two speakers. The speaker of an edit wins."""
    restore_version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    """The version of the text to go back to, without other corrections: 1 is that of the engine."""
    correction_notes: Text | None = None


class TextVersion(Value):
    """One correction, as it was made. Version 1, the text of the engine, has none."""

    version: int
    author_id: Id
    at: Moment
    notes: Text | None = None
    edits: list[SegmentEdit] = []
    speakers: list[SpeakerChange] = []
    restored_version: int | None = None
    """The version whose text this one has again."""


class TranscriptHistory(Record):
    """The corrections of a transcription, oldest first."""

    kind: ClassVar[str] = "TranscriptHistory"
    collection: ClassVar[str] = "bodies"

    versions: Clinical[Encrypted[list[TextVersion]]] = Field(default=[], max_length=MOST_VERSIONS)

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"transcriptions/{id}/bodies/history"

    def with_version(self, asked: TranscriptCorrection, current: Sequence[Segment], stamp: Stamp) -> Self:
        """The history after a correction of the current text.

        Raises Invalid listing what cannot be applied, Conflict when there are too many versions.
        """
        raise_if_any(self._errors(asked, {segment.number for segment in current}))
        version = len(self.versions) + 2
        if version > MOST_VERSIONS:
            raise Conflict(ConflictCode.TOO_MANY_CORRECTIONS, f"the text has {MOST_VERSIONS} versions")
        made = TextVersion(
            version=version,
            author_id=stamp.by,
            at=stamp.at,
            notes=asked.correction_notes,
            edits=asked.edits,
            speakers=asked.speakers,
            restored_version=asked.restore_version,
        )
        return self.revised(stamp, versions=[*self.versions, made])

    def text_at(self, version: int, original: Sequence[Segment]) -> list[Segment]:
        """The segments of a version. Raises NotFound for one that was not made."""
        segments = list(original)
        for made in self._applied(version):
            segments = _applied_to(segments, made)
        return segments

    def differs(self, version: int) -> bool:
        """True if the text of a version is not that of the engine."""
        return bool(self._applied(version))

    def _applied(self, version: int) -> list[TextVersion]:
        """The corrections that lead from the text of the engine to a version, in their order."""
        if not 1 <= version <= len(self.versions) + 1:
            raise NotFound
        applied: list[TextVersion] = []
        while version > 1:
            made = self.versions[version - 2]
            if made.restored_version is None:
                applied.append(made)
            version = made.restored_version or version - 1
        return applied[::-1]

    def _errors(self, asked: TranscriptCorrection, known: set[int]) -> list[FieldError]:
        if asked.restore_version is not None:
            return self._errors_of_restoring(asked, asked.restore_version)
        if not asked.edits and not asked.speakers:
            return [FieldError("", "nothing to change: send edits, speakers or restore_version")]
        return [
            FieldError(f"/edits/{index}/number", "no such segment")
            for index, edit in enumerate(asked.edits)
            if edit.number not in known
        ]

    def _errors_of_restoring(self, asked: TranscriptCorrection, version: int) -> list[FieldError]:
        if asked.edits or asked.speakers:
            return [FieldError("/restore_version", "send no other correction with it")]
        if version > len(self.versions):
            return [FieldError("/restore_version", "not an earlier version of the text")]
        return []


def _applied_to(segments: Sequence[Segment], made: TextVersion) -> list[Segment]:
    edits = {edit.number: edit for edit in made.edits}
    becomes = {change.speaker: change.becomes for change in made.speakers}
    relabelled = [
        segment.model_copy(update={"speaker": becomes.get(segment.speaker, segment.speaker)}) for segment in segments
    ]
    return [_edited(segment, edits.get(segment.number)) for segment in relabelled]


def _edited(segment: Segment, edit: SegmentEdit | None) -> Segment:
    if edit is None:
        return segment
    changed = segment.model_copy(update={"speaker": edit.speaker or segment.speaker})
    return changed if edit.text in (None, segment.text) else changed.with_text(edit.text or "")
