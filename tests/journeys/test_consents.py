"""The consent matrix: every step that records, transcribes or drafts, with every state of a patient's consents.

And withdrawals: what runs ends at once, and what is there is kept or deleted as the clinic has chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from local.stack.stack import Stack
from shared.records.patients.consent import PatientConsents
from shared.records.patients.new_consent import NewWithdrawal
from shared.records.record import Stamp, patient_of
from shared.records.reports.report import ReportStatus
from shared.records.reports.signed import SignedReport
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import drafting, requesting
from shared.workflows.visits import recognition
from tests.journeys.sweep.stalled_jobs import report_of, transcription_of
from tests.support import crashes as support
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic, clinic_with_profile, consent_to
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.results import SPOKEN, await_result, write_result
from tests.support.visits import set_clinic
from tools.openapi import factories

HOUR = timedelta(hours=1)
UPLOAD = {"content_type": "audio/flac", "size_bytes": len(support.NOT_AUDIO)}
Consents = Callable[[str, Stamp], PatientConsents]


@pytest.fixture(scope="module")
def practice(stack: Stack) -> TestClinic:
    return clinic_with_profile(stack)


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack), support.polling_paused(stack):
        yield


def _with(visit_id: str, stamp: Stamp, **values: Any) -> PatientConsents:
    given = factories.consent(stamp, id="one", **{"given_at": stamp.at - HOUR, **values})
    return PatientConsents.new(patient_of(visit_id), stamp, given=[given])


def _withdrawn(session_id: str, stamp: Stamp) -> PatientConsents:
    return _with(session_id, stamp).with_withdrawal("one", NewWithdrawal(), stamp)


STATES: dict[str, tuple[Consents, str | None]] = {
    "missing": (lambda id, stamp: PatientConsents.new(patient_of(id), stamp), "missing"),
    "given": (_with, None),
    "given for this visit": (lambda id, stamp: _with(id, stamp, session_id=id), None),
    "withdrawn": (_withdrawn, "withdrawn"),
    "expired": (lambda id, stamp: _with(id, stamp, expires_at=stamp.at), "expired"),
    "other session": (lambda id, stamp: _with(id, stamp, session_id=f"{id}x"), "other_session"),
    "verbal": (_with, "not_written"),
    "written": (lambda id, stamp: _with(id, stamp, method="written"), None),
    "in general terms": (lambda id, stamp: _with(id, stamp, method="written", general_terms=True), "not_specific"),
}
"""The consents of the patient, and the reason of the refusal."""
WRITTEN_NEEDED = {"verbal", "written", "in general terms"}
RECORDING, AI = "recording", "ai_processing"


def set_consents(clinic: TestClinic, session_id: str, make: Consents) -> None:
    """Replace the consents of the session's patient."""

    def transaction(work: UnitOfWork) -> None:
        work.upsert(make(session_id, work.stamp))

    system_clinic(clinic.id, "planted").perform("consent.plant", transaction)


def visit(clinic: TestClinic, **values: Any) -> str:
    """A session with one upload, of a patient who consents."""
    session_id = str(clinic.session(**values).body["id"])
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    return session_id


def open_upload(clinic: TestClinic, session_id: str) -> Reply:
    return clinic.doctor.post(f"/sessions/{session_id}/recordings", UPLOAD)


def regenerate(clinic: TestClinic, session_id: str) -> Reply:
    plant_transcription(clinic, session_id)
    return support.regenerate(clinic, session_id)


def generate_report(clinic: TestClinic, session_id: str) -> Reply:
    plant_report(clinic, session_id, ReportStatus.FAILED)
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    return clinic.doctor.post(f"/sessions/{session_id}/generate-report")


def report_from_recording(clinic: TestClinic, session_id: str) -> Reply:
    plant_report(clinic, session_id, ReportStatus.FAILED)
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    return clinic.doctor.post(f"/sessions/{session_id}/report", {"source": "recording"})


