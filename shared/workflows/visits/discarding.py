"""Discarding what a cancelled session had received, or what a patient no longer consents to."""

from __future__ import annotations

from dataclasses import dataclass

from shared.gateways import speech, storage
from shared.records.attempt import CONSENT_WITHDRAWN, SESSION_CANCELLED
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentUse
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcript_correction import TranscriptHistory
from shared.records.visits.transcription import Transcription, TranscriptPart, part_id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate
from shared.workflows.visits.object_names import recording_name

MOST_PARTS = 50
"""Parts of the text of one transcription that are erased; one of three hours has a few."""


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
    if session.status == SessionStatus.CANCELLED:
        return Discard(transcription, recording=True)
    if transcription.error_code != CONSENT_WITHDRAWN:
        return None
    work.prefetch(*consent_gate.refs(work, session.id))
    if work.settings().after_withdrawal == AfterWithdrawal.KEEP:
        return Discard(transcription, recording=False)
    _erase_text(work, transcription)
    return Discard(transcription, recording=consent_gate.withdrawn(work, session.id, ConsentUse.RECORD) is not None)


def discard(clinic: Clinic, found: Discard) -> None:
    """Cancel the recognition that still runs, and delete the recording. Both may be repeated."""
    transcription = found.transcription
    ended = transcription.error_code in (SESSION_CANCELLED, CONSENT_WITHDRAWN)
    if ended and transcription.operation_name is not None:
        speech.cancel(transcription.operation_name)
    if found.recording:
        storage.delete_recording(recording_name(clinic.id, transcription.session_id, transcription.recording_id))


def _erase_text(work: UnitOfWork, transcription: Transcription) -> None:
    """Overwrite the sealed text and its earlier versions: nothing of them is left to decrypt."""
    history = work.get_or_none(TranscriptHistory.ref(transcription.id))
    if history is not None:
        work.save(history.revised(work.stamp, versions=[], live=False))
    for count in range(1, MOST_PARTS + 1):
        part = work.get_or_none(TranscriptPart.ref(part_id(transcription.id, count)))
        if part is None:
            return
        work.save(part.revised(work.stamp, segments=[], live=False))
