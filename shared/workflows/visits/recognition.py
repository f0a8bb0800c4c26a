"""From a recording to a transcription.

    upload finalized → receiving.receive → recognise → (Speech-to-Text writes the result)
                                              │           → result finalized → results.store
                                              └ a delayed task polls the operation

Each step may be delivered twice, late or out of order, and may die anywhere; it decides from what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.gateways import speech, speech_models, storage
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.permissions import Action
from shared.records.record import session_of
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, consent_gate, permissions
from shared.workflows.visits import polls, results, unreported
from shared.workflows.visits.hints import hints_for
from shared.workflows.visits.object_names import recording_name, result_folder


@dataclass(frozen=True)
class Recognition:
    """One recognition to start."""

    transcription: Transcription
    session: Session
    phrases: Sequence[str] = field(repr=False)
    """Likely words, with names of people: never logged."""

    @classmethod
    def of(cls, work: UnitOfWork, transcription: Transcription, session: Session) -> Recognition:
        """The recognition with its hints."""
        return cls(transcription, session, hints_for(work, session))


def poll_operation(clinic: Clinic, transcription_id: str, attempt: int, poll: int | None) -> None:
    """Poll a Speech-to-Text operation. Failures surface only here: a failed operation writes no result object.

    `poll` counts the polls that follow each other; `poll=None` polls once without another.
    """
    transcription = clinic.perform("transcription.check", lambda work: work.get(Transcription.ref(transcription_id)))
    if attempts.accepted(transcription, attempt) is None:
        return
    if transcription.operation_name is None:
        todo = clinic.perform("transcription.restart", lambda work: _restarted(clinic, work, transcription_id, attempt))
        if todo is not None:
            recognise(clinic, todo)
        else:  # the operation was begun meanwhile
            polls.poll_again(clinic, transcription, poll)
        return
    outcome = speech.outcome(transcription.operation_name)
    if outcome.result_uri:
        results.store(clinic, outcome.result_uri.removeprefix(storage.result_uri("")))
    if outcome.error or transcription.is_overdue(clinic.now()):
        reason = outcome.error or "deadline_exceeded"
        attempts.fail(clinic, Transcription.ref(transcription_id), attempt, reason, unreported.settle)
    else:  # also after a result: its object may be gone, which the next poll finds out
        polls.poll_again(clinic, transcription, poll)


def recover_stalled(clinic: Clinic, transcription_id: str) -> str | None:
    """Poll a stalled transcription once more, or fail it; returns which, or None if it moved on.

    The extra poll schedules no other, so that an existing chain of polls is not doubled.
    """

    def enqueue(transcription: Transcription) -> None:
        polls.enqueue_poll(clinic, transcription, poll=None, after=timedelta(0))

    return attempts.recover_stalled(clinic, Transcription.ref(transcription_id), enqueue, "looked_after")


def retry(clinic: Clinic, transcription_id: str) -> Transcription:
    """Request a failed transcription again, from the same recording. Raises ConsentMissing."""

    def transaction(work: UnitOfWork) -> Transcription:
        ref, session_ref = Transcription.ref(transcription_id), Session.ref(session_of(transcription_id))
        work.prefetch(ref, session_ref, *consent_gate.refs(work, transcription_id))
        work.get(ref)
        permissions.require(work, Action.REQUEST_REPORT, work.get(session_ref))
        failed = work.get_for_update(ref)
        consent_gate.require(work, failed.session_id, ConsentUse.TRANSCRIBE)
        transcription = failed.retried(work.stamp)
        polls.enqueue_poll(clinic, transcription, poll=0, after=timedelta(0))
        return attempts.save(work, transcription)

    return clinic.perform("transcription.retry", transaction)


def _restarted(clinic: Clinic, work: UnitOfWork, transcription_id: str, attempt: int) -> Recognition | None:
    ref = Transcription.ref(transcription_id)
    work.prefetch(ref, Session.ref(session_of(transcription_id)), *consent_gate.refs(work, transcription_id))
    transcription = work.get(ref)
    if not transcription.is_current(attempt) or transcription.operation_name is not None:
        return None
    session = work.get(Session.ref(transcription.session_id))
    if session.status == SessionStatus.CANCELLED:
        attempts.give_up(work, transcription, SESSION_CANCELLED)
        return None
    todo = next_attempt(work, transcription, session)
    if todo is None:
        return None
    # Before the commit: after it, this delivery belongs to an attempt that is over and would do nothing.
    polls.enqueue_poll(clinic, todo.transcription, poll=0, after=polls.first_gap())
    return todo


def next_attempt(work: UnitOfWork, transcription: Transcription, session: Session) -> Recognition | None:
    """A new attempt, of the model in use now: an operation may have been started and not stored before a crash. None
    without the consents."""
    if reason := consent_gate.failure(work, session.id, ConsentUse.TRANSCRIBE):
        attempts.give_up(work, transcription, reason)
        return None
    again = attempts.save(work, transcription.attempted_again(work.stamp, model=speech.model()))
    return Recognition.of(work, again, session)


def recognise(clinic: Clinic, todo: Recognition) -> None:
    """Start the operation. The attempt is committed and a poll is enqueued before, so no call is forgotten.

    An operation whose attempt ended meanwhile, as when the session is cancelled, is cancelled at once.
    """
    transcription, session = todo.transcription, todo.session
    channels = _channels(transcription, session)
    if failure := speech_models.unsuited(transcription.stt_model, channels, transcription.audio_duration_seconds):
        attempts.fail(clinic, Transcription.ref(transcription.id), transcription.attempt, failure)
        return
    recording = recording_name(clinic.id, transcription.session_id, transcription.recording_id)
    output = result_folder(clinic.id, transcription.id, transcription.attempt)
    try:
        operation = speech.begin(
            storage.recording_uri(recording),
            storage.result_uri(output),
            model=transcription.stt_model,
            language=transcription.language,
            channels=channels,
            phrases=todo.phrases,
        )
    except speech.SpeechRefused:
        attempts.fail(clinic, Transcription.ref(transcription.id), transcription.attempt, "speech_refused")
        return

    def transaction(work: UnitOfWork) -> bool:
        ref = Transcription.ref(transcription.id)
        work.prefetch(ref, *consent_gate.refs(work, session.id))
        current = work.get(ref)
        if current.attempt != transcription.attempt or current.operation_name is not None:
            return False
        if not current.waiting:
            if current.error_code:  # its event cancels the operation, even if this function dies before it does
                work.save(current.revised(work.stamp, operation_name=operation))
            return False
        if reason := consent_gate.withdrawn(work, session.id, ConsentUse.TRANSCRIBE):
            attempts.save(work, current.failed(reason, work.stamp, operation_name=operation))
            return False
        attempts.save(work, current.begun(work.stamp, operation_name=operation))
        return True

    if not clinic.perform("transcription.begin", transaction):
        speech.cancel(operation)


def _channels(transcription: Transcription, session: Session) -> int | None:
    """The channels of the file. If they are not known, the announced ones; None for the default of one, since a client
    that sends no settings may send stereo."""
    announced = len(transcription.channels or session.recording_settings.channels)
    return transcription.file_channels or (announced if announced > 1 else None)
