"""A session has several reports, one from each template: requested, written by hand, listed, and closed together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.stack.stack import Stack
from shared.records.reports.report import ReportStatus
from shared.records.visits.transcription import TranscriptionStatus
from tests.support import crashes as support
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_further_report, plant_report, plant_transcription
from tests.support.proofs import sign
from tests.support.visits import change, complete, new_session, read, reopen, set_clinic
from tools import google_firestore

LETTER, DISCHARGE, SOAP = "shipped-referral-letter", "shipped-discharge-summary", "shipped-soap"
OWN = {"name": "Letter", "sections": [{"id": "text", "title": "Text"}]}
UPLOAD = {"content_type": "audio/flac", "size_bytes": 9}


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> Iterator[TestClinic]:
    """A clinic whose desk issues the bills. No draft is written."""
    clinic = clinic_with_profile(stack)
    set_clinic(clinic, bill_issue="by_desk")
    with support.quiet(stack), support.paused(stack, "reports"):
        yield clinic
        with support.quiet(stack):
            pass


def visit(clinic: TestClinic, status: ReportStatus = ReportStatus.COMPLETED) -> str:
    """A running session with a transcribed recording, and a first report of it."""
    session = new_session(clinic)
    alter(clinic, f"sessions/{session}", {"uploads": 1})
    plant_report(clinic, session, status)
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED)
    return session


def request(clinic: TestClinic, session: str, *, by: ApiClient | None = None, **asked: Any) -> Reply:
    return (by or clinic.doctor).post(f"/sessions/{session}/generate-report", asked)


def report(clinic: TestClinic, report_id: str) -> Any:
    return clinic.doctor.get(f"/reports/{report_id}").ok().body


def states(clinic: TestClinic, session: str) -> list[tuple[str, str | None]]:
    return [(one["status"], one["error_code"]) for one in (report(clinic, id) for id in ids_of(session))]


def ids_of(session: str) -> list[str]:
    return [f"{session}-r1", f"{session}-r2"]


def progress(clinic: TestClinic, session: str) -> dict[str, Any]:
    found = google_firestore.client().document(f"clinics/{clinic.id}/progress/{session}").get().to_dict() or {}
    return {name: found.get(name) for name in ("report", "further_reports")}


def test_another_template_makes_one_more_report_of_the_same_transcript(clinic: TestClinic) -> None:
    session = visit(clinic)

    letter = request(clinic, session, template_id=LETTER).ok(202).body
    again = request(clinic, session, template_id=LETTER).refused(409, "conflict").body
    summary = request(clinic, session, template_id=DISCHARGE, report_type="followup").ok(202).body
    first = request(clinic, session, template_id="shipped-consultation").refused(409, "conflict").body

    assert (letter["id"], letter["template_id"], letter["status"]) == (f"{session}-r2", LETTER, "pending")
    assert (letter["report_type"], summary["report_type"]) == ("referral", "followup"), "the request wins"
    assert letter["transcription_id"] == f"{session}-t1"
    assert {again["code"], first["code"]} == {"still_running"}
    assert letter["report_number"] != summary["report_number"]
    shown = read(clinic, session).body
    assert (shown["report_id"], shown["report_ids"]) == (f"{session}-r1", [f"{session}-r{n}" for n in (1, 2, 3)])
    assert clinic.doctor.get(f"/reports/{letter['report_number']}").ok().body["id"] == letter["id"]
    of_patient = clinic.doctor.get(f"/patients/{letter['patient_id']}/reports").ok().body["items"]
    assert {one["id"] for one in of_patient} == set(shown["report_ids"])
    unsigned = clinic.doctor.get("/reports?status=unsigned&page_size=100").ok().body["items"]
    assert set(shown["report_ids"]) <= {one["id"] for one in unsigned}
    assert progress(clinic, session)["further_reports"] == {f"{session}-r{n}": "pending" for n in (2, 3)}
    (listed,) = clinic.doctor.get(f"/patients/{letter['patient_id']}/sessions").ok().body["items"]
    assert listed["report_ids"] == shown["report_ids"]


def test_failed_further_report_is_requested_again_by_its_template(clinic: TestClinic) -> None:
    session = visit(clinic)
    letter = plant_further_report(clinic, session, ReportStatus.FAILED)

    again = request(clinic, session, template_id=LETTER, report_type="diagnostic").ok(202).body

    assert (again["id"], again["attempt"], again["report_type"]) == (letter, 2, "diagnostic")
    assert read(clinic, session).body["report_ids"] == ids_of(session)


def test_six_reports_are_the_most(clinic: TestClinic) -> None:
    session = visit(clinic)
    for count in range(5):
        plant_further_report(clinic, session, template_id=f"shipped-{count}")

    refused = request(clinic, session, template_id=LETTER).refused(409, "conflict").body

    assert refused["code"] == "too_many_reports"
    assert len(read(clinic, session).body["report_ids"]) == 6


def test_only_a_template_that_caller_and_doctor_may_use_makes_a_report(clinic: TestClinic) -> None:
    session = visit(clinic)
    own = clinic.doctor.post("/templates", OWN).ok(201).body["id"]
    hidden = clinic.doctor.post("/templates", {**OWN, "is_active": False}).ok(201).body["id"]
    foreign = clinic.other_doctor.post("/templates", OWN).ok(201).body["id"]
    of_clinic = clinic.admin.post("/templates", {**OWN, "of_clinic": True}).ok(201).body["id"]

    for by, template in (
        *((clinic.doctor, one) for one in (foreign, of_clinic, hidden, "nothing", "shipped-nothing")),
        *((clinic.admin, one) for one in (own, of_clinic)),
    ):
        refused = request(clinic, session, by=by, template_id=template).refused(422, "invalid").body
        assert [one["pointer"] for one in refused["errors"]] == ["/template_id"], template
    assert read(clinic, session).body["report_ids"] == [f"{session}-r1"]
    made = request(clinic, session, template_id=own).ok(202).body
    assert (made["id"], made["report_type"]) == (f"{session}-r2", "followup"), "as the visit"


def test_strangers_and_patients_who_do_not_consent_get_no_report(clinic: TestClinic, other_clinic: TestClinic) -> None:
    session = visit(clinic)
    consent = clinic.doctor.get(f"/patients/{session.partition('-')[0]}/consents").ok().body["consents"][-1]["id"]

    request(clinic, session, by=clinic.receptionist, template_id=LETTER).refused(403, "forbidden")
    request(clinic, session, by=clinic.other_doctor, template_id=LETTER).refused(404, "not-found")
    request(clinic, session, by=other_clinic.doctor, template_id=LETTER).refused(404, "not-found")
    clinic.doctor.post(f"/patients/{session.partition('-')[0]}/consents/{consent}/withdraw", {}).ok()
    request(clinic, session, template_id=LETTER).refused(403, "consent-missing")

    assert read(clinic, session).body["report_ids"] == [f"{session}-r1"]


def test_of_two_requests_at_once_one_makes_the_report(clinic: TestClinic) -> None:
    session = visit(clinic)

    replies = at_once(2, lambda _: request(clinic, session, template_id=LETTER))

    assert statuses(replies) == {202: 1, 409: 1}
    assert read(clinic, session).body["report_ids"] == ids_of(session)


def test_of_a_request_and_a_rewrite_with_one_template_at_once_one_is_done(clinic: TestClinic) -> None:
    session = visit(clinic)
    rewritten, etag = f"/reports/{session}-r1/rewrite", clinic.doctor.get(f"/reports/{session}-r1").etag

    def ask(number: int) -> Reply:
        if number:
            return request(clinic, session, template_id=LETTER)
        return clinic.doctor.post(rewritten, {"template_id": LETTER}, etag=etag)

    anew, further = at_once(2, ask)

    assert (anew.status, further.status) in ((202, 409), (422, 202))
    templates = [report(clinic, id)["template_id"] for id in read(clinic, session).body["report_ids"]]
    assert templates.count(LETTER) == 1


def test_later_recording_is_lacking_in_all_reports(clinic: TestClinic) -> None:
    session = visit(clinic)
    letter = plant_further_report(clinic, session)
    sign(clinic, letter)
    alter(clinic, f"sessions/{session}", {"uploads": 2})

    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED, count=2)
    clinic.stack.wait_idle(support.PATIENCE)

    marks = [report(clinic, id)["unreported_recordings"] for id in ids_of(session)]
    assert marks == [[f"{session}-a2"]] * 2


def test_repeated_request_with_its_key_answers_the_same(clinic: TestClinic) -> None:
    session = visit(clinic)
    path, asked = f"/sessions/{session}/generate-report", {"template_id": LETTER}

    first, again = (clinic.doctor.post(path, asked, key="one-letter").ok(202) for _ in range(2))

    assert first.content == again.content
    assert read(clinic, session).body["report_ids"] == ids_of(session)


def test_further_report_is_written_by_hand_in_the_sections_of_its_template(clinic: TestClinic) -> None:
    session = new_session(clinic)
    path = f"/sessions/{session}/report"
    letter = {"template_id": LETTER, "statements": [{"section": "reason", "text": "Please see her."}]}

    wrong = {"template_id": LETTER, "statements": [{"section": "plan.follow_up", "text": "In a week."}]}
    clinic.doctor.post(path, wrong).refused(422, "invalid")
    made = clinic.doctor.post(path, letter).ok(201).body
    exists = clinic.doctor.post(path, letter).refused(409, "conflict").body
    replaced = clinic.doctor.post(path, {**letter, "replace": True, "report_type": "diagnostic"}).ok(201).body
    as_first = {"template_id": "shipped-consultation"}
    etag = clinic.doctor.get(f"/reports/{made['id']}").etag
    clinic.doctor.post(f"/reports/{made['id']}/rewrite", as_first, etag=etag).refused(422, "invalid")
    first = clinic.doctor.post(path, {"statements": []}).ok(201).body

    assert (made["id"], made["report_type"], made["status"]) == (f"{session}-r2", "referral", "completed")
    assert exists["code"] == "report_exists"
    assert (replaced["id"], replaced["version"], replaced["report_type"]) == (made["id"], 2, "diagnostic")
    assert (first["id"], first["report_type"]) == (f"{session}-r1", "followup")
    assert clinic.doctor.get(path).ok().body["id"] == first["id"]


def test_report_is_not_replaced_or_written_anew_with_the_template_of_another(clinic: TestClinic) -> None:
    session = visit(clinic)
    letter = plant_further_report(clinic, session)
    asked, etag = {"template_id": LETTER}, clinic.doctor.get(f"/reports/{session}-r1").etag

    clinic.doctor.post(f"/reports/{session}-r1/rewrite", asked, etag=etag).refused(422, "invalid")
    change(clinic, session, template_id=LETTER).refused(422, "invalid")
    alter(clinic, f"sessions/{session}", {"template_id": LETTER})
    by_hand = {"replace": True, "despite_recording": True}
    clinic.doctor.post(f"/sessions/{session}/report", by_hand).refused(422, "invalid")

    assert report(clinic, letter)["revision"] == 1


def test_type_follows_the_template_that_a_report_is_written_anew_with(clinic: TestClinic) -> None:
    session = visit(clinic)
    path = f"/reports/{session}-r1"

    anew = clinic.doctor.post(f"{path}/rewrite", {"template_id": LETTER}, etag=clinic.doctor.get(path).etag).ok(202)
    further = request(clinic, session, template_id="shipped-consultation").refused(409, "conflict")
    clinic.doctor.delete(f"/sessions/{session}", etag=read(clinic, session).etag).ok()

    assert (anew.body["template_id"], anew.body["report_type"]) == (LETTER, "referral")
    assert further.body["code"] == "still_running", "it may go back to that template"
    after = report(clinic, f"{session}-r1")
    assert (after["template_id"], after["report_type"]) == ("shipped-consultation", "consultation")


def test_type_of_the_visit_is_followed_by_reports_without_a_type_of_their_own(clinic: TestClinic) -> None:
    session = new_session(clinic, type="consultation")
    plant_report(clinic, session)
    letter = plant_further_report(clinic, session)

    change(clinic, session, type="followup").ok()

    assert [report(clinic, id)["report_type"] for id in (f"{session}-r1", letter)] == ["followup", "referral"]


def test_cancelling_ends_all_reports_and_reopening_brings_them_back(clinic: TestClinic) -> None:
    session = visit(clinic)
    plant_further_report(clinic, session, ReportStatus.PENDING)

    clinic.doctor.delete(f"/sessions/{session}", etag=read(clinic, session).etag).ok()
    ended, published = states(clinic, session), progress(clinic, session)
    back = reopen(clinic, session).ok().body

    assert ended == [("failed", "session_cancelled")] * 2
    assert published == {"report": "failed", "further_reports": {f"{session}-r2": "failed"}}
    assert states(clinic, session) == [("failed", "session_reopened")] * 2
    assert set(back["to_request_again"]) == set(ids_of(session))


@pytest.mark.parametrize("signed", [1, 2])
def test_one_signed_report_closes_the_visit_and_the_other_is_still_corrected(clinic: TestClinic, signed: int) -> None:
    session = visit(clinic)
    plant_further_report(clinic, session)
    other = f"/reports/{session}-r{3 - signed}"

    sign(clinic, f"{session}-r{signed}")
    etag = read(clinic, session).etag

    assert change(clinic, session, session_notes="More").refused(409, "conflict").body["code"] == "report_signed"
    clinic.doctor.delete(f"/sessions/{session}", etag=etag).refused(409, "conflict")
    clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).refused(409, "conflict")
    transcription = f"/transcriptions/{session}-t1"
    heard = clinic.doctor.get(transcription).etag
    clinic.doctor.post(f"{transcription}/regenerate", {"language": "hi-IN"}, etag=heard).refused(409, "conflict")
    reopen(clinic, session).refused(409, "conflict")
    assert read(clinic, session).body["recording_allowed"] is False
    edit = {"edits": [{"section": "assessment", "text": "Sleeps."}]}
    clinic.doctor.put(other, edit, etag=clinic.doctor.get(other).etag).ok()
    assert request(clinic, session, template_id=SOAP).ok(202).body["id"] == f"{session}-r3"


def test_deleted_recording_fails_each_draft_made_from_it_unless_one_is_signed(clinic: TestClinic) -> None:
    session = new_session(clinic)
    clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)
    plant_report(clinic, session)
    letter = plant_further_report(clinic, session)
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED)
    path = f"/sessions/{session}/recordings/{session}-a1"
    alter(clinic, f"sessions/{session}/recordings/{session}-a1", {"status": "received"})

    sign(clinic, letter)
    etag = f'"{clinic.doctor.get(f"/sessions/{session}/recordings").ok().body["items"][0]["revision"]}"'
    refused = clinic.doctor.delete(path, etag=etag).refused(409, "conflict").body
    alter(clinic, f"reports/{letter}", {"unreported_recordings": [f"{session}-a1"]})  # it was signed without it
    clinic.doctor.delete(path, etag=etag).ok()

    assert refused["code"] == "report_signed"
    assert states(clinic, session) == [("failed", "recording_deleted"), ("signed", None)]


def test_withdrawal_ends_all_reports_that_are_being_written(clinic: TestClinic) -> None:
    session = visit(clinic, ReportStatus.PENDING)
    plant_further_report(clinic, session, ReportStatus.PENDING)
    path = f"/patients/{session.partition('-')[0]}/consents"
    consent = clinic.doctor.get(path).ok().body["consents"][-1]["id"]

    clinic.doctor.post(f"{path}/{consent}/withdraw", {}).ok()

    assert states(clinic, session) == [("failed", "consent_withdrawn")] * 2


def test_corrected_transcript_marks_all_unsigned_reports(clinic: TestClinic) -> None:
    session = visit(clinic)
    letter = plant_further_report(clinic, session)
    summary = plant_further_report(clinic, session, template_id=DISCHARGE)
    sign(clinic, letter)
    path = f"/transcriptions/{session}-t1"

    text = {"edits": [{"number": 1, "text": "I sleep well."}]}
    clinic.doctor.put(path, text, etag=clinic.doctor.get(path).etag).ok()

    marks = [report(clinic, id)["transcript_changed"] for id in (f"{session}-r1", letter, summary)]
    assert marks == [True, False, True]


def test_session_is_in_error_only_when_it_has_no_report_at_all(clinic: TestClinic) -> None:
    session = new_session(clinic)
    alter(clinic, f"sessions/{session}", {"uploads": 1})
    plant_further_report(clinic, session)
    plant_transcription(clinic, session, error_code="audio_empty")

    complete(clinic, session).ok()
    clinic.until(lambda: read(clinic, session), lambda reply: bool(reply.body["bill_id"]))

    assert read(clinic, session).body["status"] == "completed"
    assert read(clinic, session).body["report_id"] is None


def test_last_visit_is_told_by_the_first_report(clinic: TestClinic) -> None:
    session = visit(clinic)
    letter = plant_further_report(clinic, session)
    path = f"/patients/{session.partition('-')[0]}/last-visit"

    sign(clinic, letter)
    before = clinic.doctor.get(path).ok().body["last_visit"]
    sign(clinic, f"{session}-r1")

    assert before["report_id"] == letter
    assert clinic.doctor.get(path).ok().body["last_visit"]["report_id"] == f"{session}-r1"
