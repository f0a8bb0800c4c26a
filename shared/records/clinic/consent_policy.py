"""What a clinic requires of its patients' consents: the purposes, and the rules that its settings choose."""

from __future__ import annotations

from enum import StrEnum


class ConsentPurpose(StrEnum):
    """What a patient consents to. Each purpose is named; none includes another."""

    RECORDING = "recording"
    """The visit is recorded."""
    AI_PROCESSING = "ai_processing"
    """Recordings, transcripts and notes are processed by models: speech recognition and drafting."""
    TELEHEALTH = "telehealth"
    """The visit takes place by telephone or video."""
    DATA_SHARING = "data_sharing"
    """Data is passed to others outside the clinic."""
    TREATMENT = "treatment"


class ConsentPolicy(StrEnum):
    """Which consents count."""

    STRICT = "strict"
    """A live consent by any method."""
    WRITTEN_SPECIFIC = "written_specific"
    """A live consent in writing, whose wording is not part of general terms and names no purposes but recording and AI
    processing."""
    NOT_REQUIRED = "not_required"
    """Consents are kept elsewhere: a missing one refuses nothing. One that was withdrawn here still does."""


class AfterWithdrawal(StrEnum):
    """What happens with the recordings and transcripts that are there, unless a signed report was made from them."""

    KEEP = "keep"
    DELETE = "delete"


class ConsentUse(StrEnum):
    """A use of a visit's data that needs consents."""

    RECORD = "record"
    """Opening an upload, and accepting the audio."""
    TRANSCRIBE = "transcribe"
    DRAFT = "draft"
    """Drafting a report from a recording."""
    DRAFT_FROM_NOTES = "draft_from_notes"
