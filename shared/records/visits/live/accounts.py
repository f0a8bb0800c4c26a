"""The accounting of the live recordings of a session: who records, what arrived, and what is missing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict, FieldError, NotFound, raise_if_any
from shared.records.record import Record, Ref, Stamp, Value, session_of
from shared.records.text import ShortText
from shared.records.types import Id, Moment
from shared.records.visits.live.ranges import Range, numbers_of, ranges_of
from shared.records.visits.live.recorded import MOST_PIECES, LiveRecording
from shared.records.visits.recording import MOST_UPLOADS

MOST_LOSSES = 100
"""Declarations of one session."""
MOST_LOST = 1_000
"""Numbers that one request declares lost."""


class NewLoss(Value):
    """Pieces that nobody expects any more."""

    recording_id: Id
    numbers: list[Annotated[int, Field(ge=1, le=MOST_PIECES)]] = Field(default=[], max_length=MOST_LOST)
    """Pieces that are missing."""
    end_after: int | None = Field(default=None, ge=0, le=MOST_PIECES)
    """The last piece that is expected: whatever the recorder had after it is lost."""
    reason: ShortText
    """Printed on the report."""


class Loss(Value):
    """A declaration that pieces are lost."""

    recording_id: Id
    numbers: list[Range] = []
    end_after: int | None = None
    reason: ShortText
    by: Id
    at: Moment


class LiveStatus(StrEnum):
    """What the sweep has to look at: whether pieces are expected, or something is left to do with them."""

    SETTLED = "settled"
    RECORDING = "recording"
    """A recorder is expected to send pieces; when it is silent for long, the sweep says so."""
    DUE = "due"
    """A recording is to be joined, or pieces are to be discarded: a task does it."""


class LiveAudio(Record):
    """The live recordings of one session. Each piece writes it."""

    kind: ClassVar[str] = "LiveAudio"
    collection: ClassVar[str] = "live_audio"

    session_id: Plain[Id]
    status: Plain[LiveStatus] = LiveStatus.SETTLED
    recordings: Plain[list[LiveRecording]] = Field(default=[], max_length=MOST_UPLOADS)
    """In the order in which they were opened."""
    losses: Clinical[Encrypted[list[Loss]]] = Field(default=[], max_length=MOST_LOSSES)
    """Who declared what lost, when and why; also what came after all."""
    events: Plain[int] = 0
    """Live texts of the session: each piece has one, numbered in the order of their commits."""
    moved_from: Internal[Plain[Id | None]] = None
    """The id of the session at its former patient, until its pieces have followed a move."""

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"sessions/{session_of(id)}/live_audio/{id}"

    @classmethod
    def empty(cls, session_id: str, stamp: Stamp) -> Self:
        """That of a session which had none."""
        return cls.new(live_audio_id(session_id), stamp, session_id=session_id)

    @property
    def duration_ms(self) -> int:
        return sum(one.duration_ms for one in self.recordings)

    @property
    def size_bytes(self) -> int:
        return sum(one.size_bytes for one in self.recordings)

    @property
    def untaken(self) -> LiveRecording | None:
        """The recording whose recorder may still record: the last one, unless it has ended."""
        last = self.recordings[-1] if self.recordings else None
        return last if last is not None and last.taken_over_at is None and last.end is None else None

    @property
    def blocking(self) -> list[LiveRecording]:
        """The recordings that are not whole."""
        return [one for one in self.recordings if one.blocks]

    @property
    def is_due(self) -> bool:
        return self.status == LiveStatus.DUE

    def due(self, stamp: Stamp) -> Self:
        """With something to do."""
        return self.revised(stamp, status=LiveStatus.DUE)

    def settled(self, stamp: Stamp) -> Self:
        """With nothing to do but to wait for a recorder that may still record."""
        return self.revised(stamp, status=LiveStatus.RECORDING if self.untaken else LiveStatus.SETTLED)

    def expecting(self, stamp: Stamp) -> Self:
        """With a recorder that is expected to send pieces from now on. What is due comes first."""
        return self if self.is_due else self.revised(stamp, status=LiveStatus.RECORDING)

    def expecting_nothing(self, stamp: Stamp) -> Self:
        """With nothing expected until a piece comes. What is due comes first."""
        return self if self.is_due else self.revised(stamp, status=LiveStatus.SETTLED)

    def given_up(self, recording: LiveRecording, stamp: Stamp) -> Self:
        """With a recording whose recorder does not come back: what is missing is lost, and the rest is joined."""
        end_after = recording.highest if recording.end is None else None
        named = {"recording_id": recording.recording_id, "numbers": recording.missing, "end_after": end_after}
        loss = Loss(**named, reason="The device never sent it.", by=stamp.by, at=stamp.at)
        ended = recording.declared_lost(list(numbers_of(recording.missing)), end_after)
        kept = self.replaced(ended.changed(taken_over_at=recording.taken_over_at or stamp.at))
        return kept.amended(losses=[*self.losses[: MOST_LOSSES - 1], loss]).due(stamp)

    def of(self, recording_id: str) -> LiveRecording:
        """The accounting of a recording. Raises NotFound for another one."""
        for one in self.recordings:
            if one.recording_id == recording_id:
                return one
        raise NotFound("the session has no live recording of this id")

    def replaced(self, recording: LiveRecording) -> Self:
        """With another accounting of a recording."""
        found = [recording if one.recording_id == recording.recording_id else one for one in self.recordings]
        return self.amended(recordings=found)

    def followed(self, recording: LiveRecording, stamp: Stamp, *, over: bool) -> Self:
        """With another accounting of a recording. One that is whole once its session is over is to be joined."""
        changed = self.replaced(recording)
        return changed.due(stamp) if over and recording.whole and not self.is_due else changed

    def with_piece(self, recording: LiveRecording, number: int, stamp: Stamp, *, more: bool, over: bool) -> Self:
        """As `followed`, with a piece that came; `more`: its recorder goes on. Only the newest piece tells whether
        more is expected, and only of the recorder that has the session."""
        came = self.followed(recording, stamp, over=over)
        if number < recording.highest or recording.recording_id != self.recordings[-1].recording_id:
            return came
        return came.expecting(stamp) if more and not over else came.expecting_nothing(stamp)

    def opened(self, recording_id: str, recorder_id: str, at: datetime) -> Self:
        """With one more recording; the recorder before it is taken over."""
        before = self.untaken
        kept = self.replaced(before.changed(taken_over_at=at)) if before else self
        opened = LiveRecording(recording_id=recording_id, recorder_id=recorder_id, opened_at=at)
        return self.amended(recordings=[*kept.recordings, opened])

    def with_loss(self, new: NewLoss, stamp: Stamp, *, over: bool = False) -> Self:
        """With pieces declared lost, as `followed`. Raises Invalid for pieces that are not missing, Conflict for too
        many declarations."""
        recording = self.of(new.recording_id)
        raise_if_any(_errors(new, recording))
        if len(self.losses) >= MOST_LOSSES:
            raise Conflict(
                ConflictCode.RECORDING_FULL, f"a session has at most {MOST_LOSSES} declarations of lost audio"
            )
        named = {"recording_id": new.recording_id, "numbers": ranges_of(new.numbers), "end_after": new.end_after}
        loss = Loss(**named, reason=new.reason, by=stamp.by, at=stamp.at)
        lost = self.followed(recording.declared_lost(new.numbers, new.end_after), stamp, over=over)
        return lost.revised(stamp, losses=[*self.losses, loss])


def live_audio_id(session_id: str) -> str:
    """The id of the accounting of a session."""
    return f"{session_id}-live"


def live_audio_ref(session_id: str) -> Ref[LiveAudio]:
    """The accounting of a session."""
    return LiveAudio.ref(live_audio_id(session_id))


def _errors(new: NewLoss, recording: LiveRecording) -> list[FieldError]:
    if not new.numbers and new.end_after is None:
        return [FieldError("/numbers", "name the missing pieces, or send end_after")]
    last = recording.highest if new.end_after is None else max(recording.highest, new.end_after)
    last = max(last, recording.end or 0)
    errors = [
        FieldError(f"/numbers/{place}", "this piece is not missing")
        for place, number in enumerate(new.numbers)
        if not 1 <= number <= last or recording.holds(number)
    ]
    if new.end_after is not None and recording.last_piece is not None:
        errors.append(FieldError("/end_after", f"the recorder called piece {recording.last_piece} its last"))
    return errors
