"""A report whose task was lost is written by the next sweep, or fails at its deadline."""

from __future__ import annotations

from datetime import timedelta

from local.services.kit.recorder import Fault
from shared.records.reports.report import Report
from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.sweep.stalled_jobs import MINUTE, age, delivery_limit, lost_report, report_of, sweep, tasks_lost
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription


def test_report_whose_task_died_in_every_delivery_is_written(clinic: TestClinic) -> None:
    deaths = [clinic.stack.recorder.plant(Fault("gemini", "generateContent", "write_report", "kill")) for _ in range(2)]
    session_id = str(clinic.session().body["id"])
    with delivery_limit(clinic.stack, "reports", len(deaths)):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
        support.converge(clinic.stack)
    abandoned = report_of(clinic, session_id)

    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    written = report_of(clinic, session_id)
    assert all(death.fired.is_set() for death in deaths)
    assert (abandoned["status"], written["status"]) == ("generating", "completed")
    assert written["attempt"] == abandoned["attempt"] == 1
    assert [statement["text"] for statement in written["statements"]]


def test_report_past_its_deadline_fails_and_can_be_retried(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.deadline + MINUTE)

    assert sweep(clinic.stack) == 204

    failed = report_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "deadline_exceeded")
    assert support.documents(clinic.id)[f"progress/{session_id}"]["report"] == "failed"
    assert clinic.stack.task_queues.pending() == []
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
    support.converge(clinic.stack)
    assert report_of(clinic, session_id)["status"] == "completed"


def test_report_that_every_sweep_retries_in_vain_fails_at_its_deadline(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    path = f"reports/{session_id}-r1"
    for _ in range(3):
        age(clinic, path, Report.policy.stalled_after + MINUTE, requested=timedelta(0))
        with tasks_lost(clinic.stack, "reports"):
            sweep(clinic.stack)
    age(clinic, path, Report.policy.stalled_after + MINUTE, requested=Report.policy.deadline)

    sweep(clinic.stack)

    names = {
        task.name for task in clinic.stack.task_queues.history if f"{session_id}-r1".encode() in task.http_request.body
    }
    assert len(names) == 4, "each sweep enqueues a task with a name of its own"
    assert report_of(clinic, session_id)["error_code"] == "deadline_exceeded"
