"""Results of Speech-to-Text, written to the bucket as the engine writes them."""

from __future__ import annotations

import json
from typing import Any

from local.stack.environment import RESULTS_BUCKET
from tests.support import crashes as support
from tests.support.clinics import TestClinic

SPOKEN = {
    "results": [
        {
            "alternatives": [{"transcript": "I sleep only five hours.", "confidence": 0.9}],
            "channelTag": 2,
            "resultEndOffset": "3s",
        }
    ]
}


def await_result(clinic: TestClinic, **session: Any) -> str:
    """Create a session whose transcription waits for its result. Use it within `polling_paused`: the recording is not
    audio, and only a poll detects that. Returns the session's id."""
    session_id = str(clinic.session(**session).body["id"])
    clinic.record(session_id, support.NOT_AUDIO)
    clinic.stack.wait_idle(support.PATIENCE)
    return session_id


def write_result(clinic: TestClinic, session_id: str, message: Any, attempt: int = 1, take: str = "t1") -> None:
    """Write the result of one attempt; returns when it is handled, and deleted."""
    name = f"clinics/{clinic.id}/transcriptions/{session_id}-{take}/attempts/{attempt}/result.json"
    blob = support.bucket_of(clinic.stack, RESULTS_BUCKET).blob(name)
    blob.upload_from_string(json.dumps(message), content_type="application/json")
    clinic.stack.wait_idle(support.PATIENCE)
    assert not blob.exists()


def cancel(clinic: TestClinic, session_id: str) -> None:
    path = f"/sessions/{session_id}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).ok()
