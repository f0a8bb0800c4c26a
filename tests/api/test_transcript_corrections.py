"""Correcting a transcription by PUT, undoing it, and what that means for the report."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.visit.pdf_text import printed_text, without_spaces
from tests.support import crashes as support
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, end_session, plant_transcription
from tests.support.problems import pointers
from tests.support.resolutions import resolve_all
from tests.support.results import SPOKEN, write_result
from tests.support.visits import new_session

SAID, MEANT = "I sleep five owls a night.", "I sleep five hours a night."
CORRECTION = {"edits": [{"number": 1, "text": MEANT}], "correction_notes": "Heard again."}


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A session with a transcription and a drafted report."""
    session_id = new_session(clinic)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED, text=SAID)
    clinic.report(session_id)
    return session_id


def read(clinic: TestClinic, session: str, query: str = "") -> Reply:
    return clinic.doctor.get(f"/transcriptions/{session}-t1{query}").ok()


def correct(clinic: TestClinic, session: str, body: Any, etag: str | None = None) -> Reply:
    path = f"/transcriptions/{session}-t1"
    return clinic.doctor.put(path, body, etag=etag or clinic.doctor.get(path).etag)


def test_correction_keeps_the_original_and_is_undone(clinic: TestClinic, session: str) -> None:
    before = read(clinic, session)

    corrected = correct(clinic, session, CORRECTION).ok().body
    shown, original = read(clinic, session).body, read(clinic, session, "?version=1").body
    undone = correct(clinic, session, {"restore_version": 1}).ok().body

    assert shown == corrected
    assert (corrected["transcript_text"], corrected["text_version"]) == (MEANT, 2)
    assert (corrected["manually_corrected"], corrected["corrected_by"]) == (True, clinic.doctor.user_id)
    assert (corrected["correction_notes"], corrected["confidence_score"]) == ("Heard again.", None)
    assert original["segments"] == before.body["segments"] == undone["segments"]
    assert (undone["manually_corrected"], undone["text_version"], len(undone["versions"])) == (False, 3, 2)
    clinic.doctor.get(f"/transcriptions/{session}-t1?version=4").refused(404, "not-found")


def test_unsigned_report_is_marked_and_its_evidence_stays_until_it_is_written_anew(
    clinic: TestClinic, session: str
) -> None:
    report = f"/reports/{session}-r1"
    before = clinic.doctor.get(report)
    correct(clinic, session, CORRECTION).ok()

    stale = clinic.doctor.get(report).ok()
    evidence = clinic.doctor.get(f"{report}/transcript").ok().body
    paper = printed_text(clinic.doctor.pdf(f"{report}/pdf").ok())
    clinic.doctor.post(f"{report}/review", key="", etag=before.etag).refused(412, "stale")
    clinic.doctor.post(f"/sessions/{session}/generate-report").ok(202)
    anew = clinic.report(session).body
    shown = clinic.doctor.get(f"{report}/transcript").ok().body

    assert (before.body["transcript_changed"], stale.body["transcript_changed"]) == (False, True)
    assert [one["text"] for one in evidence["segments"]] == [SAID]
    assert without_spaces("The transcript was corrected after this draft was written.") in paper
    assert (anew["transcript_changed"], anew["version"], anew["sources"][0]["version"]) == (False, 2, 2)
    assert [one["text"] for one in shown["segments"]] == [MEANT]


def test_signed_report_keeps_the_text_that_it_cites(clinic: TestClinic, session: str) -> None:
    report = f"/reports/{session}-r1"
    end_session(clinic, session)
    signed = clinic.doctor.post(f"{report}/sign", {}, etag=resolve_all(clinic.doctor, f"{session}-r1").etag).ok()

    correct(clinic, session, CORRECTION).ok()

    assert clinic.doctor.get(report).ok().body == signed.body
    assert [one["text"] for one in clinic.doctor.get(f"{report}/transcript").ok().body["segments"]] == [SAID]


def test_refusals(clinic: TestClinic, session: str) -> None:
    path = f"/transcriptions/{session}-t1"
    silent = new_session(clinic)
    plant_transcription(clinic, silent, TranscriptionStatus.NO_SPEECH)

    correct(clinic, session, CORRECTION, '"9"').refused(412, "stale")
    unknown = correct(clinic, session, {"edits": [{"number": 2, "text": "x"}]}).refused(422, "invalid")
    clinic.other_doctor.put(path, CORRECTION, etag='"1"').refused(404, "not-found")
    clinic.receptionist.put(path, CORRECTION, etag='"1"').refused(403, "forbidden")
    correct(clinic, silent, CORRECTION).refused(409, "conflict")

    assert pointers(unknown) == {"/edits/0/number"}


def test_call_counts(clinic: TestClinic, session: str) -> None:
    etag = read(clinic, session).etag

    calls = calls_during(clinic, "transcriptions", lambda: correct(clinic, session, CORRECTION, etag).ok())

    # The caller, transcription, first part, session, report, proof, history and patient; then the audit entry,
    # the transcription, its history, the mark of the report.
    assert calls == [reads(8), commit(4)]


def test_recording_is_transcribed_again_with_other_settings(clinic: TestClinic, session: str) -> None:
    path, report = f"/transcriptions/{session}-t1", f"/reports/{session}-r1"
    settings = {"language": "hi-IN", "channels": ["practitioner", "patient"]}
    with support.polling_paused(clinic.stack):
        made = clinic.doctor.post(f"{path}/regenerate", settings, etag=clinic.doctor.get(path).etag).ok(202).body
        waiting = clinic.doctor.get(f"/sessions/{session}/transcription").ok().body
        write_result(clinic, session, SPOKEN, take="t1v2")

    visit = clinic.doctor.get(f"/sessions/{session}/transcription").ok().body
    stale = clinic.until(lambda: clinic.doctor.get(report), lambda reply: bool(reply.body["transcript_changed"]))
    clinic.doctor.post(f"/sessions/{session}/generate-report").ok(202)
    anew = clinic.report(session).body

    assert (made["id"], made["status"], made["language"]) == (f"{session}-t1v2", "pending", "hi-IN")
    assert waiting["transcript_text"] == read(clinic, session).body["transcript_text"] == SAID
    assert (visit["id"], visit["transcript_text"]) == (f"{session}-t1v2", "I sleep only five hours.")
    assert visit["segments"][0]["speaker"] == "patient", "on the second channel of the new settings"
    assert [one["transcription_id"] for one in stale.body["sources"]] == [f"{session}-t1"]
    assert ([one["transcription_id"] for one in anew["sources"]], anew["transcript_changed"]) == (
        [f"{session}-t1v2"],
        False,
    )


def test_signed_visit_is_not_transcribed_again_with_other_settings(clinic: TestClinic, session: str) -> None:
    path, report = f"/transcriptions/{session}-t1", f"/reports/{session}-r1"
    end_session(clinic, session)
    clinic.doctor.post(f"{report}/sign", {}, etag=resolve_all(clinic.doctor, f"{session}-r1").etag).ok()

    refused = clinic.doctor.post(f"{path}/regenerate", {"language": "hi-IN"}, etag=clinic.doctor.get(path).etag)

    assert refused.refused(409, "conflict").body["code"] == "report_signed"
