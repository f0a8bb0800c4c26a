"""A session that was started for the wrong patient is moved: sealed for the right one, and nothing stays behind."""

from __future__ import annotations

from typing import Any

import pytest

from shared.gateways import storage
from shared.records.reports.content import ReportContent
from shared.records.version import Version
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import requesting
from tests.support import crashes as support
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply, upload
from tests.support.clinics import NAMESAKE, TestClinic, consent_to
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_further_report, plant_report, plant_transcription
from tests.support.proofs import sign
from tests.support.visits import bill_of, change, complete, new_session, read

UPLOAD = {"content_type": "audio/flac", "size_bytes": len(support.NOT_AUDIO)}


@pytest.fixture
def clinic(drafting: TestClinic) -> TestClinic:
    return drafting


def target(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


def move(clinic: TestClinic, session_id: str, to: str, *, by: ApiClient | None = None, **options: Any) -> Reply:
    """Move a session, whatever else its doctor does."""
    clinic.forget_running()
    client = by or clinic.doctor
    body = {"patient_id": to, "from_patient_id": session_id.partition("-")[0], "reason": "Another chart was open."}
    etag = options.pop("etag", None) or clinic.admin.get(f"/sessions/{session_id}").etag
    trace = options.pop("trace", {})
    return client.post(f"/sessions/{session_id}/move", {**body, **options}, etag=etag, key="", **trace)


def heard(clinic: TestClinic, text: str = "I sleep badly.") -> str:
    """A running session with a recording that was received and transcribed."""
    session_id = new_session(clinic, chief_complaint="Cannot sleep", session_notes="Tired")
    clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD).ok(201)
    alter(clinic, f"sessions/{session_id}/recordings/{session_id}-a1", {"status": "received"})
    plant_transcription(clinic, session_id, TranscriptionStatus.NO_SPEECH, text=text)
    return session_id


def test_a_running_session_is_moved_with_its_notes_and_keeps_its_number(clinic: TestClinic) -> None:
    session_id = new_session(clinic, chief_complaint="Cannot sleep", session_notes="Tired")
    before = change(clinic, session_id, session_notes="Tired and tense").ok().body
    right = target(clinic)

    moved = move(clinic, session_id, right).ok()

    body = moved.body
    assert body["id"].startswith(f"{right}-")
    assert moved.etag == f'"{body["revision"]}"'
    same = ("number", "doctor_id", "status", "started_at", "chief_complaint", "session_notes", "created_at", "type")
    assert [body[name] for name in same] == [before[name] for name in same]
    assert (body["patient_id"], body["patient"]["id"], body["revision"]) == (right, right, before["revision"] + 1)
    assert [(one["from_patient_id"], one["reason"], one["author_id"]) for one in body["moves"]] == [
        (before["patient_id"], "Another chart was open.", clinic.doctor.user_id)
    ]
    by_number = clinic.doctor.get(f"/sessions/{before['number']}").ok()
    assert (by_number.body["id"], by_number.etag) == (body["id"], moved.etag)
    gone = clinic.doctor.get(f"/sessions/{session_id}").refused(404, "not-found")
    assert before["number"] in gone.body["detail"]
    clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD).refused(404, "not-found")
    complete(clinic, body["id"]).ok()


def test_history_follows_and_nothing_sealed_stays(clinic: TestClinic) -> None:
    session_id = heard(clinic)
    change(clinic, session_id, session_notes="Tired and tense").ok()
    old = session_id.partition("-")[0]
    right = target(clinic)

    moved = move(clinic, session_id, right).ok().body["id"]

    changes = clinic.doctor.get(f"/sessions/{moved}/versions").ok().body["items"]
    assert [sorted({**one["before"], **one["clinical_before"]}) for one in changes] == [
        ["moves", "patient_id"],
        ["session_notes"],
    ]
    assert changes[1]["clinical_before"] == {"session_notes": "Tired"}
    text = clinic.doctor.get(f"/transcriptions/{moved}-t1").ok().body
    assert (text["transcript_text"], text["recording_id"], text["patient_id"]) == (
        "I sleep badly.",
        f"{moved}-a1",
        right,
    )
    for path, document in support.documents(clinic.id).items():
        if path.partition("/")[0] in ("sessions", "transcriptions", "versions") and f"/{session_id}" in path:
            assert document["live"] is False, path
            assert not [value for value in document["sealed"].values() if len(value) > 40], path
    assert clinic.doctor.get(f"/patients/{old}/sessions").ok().body["items"] == []
    assert [one["id"] for one in clinic.doctor.get(f"/patients/{right}/sessions").ok().body["items"]] == [moved]
    listed = clinic.doctor.get("/sessions?status=in_progress").ok().body["items"]
    assert {session_id, moved} & {one["id"] for one in listed} == {moved}


