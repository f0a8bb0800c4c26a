"""A report is signed after the visit, and a recording that it does not cover is refused or marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.gateways.storage_objects import Stored
from shared.records.problems import Conflict
from shared.records.record import Ref
from shared.records.visits.recording import NewUpload
from shared.records.visits.segment import Segment
from shared.records.visits.transcription import Transcription
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, stored_proofs
from shared.workflows.visits import receiving, recordings, unreported
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, end_session, plant_report
from tests.support.factories import segment
from tests.support.proofs import raw, sign

UPLOAD = {"content_type": "audio/flac", "size_bytes": 1_000}


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A running session with a drafted report."""
    session_id = str(clinic.session().body["id"])
    plant_report(clinic, session_id)
    return session_id


def try_to_sign(clinic: TestClinic, session: str, etag: str = '"1"') -> Reply:
    return clinic.doctor.post(f"/reports/{session}-r1/sign", {}, key="", etag=etag)


def arrive(clinic: TestClinic, recording: Reply) -> None:
    """The event of a finished upload: its transaction, without the recognition that follows."""
    stored = Stored(name=recording.body["object_name"], generation=1, size=1_000, content_type="audio/flac")
    receive: Callable[[UnitOfWork], object] = lambda work: receiving.received(work, recording.body["id"], stored, [])  # noqa: E731
    system_clinic(clinic.id, "event").perform("recording.receive", receive)


@pytest.mark.parametrize("status", ["in_progress", "paused", "cancelled"])
def test_a_report_is_signed_only_after_a_completed_visit(clinic: TestClinic, session: str, status: str) -> None:
    alter(clinic, f"sessions/{session}", {"status": status})

    refused = try_to_sign(clinic, session).refused(409, "conflict")

    expected = "the session is" if status == "cancelled" else "the visit is not over"
    assert refused.body["detail"].startswith(expected)
    assert clinic.doctor.get(f"/reports/{session}-r1").ok().body["status"] == "completed"


def test_a_report_by_hand_is_signed_although_no_recording_became_text(clinic: TestClinic, session: str) -> None:
    end_session(clinic, session)
    alter(clinic, f"sessions/{session}", {"status": "error"})

    assert try_to_sign(clinic, session).ok().body["status"] == "signed"


def test_a_recording_is_refused_once_the_report_is_signed(clinic: TestClinic, session: str) -> None:
    path = f"/sessions/{session}/recordings"
    sign(clinic, f"{session}-r1")
    alter(clinic, f"reports/{session}-r1", {"status": "completed", "signed_at": None})  # only the proof counts

    refused = clinic.doctor.post(path, UPLOAD).refused(409, "conflict")

    assert refused.body["detail"].startswith("a report of the session is signed")
    assert clinic.doctor.get(path).ok().body["items"] == []


def test_a_recording_on_its_way_marks_the_signed_report(clinic: TestClinic, session: str) -> None:
    recording = clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)
    signed = sign(clinic, f"{session}-r1")

    arrive(clinic, recording)
    arrive(clinic, recording)  # the event is delivered again

    marked = clinic.doctor.get(f"/reports/{session}-r1").ok()
    assert marked.body["unreported_recordings"] == [recording.body["id"]]
    assert signed.body["unreported_recordings"] == []
    assert marked.body["signature"] == signed.body["signature"]
    (listed,) = clinic.doctor.get(f"/patients/{session.partition('-')[0]}/reports").ok().body["items"]
    assert listed["unreported_recordings"] == [recording.body["id"]]


@pytest.mark.parametrize(
    ("outcome", "marked"), [("no_speech", False), ("audio_not_readable", False), ("speech_quota", True)]
)
def test_the_mark_of_a_recording_with_nothing_to_report_is_taken_away(
    clinic: TestClinic, session: str, outcome: str, marked: bool
) -> None:
    alter(clinic, f"reports/{session}-r1", {"transcription_id": None, "sources": []})  # written by hand
    recording = clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)
    arrive(clinic, recording)
    report = clinic.doctor.get(f"/reports/{session}-r1")
    ref, system = Transcription.ref(f"{session}-t1"), system_clinic(clinic.id, "event")

    if outcome == "no_speech":
        system.perform("transcription.hear", lambda work: hear(work, ref, []))
    else:
        attempts.fail(system, ref, 1, outcome, unreported.settle)

    settled = clinic.doctor.get(f"/reports/{session}-r1")
    assert settled.body["unreported_recordings"] == ([recording.body["id"]] if marked else [])
    assert settled.etag == report.etag

    system.perform("transcription.retry", lambda work: attempts.save(work, work.get(ref).retried(work.stamp)))
    system.perform("transcription.hear", lambda work: hear(work, ref, [segment()]))
    again = clinic.doctor.get(f"/reports/{session}-r1").ok().body["unreported_recordings"]
    assert again == [recording.body["id"]]


def hear(work: UnitOfWork, ref: Ref[Transcription], segments: list[Segment]) -> None:
    unreported.settle(work, attempts.save(work, work.get(ref).heard(segments, work.stamp, audio_seconds=4.0)))


def test_a_recording_that_arrives_before_the_signature_is_seen_first(clinic: TestClinic, session: str) -> None:
    recording = clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)
    end_session(clinic, session)

    arrive(clinic, recording)

    try_to_sign(clinic, session).refused(412, "stale")
    etag = clinic.doctor.get(f"/reports/{session}-r1").etag
    assert try_to_sign(clinic, session, etag).ok().body["unreported_recordings"] == [recording.body["id"]]


def test_of_a_signature_and_an_upload_at_once_the_later_one_sees_the_other(clinic: TestClinic, session: str) -> None:
    end_session(clinic, session)
    clinic.doctor.sign_in()
    path = f"/sessions/{session}/recordings"

    replies = at_once(6, lambda n: try_to_sign(clinic, session) if n == 0 else clinic.doctor.post(path, UPLOAD))

    assert replies[0].ok().body["status"] == "signed"
    opened = statuses(replies[1:]).get(201, 0)
    assert set(statuses(replies[1:])) <= {201, 409}
    assert raw(clinic, f"sessions/{session}")["uploads"] == opened
    clinic.doctor.post(path, UPLOAD).refused(409, "conflict")


def test_an_upload_interrupted_by_the_signature_is_refused(
    clinic: TestClinic, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload has read that nothing is signed, and the signature is committed before the upload is."""
    end_session(clinic, session)
    stored_proof, looks = stored_proofs.stored_proof, []

    def signed_after_the_look(work: UnitOfWork, report_id: str) -> object:
        looks.append(stored_proof(work, report_id))
        if len(looks) == 1:
            sign(clinic, report_id)
        return looks[-1]

    monkeypatch.setattr(stored_proofs, "stored_proof", signed_after_the_look)
    with pytest.raises(Conflict):
        recordings.open_upload(
            Clinic(RequestContext(clinic.id, SYSTEM_CALLER, Origin(""))), session, NewUpload(**UPLOAD)
        )

    assert [look is None for look in looks] == [True, False]
    assert raw(clinic, f"sessions/{session}")["uploads"] == 0
