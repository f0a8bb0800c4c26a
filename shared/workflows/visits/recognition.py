"""From a recording to a transcription.

    upload finalized → receiving.receive → recognise → (Speech-to-Text writes the result)
                                             │  │         → result finalized → results.store
                                             │  └ a delayed task polls the operation
                                             └ too long or not decoded: a task → splitting.split → recognise

Each step may be delivered twice, late or out of order, and may die anywhere; it decides from what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.lazily import lazily
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.permissions import Action
from shared.records.record import session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import speech, speech_models, storage, tasks
    from shared.gateways.speech import Outcome
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.transcription import Transcription
    from shared.records.visits.transcription_fields import fields_of
    from shared.workflows import attempts, consent_gate, permissions
    from shared.workflows.visits import polls, results, unreported
    from shared.workflows.visits.hints import hints_for
    from shared.workflows.visits.object_names import part_folder, part_name, recording_name, result_folder

SPLIT_WITHIN = timedelta(minutes=30)
"""The longest delivery that Cloud Tasks waits for. The next delivery goes on with the parts that are stored."""


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

    `poll` counts the polls that follow each other; `poll=None` polls once without another. Plain fields say what to do,
    so a poll that changes nothing opens nothing and has no audit entry.
    """
    transcription = clinic.peek(lambda work: work.get_plain(Transcription.ref(transcription_id)))
    if attempts.accepted(transcription, attempt) is None:
        return
    if transcription.needs_parts(speech_models.longest_ms(speech_models.in_use())) and not transcription.operations:
        _enqueue_split(clinic, transcription)  # again, for the first task may be lost
        outcome = Outcome(done=False)
    elif not transcription.operations:
        todo = clinic.perform("transcription.restart", lambda work: restarted(clinic, work, transcription_id, attempt))
        if todo is not None:
            recognise(clinic, todo)
            return
        outcome = Outcome(done=False)  # the operation was begun meanwhile
    else:
        outcome = _outcome(clinic, transcription)
    if outcome.error or transcription.is_overdue(clinic.now()):
        reason = outcome.error or "deadline_exceeded"
        attempts.fail(clinic, Transcription.ref(transcription_id), attempt, reason, unreported.settle)
    else:  # also after a result: its object may be gone, which the next poll finds out
        polls.poll_again(clinic, transcription, poll)


def _outcome(clinic: Clinic, transcription: Transcription) -> Outcome:
    """The status of all operations of a transcription. Stores the results if they are complete; cancels the other
    operations after a failure."""
    outcomes = [speech.outcome(operation) for operation in transcription.operations]
    error = next((outcome.error for outcome in outcomes if outcome.error), None)
    done = all(outcome.done for outcome in outcomes)
    if error and not done:
        for operation in transcription.operations:
            speech.cancel(operation)
    found = {audio: result for outcome in outcomes for audio, result in outcome.results.items()}
    if done and not error:
        files = _files(clinic, transcription)
        names = [found.get(file, "").removeprefix(storage.result_uri("")) for file in files]
        if not all(names):
            return Outcome(done=True, error="no_result")
        results.store(clinic, names[0], names)
    return Outcome(done=done, error=error)


def _files(clinic: Clinic, transcription: Transcription) -> list[str]:
    """The URIs of the files that the engine hears, in their order."""
    recording = recording_name(clinic.id, transcription.session_id, transcription.recording_id)
    folder = part_folder(recording, transcription.id)
    names = [part_name(folder, part) for part in transcription.audio_parts]
    return [storage.recording_uri(name) for name in names or [recording]]


def _enqueue_split(clinic: Clinic, transcription: Transcription) -> None:
    """Let the function that can decode audio store the parts of the recording."""
    body = attempts.body_of(clinic, transcription)
    key = attempts.deduplication_key(clinic, transcription, "split")
    tasks.enqueue(polls.QUEUE, "split_recording", body, deduplication_key=key, within=SPLIT_WITHIN)


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


