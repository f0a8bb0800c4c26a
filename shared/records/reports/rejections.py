"""Why statements of a writer are dropped: the closed list of reasons."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.record import Value


class RejectionReason(StrEnum):
    """Why a statement of the model is in no report."""

    NO_EVIDENCE = "no_evidence"
    """It cites nothing that exists, cites too much, or is of no section."""
    ABOUT_CONSENT = "about_consent"
    """Only a consent record says that somebody consented."""
    NOT_A_CHOICE = "not_a_choice"
    """Its section takes certain texts only, or several contradict each other."""
    COPIED = "copied"
    """It repeats a style example, and not what was said."""
    REPEATED = "repeated"
    """Another statement says the same and cites the same."""


class Rejection(Value):
    """How many statements were dropped for one reason."""

    reason: RejectionReason
    count: int = Field(ge=1)
