"""A recording whose recognition never answers holds the session's report up until its deadline, and no longer."""

from __future__ import annotations

from shared.records.visits.transcription import Transcription, TranscriptionStatus
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.visits import new_session


def test_report_follows_when_the_other_recording_fails_at_its_deadline(clinic: TestClinic) -> None:
    session = new_session(clinic)
    alter(clinic, f"sessions/{session}", {"uploads": 2})
    silent = plant_transcription(clinic, session, TranscriptionStatus.PENDING, count=2)
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED)
    clinic.stack.wait_idle(support.PATIENCE)
    clinic.doctor.get(f"/reports/{session}-r1").refused(404, "not-found")
    age(clinic, f"transcriptions/{silent}", Transcription.policy.deadline + MINUTE)

    assert sweep(clinic.stack) == 204
    report = clinic.report(session).body

    visit = clinic.doctor.get(f"/sessions/{session}/transcription").ok().body
    assert [one["status"] for one in visit["transcriptions"]] == ["completed", "failed"]
    assert [source["transcription_id"] for source in report["sources"]] == [f"{session}-t1"]
    assert report["unreported_recordings"] == [f"{session}-a2"]
