"""What `GET …/audio` shows of a live recording."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from shared.records.record import Value
from shared.records.types import Id, Moment
from shared.records.visits.live.accounts import Loss
from shared.records.visits.live.ranges import Range
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.recording import Recording, RecordingStatus


class LiveState(StrEnum):
    """What became of a live recording."""

    OPEN = "open"
    TAKEN_OVER = "taken_over"
    """Another recorder has the session. What was captured before may still be sent."""
    ENDED = "ended"
    """Its end is known. Pieces that are missing may still be sent."""
    JOINED = "joined"
    """The pieces are one recording, which is transcribed as a whole."""
    REFUSED = "refused"
    """The patient withdrew a consent."""
    DELETED = "deleted"
    EXPIRED = "expired"
    """No piece ever came."""


_OF_STATUS = {
    RecordingStatus.RECEIVED: LiveState.JOINED,
    RecordingStatus.REFUSED: LiveState.REFUSED,
    RecordingStatus.DELETED: LiveState.DELETED,
    RecordingStatus.EXPIRED: LiveState.EXPIRED,
}


class ShownRecording(Value):
    """What is known of one live recording."""

    recording_id: Id
    recorder_id: str
    state: LiveState
    received: list[Range]
    missing: list[Range]
    """Pieces that are known to be on a device, and not here."""
    last_piece: int | None
    """Null: the end is not known."""
    lost: list[Range]
    """Pieces that were declared lost, and did not come since."""
    losses: list[Loss]
    """Who declared what lost, when and why; also what came after all."""
    seconds: float
    """Of the pieces together."""
    size_bytes: int
    opened_at: Moment
    taken_over_at: Moment | None
    last_received_at: Moment | None

    @classmethod
    def of(cls, account: LiveRecording, recording: Recording | None, losses: Sequence[Loss]) -> Self:
        return cls(
            recording_id=account.recording_id,
            recorder_id=account.recorder_id,
            state=state_of(account, recording),
            received=account.received,
            missing=account.missing,
            last_piece=account.end,
            lost=account.shown_lost(),
            losses=[loss for loss in losses if loss.recording_id == account.recording_id],
            seconds=account.duration_ms / 1000,
            size_bytes=account.size_bytes,
            opened_at=account.opened_at,
            taken_over_at=account.taken_over_at,
            last_received_at=account.last_received_at,
        )


class ShownAudio(Value):
    """The live recordings of a session, in the order in which they were opened."""

    recordings: list[ShownRecording]


def state_of(account: LiveRecording, recording: Recording | None) -> LiveState:
    """The state of a live recording; without its record it is deleted."""
    status = RecordingStatus.DELETED if recording is None else recording.status
    if recording is not None and status == RecordingStatus.AWAITED and recording.refusal is not None:
        return LiveState.REFUSED
    if recording is not None and recording.joined and status == RecordingStatus.AWAITED:
        return LiveState.JOINED
    if found := _OF_STATUS.get(status):
        return found
    if account.taken_over_at is not None:
        return LiveState.TAKEN_OVER
    return LiveState.OPEN if account.end is None else LiveState.ENDED
