"""A piece of a live recording: stored and recognised once, in one commit, however often it is sent.

The object is created before the commit, create-only: a crash leaves an object that the next delivery of the same bytes
goes on with. A refusal after the object was created deletes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from shared.audio import pieces as audio_pieces
from shared.gateways import pieces
from shared.gateways.pieces import StoredPiece
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.clinic.recording_policy import PiecesInPauses
from shared.records.conflict_codes import ConflictCode
from shared.records.created import Created
from shared.records.patients.consent_missing import ConsentMissing
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, Invalid, raise_if_any
from shared.records.record import Ref, session_of
from shared.records.visits.live.accounts import LiveAudio, live_audio_ref
from shared.records.visits.live.overlap import own_words
from shared.records.visits.live.piece import (
    LARGEST_CLOCK_ERROR,
    Ends,
    LivePiece,
    Receipt,
    SentPiece,
    TextStatus,
    piece_id,
)
from shared.records.visits.live.recorded import MOST_PIECES
from shared.records.visits.live.refusals import must_not_be_paused, must_take
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate, permissions
from shared.workflows.visits.live import hearing, join_tasks, log, measuring
from shared.workflows.visits.live.hearing import HeardLive
from shared.workflows.visits.object_names import piece_name
from shared.workflows.visits.refs import expect, moved_named

_DIGITS = len(str(MOST_PIECES))
_FINAL = frozenset({ConflictCode.SESSION_CANCELLED, ConflictCode.RECORDING_CLOSED, ConflictCode.RECORDING_DELETED})
"""Refusals after which the recording never takes the piece."""
_BARE = "application/octet-stream"
"""The type of an object of samples alone."""


def receive(clinic: Clinic, session_id: str, name: str, content: bytes, sent: SentPiece) -> Created[Receipt]:
    """The receipt of the piece with this number, which is durable by then; of one that was received before, the same.

    Raises Invalid for audio that is no whole piece, ConsentMissing, and Conflict for other bytes under a number, and
    for the state of session and recording.
    """
    number = int(name) if name.isdecimal() and len(name) <= _DIGITS else 0
    raise_if_any(_errors(clinic, number, sent))
    delivery = _Delivery(number, content, sent)
    try:
        receipt = clinic.perform("piece.receive", lambda work: delivery.received(work, session_id))
    except (ConsentMissing, Conflict) as refused:
        if isinstance(refused, ConsentMissing) or refused.code in _FINAL:
            delivery.undo()
        raise
    join_tasks.follow(clinic, delivery.due)
    log.received(clinic, receipt.result, again=not receipt.first)
    return receipt


def _errors(clinic: Clinic, number: int, sent: SentPiece) -> list[FieldError]:
    errors = [] if 1 <= number <= MOST_PIECES else [FieldError("number", f"from 1 to {MOST_PIECES}")]
    if abs(sent.captured_at - clinic.now()) > LARGEST_CLOCK_ERROR:
        errors.append(FieldError("captured_at", "is more than a day away from now"))
    return errors


@dataclass
class _Delivery:
    """One request. What it found out by other services, it knows when the transaction runs again."""

    number: int
    content: bytes
    sent: SentPiece
    due: list[str] = field(default_factory=list, init=False)
    """The session, if the piece made a recording whole after its end."""
    _measured: audio_pieces.Piece | None = field(default=None, init=False)
    _stored: StoredPiece | None = field(default=None, init=False)
    _heard: HeardLive | None = field(default=None, init=False)

    def received(self, work: UnitOfWork, session_id: str) -> Created[Receipt]:
        """The transaction."""
        self.due = []
        recording_id = self.sent.recording_id
        own = self._refs(session_id) if session_of(recording_id) == session_id else []
        expect(work, session_id, *own, *consent_gate.refs(work, session_id))
        with moved_named(work, session_id):
            session = work.get(Session.ref(session_id))
        permissions.require(work, Action.RECORD_VISIT, session)
        recording, audio = self._recording(work, session)
        account = audio.of(recording_id)
        if (piece := work.get_or_none(self._ref(self.number))) is not None:
            return Created(self._again(work, session, audio, recording, piece), first=False)
        consent_gate.require(work, session.id, ConsentUse.RECORD)  # a withdrawal refuses the recording too
        must_take(session, recording, account, self.sent.captured_at)
        found = self._found()
        if work.settings().pieces_in_pauses == PiecesInPauses.REFUSE:
            must_not_be_paused(session, self.sent.captured_at, found.duration_ms)
        account.must_take(self.number, found.duration_ms, last=self._is_last)
        self._store(piece_name(work.clinic_id, session.id, recording_id, self.number), found)
        self._hear(work, session, found)
        work.require_unchanged(session)
        work.require_unchanged(recording)
        return Created(self._kept(work, session, audio, found).receipt, first=True)

    def undo(self) -> None:
        """Delete the object, which is no piece: whoever else sends it is refused too, for a commit requires the
        consents, the session and the recording unchanged."""
        if self._stored is not None:
            pieces.delete(self._stored.name, self._stored.generation)

    @cached_property
    def _sha256(self) -> str:
        """Of the piece as it was sent."""
        return sha256(self.content).hexdigest()

    @property
    def _is_last(self) -> bool:
        return self.sent.ends == Ends.RECORDING

    def _ref(self, number: int) -> Ref[LivePiece]:
        return LivePiece.ref(piece_id(self.sent.recording_id, number))

    def _refs(self, session_id: str) -> list[Ref[Any]]:
        """What is read with the session: the neighbours have the words of an overlap."""
        neighbours = [self._ref(number) for number in range(max(1, self.number - 1), self.number + 2)]
        return [live_audio_ref(session_id), Recording.ref(self.sent.recording_id), *neighbours]

    def _recording(self, work: UnitOfWork, session: Session) -> tuple[Recording, LiveAudio]:
        own = session_of(self.sent.recording_id) == session.id
        if own:
            work.prefetch(*self._refs(session.id))
        recording = work.get_or_none(Recording.ref(self.sent.recording_id)) if own else None
        audio = work.get_or_none(live_audio_ref(session.id))
        if recording is None or audio is None or not recording.in_pieces:
            raise Invalid(errors=[FieldError("recording_id", "the session has no live recording of this id")])
        return recording, audio

    def _again(
        self, work: UnitOfWork, session: Session, audio: LiveAudio, recording: Recording, piece: LivePiece
    ) -> Receipt:
        """The receipt of a piece that is there. That it is the last one may be said later."""
        if piece.sha256 != self._sha256:
            raise Conflict(ConflictCode.PIECE_DIFFERS, f"other audio arrived as piece {self.number}")
        if self._is_last and piece.ends != Ends.RECORDING and recording.awaited:
            account = audio.of(recording.id)
            account.must_take(self.number, 0, last=True)
            ended = account.ended_with(self.number)
            self._save(work, audio, audio.followed(ended, work.stamp, over=not session.open))
            piece = work.save(piece.amended(ends=Ends.RECORDING))
            work.require_unchanged(recording)
        return piece.receipt

    def _found(self) -> audio_pieces.Piece:
        """What is in the piece. Raises Invalid."""
        if self._measured is None:
            self._measured = measuring.measured(self.content, may_be_short=self.sent.ends is not None)
        return self._measured

    def _store(self, name: str, found: audio_pieces.Piece) -> None:
        """Create the object. Raises Conflict if there is another one of its name."""
        if self._stored is not None:
            return
        if found.samples is None:
            data, media_type, digest = self.content, found.media_type, self._sha256
        else:
            data, media_type, digest = found.samples, _BARE, sha256(found.samples).hexdigest()
        stored = pieces.create(name, data, media_type, digest)
        if stored.sha256 != digest:
            raise Conflict(ConflictCode.PIECE_DIFFERS, f"other audio arrived as piece {self.number}")
        self._stored = stored

    def _hear(self, work: UnitOfWork, session: Session, found: audio_pieces.Piece) -> None:
        """Recognise the piece, once. A failure never costs the piece."""
        allowed = consent_gate.failure(work, session.id, ConsentUse.TRANSCRIBE) is None
        if not allowed:
            self._heard = HeardLive(TextStatus.FAILED)
        elif self._heard is None:
            self._heard = hearing.hear(work, session, self.content, found.channels, self.sent.start_ms)

    def _save(self, work: UnitOfWork, before: LiveAudio, after: LiveAudio) -> None:
        """Save the accounting."""
        self.due = join_tasks.newly_due(before, work.save(after))

    def _kept(self, work: UnitOfWork, session: Session, audio: LiveAudio, found: audio_pieces.Piece) -> LivePiece:
        """Save the piece with what it changes."""
        assert self._stored is not None, "stored before"
        assert self._heard is not None, "heard before"
        event, size = audio.events + 1, len(self.content)
        account = audio.of(self.sent.recording_id)
        counted = account.with_piece(self.number, size, found.duration_ms, work.now, last=self._is_last)
        goes_on = {"more": self.sent.ends is None, "over": not session.open}
        came = audio.amended(events=event).with_piece(counted, self.number, work.stamp, **goes_on)
        self._save(work, audio, came)
        before, after = (work.get_or_none(self._ref(one)) for one in (self.number - 1, self.number + 1))
        end_ms = self.sent.start_ms + found.duration_ms
        words = own_words(self._heard.words, self.sent.start_ms, end_ms, before, after)
        heard = self._heard.with_words(words)
        piece = LivePiece.new(
            piece_id(self.sent.recording_id, self.number),
            work.stamp,
            recording_id=self.sent.recording_id,
            number=self.number,
            start_ms=self.sent.start_ms,
            duration_ms=found.duration_ms,
            captured_at=self.sent.captured_at,
            received_at=work.now,
            ends=self.sent.ends,
            content_type=found.media_type,
            sample_rate_hertz=found.rate,
            channels=found.channels,
            frames=found.frames,
            bare=found.samples is not None,
            data_bytes=self._stored.size,
            data_sha256=self._stored.sha256,
            size_bytes=size,
            sha256=self._sha256,
            generation=self._stored.generation,
            event=event,
            text_status=heard.status,
            text=heard.text,
            words=heard.words,
        )
        return work.create(piece)
