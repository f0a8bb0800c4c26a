"""A visit without a usable recording is documented by hand, and never collides with the draft of a recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.records.reports.report import ReportStatus
from shared.records.types import new_id
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.context import utc_now
from shared.workflows.reports import drafting, requesting
from tests.support.call_counts import calls_during, calls_when_repeated, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.problems import pointers, without_trace
from tests.support.visits import new_session

SLEEP = {"section": "history_present_illness", "text": "Sleeps through since the last visit."}
PLAN = {"section": "plan.follow_up", "text": "Review in four weeks."}
UPLOAD = {"content_type": "audio/flac", "size_bytes": 1_000}


def create(clinic: TestClinic, session_id: str, **new: Any) -> Reply:
    return clinic.doctor.post(f"/sessions/{session_id}/report", new)


def with_transcription(clinic: TestClinic, status: TranscriptionStatus) -> str:
    """A session with one recording, whose transcription has this status. No function acts on it."""
    session_id = new_session(clinic)
    plant_transcription(clinic, session_id, TranscriptionStatus.FAILED)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    if status != TranscriptionStatus.FAILED:
        alter(clinic, f"transcriptions/{session_id}-t1", {"status": status.value})
    return session_id


def transcribed(clinic: TestClinic, session_id: str) -> None:
    """Complete the transcription of a recording of a session that has a report."""
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})


def test_visit_without_a_recording_is_written_reviewed_and_signed(clinic: TestClinic) -> None:
    session_id = new_session(clinic)

    created = create(clinic, session_id, statements=[SLEEP, PLAN]).ok(201)
    path = f"/reports/{session_id}-r1"
    reviewed = clinic.doctor.post(f"{path}/review", etag=created.etag).ok()
    etag = clinic.doctor.get(f"/sessions/{session_id}").etag
    clinic.doctor.post(f"/sessions/{session_id}/complete", etag=etag).ok()
    signed = clinic.doctor.post(f"{path}/sign", {}, etag=reviewed.etag).ok()

    body = created.body
    assert (body["status"], body["source"], body["transcription_id"], body["ai_model"]) == (
        "completed",
        "by_hand",
        None,
        None,
    )
    assert [(s["text"], s["author_id"], s["segments"]) for s in body["statements"]] == [
        (SLEEP["text"], clinic.doctor.user_id, []),
        (PLAN["text"], clinic.doctor.user_id, []),
    ]
    assert [section["id"] for section in body["sections"]][:2] == ["chief_complaint", "history_present_illness"]
    assert (body["corrections"], body["manually_edited"], body["quality_score"]) == ([], False, None)
    assert (signed.body["status"], signed.body["source"]) == ("signed", "by_hand")
    assert signed.body["statements"] == body["statements"]
    assert clinic.doctor.pdf(f"{path}/pdf").ok().content.startswith(b"%PDF-")


def test_empty_report_is_filled_by_corrections_and_not_signed_before(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    created = create(clinic, session_id).ok(201)
    path = f"/reports/{session_id}-r1"

    clinic.doctor.post(f"{path}/sign", {}, etag=created.etag).refused(409, "conflict")
    edits = {"edits": [{**SLEEP, "reason": "Written after the visit"}]}
    filled = clinic.doctor.put(path, edits, etag=created.etag).ok()

    assert [statement["text"] for statement in filled.body["statements"]] == [SLEEP["text"]]


@pytest.mark.parametrize(
    "status", [TranscriptionStatus.PENDING, TranscriptionStatus.PROCESSING, TranscriptionStatus.COMPLETED]
)
def test_speech_that_is_transcribed_is_not_passed_over_unless_the_doctor_says_so(
    clinic: TestClinic, status: TranscriptionStatus
) -> None:
    session_id = with_transcription(clinic, status)

    create(clinic, session_id, statements=[SLEEP], replace=True).refused(409, "conflict")
    create(clinic, session_id, statements=[SLEEP], replace=True, despite_recording=True).ok(201)


@pytest.mark.parametrize("status", [TranscriptionStatus.FAILED, TranscriptionStatus.NO_SPEECH])
def test_broken_and_silent_recordings_need_no_word_of_the_doctor(
    clinic: TestClinic, status: TranscriptionStatus
) -> None:
    create(clinic, with_transcription(clinic, status), statements=[SLEEP]).ok(201)


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ({}, 409),
        ({"status": "refused"}, 201),
        ({"status": "expired"}, 201),
        ({"updated_at": utc_now() - timedelta(days=8, minutes=1)}, 201),  # the sweep has not marked it yet
    ],
)
def test_awaited_audio_counts_until_it_is_refused_or_expired(
    clinic: TestClinic, recording: dict[str, Any], expected: int
) -> None:
    session_id = new_session(clinic)
    opened = clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD).ok(201)
    alter(clinic, f"sessions/{session_id}/recordings/{opened.body['id']}", recording or {"refusal": None})

    assert create(clinic, session_id, statements=[SLEEP]).status == expected


def test_report_of_the_session_is_replaced_only_on_request_and_never_once_signed(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    report_id = plant_report(clinic, session_id)
    path = f"/reports/{report_id}"

    create(clinic, session_id, statements=[SLEEP]).refused(409, "conflict")
    drafted = clinic.doctor.get(path).ok()
    replaced = create(clinic, session_id, statements=[SLEEP], replace=True).ok(201)
    clinic.doctor.put(path, {"edits": [{**PLAN, "reason": "x1"}]}, etag=drafted.etag).refused(412, "stale")

    assert (replaced.body["id"], replaced.body["version"], replaced.body["attempt"]) == (report_id, 2, 2)
    assert [statement["text"] for statement in replaced.body["statements"]] == [SLEEP["text"]]
    etag = clinic.doctor.get(f"/sessions/{session_id}").etag
    clinic.doctor.post(f"/sessions/{session_id}/complete", etag=etag).ok()
    signed = clinic.doctor.post(f"{path}/sign", {}, etag=replaced.etag).ok()
    create(clinic, session_id, statements=[PLAN], replace=True).refused(409, "conflict")
    assert clinic.doctor.get(path).ok().body == signed.body


def test_failed_report_is_replaced_without_a_request(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    plant_report(clinic, session_id, ReportStatus.FAILED)

    assert create(clinic, session_id, statements=[SLEEP]).ok(201).body["status"] == "completed"


def test_late_transcription_and_late_draft_leave_the_report_by_hand(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    plant_report(clinic, session_id, ReportStatus.GENERATING)
    create(clinic, session_id, statements=[SLEEP], replace=True).ok(201)
    transcribed(clinic, session_id)
    before = clinic.doctor.get(f"/reports/{session_id}-r1").ok()

    requesting.request_first(system_clinic(clinic.id, "late event"), f"{session_id}-t1")
    drafting.write(system_clinic(clinic.id, "late task"), f"{session_id}-r1", 1, 0)
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").refused(409, "conflict")

    after = clinic.doctor.get(f"/reports/{session_id}-r1").ok()
    assert (after.body, after.etag) == (before.body, before.etag)


def test_draft_of_the_recording_replaces_a_report_by_hand_on_request(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    create(clinic, session_id, statements=[SLEEP]).ok(201)
    transcribed(clinic, session_id)

    create(clinic, session_id, source="recording").refused(409, "conflict")
    requested = create(clinic, session_id, source="recording", replace=True).ok(201)

    assert (requested.body["source"], requested.body["transcription_id"]) == ("recording", f"{session_id}-t1")
    assert requested.body["statements"] == []
    drafted = clinic.report(session_id)
    assert drafted.body["attempt"] == 2
    assert all(statement["segments"] or statement["consent_id"] for statement in drafted.body["statements"])


def test_everything_wrong_is_named_and_nothing_is_stored(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    wrong = [{"section": "nowhere", "text": "?"}, SLEEP, {"section": "plan", "text": "!"}]

    refused = create(clinic, session_id, statements=wrong).refused(422, "invalid")
    drafted = create(clinic, session_id, source="recording", statements=[SLEEP])

    assert pointers(refused) == {"/statements/0/section", "/statements/2/section"}
    assert pointers(drafted.refused(422, "invalid")) == {"/statements"}
    create(clinic, session_id, source="recording").refused(409, "conflict")
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")


def test_cancelled_session_gets_no_report_and_loses_one_by_hand(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    create(clinic, session_id, statements=[SLEEP]).ok(201)

    clinic.doctor.delete(f"/sessions/{session_id}", etag='"1"').ok()

    report = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert (report["status"], report["error_code"]) == ("failed", "session_cancelled")
    create(clinic, session_id, statements=[SLEEP], replace=True).refused(409, "conflict")


def test_of_concurrent_reports_one_is_created_and_a_repetition_gets_its_answer(clinic: TestClinic) -> None:
    session_id = new_session(clinic)

    replies = at_once(8, lambda n: create(clinic, session_id, statements=[{**SLEEP, "text": f"Version {n}."}]))
    again = new_session(clinic)
    new, path = {"statements": [SLEEP]}, f"/sessions/{again}/report"
    repeated = at_once(5, lambda _: clinic.doctor.post(path, new, key="report-of-this-visit"))

    assert statuses(replies) == {201: 1, 409: 7}
    assert statuses(repeated) == {201: 5}
    assert len({reply.content for reply in repeated}) == 1


def test_strangers_and_the_front_desk_learn_and_change_nothing(clinic: TestClinic, other_clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    path, new = f"/sessions/{session_id}/report", {"statements": [SLEEP]}

    clinic.receptionist.post(path, new).refused(403, "forbidden")
    for stranger in (clinic.other_doctor, other_clinic.doctor):
        refused = stranger.post(path, new).refused(404, "not-found")
        missing = stranger.post(f"/sessions/{new_id()}-{new_id(10)}/report", new)
        assert without_trace(refused) == without_trace(missing)
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")


def test_call_counts(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    clinic.doctor.get(f"/sessions/{session_id}").ok()

    created = calls_during(clinic, "sessions", lambda: create(clinic, session_id, statements=[SLEEP]).ok(201))
    refused = calls_when_repeated(clinic, "sessions", lambda: create(clinic, session_id).refused(409, "conflict"))

    # The session names report and proof, and what a transcript would have; its template ships; with them come consents
    # and settings; then the counter. Counter and number, report, content, progress, guard of the session, use of the
    # template, response and audit.
    assert created == [reads(4), reads(7), reads(1), commit(10)]
    # The stored response is read again before a refusal.
    assert refused == [reads(4), reads(7), reads(2), commit(1)]


def test_report_is_drafted_from_notes_and_cites_them(clinic: TestClinic) -> None:
    notes = "Looks tired.\nSertraline 50 mg continued."
    session_id = str(clinic.session(chief_complaint="Sleeps badly since March.", session_notes=notes).body["id"])

    requested = create(clinic, session_id, source="notes").ok(201)
    drafted = clinic.report(session_id).body

    assert (requested.body["status"], requested.body["source"], requested.body["transcription_id"]) == (
        "pending",
        "notes",
        None,
    )
    assert (drafted["status"], drafted["source"], drafted["confidence_score"]) == ("completed", "notes", None)
    by_number = {note["number"]: note for note in drafted["notes"]}
    written = [statement for statement in drafted["statements"] if not statement["consent_id"]]
    assert written
    for statement in written:
        assert statement["segments"] == []
        assert {by_number[number]["kind"] for number in statement["notes"]} == {"noted_by_practitioner"}
    assert {note["text"] for note in drafted["notes"]} <= {"Sleeps badly since March.", *notes.split("\n")}


def test_notes_are_no_way_around_a_recording_and_must_be_there(clinic: TestClinic) -> None:
    with_speech = with_transcription(clinic, TranscriptionStatus.PROCESSING)

    create(clinic, with_speech, source="notes").refused(409, "conflict")
    create(clinic, new_session(clinic), source="notes").refused(409, "conflict")
    refused = create(clinic, new_session(clinic), source="notes", statements=[SLEEP]).refused(422, "invalid")

    assert pointers(refused) == {"/statements"}
