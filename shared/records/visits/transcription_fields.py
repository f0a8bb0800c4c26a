"""Groups of fields of a transcription that are set, kept or cleared together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records.visits.audio import AudioProblem
from shared.records.visits.failure import TranscriptionFailure

OF_THE_RECORDING = (
    *("session_id", "patient_id", "recording_id", "stt_model"),
    *("file_channels", "audio_duration_seconds", "needs_conversion", "lost_audio"),
)
NOT_BEGUN: dict[str, Any] = {"operation_name": None, "more_operations": []}
_RESULTS = (
    *("processing_started_at", "completed_at", "processing_duration_seconds", "confidence_score", "speaker_confidence"),
    *("word_count", "character_count", "segment_count"),
)
CLEARED: dict[str, Any] = {**dict.fromkeys(_RESULTS), "marks": [], "languages_heard": []}
"""What a run of the engine sets, without a result."""
NO_AUDIO = frozenset({*AudioProblem, TranscriptionFailure.AUDIO_MISSING, TranscriptionFailure.RECORDING_DELETED})
"""Failures of recordings that have nothing to hear."""


def fields_of(operations: Sequence[str]) -> dict[str, Any]:
    """The fields that hold the operations of the engine."""
    return {"operation_name": operations[0], "more_operations": list(operations[1:])}
