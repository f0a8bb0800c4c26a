"""Joining the pieces of a live recording into one, which then arrives like an upload; or discarding them.

A task may be delivered twice, late, and after a crash: what is left to do follows from the stored state alone. The
commit that says that the whole is the recording follows the comparison, and ends the time in which pieces are accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from shared.gateways.storage_objects import ObjectGone
from shared.lazily import lazily
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentUse
from shared.records.problems import Unavailable
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.live.assembling import Assembly, NotAsReceived, StoredSamples

with lazily(globals()):
    from shared.gateways import pieces
    from shared.records.visits.ids import transcription_of_recording
    from shared.records.visits.join_plan import JoinedPiece, plan_of
    from shared.records.visits.live.accounts import LiveAudio, live_audio_ref
    from shared.records.visits.live.losses import lost_audio
    from shared.records.visits.live.piece import LivePiece
    from shared.records.visits.live.ranges import count
    from shared.records.visits.live.recorded import LiveRecording
    from shared.records.visits.recording import Recording, RecordingStatus
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.transcription import Transcription
    from shared.workflows import consent_gate
    from shared.workflows.visits.live import moved_pieces, piece_objects, stored_pieces
    from shared.workflows.visits.object_names import join_folder, recording_name


class _Step(Enum):
    """The next step of a live recording."""

    JOIN = "join"
    COPY = "copy"
    """It is joined, and the audio is perhaps not in the bucket of recordings yet."""
    DISCARD = "discard"


@dataclass(frozen=True)
class _Todo:
    """A step of a recording, with its accounting."""

    step: _Step
    account: LiveRecording
    recording: Recording


class _Changed(Exception):
    """Pieces came, or the recording ended, while it was joined."""


def settle(clinic: Clinic, session_id: str) -> None:
    """Join the live recordings of a session that are whole, and discard the pieces that nobody may keep, or needs any
    more; those of a session that moved follow it. May be repeated. Raises Unavailable if a recording changed meanwhile,
    or a whole does not equal its pieces."""
    moved_pieces.follow(clinic, session_id)
    for todo in clinic.perform("piece.check", lambda work: _todo(work, session_id)):
        try:
            if todo.step is _Step.DISCARD:
                _discard(clinic, todo)
            else:
                _arrive(clinic, session_id, todo)
        except (_Changed, ObjectGone, NotAsReceived):
            raise Unavailable from None
    if not clinic.perform("piece.settle", lambda work: _settled(work, session_id)):
        raise Unavailable


def _todo(work: UnitOfWork, session_id: str) -> list[_Todo]:
    """The next steps. What may not become a recording is refused in the same commit."""
    session, live = _read(work, session_id)
    if session is None or live is None:
        return []
    return [todo for account in live.recordings if (todo := _next(work, session, account))]


def _read(work: UnitOfWork, session_id: str) -> tuple[Session | None, LiveAudio | None]:
    session_ref, live_ref = Session.ref(session_id), live_audio_ref(session_id)
    work.prefetch(session_ref, live_ref, *consent_gate.refs(work, session_id))
    session, live = work.get_or_none(session_ref), work.get_or_none(live_ref)
    if session is not None and live is not None:
        ids = [one.recording_id for one in live.recordings]
        work.prefetch(*map(Recording.ref, ids), *(Transcription.ref(transcription_of_recording(id)) for id in ids))
    return session, live


def _next(work: UnitOfWork, session: Session, account: LiveRecording) -> _Todo | None:
    recording = work.get_or_none(Recording.ref(account.recording_id))
    if recording is None:
        return None
    if recording.status == RecordingStatus.AWAITED:
        if (reason := _refusal(work, session, recording)) is None:
            if session.over and not account.received and account.taken_over_at is None:
                work.save(recording.revised(work.stamp, status=RecordingStatus.EXPIRED))
                work.progress(session.id, recording=RecordingStatus.EXPIRED)
                return None
            waits = not recording.joined and not _is_whole(session, account)
            step = _Step.COPY if recording.joined else _Step.JOIN
            return None if waits else _Todo(step, account, recording)
        recording = recording.revised(work.stamp, status=RecordingStatus.REFUSED, refusal=reason)
        work.save(recording)
        work.progress(session.id, recording=recording.status)
    return _Todo(_Step.DISCARD, account, recording) if _is_discarded(work, recording) else None


def _refusal(work: UnitOfWork, session: Session, recording: Recording) -> str | None:
    """Why the pieces can become no recording; None if they can."""
    if session.status == SessionStatus.CANCELLED:
        return SESSION_CANCELLED
    return recording.refusal or consent_gate.withdrawn(work, session.id, ConsentUse.RECORD)


def _is_whole(session: Session, account: LiveRecording) -> bool:
    """True if nothing is missing, and its recorder has stopped."""
    stopped = not session.open or account.taken_over_at is not None
    return stopped and account.whole


def _is_discarded(work: UnitOfWork, recording: Recording) -> bool:
    """True if the pieces of a recording that awaits none are needed no more. Those of one that a withdrawal refused
    stay in a clinic that keeps what is there, until the bucket's rule deletes them."""
    if recording.status == RecordingStatus.RECEIVED:
        transcription = work.get_or_none(Transcription.ref(transcription_of_recording(recording.id)))
        return transcription is not None and transcription.has_speech
    if recording.status == RecordingStatus.REFUSED and recording.refusal != SESSION_CANCELLED:
        return work.settings().after_withdrawal == AfterWithdrawal.DELETE
    return True