def restarted(
    clinic: Clinic, work: UnitOfWork, transcription_id: str, attempt: int, *, parts_stored: bool = False
) -> Recognition | None:
    """The next attempt, if this one is current and did not begin. `parts_stored`: see `attempted_again`."""
    ref = Transcription.ref(transcription_id)
    work.prefetch(ref, Session.ref(session_of(transcription_id)), *consent_gate.refs(work, transcription_id))
    transcription = work.get(ref)
    if not transcription.is_current(attempt) or transcription.operations:
        return None
    session = work.get(Session.ref(transcription.session_id))
    todo = next_attempt(work, transcription, session, parts_stored=parts_stored)
    if todo is None:
        return None
    # Before the commit: after it, this delivery belongs to an attempt that is over and would do nothing.
    polls.enqueue_poll(clinic, todo.transcription, poll=0, after=polls.first_gap())
    return todo


def given_up(work: UnitOfWork, transcription: Transcription, session: Session) -> bool:
    """True if the session is cancelled or a consent is missing; the transcription has failed then."""
    cancelled = session.status == SessionStatus.CANCELLED
    reason = SESSION_CANCELLED if cancelled else consent_gate.failure(work, session.id, ConsentUse.TRANSCRIBE)
    if reason:
        attempts.give_up(work, transcription, reason)
    return reason is not None


def next_attempt(
    work: UnitOfWork, transcription: Transcription, session: Session, *, parts_stored: bool = False
) -> Recognition | None:
    """A new attempt, of the model in use now: an operation may have been started and not stored before a crash. None
    if it must not go on."""
    if given_up(work, transcription, session):
        return None
    again = transcription.attempted_again(work.stamp, model=speech_models.in_use(), parts_stored=parts_stored)
    return Recognition.of(work, attempts.save(work, again), session)


def recognise(clinic: Clinic, todo: Recognition) -> None:
    """Start the operation, or first have a recording cut that is too long, or converted that the engine does not
    decode. The attempt is committed and a poll is enqueued before, so no call is forgotten.

    An operation whose attempt ended meanwhile, as when the session is cancelled, is cancelled at once.
    """
    transcription, session = todo.transcription, todo.session
    channels = _channels(transcription, session)
    if failure := speech_models.unsuited(transcription.stt_model, channels, transcription.languages):
        attempts.fail(clinic, Transcription.ref(transcription.id), transcription.attempt, failure)
        return
    if transcription.needs_parts(speech_models.longest_ms(transcription.stt_model)):
        _enqueue_split(clinic, transcription)
        return
    try:
        operations = _begun(clinic, todo, channels)
    except speech.SpeechRefused:
        attempts.fail(clinic, Transcription.ref(transcription.id), transcription.attempt, "speech_refused")
        return
    if not clinic.perform("transcription.begin", lambda work: _accepted(work, todo, operations)):
        for operation in operations:
            speech.cancel(operation)


def _accepted(work: UnitOfWork, todo: Recognition, operations: Sequence[str]) -> bool:
    """Store the operations that were begun; False if they are not wanted any more."""
    current = work.get(Transcription.ref(todo.transcription.id))
    if current.attempt != todo.transcription.attempt or current.operations:
        return False
    if not current.waiting:
        if current.error_code:  # its event cancels the operations, even if this function dies before it does
            work.save(current.revised(work.stamp, **fields_of(operations)))
        return False
    attempts.save(work, current.begun(work.stamp, operations))
    return True


def _begun(clinic: Clinic, todo: Recognition, channels: int | None) -> Sequence[str]:
    """Start an operation for every `MOST_FILES` files. Raises SpeechRefused; none is left then."""
    transcription = todo.transcription
    files = _files(clinic, transcription)
    output = storage.result_uri(result_folder(clinic.id, transcription.id, transcription.attempt))
    model, languages = transcription.stt_model, transcription.languages
    operations: list[str] = []
    try:
        for at in range(0, len(files), speech.MOST_FILES):
            some = files[at : at + speech.MOST_FILES]
            operations.append(
                speech.begin(some, output, model=model, languages=languages, channels=channels, phrases=todo.phrases)
            )
    except speech.SpeechRefused:
        for operation in operations:
            speech.cancel(operation)
        raise
    return operations


def _channels(transcription: Transcription, session: Session) -> int | None:
    """The channels of the file. If they are not known, the announced ones; None for the default of one, since a client
    that sends no settings may send stereo."""
    announced = len(transcription.channels or session.recording_settings.channels)
    return transcription.file_channels or (announced if announced > 1 else None)
