"""Why a recording or its transcription failed: the closed lists of their reasons."""

from __future__ import annotations

from enum import StrEnum

from shared.records import attempt
from shared.records.visits.audio import AudioProblem


class TranscriptionFailure(StrEnum):
    """The error code of a failed transcription. `session_cancelled` and `recording_deleted` are final, every
    other allows `regenerate`."""

    AUDIO_EMPTY = AudioProblem.EMPTY.value
    """The file has no audio, such as a recording that was stopped at once: record again."""
    AUDIO_ENCRYPTED = AudioProblem.ENCRYPTED.value
    """The audio is encrypted: record again without protection."""
    AUDIO_MISSING = "audio_missing"
    """The audio is no longer stored: record again."""
    AUDIO_NOT_READABLE = AudioProblem.NOT_READABLE.value
    """The audio cannot be decoded: record again, in another format."""
    AUDIO_TOO_LONG = AudioProblem.TOO_LONG.value
    """The audio has more than 8 hours, or says so: upload it in parts."""
    AUDIO_TOO_LONG_FOR_MODEL = "audio_too_long_for_model"
    """The speech model does not take so long a recording, and it cannot be cut: upload it in parts, or call support."""
    AUDIO_UNSUPPORTED = AudioProblem.UNSUPPORTED.value
    """The encoding is not supported, and cannot be converted: convert it to FLAC, or to WAV of 16 bits."""
    CHANNELS_NOT_SUPPORTED = "channels_not_supported"
    """The speech model hears only the first of several channels, so a speaker would be lost: record on one channel, or
    call support."""
    CONSENT_MISSING = attempt.CONSENT_MISSING
    """A consent of the patient is missing or expired: record it, then try again."""
    CONSENT_WITHDRAWN = attempt.CONSENT_WITHDRAWN
    """The patient withdrew a consent: try again only after a new one. If the clinic deletes what was recorded, the
    audio and the text are gone."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """It was not transcribed within 24 hours: try again."""
    LANGUAGES_NOT_SUPPORTED = "languages_not_supported"
    """The speech model does not take these languages together, or not one of them: transcribe again with others."""
    NO_RESULT = "no_result"
    """The engine ended without a result: try again."""
    OPERATION_LOST = "operation_lost"
    """The engine does not know the work any more: try again."""
    RECORDING_DELETED = attempt.RECORDING_DELETED
    """The recording was deleted, and its text with it; final."""
    RESULT_UNREADABLE = "result_unreadable"
    """The result of the engine cannot be read: try again; if it happens again, call support."""
    SESSION_CANCELLED = attempt.SESSION_CANCELLED
    """The session was cancelled; final."""
    SPEECH_ERROR = "speech_error"
    """Another error of the engine: try again; if it happens again, call support."""
    SPEECH_QUOTA = "speech_quota"
    """The engine is over its quota: try again later."""
    SPEECH_REFUSED = "speech_refused"
    """The engine refuses the request: call support."""
    SPEECH_UNAVAILABLE = "speech_unavailable"
    """The engine is not available: try again later."""


class RecordingRefusal(StrEnum):
    """Why a recording was refused, and its audio deleted."""

    CONSENT_MISSING = attempt.CONSENT_MISSING
    """A consent of the patient was missing or expired when the audio arrived."""
    CONSENT_WITHDRAWN = attempt.CONSENT_WITHDRAWN
    """The patient withdrew a consent before the audio arrived."""
    NOT_AS_ANNOUNCED = "not_as_announced"
    """The size or type is not that of the announcement: open another upload."""
    SESSION_CANCELLED = attempt.SESSION_CANCELLED
    """The session was cancelled before the audio arrived."""
