"""A new report names the recordings of its visit that may have speech, and no text so far."""

from __future__ import annotations

import pytest

from shared.records.visits.transcription import TranscriptionStatus
from tests.support.factories import BY_SYSTEM, report, session, transcription
from tools.openapi import factories


@pytest.mark.parametrize(
    ("status", "error", "marked"),
    [
        (TranscriptionStatus.COMPLETED, None, False),
        (TranscriptionStatus.NO_SPEECH, None, False),
        (TranscriptionStatus.FAILED, "audio_empty", False),
        (TranscriptionStatus.FAILED, "recording_deleted", False),
        (TranscriptionStatus.FAILED, "deadline_exceeded", True),
        (TranscriptionStatus.FAILED, "speech_refused", True),
        (TranscriptionStatus.PENDING, None, True),
        (TranscriptionStatus.PROCESSING, None, True),
    ],
)
def test_mark_of_a_recording_follows_from_its_transcription(
    status: TranscriptionStatus, error: str | None, *, marked: bool
) -> None:
    first = transcription(status=TranscriptionStatus.COMPLETED)
    second = factories.transcription(session(), BY_SYSTEM, 2, status=status, error_code=error)

    found = report().apart_from([first, second]).unreported_recordings

    assert found == ([second.recording_id] if marked else [])