def _arrive(clinic: Clinic, session_id: str, todo: _Todo) -> None:
    """Make the whole, unless a commit says that it was made, and copy it to where uploads arrive."""
    name = recording_name(clinic.id, session_id, todo.recording.id)
    assembly = _assembly(clinic, name, todo.account)
    whole = pieces.find(f"{assembly.folder}whole") if todo.recording.joined else assembly.made()
    if not todo.recording.joined:
        assert whole is not None, "it was made"
        sha256 = assembly.verified(whole)
        clinic.perform("recording.join", lambda work: _joined(work, todo, assembly, whole.size, sha256))
    if whole is not None:  # otherwise it was copied, and deleted then
        pieces.copy_to_recordings(whole, name)
    piece_objects.delete_within(join_folder(name))


def _assembly(clinic: Clinic, name: str, account: LiveRecording) -> Assembly:
    found: dict[int, StoredSamples] = {}
    planned: list[JoinedPiece] = []

    def add(_work: UnitOfWork, page: Sequence[LivePiece]) -> None:
        planned.extend(map(stored_pieces.planned, page))
        found.update({piece.number: StoredSamples.of(clinic.id, piece) for piece in page})

    stored_pieces.for_each_page(clinic, account, add)
    if len(found) != count(account.received):
        raise _Changed
    return Assembly(name, plan_of(planned), found)


def _joined(work: UnitOfWork, todo: _Todo, assembly: Assembly, size: int, sha256: str) -> None:
    """Say that the whole is the recording. Raises _Changed if it is no more what was planned."""
    planned = todo.account
    session, live = _read(work, todo.recording.session_id)
    recording = work.get_or_none(Recording.ref(planned.recording_id))
    if session is None or live is None or recording is None or recording.status != RecordingStatus.AWAITED:
        raise _Changed
    account = live.of(planned.recording_id)
    if account.received != planned.received or not _is_whole(session, account) or _refusal(work, session, recording):
        raise _Changed
    lost = lost_audio(assembly.plan, account, live.losses)
    work.touch(live)  # each piece writes it: one that did not see this commit runs again
    work.touch(session)
    work.save(recording.joined_as(work.stamp, size, sha256, assembly.plan, lost))


def _discard(clinic: Clinic, todo: _Todo) -> None:
    """Delete the pieces of a recording, and overwrite their text."""
    piece_objects.delete(todo.recording.object_name)

    def erase(work: UnitOfWork, page: Sequence[LivePiece]) -> None:
        for piece in page:
            if piece.text or piece.words:
                work.save(piece.without_text(work.stamp))

    stored_pieces.for_each_page(clinic, todo.account, erase)


def _settled(work: UnitOfWork, session_id: str) -> bool:
    """Say that nothing is left to do; False if a change since then asks for more."""
    live = work.get_or_none(live_audio_ref(session_id))
    if live is None or not live.is_due:
        return True
    if any(one.step is _Step.JOIN for one in _todo(work, session_id)):
        return False
    work.save(live.settled(work.stamp))
    return True
