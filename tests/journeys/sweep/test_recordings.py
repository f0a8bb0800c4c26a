"""A recording that was never uploaded expires; an upload after that is accepted."""

from __future__ import annotations

from shared.workflows.visits import recordings
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, transcription_of
from tests.support import crashes as support
from tests.support.client import upload
from tests.support.clinics import TestClinic
from tests.support.crashes import NOT_AUDIO


def test_recording_that_was_not_uploaded_expires_and_is_accepted_later(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    request = {"content_type": "audio/flac", "size_bytes": len(NOT_AUDIO)}
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", request).ok(201).body
    path = f"sessions/{session_id}/recordings/{session_id}-a1"
    age(clinic, path, recordings.UPLOAD_AWAITED_FOR + MINUTE)

    assert sweep(clinic.stack) == 204

    expired = support.documents(clinic.id)
    assert expired[path]["status"] == "expired"
    assert expired[f"progress/{session_id}"]["recording"] == "expired"
    assert upload(opened["upload_url"], NOT_AUDIO, "audio/flac") == 200
    support.converge(clinic.stack)
    assert support.documents(clinic.id)[path]["status"] == "received"
    assert transcription_of(clinic, session_id)["error_code"] == "audio_not_readable"
