"""Playing a recording by a short-lived signed URL, for those who may read the transcript."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from local.stack.environment import AUDIO_BUCKET
from tests.support import crashes as support
from tests.support.audio_files import UNDECODABLE
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import GET_OBJECT, SIGN_BLOB, calls_when_repeated, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.visits import set_clinic

FILE = {"content_type": "audio/mp4", "size_bytes": len(UNDECODABLE)}


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A session whose recording was received, without its event: nothing transcribes it."""
    session_id = str(clinic.session().body["id"])
    add_recording(clinic, session_id)
    return session_id


def add_recording(clinic: TestClinic, session_id: str) -> None:
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", FILE).ok(201).body
    alter(clinic, f"sessions/{session_id}/recordings/{opened['id']}", {"status": "received"})
    response = urllib3.request("PUT", opened["upload_url"], body=UNDECODABLE, headers={"Content-Type": "audio/mp4"})
    assert response.status == 200


def play(clinic: TestClinic, session_id: str, count: int = 1, from_ms: str = "") -> Reply:
    query = f"?from_ms={from_ms}" if from_ms else ""
    return clinic.doctor.get(f"/sessions/{session_id}/recordings/{session_id}-a{count}/playback{query}")


def fetch(url: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, url.partition("#")[0], headers=headers, retries=False)


def test_url_plays_the_recording_from_a_segment_on_and_lets_the_player_seek(clinic: TestClinic, session: str) -> None:
    played = play(clinic, session, from_ms="2900").ok().body

    url = played["url"]
    whole, part = fetch(url), fetch(url, Range="bytes=4-9")
    assert (whole.status, whole.data) == (200, UNDECODABLE)
    assert whole.headers["Content-Type"] == played["content_type"] == "audio/mp4"
    assert whole.headers["Content-Disposition"] == "inline"
    assert whole.headers["Cache-Control"] == "no-store"
    assert (part.status, part.data) == (206, UNDECODABLE[4:10])
    assert urlsplit(url).fragment == "t=2.9"
    assert url.startswith(f"{clinic.stack.public_url}/")
    assert fetch(url, Range=f"bytes={len(UNDECODABLE)}-").status == 416


def test_url_is_for_one_recording_and_ends_after_five_minutes(clinic: TestClinic, session: str) -> None:
    add_recording(clinic, session)
    before = datetime.now(UTC)

    played = play(clinic, session).ok().body

    url, query = played["url"], parse_qs(urlsplit(played["url"]).query)
    assert query["X-Goog-Expires"] == ["300"]
    expiry = datetime.fromisoformat(played["expires_at"])
    assert timedelta(minutes=5) <= expiry - before < timedelta(minutes=6)
    assert "#" not in url
    assert fetch(url.replace("-a1?", "-a2?")).status == 403
    assert fetch(url, "DELETE").status == fetch(url, "PUT").status == 403
    assert fetch(url.partition("?")[0]).status == 403
    assert fetch(url.replace("X-Goog-Expires=300", "X-Goog-Expires=301")).status == 403
    assert fetch(play(clinic, session, count=2).ok().body["url"]).data == UNDECODABLE


def test_every_url_is_in_the_audit_trail(clinic: TestClinic, session: str) -> None:
    trace, headers = new_trace()

    clinic.doctor.get(f"/sessions/{session}/recordings/{session}-a1/playback", **headers).ok()

    [entry] = audit_of(clinic, trace)
    assert entry["action"] == "recording.play"
    assert f"{session}-a1" in str(entry)
    assert "X-Goog" not in str(entry)


@pytest.mark.parametrize(
    ("status", "code", "problem"),
    [("awaited", 404, "none-yet"), ("expired", 410, "gone"), ("refused", 410, "gone"), ("deleted", 410, "gone")],
)
def test_recording_without_audio(clinic: TestClinic, session: str, status: str, code: int, problem: str) -> None:
    alter(clinic, f"sessions/{session}/recordings/{session}-a1", {"status": status})

    play(clinic, session).refused(code, problem)


def test_audio_that_a_cancelled_session_lost_is_gone(clinic: TestClinic, session: str) -> None:
    support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(
        f"clinics/{clinic.id}/sessions/{session}/recordings/{session}-a1"
    ).delete()

    play(clinic, session).refused(410, "gone")


def test_strangers_and_wrong_ids_find_nothing(clinic: TestClinic, session: str) -> None:
    other = str(clinic.session().body["id"])
    path = f"/sessions/{session}/recordings/{session}-a1/playback"

    clinic.doctor.get(f"/sessions/{other}/recordings/{session}-a1/playback").refused(404, "not-found")
    play(clinic, session, count=2).refused(404, "not-found")
    clinic.other_doctor.get(path).refused(404, "not-found")
    clinic.receptionist.get(path).refused(403, "forbidden")
    clinic.admin.get(path).ok()
    play(clinic, session, from_ms="-1").refused(422, "invalid")
    play(clinic, session, from_ms="999999999999").refused(422, "invalid")


@pytest.mark.parametrize(("policy", "status"), [("keep", 200), ("delete", 403)])
def test_withdrawn_consent(own_clinic: TestClinic, policy: str, status: int) -> None:
    session = str(own_clinic.session().body["id"])
    add_recording(own_clinic, session)
    set_clinic(own_clinic, after_withdrawal=policy)
    patient = own_clinic.doctor.get(f"/sessions/{session}").ok().body["patient_id"]
    [consent] = own_clinic.doctor.get(f"/patients/{patient}/consents").ok().body["consents"]
    own_clinic.doctor.post(f"/patients/{patient}/consents/{consent['id']}/withdraw", {}).ok()

    reply = play(own_clinic, session)

    assert reply.status == status
    if status == 403:
        assert reply.refused(403, "consent-missing").body["missing_consents"][0]["reason"] == "withdrawn"


def test_call_counts(clinic: TestClinic, session: str) -> None:
    made = calls_when_repeated(clinic, "sessions", lambda: play(clinic, session).ok())

    # The caller, session and patient; the recording, the consents and the settings.
    assert made == [reads(6), GET_OBJECT, SIGN_BLOB, commit(2)]
