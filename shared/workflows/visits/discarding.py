"""Discarding what a cancelled session had received, a deleted recording, or what a patient no longer consents to."""

from __future__ import annotations

from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.attempt import CONSENT_WITHDRAWN, RECORDING_DELETED, SESSION_CANCELLED
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentUse
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import speech, storage
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.transcription import Transcription
    from shared.workflows import consent_gate
    from shared.workflows.visits.erasure import erase_text
    from shared.workflows.visits.object_names import attempt_of, part_folder, recording_name, result_folder


@dataclass(frozen=True)
class Discard:
    """What to discard of a transcription outside the database."""

    transcription: Transcription
    recording: bool
    """True if the audio is deleted too."""


def to_discard(work: UnitOfWork, transcription: Transcription, session: Session) -> Discard | None:
    """What to discard of a transcription; None if it stays.

    The recording of a cancelled session is deleted, and a completed transcription keeps its text. After a withdrawal
    the clinic's policy decides; the commit of the withdrawal has marked the transcriptions that lose their text.
    """
    if session.status == SessionStatus.CANCELLED or transcription.error_code == RECORDING_DELETED:
        return Discard(transcription, recording=True)
    if transcription.error_code != CONSENT_WITHDRAWN:
        return None
    work.prefetch(*consent_gate.refs(work, session.id))
    if work.settings().after_withdrawal == AfterWithdrawal.KEEP:
        return Discard(transcription, recording=False)
    erase_text(work, transcription)
    return Discard(transcription, recording=consent_gate.withdrawn(work, session.id, ConsentUse.RECORD) is not None)


def discard(clinic: Clinic, found: Discard) -> None:
    """Cancel the recognition that still runs, and delete the recording. Both may be repeated."""
    transcription = found.transcription
    ended = transcription.error_code in (SESSION_CANCELLED, RECORDING_DELETED, CONSENT_WITHDRAWN)
    for operation in transcription.operations if ended else ():
        speech.cancel(operation)
    if found.recording:
        storage.delete_recording(recording_name(clinic.id, transcription.session_id, transcription.recording_id))


def discard_parts(clinic: Clinic, transcription: Transcription) -> None:
    """Delete what is kept for a transcription only while it is made: the parts of its recording, and their results
    that waited for each other. May be repeated."""
    recording = recording_name(clinic.id, transcription.session_id, transcription.recording_id)
    for name in storage.names_of_recordings(part_folder(recording, transcription.id)):
        storage.delete_recording(name)
    for name in storage.names_of_results(result_folder(clinic.id, transcription.id)):
        named = attempt_of(name)
        if named is not None and named[1] <= transcription.attempt:  # a later one was requested meanwhile
            storage.delete_result(name)