def test_the_move_is_audited_for_both_patients(clinic: TestClinic) -> None:
    session_id, right = new_session(clinic), target(clinic)
    trace, headers = new_trace()

    move(clinic, session_id, right, trace=headers).ok()

    [entry] = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("session.move", "done")
    assert {right, session_id.partition("-")[0]} <= set(entry["patient_ids"])


def test_audio_follows_whether_it_was_there_or_comes_later(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    clinic.record(session_id, support.NOT_AUDIO)
    clinic.until(
        lambda: read(clinic, session_id), lambda reply: reply.body["transcription_failure"] == "audio_not_readable"
    )
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD).ok(201).body

    moved = move(clinic, session_id, target(clinic)).ok().body
    listed = clinic.doctor.get(f"/sessions/{moved['id']}/recordings").ok().body["items"]
    assert [(one["status"], one["upload_url"]) for one in listed] == [
        ("awaited", opened["upload_url"]),
        ("received", None),
    ]
    assert upload(opened["upload_url"], support.NOT_AUDIO, "audio/flac") == 200
    clinic.stack.wait_idle(support.PATIENCE)

    recordings = clinic.doctor.get(f"/sessions/{moved['id']}/recordings").ok().body["items"]
    names = [one["object_name"] for one in recordings]
    assert [one["status"] for one in recordings] == ["received", "received"]
    assert names == [f"clinics/{clinic.id}/sessions/{moved['id']}/recordings/{moved['id']}-a{n}" for n in (2, 1)]
    assert storage.names_of_recordings(f"clinics/{clinic.id}/sessions/{session_id}/") == []
    assert [storage.recording(name).content_type for name in names] == ["audio/flac"] * 2  # type: ignore[union-attr]
    assert read(clinic, moved["id"]).body["audio_file_url"] == names[0]
    before = support.documents(clinic.id)
    for _ in range(2):
        requesting.request_first(system_clinic(clinic.id, "again"), f"{session_id}-t1")
    assert support.documents(clinic.id) == before


def test_drafts_are_thrown_away_and_made_anew_for_the_right_patient(clinic: TestClinic) -> None:
    session_id = heard(clinic)
    reports = [plant_report(clinic, session_id), plant_further_report(clinic, session_id)]
    complete(clinic, session_id).ok()
    bill = bill_of(clinic, session_id).body["id"]
    alter(clinic, f"transcriptions/{session_id}-t1", {"status": "completed"})
    for report in reports:
        plant_version_of_report(clinic, report)
    clinic.stack.wait_idle(support.PATIENCE)

    moved = move(clinic, session_id, target(clinic)).ok().body

    assert (moved["report_id"], moved["bill_id"], moved["status"]) == (None, None, "completed")
    assert moved["report_ids"] == []
    clinic.receptionist.get(f"/bills/{bill}").refused(404, "not-found")
    left = support.documents(clinic.id)
    former = left[f"progress/{session_id}"]
    assert (former["report"], former["further_reports"]) == ("failed", {reports[1]: "failed"})
    for report in reports:
        clinic.doctor.get(f"/reports/{report}").refused(404, "not-found")
    parts = ("reports/{}", "reports/{}/bodies/content", "versions/{}-v2")
    for path in (part.format(report) for part in parts for report in reports):
        assert left[path]["live"] is False
        assert not [value for value in left[path]["sealed"].values() if len(value) > 40], path
    assert bill_of(clinic, moved["id"]).body["patient_id"] == moved["patient_id"]
    assert clinic.report(moved["id"]).body["patient_id"] == moved["patient_id"]
    assert read(clinic, moved["id"]).body["report_ids"] == [f"{moved['id']}-r1"]


def plant_version_of_report(clinic: TestClinic, report: str) -> None:
    """Let the report have been written anew once."""

    def transaction(work: UnitOfWork) -> None:
        before = work.get(ReportContent.ref(report))
        after = before.revised(work.stamp, statements=[])
        version = Version.of(before, after, work.stamp)
        assert version is not None
        work.create(version)

    system_clinic(clinic.id, "planted").perform("report.write", transaction)
    alter(clinic, f"reports/{report}", {"version": 2})


