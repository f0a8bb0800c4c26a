"""The sweep finds stalled jobs alone, oldest first, handles each by itself, and logs and audits it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.records.record import SYSTEM, patient_of
from shared.records.reports.report import Report, ReportStatus
from shared.records.visits.transcription import Transcription
from shared.store import queries
from shared.store.queries import Found
from tests.journeys.sweep.stalled_jobs import (
    MINUTE,
    age,
    job_log,
    lost_report,
    lost_transcription,
    report_of,
    retire,
    sweep,
)
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report


def test_jobs_within_their_time_are_unchanged(clinic: TestClinic, other_clinic: TestClinic) -> None:
    stalled, waiting = lost_report(clinic), lost_report(other_clinic)
    transcribing = lost_transcription(other_clinic)
    age(clinic, f"reports/{stalled}-r1", Report.policy.stalled_after + MINUTE)
    age(other_clinic, f"reports/{waiting}-r1", Report.policy.stalled_after - 10 * MINUTE)
    age(other_clinic, f"transcriptions/{transcribing}-t1", Transcription.policy.stalled_after - 10 * MINUTE)
    documents, entries = support.documents(other_clinic.id), support.audited(other_clinic.id)

    sweep(clinic.stack)
    support.converge(clinic.stack)

    documents_after, entries_after = support.documents(other_clinic.id), support.audited(other_clinic.id)
    retire(other_clinic, f"reports/{waiting}-r1", f"transcriptions/{transcribing}-t1")
    assert report_of(clinic, stalled)["status"] == "completed"
    assert (documents_after, entries_after) == (documents, entries)


def test_job_that_fails_in_the_sweep_does_not_block_others(clinic: TestClinic, other_clinic: TestClinic) -> None:
    broken, stalled = lost_report(clinic), lost_report(other_clinic)
    alter(clinic, f"patients/{patient_of(broken)}", {"care": b"no keyset"})
    age(clinic, f"reports/{broken}-r1", Report.policy.stalled_after + 2 * MINUTE)
    age(other_clinic, f"reports/{stalled}-r1", Report.policy.stalled_after + MINUTE)
    written = len(job_log(clinic.stack))

    status = sweep(clinic.stack)
    support.converge(clinic.stack)
    retire(clinic, f"reports/{broken}-r1")

    assert status == 503, "Cloud Scheduler must see the failure"
    assert report_of(other_clinic, stalled)["status"] == "completed"
    assert [(line["clinic_id"], line["action"], "error" in line) for line in job_log(clinic.stack)[written:]] == [
        (clinic.id, "none", True),
        (other_clinic.id, "enqueued", False),
    ]
    assert sweep(clinic.stack) == 204


def test_stalled_job_is_logged_once_by_ids_and_audited_in_its_clinic(clinic: TestClinic) -> None:
    session_id = lost_report(clinic)
    age(clinic, f"reports/{session_id}-r1", Report.policy.stalled_after + MINUTE)
    written = len(job_log(clinic.stack))

    clinic.stack.schedules.tick("sweep_stalled", datetime(2026, 11, 23, 2, 10, tzinfo=UTC))

    [line] = job_log(clinic.stack)[written:]
    assert line == {
        "severity": "WARNING",
        "message": "stalled job",
        "logger": "synapse.jobs",
        "kind": "report",
        "id": f"{session_id}-r1",
        "clinic_id": clinic.id,
        "action": "enqueued",
    }
    # The enqueued task may already have written audit entries of its own.
    request_id = "sweep-stalled 2026-11-23T02:10:00+00:00"
    [entry] = [entry for entry in support.audit_entries(clinic.id) if entry["origin"]["request_id"] == request_id]
    assert entry["action"] == "report.revive"
    assert (entry["actor_id"], entry["documents"], entry["outcome"]) == (SYSTEM, [f"reports/{session_id}-r1"], "done")


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_sweep_pages_through_stalled_jobs_oldest_first(clinic: TestClinic, other_clinic: TestClinic, page: int) -> None:
    now = datetime.now(UTC)
    minutes = [50, 40, 40, 40, 31]  # more jobs of the same age than fit on a page
    planted: dict[Found, datetime] = {}
    for number, age_in_minutes in enumerate(minutes):
        owner = (clinic, other_clinic)[number % 2]
        report_id = plant_report(owner, str(owner.session().body["id"]), ReportStatus.PENDING)
        planted[Found(owner.id, report_id)] = now - age_in_minutes * MINUTE
        alter(owner, f"reports/{report_id}", {"updated_at": now - age_in_minutes * MINUTE})

    found = list(queries.unchanged_since(Report, Report.waiting_states, now - 30 * MINUTE, page))

    for place in planted:
        retire(clinic if place.clinic_id == clinic.id else other_clinic, f"reports/{place.id}")
    assert len(found) == len(set(found))
    assert set(found) == planted.keys()
    assert [planted[place] for place in found] == sorted(planted.values())
    assert list(queries.unchanged_since(Report, Report.waiting_states, now - 30 * MINUTE, page)) == []
