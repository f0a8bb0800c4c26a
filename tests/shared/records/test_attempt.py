"""Jobs: which attempt counts, when a job is stalled or overdue, and when a person may request it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.attempt import Attempt
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.reports.report import Report, ReportStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from tests.support.factories import DOCTOR, NOON, report, transcription

JOBS = [report(), transcription()]
MINUTE = timedelta(minutes=1)
WAITS = st.integers(min_value=0, max_value=3_000)


def waiting_for(job: Attempt, minutes: int) -> tuple[Attempt, Stamp]:
    """The job, waiting and unchanged for some minutes."""
    waiting = next(iter(sorted(type(job).waiting_states)))
    changes = {"status": waiting, "requested_at": NOON, "updated_at": NOON}
    return job.model_copy(update=changes), Stamp(DOCTOR, NOON + minutes * MINUTE)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.noun)
def test_only_the_attempt_of_a_waiting_job_counts(job: Attempt) -> None:
    waiting, stamp = waiting_for(job, 1)

    assert waiting.is_current(waiting.attempt)
    assert not waiting.is_current(waiting.attempt + 1)
    assert not waiting.failed("deadline_exceeded", stamp).is_current(waiting.attempt)


@given(WAITS)
def test_a_job_is_stalled_and_overdue_by_its_policy(minutes: int) -> None:
    for job in JOBS:
        waiting, stamp = waiting_for(job, minutes)

        assert waiting.is_stalled(stamp.at) == (minutes * MINUTE >= job.policy.stalled_after)
        assert waiting.is_overdue(stamp.at) == (minutes * MINUTE > job.policy.deadline)


@given(WAITS)
def test_a_waiting_job_is_requested_again_only_where_its_policy_allows_it(minutes: int) -> None:
    for job in JOBS:
        waiting, stamp = waiting_for(job, minutes)
        after = job.policy.retry_after
        if after is not None and minutes * MINUTE > after:
            assert waiting.requested_again(stamp).attempt == waiting.attempt + 1
        else:
            with pytest.raises(Conflict):
                waiting.requested_again(stamp)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.noun)
def test_a_failed_job_is_requested_again_with_a_new_attempt(job: Attempt) -> None:
    waiting, stamp = waiting_for(job, 1)
    failed = waiting.failed("deadline_exceeded", stamp)

    again = failed.requested_again(stamp)

    assert (again.attempt, again.error_code, again.requested_at) == (waiting.attempt + 1, None, stamp.at)
    with pytest.raises(Conflict):
        failed.failed("again", stamp)


def test_the_policies_are_what_the_documentation_says() -> None:
    hours, minutes = timedelta(hours=1), MINUTE

    assert (Report.policy.retry_after, Report.policy.stalled_after) == (15 * minutes, 30 * minutes)
    assert Report.policy.deadline == 2 * hours
    assert (Transcription.policy.retry_after, Transcription.policy.stalled_after) == (None, 40 * minutes)
    assert Transcription.policy.deadline == 24 * hours
    assert {*Report.waiting_states, *Report.retryable_states} < {*ReportStatus}
    assert {*Transcription.waiting_states, *Transcription.retryable_states} < {*TranscriptionStatus}
