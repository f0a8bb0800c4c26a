"""A recognition result that cannot be read."""

from __future__ import annotations

from local.stack.environment import RESULTS_BUCKET
from shared.records.visits.transcription import TranscriptionStatus
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription


def test_an_unreadable_result_fails_the_transcription_and_the_progress_says_so(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    transcription = plant_transcription(clinic, session, TranscriptionStatus.PROCESSING)
    name = f"clinics/{clinic.id}/transcriptions/{transcription}/attempts/1/result.json"
    result = support.bucket_of(clinic.stack, RESULTS_BUCKET).blob(name)

    result.upload_from_string("no result", "application/json")
    clinic.stack.wait_idle(60)

    failed = clinic.doctor.get(f"/transcriptions/{transcription}").ok().body
    assert (failed["status"], failed["error_code"]) == ("failed", "result_unreadable")
    assert support.documents(clinic.id)[f"progress/{session}"]["transcription"] == "failed"
    assert not result.exists()
