"""The recordings of a session are one visit: in its transcript, in its report, and in what the report lacks."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import requesting
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic
from tests.support.database import alter, end_session, plant_transcription
from tests.support.resolutions import resolve_all
from tests.support.visits import new_session

PAIN = "I have had chest pain for two days."
ALLERGY = "I am allergic to penicillin."
COMPLETED, PENDING, SILENT = (
    TranscriptionStatus.COMPLETED,
    TranscriptionStatus.PENDING,
    TranscriptionStatus.NO_SPEECH,
)


def heard(
    clinic: TestClinic, session: str, count: int, text: str, status: TranscriptionStatus = COMPLETED, *, of: int = 0
) -> str:
    """The transcription of the n-th recording, whose event follows; `of` so many, if it is not the last one."""
    alter(clinic, f"sessions/{session}", {"uploads": of or count})
    seconds = {"audio_duration_seconds": 12.0} if status == COMPLETED else {}
    return plant_transcription(clinic, session, status, count=count, text=text, **seconds)


def transcript(clinic: TestClinic, session: str) -> Any:
    return clinic.doctor.get(f"/sessions/{session}/transcription").ok().body


def cited(report: Any, evidence: Any) -> set[str]:
    """The texts that the statements of a report cite."""
    texts = {segment["number"]: segment["text"] for segment in evidence["segments"]}
    return {texts[number] for statement in report["statements"] for number in statement["segments"]}


@pytest.fixture(scope="module")
def session(clinic: TestClinic) -> str:
    """A session with a report of two recordings: the second was being transcribed when the first was completed."""
    session_id = new_session(clinic)
    second = heard(clinic, session_id, 2, ALLERGY, PENDING)
    heard(clinic, session_id, 1, PAIN, of=2)
    requesting.request_first(system_clinic(clinic.id, "event"), f"{session_id}-t1")
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")
    alter(clinic, f"transcriptions/{second}", {"status": "completed"})
    clinic.report(session_id)
    return session_id


def test_transcript_has_both_recordings_in_their_order(clinic: TestClinic, session: str) -> None:
    visit = transcript(clinic, session)

    assert visit["transcript_text"] == f"{PAIN}\n{ALLERGY}"
    assert [(one["number"], one["recording_id"], one["start_ms"]) for one in visit["segments"]] == [
        (1, f"{session}-a1", 0),
        (2, f"{session}-a2", 0),
    ]
    assert visit["word_count"] == len(f"{PAIN} {ALLERGY}".split())
    assert [one["status"] for one in visit["transcriptions"]] == ["completed", "completed"]


def test_report_is_written_once_from_both_and_its_evidence_stays(clinic: TestClinic, session: str) -> None:
    report = clinic.doctor.get(f"/reports/{session}-r1").ok().body
    evidence = clinic.doctor.get(f"/reports/{session}-r1/transcript").ok().body

    assert (report["attempt"], report["unreported_recordings"]) == (1, [])
    assert [source["transcription_id"] for source in report["sources"]] == [f"{session}-t1", f"{session}-t2"]
    assert cited(report, evidence) == {PAIN, ALLERGY}
    clinic.receptionist.get(f"/reports/{session}-r1/transcript").refused(403, "forbidden")


def test_later_recording_is_lacking_until_the_report_is_written_anew_and_signed(clinic: TestClinic) -> None:
    session = new_session(clinic)
    heard(clinic, session, 1, PAIN)
    clinic.report(session)
    report = f"/reports/{session}-r1"

    heard(clinic, session, 2, ALLERGY)
    lacking = clinic.until(lambda: clinic.doctor.get(report), lambda reply: bool(reply.body["unreported_recordings"]))
    old = clinic.doctor.get(f"{report}/transcript").ok().body
    clinic.doctor.post(f"/sessions/{session}/generate-report").ok(202)
    anew = clinic.report(session)
    end_session(clinic, session)
    signed = clinic.doctor.post(f"{report}/sign", {}, etag=resolve_all(clinic.doctor, f"{session}-r1").etag).ok().body
    clinic.doctor.post(f"/sessions/{session}/generate-report").refused(409, "conflict")

    assert lacking.body["unreported_recordings"] == [f"{session}-a2"]
    assert cited(lacking.body, old) == {PAIN}
    assert (anew.body["unreported_recordings"], anew.body["version"]) == ([], 2)
    assert signed["sources"] == anew.body["sources"]
    assert cited(signed, clinic.doctor.get(f"{report}/transcript").ok().body) == {PAIN, ALLERGY}


def test_corrected_report_is_written_anew_only_on_request(clinic: TestClinic) -> None:
    session = new_session(clinic)
    heard(clinic, session, 1, PAIN)
    drafted = clinic.report(session)
    edit = {"statement_id": drafted.body["statements"][0]["id"], "text": "Chest pain since Monday."}
    heard(clinic, session, 2, ALLERGY)
    report = f"/reports/{session}-r1"
    lacking = clinic.until(lambda: clinic.doctor.get(report), lambda reply: bool(reply.body["unreported_recordings"]))
    clinic.doctor.put(report, {"edits": [edit]}, etag=lacking.etag).ok()

    refused = clinic.doctor.post(f"/sessions/{session}/generate-report").refused(409, "conflict")
    clinic.doctor.post(f"/sessions/{session}/report", {"source": "recording", "replace": True}).ok(201)

    assert refused.body["code"] == "report_exists"
    assert clinic.report(session).body["unreported_recordings"] == []


def test_upload_that_never_comes_and_silence_hide_nothing(clinic: TestClinic) -> None:
    session = new_session(clinic)
    heard(clinic, session, 1, PAIN)
    clinic.report(session)
    heard(clinic, session, 2, "", SILENT)
    alter(clinic, f"sessions/{session}", {"uploads": 3})
    alter(clinic, f"reports/{session}-r1", {"status": "failed"})

    visit = transcript(clinic, session)
    clinic.doctor.post(f"/sessions/{session}/generate-report").ok(202)

    assert (visit["id"], visit["status"], visit["transcript_text"]) == (f"{session}-t1", "completed", PAIN)
    assert [one["status"] for one in visit["transcriptions"]] == ["completed", "no_speech"]
    assert clinic.report(session).body["status"] == "completed"


def test_silence_that_ends_last_asks_for_the_report(clinic: TestClinic) -> None:
    session = new_session(clinic)
    second = heard(clinic, session, 2, "", PENDING)
    heard(clinic, session, 1, PAIN, of=2)
    clinic.stack.wait_idle(60)

    alter(clinic, f"transcriptions/{second}", {"status": "no_speech"})

    assert [source["recording_id"] for source in clinic.report(session).body["sources"]] == [f"{session}-a1"]


def test_call_counts(clinic: TestClinic, session: str) -> None:
    path = f"/sessions/{session}/transcription"

    # With one recording, the second call is not made.
    assert calls_when_repeated(clinic, "sessions", lambda: clinic.doctor.get(path).ok()) == [
        reads(5),
        reads(2),
        commit(2),
    ]
    assert calls_when_repeated(
        clinic, "reports", lambda: clinic.doctor.get(f"/reports/{session}-r1/transcript").ok()
    ) == [reads(5), reads(4), commit(2)]
