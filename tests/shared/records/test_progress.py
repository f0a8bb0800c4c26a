"""The progress of a session: when it is final."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing.types import BillStatus
from shared.records.progress import Progress
from shared.records.reports.report import Report, ReportStatus
from shared.records.visits.recording import RecordingStatus
from shared.records.visits.session import SessionStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus

AT = datetime(2026, 9, 14, tzinfo=UTC)
ENDED = sorted(set(SessionStatus) - {SessionStatus.IN_PROGRESS, SessionStatus.PAUSED})
OVER = {"session": "completed", "bill": "draft", "transcription": "completed"}
STATES: dict[str, st.SearchStrategy[Any]] = {
    "session": st.sampled_from(SessionStatus),
    "recording": st.none() | st.sampled_from(RecordingStatus),
    "transcription": st.none() | st.sampled_from(TranscriptionStatus),
    "report": st.none() | st.sampled_from(ReportStatus),
    "bill": st.none() | st.sampled_from(BillStatus),
}


def progress(**states: Any) -> Progress:
    return Progress(at=AT, **states)


@pytest.mark.parametrize(
    ("states", "final"),
    [
        ({"session": "in_progress"}, False),
        ({"session": "paused", "transcription": "completed", "report": "completed"}, False),
        ({"session": "cancelled"}, True),
        ({"session": "cancelled", "recording": "awaited"}, True),  # it will be refused
        ({"session": "cancelled", "recording": "refused"}, True),
        ({"session": "cancelled", "transcription": "processing"}, False),
        ({"session": "completed"}, False),  # the bill follows
        ({"session": "completed", "bill": "draft"}, True),
        ({"session": "completed", "bill": "pending", "recording": "awaited"}, False),
        ({"session": "completed", "bill": "pending", "recording": "expired"}, True),
        ({"session": "completed", "bill": "pending", "recording": "refused"}, True),
        ({"session": "completed", "bill": "pending", "transcription": "pending"}, False),
        ({"session": "completed", "bill": "pending", "transcription": "failed"}, True),
        ({"session": "completed", "bill": "pending", "transcription": "no_speech"}, True),
        ({"session": "completed", "bill": "pending", "transcription": "completed"}, False),  # the report follows
        ({"session": "completed", "bill": "pending", "transcription": "completed", "report": "generating"}, False),
        ({"session": "completed", "bill": "pending", "transcription": "completed", "report": "failed"}, True),
        ({"session": "completed", "bill": "pending", "transcription": "completed", "report": "completed"}, True),
        ({"session": "completed", "transcription": "completed", "report": "signed"}, False),
        ({**OVER, "report": "signed", "further_reports": {"r2": "pending", "r3": "completed"}}, False),
        ({**OVER, "report": "signed", "further_reports": {"r2": "failed", "r3": "completed"}}, True),
    ],
)
def test_progress_is_final_when_the_session_has_ended_and_no_work_is_left(states: dict[str, str], final: bool) -> None:
    assert Progress.model_validate({"at": AT, **states}).final is final


@given(st.fixed_dictionaries(STATES))
def test_nothing_is_final_while_a_job_waits_or_the_session_is_open(states: dict[str, Any]) -> None:
    made = progress(**states)

    waits = made.transcription in Transcription.waiting_states or made.report in Report.waiting_states
    assert not (made.final and (waits or made.session not in ENDED))


@given(st.fixed_dictionaries(STATES), st.sampled_from(ENDED))
def test_every_progress_becomes_final_when_its_session_ends_and_its_work_fails(
    states: dict[str, Any], ended: SessionStatus
) -> None:
    end = {"recording": "expired", "transcription": "failed", "report": "failed", "bill": states["bill"] or "draft"}

    assert Progress.model_validate({"at": AT, **states, **end, "session": ended}).final