def report_from_notes(clinic: TestClinic, session_id: str) -> Reply:
    alter(clinic, f"sessions/{session_id}", {"uploads": 0})
    return clinic.doctor.post(f"/sessions/{session_id}/report", {"source": "notes"})


def report_by_hand(clinic: TestClinic, session_id: str) -> Reply:
    alter(clinic, f"sessions/{session_id}", {"uploads": 0})
    return clinic.doctor.post(f"/sessions/{session_id}/report", {"source": "by_hand"})


OPERATIONS: dict[str, tuple[Callable[[TestClinic, str], Reply], list[str], list[str]]] = {
    "open an upload": (open_upload, [RECORDING], [RECORDING]),
    "regenerate a transcription": (regenerate, [RECORDING, AI], [RECORDING, AI]),
    "request a report": (generate_report, [AI], [AI, RECORDING]),
    "report from a recording": (report_from_recording, [AI], [AI, RECORDING]),
    "report from notes": (report_from_notes, [AI], [AI]),
    "report by hand": (report_by_hand, [], []),
}
"""Each operation, the purposes that it needs live, and those that it is refused for when they are withdrawn."""


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", STATES)
def test_an_operation_is_refused_without_the_consents_that_it_needs_and_names_them(
    practice: TestClinic, state: str, operation: str
) -> None:
    (make, reason), (send, live, withdrawn) = STATES[state], OPERATIONS[operation]
    set_clinic(practice, consent_policy="written_specific" if state in WRITTEN_NEEDED else "strict")
    session_id = visit(practice, session_notes="Sleeps badly.")
    set_consents(practice, session_id, make)

    reply = send(practice, session_id)

    missing = withdrawn if reason == "withdrawn" else live
    if reason is None or not missing:
        assert reply.status in (201, 202), reply.content
        return
    body = reply.refused(403, "consent-missing").body
    assert body["missing_consents"] == [{"purpose": purpose, "reason": reason} for purpose in missing]


def receive(clinic: TestClinic, session_id: str, change: Callable[[], None]) -> tuple[str, str | None]:
    url = open_upload(clinic, session_id).ok(201).body["upload_url"]
    change()
    assert upload(url, support.NOT_AUDIO, "audio/flac") == 200
    clinic.stack.wait_idle(support.PATIENCE)
    newest = clinic.doctor.get(f"/sessions/{session_id}/recordings").ok().body["items"][0]
    name = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{newest['id']}"
    assert support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name).exists() == (newest["status"] == "received")
    return newest["status"], newest["refusal"]


def start(clinic: TestClinic, session_id: str, change: Callable[[], None]) -> tuple[str, str | None]:
    transcription_id = plant_transcription(clinic, session_id, TranscriptionStatus.PENDING)
    change()
    mark = clinic.stack.recorder.mark()
    recognition.poll_operation(system_clinic(clinic.id, "poll"), transcription_id, 1, None)
    body = transcription_of(clinic, session_id)
    begun = [call for call in clinic.stack.recorder.calls(mark) if call.method == "BatchRecognize"]
    assert bool(begun) == (body["status"] != "failed")
    return body["status"], body["error_code"]


def completed(clinic: TestClinic, session_id: str, change: Callable[[], None]) -> tuple[str, str | None]:
    change()
    transcription_id = plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    requesting.request_first(system_clinic(clinic.id, "event"), transcription_id)
    clinic.stack.wait_idle(support.PATIENCE)
    body = report_of(clinic, session_id)
    return body["status"], body["error_code"]


def draft(clinic: TestClinic, session_id: str, change: Callable[[], None]) -> tuple[str, str | None]:
    plant_transcription(clinic, session_id)
    plant_report(clinic, session_id, ReportStatus.PENDING)
    change()
    mark = clinic.stack.recorder.mark()
    drafting.write(system_clinic(clinic.id, "task"), f"{session_id}-r1", 1, 0)
    body = report_of(clinic, session_id)
    called = [call for call in clinic.stack.recorder.calls(mark) if call.service == "gemini"]
    assert bool(called) == (body["error_code"] not in ("consent_missing", "consent_withdrawn"))
    return body["status"], body["error_code"]


