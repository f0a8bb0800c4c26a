"""Discarding the audio of a cancelled session or a deleted recording."""

from __future__ import annotations

from shared.gateways import speech, storage
from shared.records.attempt import RECORDING_DELETED, SESSION_CANCELLED
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.workflows.visits.object_names import recording_name


def discard(clinic: Clinic, transcription: Transcription) -> None:
    """Cancel the recognition that still runs, and delete the recording. Both may be repeated.

    The recording of a completed transcription is deleted too; its text stays.
    """
    if transcription.error_code in (SESSION_CANCELLED, RECORDING_DELETED) and transcription.operation_name is not None:
        speech.cancel(transcription.operation_name)
    storage.delete_recording(recording_name(clinic.id, transcription.session_id, transcription.recording_id))
