"""The calls of the sweep to Google; a crash after any of them, or a concurrent sweep, has no effect on the result."""

from __future__ import annotations

import pytest

from local.services.functions.responses import FunctionDown
from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.records.reports.report import Report
from tests.journeys.sweep.stalled_jobs import MINUTE, age, call_name, lost_report, report_of, sweep, sweep_calls
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.thorough import sample

QUERY, READ, UNLOCK = "firestore.RunQuery", "firestore.BatchGetDocuments", "kms.Decrypt"
ENQUEUE, COMMIT = "tasks.CreateTask", "firestore.Commit"
NOTHING_FOUND = [(QUERY, 1)] * 11
"""One query for each kind of job, one for appointments that have not followed the rules of their zones, and the billed
reads: a query without results is billed as one read."""
ONE_REPORT = [QUERY, QUERY, READ, UNLOCK, ENQUEUE, COMMIT, *[QUERY] * 9]
"""A sweep that finds one report, in a clinic whose keys it has not used before."""


def test_sweep_without_findings_makes_one_query_per_job_kind_and_no_write(stack: Stack) -> None:
    sweep(stack)
    mark = stack.recorder.mark()

    assert sweep(stack) == 204

    assert [(call_name(call), sum(call.amounts.values())) for call in sweep_calls(stack, mark)] == NOTHING_FOUND


def test_concurrent_sweeps_enqueue_a_job_once_and_the_next_finds_nothing(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    made = len(clinic.stack.task_queues.history)

    statuses = at_once(2, lambda _: sweep(clinic.stack))
    mark = clinic.stack.recorder.mark()
    again = sweep(clinic.stack)

    assert [*statuses, again] == [204, 204, 204]
    assert len(clinic.stack.task_queues.history) == made + 1
    assert [(call_name(call), sum(call.amounts.values())) for call in sweep_calls(clinic.stack, mark)] == NOTHING_FOUND


def test_sweep_makes_the_listed_calls(own_clinic: TestClinic) -> None:
    session_id = lost_report(own_clinic)
    age(own_clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    mark = own_clinic.stack.recorder.mark()

    sweep(own_clinic.stack)

    assert [call_name(call) for call in sweep_calls(own_clinic.stack, mark)] == ONE_REPORT


@pytest.mark.parametrize(
    "number", sample(range(len(ONE_REPORT)), 5), ids=lambda number: f"{number}-{ONE_REPORT[number]}"
)
def test_sweep_killed_after_any_call_is_completed_by_the_next(own_clinic: TestClinic, number: int) -> None:
    session_id = lost_report(own_clinic)
    age(own_clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    service, _, method = ONE_REPORT[number].partition(".")
    skip = ONE_REPORT[:number].count(ONE_REPORT[number])
    crash = own_clinic.stack.recorder.plant(Fault(service, method, "sweep_stalled", "kill", skip))

    with pytest.raises(FunctionDown):
        sweep(own_clinic.stack)
    next_one = sweep(own_clinic.stack)
    support.converge(own_clinic.stack)

    assert crash.fired.is_set()
    assert next_one == 204
    assert report_of(own_clinic, session_id)["status"] == "completed"