Event = Callable[[TestClinic, str, Callable[[], None]], tuple[str, str | None]]
EVENTS: dict[str, tuple[Event, str]] = {
    "audio arrives": (receive, "refused"),
    "recognition starts": (start, "failed"),
    "transcription is completed": (completed, "failed"),
    "report is drafted": (draft, "failed"),
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_an_event_ends_without_the_consents_that_it_needs(practice: TestClinic, state: str, event: str) -> None:
    (make, reason), (deliver, refused) = STATES[state], EVENTS[event]
    set_clinic(practice, consent_policy="strict")
    session_id = visit(practice)

    def change() -> None:
        set_clinic(practice, consent_policy="written_specific" if state in WRITTEN_NEEDED else "strict")
        set_consents(practice, session_id, make)

    found = deliver(practice, session_id, change)

    if reason is None:
        assert found[1] not in ("consent_missing", "consent_withdrawn"), found
    else:
        assert found == (refused, "consent_withdrawn" if reason == "withdrawn" else "consent_missing")


@pytest.mark.parametrize(("state", "expected"), [("withdrawn", "consent_withdrawn"), ("expired", None)])
def test_a_result_is_thrown_away_after_a_withdrawal_and_not_after_the_end_of_a_consent(
    practice: TestClinic, state: str, expected: str | None
) -> None:
    set_clinic(practice, consent_policy="strict")
    session_id = await_result(practice)
    set_consents(practice, session_id, STATES[state][0])

    write_result(practice, session_id, SPOKEN)

    body = transcription_of(practice, session_id)
    assert (body["error_code"], bool(body["transcript_text"])) == (expected, expected is None)


def withdraw(clinic: TestClinic, session_id: str, **values: Any) -> Reply:
    """The receptionist withdraws the patient's consent to recording and AI processing."""
    path = f"/patients/{patient_of(session_id)}/consents"
    consent = clinic.receptionist.get(path).ok().body["consents"][-1]["id"]
    return clinic.receptionist.post(f"{path}/{consent}/withdraw", values or None)


@pytest.mark.parametrize("policy", ["keep", "delete"])
def test_a_withdrawal_stops_uploads_recognitions_and_drafts_at_once(practice: TestClinic, policy: str) -> None:
    set_clinic(practice, consent_policy="strict", after_withdrawal=policy)
    session_id = await_result(practice)
    upload_url = open_upload(practice, session_id).ok(201).body["upload_url"]
    plant_report(practice, session_id, ReportStatus.PENDING)
    mark = practice.stack.recorder.mark()

    state = withdraw(practice, session_id, reason="Does not want to be recorded.").ok().body
    practice.stack.wait_idle(support.PATIENCE)

    assert [one["status"] for one in state["consents"]] == ["withdrawn"]
    assert [one["use"] for one in state["refused_uses"]] == ["record", "transcribe", "draft", "draft_from_notes"]
    waiting, stored = practice.doctor.get(f"/sessions/{session_id}/recordings").ok().body["items"]
    assert (waiting["status"], waiting["refusal"], waiting["upload_url"]) == ("refused", "consent_withdrawn", None)
    for job in (transcription_of(practice, session_id), report_of(practice, session_id)):
        assert (job["status"], job["error_code"]) == ("failed", "consent_withdrawn")
    progress = support.documents(practice.id)[f"progress/{session_id}"]
    assert (progress["recording"], progress["transcription"], progress["report"]) == ("refused", "failed", "failed")
    cancelled = [call for call in practice.stack.recorder.calls(mark) if call.method == "CancelOperation"]
    assert len(cancelled) == 1
    audio = support.bucket_of(practice.stack, AUDIO_BUCKET)
    folder = f"clinics/{practice.id}/sessions/{session_id}/recordings"
    assert audio.blob(f"{folder}/{stored['id']}").exists() == (policy == "keep")

    consent_to(practice.doctor, patient_of(session_id))
    assert upload(upload_url, support.NOT_AUDIO, "audio/flac") == 200
    practice.stack.wait_idle(support.PATIENCE)
    assert not audio.blob(f"{folder}/{waiting['id']}").exists(), "the upload was open when the patient withdrew"


@pytest.mark.parametrize("signed", [False, True])
def test_a_clinic_that_deletes_keeps_what_a_signed_report_was_made_from(practice: TestClinic, *, signed: bool) -> None:
    set_clinic(practice, consent_policy="strict", after_withdrawal="delete")
    session_id = visit(practice)
    plant_report(practice, session_id)
    plant_transcription(practice, session_id, TranscriptionStatus.COMPLETED)
    practice.stack.wait_idle(support.PATIENCE)
    if signed:
        plant_proof(practice, session_id)

    withdraw(practice, session_id).ok()
    practice.stack.wait_idle(support.PATIENCE)

    body = transcription_of(practice, session_id)
    assert (body["transcript_text"], body["error_code"]) == (
        ("I sleep badly.", None) if signed else ("", "consent_withdrawn")
    )
    assert support.documents(practice.id)[f"reports/{session_id}-r1"]["status"] == "completed"


def plant_proof(clinic: TestClinic, session_id: str) -> None:
    """A proof of the session's report; no test here reads it."""

    def transaction(work: UnitOfWork) -> None:
        work.create(SignedReport.new(f"{session_id}-r1", work.stamp, canonical="{}", signature="c2ln"))

    system_clinic(clinic.id, "planted").perform("report.sign", transaction)


def test_consents_are_recorded_by_the_front_desk_and_withdrawn_once(practice: TestClinic) -> None:
    set_clinic(practice, consent_policy="strict", after_withdrawal="keep")
    session = practice.session()
    patient = session.body["patient_id"]
    path = f"/patients/{patient}/consents"
    visit_only = {"session_id": session.body["id"], "given_by": "guardian", "given_by_name": "Asha Rao"}

    given = consent_to(practice.receptionist, patient, **visit_only)
    shown = practice.doctor.get(f"{path}?session_id={session.body['id']}").ok()
    numbered = practice.doctor.get(f"/patients/{practice.doctor.get(f'/patients/{patient}').body['number']}/consents")

    assert given.body["consents"][0]["given_by_name"] == "Asha Rao"
    assert shown.etag == given.etag == numbered.ok().etag
    assert (len(shown.body["consents"]), len(shown.body["wordings"]), shown.body["refused_uses"]) == (2, 1, [])
    assert shown.body["consents"][0]["recorded_by"] == practice.receptionist.user_id
    first = shown.body["consents"][1]["id"]
    practice.receptionist.post(f"{path}/{first}/withdraw").ok()
    practice.doctor.post(f"{path}/{first}/withdraw").refused(409, "conflict")
    practice.doctor.post(f"{path}/unknown/withdraw").refused(404, "not-found")
    practice.other_doctor.get(path).refused(404, "not-found")


def test_everything_that_is_wrong_with_a_consent_is_named_at_once(practice: TestClinic) -> None:
    patient, other = practice.silent_patient().body["id"], practice.session().body["id"]
    set_clinic(practice, consent_witness_required=True)
    wrong = {"purposes": ["recording"], "wording": {"version": "v"}, "language": "en", "method": "document"}

    reply = practice.doctor.post(f"/patients/{patient}/consents", {**wrong, "session_id": other})

    pointers = {error["pointer"] for error in reply.refused(422, "invalid").body["errors"]}
    assert pointers == {"/wording", "/document_reference", "/witness", "/session_id"}
    set_clinic(practice, consent_witness_required=False)
    assert practice.doctor.get(f"/patients/{patient}/consents").ok().body["consents"] == []
