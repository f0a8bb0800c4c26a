"""The accounting of one live recording: which pieces arrived, which are missing, lost, or still to come. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, WithJsonSchema

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Value
from shared.records.types import Id, Moment
from shared.records.visits.audio import LONGEST_AUDIO
from shared.records.visits.live.ranges import Range, count, difference, holds, ranges_of, union

MOST_PIECES = 14_400
"""Of one recording: 8 hours in pieces of two seconds, the longest recording in the shortest pieces."""
PIECE_TYPES = ("audio/flac", "audio/ogg", "audio/wav", "audio/webm")
"""Media types of pieces."""
MOST_RANGES = 200
"""Of the numbers that arrived of one recording: pieces that arrive with more gaps between them wait."""

PieceNumber = Annotated[
    str, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_PIECES, "description": "From 1, in order."})
]
"""The number of a piece as the path of a request has it."""
RecorderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""A random id that a recorder gives itself when it begins."""


class LiveRecording(Value):
    """What is known of the pieces of one recorder."""

    recording_id: Id
    recorder_id: RecorderId
    opened_at: Moment
    taken_over_at: Moment | None = None
    """When another recorder took the session over."""
    received: list[Range] = []
    last_piece: int | None = None
    """The number of the piece that the recorder called its last."""
    lost: list[Range] = []
    """Pieces that a person declared lost, and that did not come since."""
    lost_after: int | None = None
    """A person declared lost whatever the recorder had after this piece."""
    size_bytes: int = 0
    """Of the pieces as they were sent."""
    duration_ms: int = 0
    """Of the pieces together, with their overlaps."""
    last_received_at: Moment | None = None

    @property
    def highest(self) -> int:
        """The highest number that arrived; 0 if none did."""
        return self.received[-1].last if self.received else 0

    @property
    def end(self) -> int | None:
        """The number with which the recording ends; None while nobody knows."""
        if self.last_piece is not None:
            return self.last_piece
        return None if self.lost_after is None else max(self.lost_after, self.highest)

    @property
    def missing(self) -> list[Range]:
        """The pieces that are known to be somewhere else, and that nobody declared lost."""
        end = max(self.end or 0, self.highest)
        expected = [Range(first=1, last=end)] if end else []
        return difference(expected, union(self.received, self._lost(end)))

    @property
    def blocks(self) -> bool:
        """True if the recording is not whole: pieces are missing, or its end is not known. Without any piece nothing
        was recorded, as far as anybody knows."""
        return bool(self.received) and (self.end is None or bool(self.missing))

    @property
    def whole(self) -> bool:
        """True if something arrived, and nothing is missing."""
        return bool(self.received) and not self.blocks

    def holds(self, number: int) -> bool:
        """True if the piece arrived."""
        return holds(self.received, number)

    def must_take(self, number: int, duration_ms: int, *, last: bool) -> None:
        """Raises Conflict for a piece after the end, for an end before a piece that arrived, or beyond the bounds."""
        if self.last_piece is not None and number > self.last_piece:
            detail = f"piece {self.last_piece} was the last one of this recorder: open another recording"
            raise Conflict(ConflictCode.RECORDING_ENDED, detail)
        if last and number < self.highest:
            raise Conflict(ConflictCode.RECORDING_ENDED, f"piece {self.highest} arrived, so this is not the last one")
        if self.duration_ms + duration_ms > 1000 * LONGEST_AUDIO:
            raise Conflict(ConflictCode.RECORDING_FULL, "a recording has at most 8 hours: open another one")
        if len(union(self.received, ranges_of([number]))) > MOST_RANGES:
            raise Conflict(ConflictCode.RECORDING_FULL, "there are too many gaps: send the missing pieces first")

    def with_piece(self, number: int, size_bytes: int, duration_ms: int, at: datetime, *, last: bool) -> Self:
        """The recording with a piece that `must_take` took; the same whatever the order in which pieces arrive."""
        arrived = ranges_of([number])
        return self.changed(
            received=union(self.received, arrived),
            lost=difference(self.lost, arrived),
            size_bytes=self.size_bytes + size_bytes,
            duration_ms=self.duration_ms + duration_ms,
            last_received_at=at,
        ).ended_with(number if last else None)

    def ended_with(self, number: int | None) -> Self:
        """The recording whose recorder called this piece its last; None: it did not say."""
        return self if number is None else self.changed(last_piece=number)

    def declared_lost(self, numbers: Sequence[int], after: int | None) -> Self:
        """The recording without pieces that a person no longer expects. A piece that comes later is lost no more."""
        lost = difference(union(self.lost, ranges_of(numbers)), self.received)
        return self.changed(lost=lost, lost_after=self.lost_after if after is None else after)

    def shown_lost(self) -> list[Range]:
        """The pieces that are declared lost and have numbers: what comes after `highest` has none."""
        return self._lost(max(self.end or 0, self.highest))

    def changed(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def _lost(self, end: int) -> list[Range]:
        after = (
            [] if self.lost_after is None or self.lost_after >= end else [Range(first=self.lost_after + 1, last=end)]
        )
        return difference(union(self.lost, after), self.received)


def received_of(recordings: Sequence[LiveRecording]) -> int:
    """How many pieces arrived."""
    return sum(count(one.received) for one in recordings)


class NewLiveRecording(Value):
    """A recorder that begins, or goes on after a reload."""

    recorder_id: RecorderId
    """A random id that the recorder gave itself when it began. With the same id it goes on with its recording."""
    content_type: Annotated[str, Field(max_length=200)] = "audio/wav"
    """The Content-Type of its pieces."""
    take_over: bool = False
    """True to record here from now on, although another recorder has the session."""
