"""The type of a report and what chose it, and what a report was made from."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from shared.records.report_type import ReportType
from shared.records.visits.session import SessionType


class TypeFrom(StrEnum):
    """What chose the type of a report."""

    VISIT = "visit"
    """The type of its session, which it follows."""
    TEMPLATE = "template"
    REQUEST = "request"


def report_type_of(session_type: SessionType) -> ReportType:
    """The type of a report of a session of this type, unless its template or a person chose another."""
    return ReportType.FOLLOWUP if session_type == SessionType.FOLLOWUP else ReportType.CONSULTATION


def chosen_type(
    session_type: SessionType, of_template: ReportType | None, asked: ReportType | None = None
) -> dict[str, Any]:
    """The type of a report and what chose it, as fields: the request, or else its template, or else the visit."""
    if asked is not None:
        return {"report_type": asked, "type_from": TypeFrom.REQUEST}
    if of_template is not None:
        return {"report_type": of_template, "type_from": TypeFrom.TEMPLATE}
    return {"report_type": report_type_of(session_type), "type_from": TypeFrom.VISIT}


class ReportSource(StrEnum):
    """What a report was made from."""

    RECORDING = "recording"
    """Drafted from a transcription."""
    NOTES = "notes"
    """Drafted from complaint and notes of the session alone: the visit has no usable recording."""
    BY_HAND = "by_hand"
    """Filled in by a person."""
