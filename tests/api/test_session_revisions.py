"""The revision of a session moves only by what people change: one's own upload refuses no tap."""

from __future__ import annotations

import pytest

from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses

pytestmark = pytest.mark.long

AUDIO = b"not audio"


def record(clinic: TestClinic, session_id: str) -> None:
    """Open an upload, send the recording, and wait until the system has stored what it knows of it."""
    body = {"content_type": "audio/flac", "size_bytes": len(AUDIO)}
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", body).ok(201)
    assert upload(opened.body["upload_url"], AUDIO, "audio/flac") == 200
    clinic.until(
        lambda: clinic.doctor.get(f"/sessions/{session_id}"), lambda reply: reply.body["audio_file_size"] is not None
    )


def test_pause_resume_and_complete_go_through_after_ones_own_upload(clinic: TestClinic) -> None:
    started = clinic.session()
    session = started.body["id"]
    path = f"/sessions/{session}"
    record(clinic, session)

    paused = clinic.doctor.put(path, {"status": "paused"}, etag=started.etag).ok()
    record(clinic, session)
    resumed = clinic.doctor.put(path, {"status": "in_progress"}, etag=paused.etag).ok()
    record(clinic, session)
    completed = clinic.doctor.post(f"{path}/complete", key="", etag=resumed.etag).ok()

    assert [reply.etag for reply in (started, paused, resumed, completed)] == ['"1"', '"2"', '"3"', '"4"']
    assert len(completed.body["recordings"]) == 3
    assert completed.body["audio_file_size"] == len(AUDIO), "what the system stored meanwhile is not lost"


def test_cancel_goes_through_after_ones_own_upload_and_the_bill_moves_no_revision(clinic: TestClinic) -> None:
    cancelled, billed = clinic.session(), clinic.session()
    record(clinic, cancelled.body["id"])

    clinic.doctor.delete(f"/sessions/{cancelled.body['id']}", etag=cancelled.etag).ok()
    path = f"/sessions/{billed.body['id']}"
    completed = clinic.doctor.post(f"{path}/complete", key="", etag=billed.etag).ok()
    after = clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.body["bill_id"] is not None)

    assert after.etag == completed.etag
    assert after.body["updated_by"] == clinic.doctor.user_id
    assert after.body["billing_amount"] is not None


def test_two_people_who_change_the_same_session_still_conflict(clinic: TestClinic) -> None:
    started = clinic.session()
    path = f"/sessions/{started.body['id']}"
    record(clinic, started.body["id"])
    clinic.doctor.put(path, {"session_notes": "One."}, etag=started.etag).ok()

    clinic.admin.put(path, {"status": "paused"}, etag=started.etag).refused(412, "stale")
    clinic.doctor.put(path, {"session_notes": "Two."}, etag=started.etag).refused(412, "stale")


def test_uploads_and_notes_at_the_same_time_lose_nothing(clinic: TestClinic) -> None:
    started = clinic.session()
    path = f"/sessions/{started.body['id']}"
    new = {"content_type": "audio/flac", "size_bytes": len(AUDIO)}

    def act(number: int) -> Reply:
        if number % 2:
            return clinic.doctor.post(f"{path}/recordings", new)
        return clinic.doctor.put(path, {"session_notes": f"Note {number}."}, etag=started.etag)

    replies = at_once(6, act)

    assert statuses(replies) == {201: 3, 200: 1, 412: 2}
    after = clinic.doctor.get(path).ok()
    assert after.etag == '"2"'
    assert len(after.body["recordings"]) == 3
    assert after.body["session_notes"] in {f"Note {number}." for number in (0, 2, 4)}