def test_a_report_by_a_person_goes_only_on_request(clinic: TestClinic) -> None:
    session_id, right = new_session(clinic), target(clinic)
    report = plant_report(clinic, session_id)
    alter(clinic, f"reports/{report}", {"manually_edited": True})

    refused = move(clinic, session_id, right).refused(409, "conflict").body
    moved = move(clinic, session_id, right, discard_report=True).ok().body

    assert (refused["code"], [one["pointer"] for one in refused["errors"]]) == ("report_exists", [f"reports/{report}"])
    assert moved["report_id"] is None


def of_visit(clinic: TestClinic, session_id: str) -> dict[str, Any]:
    """The stored documents of a visit."""
    return {path: found for path, found in support.documents(clinic.id).items() if session_id in path}


@pytest.mark.parametrize(
    ("path", "changes", "code"),
    [
        ("bills/{}-bill", {"number": "INV-202601-000001"}, "bill_issued"),
        ("transcriptions/{}-t1", {"status": "processing"}, "still_running"),
        ("reports/{}-r1", {"status": "generating"}, "still_running"),
        ("reports/{}-r2", {"status": "generating"}, "still_running"),
        ("reports/{}-r2", {"manually_edited": True}, "report_exists"),
    ],
)
def test_what_is_issued_or_runs_is_named(clinic: TestClinic, path: str, changes: dict[str, Any], code: str) -> None:
    session_id, right = heard(clinic), target(clinic)
    plant_report(clinic, session_id)
    plant_further_report(clinic, session_id)
    complete(clinic, session_id).ok()
    bill_of(clinic, session_id)
    alter(clinic, path.format(session_id), changes)
    before = of_visit(clinic, session_id)

    refused = move(clinic, session_id, right).refused(409, "conflict").body

    assert (refused["code"], [one["pointer"] for one in refused["errors"]]) == (code, [path.format(session_id)])
    assert of_visit(clinic, session_id) == before


def test_a_signed_visit_and_a_cancelled_one_stay(clinic: TestClinic) -> None:
    signed, cancelled, right = new_session(clinic), new_session(clinic), target(clinic)
    report = plant_report(clinic, signed)
    sign(clinic, report)
    clinic.doctor.delete(f"/sessions/{cancelled}", etag=read(clinic, cancelled).etag).ok()

    assert move(clinic, signed, right).refused(409, "conflict").body["code"] == "report_signed"
    assert move(clinic, cancelled, right).refused(409, "conflict").body["code"] == "session_cancelled"


def test_the_right_patient_must_have_consented_to_what_was_recorded(clinic: TestClinic) -> None:
    session_id, silent = heard(clinic), str(clinic.silent_patient().body["id"])

    refused = move(clinic, session_id, silent).refused(403, "consent-missing").body
    consent_to(clinic.doctor, silent)
    moved = move(clinic, session_id, silent).ok().body
    unrecorded = move(clinic, new_session(clinic), str(clinic.silent_patient().body["id"])).ok().body

    assert {one["purpose"] for one in refused["missing_consents"]} == {"recording"}
    assert (moved["recording_allowed"], unrecorded["recording_allowed"]) == (True, False)


def test_the_appointment_is_free_again(clinic: TestClinic) -> None:
    patient = target(clinic)
    booked = {
        "patient_id": patient,
        "doctor_id": clinic.doctor.user_id,
        "scheduled_at": "2031-01-05T10:00:00Z",
        "duration_minutes": 30,
        "type": "followup",
    }
    appointment = clinic.receptionist.post("/appointments", booked).ok(201).body["id"]
    session_id = new_session(clinic, patient_id=patient, appointment_id=appointment)
    complete(clinic, session_id).ok()

    moved = move(clinic, session_id, target(clinic)).ok().body

    found = clinic.doctor.get(f"/appointments/{appointment}").ok().body
    assert (moved["appointment_id"], found["session_id"], found["status"]) == (None, None, "scheduled")
    assert found["completed_at"] is None


def test_running_sessions_follow(clinic: TestClinic) -> None:
    busy, right = target(clinic), target(clinic)
    session_id = new_session(clinic)
    of_other_doctor = patient_of_both(clinic, busy)
    body = {"patient_id": busy, "from_patient_id": session_id.partition("-")[0], "reason": "Another chart was open."}
    path, etag = f"/sessions/{session_id}/move", read(clinic, session_id).etag
    clinic.doctor.post(path, body, etag=etag, key="").refused(409, "session-running")

    moved = clinic.doctor.post(path, {**body, "patient_id": right}, etag=etag, key="").ok().body["id"]

    second = clinic.doctor.post("/sessions", {"patient_id": target(clinic)}).refused(409, "session-running").body
    assert second["running_sessions"] == [{"of": "doctor", "session_id": moved}]
    assert of_other_doctor != moved


