"""The types of reports, and what a report was made from."""

from __future__ import annotations

from enum import StrEnum

from shared.records.visits.session import SessionType


class ReportType(StrEnum):
    CONSULTATION = "consultation"
    FOLLOWUP = "followup"
    DIAGNOSTIC = "diagnostic"
    TREATMENT_PLAN = "treatment_plan"
    DISCHARGE = "discharge"
    REFERRAL = "referral"


def report_type_of(session_type: SessionType) -> ReportType:
    """The type of the report of a session of this type."""
    return ReportType.FOLLOWUP if session_type == SessionType.FOLLOWUP else ReportType.CONSULTATION


class ReportSource(StrEnum):
    """What a report was made from."""

    RECORDING = "recording"
    """Drafted from a transcription."""
    NOTES = "notes"
    """Drafted from complaint and notes of the session alone: the visit has no usable recording."""
    BY_HAND = "by_hand"
    """Filled in by a person."""
