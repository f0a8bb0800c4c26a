"""Why a report failed: the closed list of its error codes."""

from __future__ import annotations

from enum import StrEnum

from shared.records import attempt


class ReportFailure(StrEnum):
    """The error code of a failed report. Every one but `session_cancelled` allows another request of the report."""

    CONSENT_MISSING = attempt.CONSENT_MISSING
    """A consent of the patient is missing or expired."""
    CONSENT_WITHDRAWN = attempt.CONSENT_WITHDRAWN
    """The patient withdrew a consent before it was written."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """It was not written within the deadline."""
    RECORDING_DELETED = attempt.RECORDING_DELETED
    """The recording that it was drafted from was deleted."""
    SESSION_CANCELLED = attempt.SESSION_CANCELLED
    """The session was cancelled; final."""
    SESSION_REOPENED = "session_reopened"
    """Its session was cancelled before it was written, and reopened."""
    TRANSCRIPT_TOO_LONG = "transcript_too_long"
    """Transcript and notes are longer than the model reads."""
    WRITER_BUSY = "writer_busy"
    """The model was unavailable or over its quota in every delivery of the task."""
    WRITER_BLOCKED = "writer_blocked"
    """A filter of the service blocked the prompt or the answer."""
    WRITER_CUT_OFF = "writer_cut_off"
    """The answer reached the limit of output tokens."""
    WRITER_STOPPED_EARLY = "writer_stopped_early"
    """The model ended for another reason, or without text."""
    WRITER_OTHER_MODEL = "writer_other_model"
    """Another model than the configured one answered."""
    WRITER_ERROR_400 = "writer_error_400"
    """The request is invalid for this model."""
    WRITER_ERROR_401 = "writer_error_401"
    """The function is not signed in to the model's service."""
    WRITER_ERROR_403 = "writer_error_403"
    """The function may not call the model."""
    WRITER_ERROR_404 = "writer_error_404"
    """The model does not exist in this location, or was retired."""
    WRITER_ERROR = "writer_error"
    """Another permanent error."""
    DRAFT_UNREADABLE = "draft_unreadable"
    """The answer does not match the requested schema."""
    DRAFT_EMPTY = "draft_empty"
    """The answer has no statement with evidence, though there was speech."""
    DRAFT_REPEATS = "draft_repeats"
    """The model repeated one statement or one phrase over and over."""
    DRAFT_TOO_LONG = "draft_too_long"
    """The answer has more statements or more text than a report holds."""
