"""A tap is not a verdict: completing and cancelling are undone within minutes, and a draft waits for the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.records.reports.report import ReportStatus
from shared.records.types import new_id
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.context import utc_now
from shared.workflows.billing import bills
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.free_times import free_time
from tests.support.problems import without_trace
from tests.support.visits import LONG, SHORT, ago, bill_of, change, complete, new_session, read, reopen, set_clinic


def cancel(clinic: TestClinic, session_id: str) -> Reply:
    return clinic.doctor.delete(f"/sessions/{session_id}", etag=read(clinic, session_id).etag)


def issue(clinic: TestClinic, session_id: str, etag: str, **options: Any) -> Reply:
    return clinic.receptionist.post(f"/bills/{session_id}-bill/issue", etag=etag, **options)


def test_completion_by_mistake_is_undone_and_the_draft_waits_for_the_next_one(drafting: TestClinic) -> None:
    session_id = new_session(drafting, started_at=ago(minutes=50))
    complete(drafting, session_id, ended_at=ago(minutes=30)).ok()
    first = bill_of(drafting, session_id)

    reopened = reopen(drafting, session_id).ok()
    issue(drafting, session_id, first.etag).refused(409, "conflict")
    complete(drafting, session_id).ok()
    second = bill_of(drafting, session_id)
    issued = issue(drafting, session_id, second.etag).ok()

    assert (reopened.body["status"], reopened.body["ended_at"], reopened.body["billing_amount"]) == (
        "in_progress",
        None,
        None,
    )
    assert (reopened.body["lost_recordings"], reopened.body["to_request_again"]) == ([], [])
    assert [bill.body["total_amount"] for bill in (first, second, issued)] == [SHORT, LONG, LONG]
    assert (issued.body["status"], issued.body["id"]) == ("pending", first.body["id"])
    assert issued.body["number"].startswith("BOS-")


def test_cancellation_by_mistake_brings_back_what_is_there_and_names_what_is_lost(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    report = plant_report(clinic, session_id, ReportStatus.GENERATING)
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}
    lost = clinic.doctor.post(f"/sessions/{session_id}/recordings", upload).ok(201).body["id"]
    clinic.doctor.post(f"/sessions/{session_id}/recordings", upload).ok(201)
    transcription = plant_transcription(clinic, session_id, TranscriptionStatus.FAILED)
    alter(clinic, f"transcriptions/{transcription}", {"status": "processing"})
    cancel(clinic, session_id).ok()
    refused = {"status": "refused", "refusal": "session_cancelled"}
    alter(clinic, f"sessions/{session_id}/recordings/{lost}", refused)

    reopened = reopen(clinic, session_id).ok()

    assert reopened.body["lost_recordings"] == [lost]
    assert reopened.body["to_request_again"] == [report]
    back = clinic.doctor.get(f"/reports/{report}").ok()
    assert (back.body["status"], back.body["error_code"]) == ("failed", "session_reopened")
    retry = clinic.doctor.get(f"/transcriptions/{transcription}").ok()
    assert (retry.body["status"], retry.body["error_code"]) == ("failed", "session_cancelled")
    clinic.doctor.post(f"/transcriptions/{transcription}/regenerate", etag=retry.etag).refused(409, "conflict")


def test_report_by_hand_is_back_after_a_cancellation_by_mistake(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    statement = {"section": "assessment", "text": "Sleep is better."}
    created = clinic.doctor.post(f"/sessions/{session_id}/report", {"statements": [statement]}).ok(201)
    cancel(clinic, session_id).ok()

    reopened = reopen(clinic, session_id).ok()

    back = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert (back["status"], back["error_code"], back["statements"]) == ("completed", None, created.body["statements"])
    assert reopened.body["to_request_again"] == []


def test_draft_of_the_report_is_back_after_a_cancellation_by_mistake(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    report = plant_report(clinic, session_id)
    alter(clinic, f"reports/{report}", {"generation_completed_at": utc_now()})
    cancel(clinic, session_id).ok()

    reopened = reopen(clinic, session_id).ok()

    back = clinic.doctor.get(f"/reports/{report}").ok().body
    assert (back["status"], back["error_code"], len(back["statements"])) == ("completed", None, 1)
    assert reopened.body["to_request_again"] == []


def test_draft_ends_with_a_session_that_is_reopened_and_cancelled(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    reopen(drafting, session_id).ok()
    cancel(drafting, session_id).ok()

    withdrawn = drafting.receptionist.get(f"/bills/{session_id}-bill").ok()
    issue(drafting, session_id, withdrawn.etag).refused(409, "conflict")
    reopen(drafting, session_id).ok()
    complete(drafting, session_id).ok()

    assert withdrawn.body["status"] == "cancelled"
    assert bill_of(drafting, session_id).body["status"] == "draft"


def test_issued_bill_and_signed_report_close_a_session_for_good(own_clinic: TestClinic) -> None:
    billed, signed = (
        new_session(own_clinic),
        new_session(own_clinic, type="emergency"),
    )  # there is no fee for an emergency
    complete(own_clinic, billed).ok()
    issued = bill_of(own_clinic, billed)
    complete(own_clinic, signed).ok()
    bill_of(own_clinic, signed)
    own_clinic.doctor.post(f"/reports/{plant_report(own_clinic, signed)}/sign", {}, etag='"1"').ok()

    reopen(own_clinic, billed).refused(409, "conflict")
    reopen(own_clinic, signed).refused(409, "conflict")

    assert own_clinic.receptionist.get(f"/bills/{billed}-bill").ok().body == issued.body
    assert read(own_clinic, signed).body["status"] == "completed"


def test_reopening_is_possible_for_minutes_and_only_after_the_end(own_clinic: TestClinic) -> None:
    session_id = new_session(own_clinic)
    reopen(own_clinic, session_id).refused(409, "conflict")
    cancel(own_clinic, session_id).ok()
    alter(own_clinic, f"sessions/{session_id}", {"closed_at": utc_now() - timedelta(minutes=15, seconds=1)})

    reopen(own_clinic, session_id).refused(409, "conflict")
    set_clinic(own_clinic, undo_minutes=20)
    reopen(own_clinic, session_id).ok()


@pytest.mark.parametrize("end", [complete, cancel])
def test_appointment_goes_on_with_its_session_unless_another_took_it(drafting: TestClinic, end: Any) -> None:
    patient = drafting.patient().body["id"]
    plan = {"patient_id": patient, "doctor_id": drafting.doctor.user_id, "scheduled_at": free_time()}
    plan |= {"outside_schedule": True}
    appointment = drafting.receptionist.post("/appointments", plan).ok(201).body["id"]
    new = {"patient_id": patient, "type": "followup", "appointment_id": appointment}
    session_id = str(drafting.start(new).ok(201).body["id"])
    if end(drafting, session_id).ok().body["status"] == "completed":
        bill_of(drafting, session_id)

    reopen(drafting, session_id).ok()
    again = drafting.receptionist.get(f"/appointments/{appointment}").ok().body
    assert (again["status"], again["session_id"], again["completed_at"]) == ("scheduled", session_id, None)

    cancel(drafting, session_id).ok()
    drafting.start(new).ok(201)
    reopen(drafting, session_id).refused(409, "conflict")
    assert read(drafting, session_id).body["status"] == "cancelled"


def test_event_of_a_completion_that_was_undone_makes_no_bill_and_late_ones_no_second(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    draft = bill_of(drafting, session_id)
    reopen(drafting, session_id).ok()

    bills.bill_session(system_clinic(drafting.id, "late"), session_id)
    assert drafting.receptionist.get(f"/bills/{session_id}-bill").ok().body == draft.body

    complete(drafting, session_id).ok()
    bill = bill_of(drafting, session_id)
    issued = issue(drafting, session_id, bill.etag).ok()
    bills.bill_session(system_clinic(drafting.id, "again"), session_id)
    assert drafting.receptionist.get(f"/bills/{session_id}-bill").ok().body == issued.body


def test_of_concurrent_issue_and_reopening_one_wins(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill = bill_of(drafting, session_id)
    etag = read(drafting, session_id).etag
    path = f"/sessions/{session_id}/reopen"

    replies = at_once(
        4,
        lambda n: issue(drafting, session_id, bill.etag) if n % 2 else drafting.doctor.post(path, etag=etag),
    )

    assert statuses(replies).get(200) == 1
    status = read(drafting, session_id).body["status"]
    number = drafting.receptionist.get(f"/bills/{session_id}-bill").ok().body["number"]
    assert (status == "completed") == (number is not None)


def test_issue_is_done_once_dated_today_and_payable(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    draft = bill_of(drafting, session_id)
    alter(drafting, f"bills/{session_id}-bill", {"bill_date": "2026-01-05"})
    payment = {"amount": 100, "method": "cash"}
    drafting.receptionist.post(f"/bills/{session_id}-bill/payment", payment, etag=draft.etag).refused(409, "conflict")

    replies = at_once(5, lambda _: issue(drafting, session_id, draft.etag, key="issue-of-this-bill"))
    issued = replies[0].ok()
    issue(drafting, session_id, draft.etag).refused(412, "stale")
    issue(drafting, session_id, issued.etag).refused(409, "conflict")

    assert statuses(replies) == {200: 5}
    assert issued.body["bill_date"] != "2026-01-05"
    assert issued.body["due_date"] > issued.body["bill_date"]
    drafting.receptionist.post(f"/bills/{session_id}-bill/payment", payment, etag=issued.etag).ok(201)
    assert drafting.receptionist.get(f"/bills/{session_id}-bill/pdf").ok().content.startswith(b"%PDF-")


def test_draft_without_a_price_is_not_issued(clinic: TestClinic) -> None:
    session_id = new_session(clinic, type="emergency")
    complete(clinic, session_id).ok()
    draft = bill_of(clinic, session_id)

    issue(clinic, session_id, draft.etag).refused(409, "conflict")
    change(clinic, session_id, type="followup").ok()
    priced = clinic.receptionist.get(f"/bills/{session_id}-bill").ok()

    assert draft.body["needs_pricing"]
    assert issue(clinic, session_id, priced.etag).ok().body["total_amount"] == SHORT


def test_payment_in_error_is_reversed_once_and_stays_in_the_history(own_clinic: TestClinic) -> None:
    session_id = new_session(own_clinic)
    complete(own_clinic, session_id).ok()
    bill = bill_of(own_clinic, session_id)
    path = f"/bills/{session_id}-bill"
    paid = own_clinic.receptionist.post(f"{path}/payment", {"amount": 1_200, "method": "cash"}, etag=bill.etag).ok(201)
    payment = paid.body["payment_history"][0]
    reverse, reason = f"{path}/payments/{payment['id']}/reverse", {"reason": "12.00 instead of 1,200.00"}

    replies = at_once(
        4, lambda _: own_clinic.receptionist.post(reverse, reason, etag=paid.etag, key="reverse-this-one")
    )
    right = replies[0].ok()
    own_clinic.receptionist.post(reverse, reason, etag=paid.etag).refused(412, "stale")
    own_clinic.receptionist.post(reverse, reason, etag=right.etag).refused(409, "conflict")
    other = reverse.replace(payment["id"], new_id())
    own_clinic.receptionist.post(other, reason, etag=right.etag).refused(404, "not-found")
    own_clinic.receptionist.post(other, reason, etag=paid.etag, key="reverse-this-one").refused(412, "stale")
    own_clinic.receptionist.post(reverse, {"reason": " "}, etag=right.etag).refused(422, "invalid")

    assert statuses(replies) == {200: 4}
    assert (right.body["paid_amount"], right.body["outstanding_amount"], right.body["status"]) == (0, SHORT, "pending")
    (kept,) = right.body["payment_history"]
    assert (kept["amount"], kept["method"], kept["recorded_by"]) == (1_200, "cash", own_clinic.receptionist.user_id)
    assert kept["reversal"]["reason"] == reason["reason"]
    assert kept["reversal"]["reversed_by"] == own_clinic.receptionist.user_id


def test_strangers_reopen_issue_and_reverse_nothing(drafting: TestClinic, other_clinic: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    nobody = f"{new_id()}-{new_id(10)}"

    drafting.receptionist.post(f"/sessions/{session_id}/reopen", etag='"2"').refused(403, "forbidden")
    for stranger in (drafting.other_doctor, other_clinic.doctor, other_clinic.admin):
        for path, body in (
            ("/sessions/{}/reopen", None),
            ("/bills/{}-bill/issue", None),
            ("/bills/{}-bill/payments/p1/reverse", {"reason": "Wrong bill"}),
        ):
            refused = stranger.post(path.format(session_id), body, etag='"1"').refused(404, "not-found")
            assert without_trace(refused) == without_trace(stranger.post(path.format(nobody), body, etag='"1"'))
    drafting.doctor.post(f"/sessions/{session_id}/reopen", etag='"9"').refused(412, "stale")
    drafting.doctor.post(f"/sessions/{session_id}/reopen").refused(428, "precondition-required")

    assert read(drafting, session_id).body["status"] == "completed"


def test_call_counts(drafting: TestClinic) -> None:
    session_id = new_session(drafting)
    complete(drafting, session_id).ok()
    bill_of(drafting, session_id)
    drafting.stack.wait_idle(60)
    etag = read(drafting, session_id).etag

    reopening = calls_during(
        drafting, "sessions", lambda: drafting.doctor.post(f"/sessions/{session_id}/reopen", key="", etag=etag).ok()
    )
    complete(drafting, session_id).ok()
    bill = bill_of(drafting, session_id)
    drafting.stack.wait_idle(60)
    issuing = calls_during(drafting, "bills", lambda: issue(drafting, session_id, bill.etag, key="").ok())

    # The session names settings, bill, report, proof and transcription. Session, its version, guard of the bill,
    # progress, audit.
    assert reopening == [reads(3), reads(7), commit(8)]
    # The bill names its session; settings, counter, profile; the sums of the books. Bill, bytes, counter, number,
    # guard, progress, two sums, audit.
    assert issuing == [reads(3), reads(4), reads(2), commit(10)]