def patient_of_both(clinic: TestClinic, patient: str) -> str:
    """A running session of the other doctor with the patient, who is shared."""
    etag = clinic.doctor.get(f"/patients/{patient}").etag
    path = f"/patients/{patient}/doctors/{clinic.other_doctor.user_id}"
    clinic.doctor.put(path, {"level": "write"}, etag=etag).ok()
    clinic.forget_running(clinic.other_doctor.user_id)
    return str(clinic.other_doctor.post("/sessions", {"patient_id": patient}).ok(201).body["id"])


def test_only_the_doctor_of_the_visit_and_admins_move_it_to_patients_of_the_doctor(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    session_id, right = new_session(clinic), target(clinic)
    theirs = str(clinic.other_doctor.post("/patients", NAMESAKE).ok(201).body["id"])
    etag = read(clinic, session_id).etag

    move(clinic, session_id, right, by=clinic.receptionist, etag=etag).refused(403, "forbidden")
    move(clinic, session_id, right, by=clinic.other_doctor, etag=etag).refused(404, "not-found")
    move(clinic, session_id, right, by=other_clinic.admin, etag=etag).refused(404, "not-found")
    move(clinic, session_id, theirs, etag=etag).refused(404, "not-found")
    foreign = move(clinic, session_id, theirs, by=clinic.admin, etag=etag).refused(422, "invalid").body
    assert [one["pointer"] for one in foreign["errors"]] == ["/patient_id"]
    move(clinic, session_id, right, by=clinic.admin, etag=etag).ok()


def test_a_patient_shared_to_read_takes_no_session(clinic: TestClinic) -> None:
    patient = clinic.other_doctor.post("/patients", NAMESAKE).ok(201)
    path = f"/patients/{patient.body['id']}/doctors/{clinic.doctor.user_id}"
    clinic.other_doctor.put(path, {"level": "read"}, etag=patient.etag).ok()

    move(clinic, new_session(clinic), patient.body["id"]).refused(403, "forbidden")


def test_a_screen_that_is_out_of_date_moves_nothing(clinic: TestClinic) -> None:
    session_id, right = new_session(clinic), target(clinic)
    at = session_id.partition("-")[0]
    numbers = {one: clinic.doctor.get(f"/patients/{one}").ok().body["number"] for one in (at, right)}

    other = move(clinic, session_id, right, from_patient_id=right).refused(409, "conflict").body
    same = move(clinic, session_id, at).refused(422, "invalid").body
    move(clinic, session_id, right, etag='"9"').refused(412, "stale")
    move(clinic, session_id, right, reason=" ").refused(422, "invalid")
    clinic.doctor.post(
        f"/sessions/{session_id}/move", {"patient_id": right, "from_patient_id": at, "reason": "x"}
    ).refused(428, "precondition-required")

    assert (other["code"], [one["pointer"] for one in same["errors"]]) == ("other_patient", ["/patient_id"])
    by_number = move(clinic, session_id, numbers[right], from_patient_id=numbers[at]).ok().body
    assert by_number["patient_id"] == right


def test_a_repeated_request_gets_the_same_answer_and_of_two_at_once_one_moves(clinic: TestClinic) -> None:
    session_id, right = new_session(clinic), target(clinic)
    body = {"patient_id": right, "from_patient_id": session_id.partition("-")[0], "reason": "Another chart was open."}
    path, etag = f"/sessions/{session_id}/move", read(clinic, session_id).etag
    clinic.forget_running()

    first, again = (clinic.doctor.post(path, body, etag=etag, key="move-number-1").ok().body for _ in range(2))
    back = {**body, "patient_id": body["from_patient_id"], "from_patient_id": right}
    etag = read(clinic, first["id"]).etag
    replies = at_once(3, lambda _: clinic.doctor.post(f"/sessions/{first['id']}/move", back, etag=etag, key=""))

    assert first == again
    assert statuses(replies) == {200: 1, 404: 2}
    [moved] = [one.body for one in replies if one.status == 200]
    assert moved["id"] != session_id
    assert moved["id"].startswith(f"{body['from_patient_id']}-")
    assert [one["from_patient_id"] for one in moved["moves"]] == [body["from_patient_id"], right]
    found = clinic.doctor.get(f"/sessions/{moved['number']}").ok().body
    assert found["id"] == moved["id"]
