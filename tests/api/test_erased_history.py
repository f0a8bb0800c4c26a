"""The destruction of a patient's care keyset makes every version of transcripts and reports unreadable."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.record import patient_of
from shared.records.visits.transcription import TranscriptionStatus
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, erase_care, plant_report, plant_transcription
from tests.support.visits import new_session

SAID, MEANT = "I sleep five owls a night.", "I sleep five hours a night."


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A session with a corrected transcription and a corrected report."""
    session_id = new_session(clinic)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED, text=SAID)
    plant_report(clinic, session_id)
    clinic.stack.wait_idle(support.PATIENCE)
    change(clinic, f"/transcriptions/{session_id}-t1", {"edits": [{"number": 1, "text": MEANT}]})
    statement = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body["statements"][0]["id"]
    change(clinic, f"/reports/{session_id}-r1", {"edits": [{"statement_id": statement, "text": "Sleeps badly."}]})
    change(clinic, f"/sessions/{session_id}", {"session_notes": MEANT})
    change(clinic, f"/sessions/{session_id}", {"session_notes": "Sleeps."})
    return session_id


def change(clinic: TestClinic, path: str, body: Any) -> None:
    clinic.doctor.put(path, body, etag=clinic.doctor.get(path).etag).ok()


def test_no_version_of_an_erased_patient_opens(clinic: TestClinic, session: str) -> None:
    patient = patient_of(session)
    texts = [
        f"/transcriptions/{session}-t1",
        f"/transcriptions/{session}-t1?version=1",
        f"/sessions/{session}/transcription",
        f"/sessions/{session}/versions",
        f"/reports/{session}-r1",
    ]
    before = [clinic.doctor.get(path).ok().content for path in texts]
    erase_care(clinic, patient)

    refused = [clinic.doctor.get(path) for path in texts]

    assert all(b"leep" in content for content in before)
    assert not any(reply.status == 200 for reply in refused)
    assert not any(b"leep" in reply.content for reply in refused)
    stored = [document for path, document in support.documents(clinic.id).items() if session in path]
    assert len(stored) > 5
    assert not any("leep" in str(document) for document in stored)
