"""Reminders of bills that the desk sends: what goes, what is counted, and what does not go any more."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.messages.kinds import MessageKind
from shared.records.types import new_id
from shared.workflows.messages import recovering
from tests.api.billing.helpers import act, draft, issued, pay
from tests.api.billing.test_sending import LINK, act_get, mails, of_patient, person, texts
from tests.api.links.test_pages import says
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support.call_counts import TASK, calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.links import BORN, enter, share_bill, visit


def remind(clinic: TestClinic, bill: Reply, channel: str | None = "mail", **headers: Any) -> Reply:
    return act(clinic.receptionist, bill, "send-reminder", {"channel": channel}, **headers)


def test_the_patient_gets_a_reminder_that_tells_nothing_and_the_bill_counts_it(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = issued(clinic, patient=patient)

    answer = remind(clinic, bill).ok().body

    assert (answer["reminder_sent_count"], answer["collection_status"], answer["status"]) == (1, "reminded", "sent")
    assert answer["last_reminder_sent_at"] == answer["updated_at"]
    assert answer["sent_to"]["address"] == "z…@home.example"
    (mail,) = mails(clinic, patient)
    assert mail.startswith("A reminder from Banyan Mental Health\n")
    assert not re.search("Zoë|Fernandes|Certificate|500|INV-|overdue", mail)
    url = LINK.findall(mail)[0]
    says(visit(url), 200, "A document for you")
    says(enter(url, BORN), 200, "Your bill")
    (share,) = of_patient(clinic, "bill_shares", patient)
    assert share["message_kind"] == "payment_reminder"


@pytest.mark.parametrize(("language", "words"), [("hi", "बिल अभी बाकी"), ("ta", "நிலுவையில்"), ("ar", "غير مسددة")])
def test_the_reminder_is_in_the_patients_language(clinic: TestClinic, language: str, words: str) -> None:
    patient = person(clinic, preferred_language=language)

    remind(clinic, issued(clinic, patient=patient), "sms").ok()

    (text,) = texts(clinic, patient)
    assert words in text
    assert LINK.search(text)


def test_one_goes_a_day_whoever_asks_and_however_often(clinic: TestClinic) -> None:
    patient, key = person(clinic), new_id()
    bill = issued(clinic, patient=patient)

    once, again = remind(clinic, bill, key=key).ok(), remind(clinic, bill, key=key).ok()
    replies = at_once(5, lambda _: remind(clinic, once, "sms"))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert statuses(replies) == {409: 5}
    assert {reply.body["code"] for reply in replies} == {"reminded_today"}
    assert (len(mails(clinic, patient)), texts(clinic, patient)) == (1, [])
    alter(clinic, f"bills/{bill.body['id']}", {"last_reminder_sent_at": datetime.now(UTC) - timedelta(days=1)})
    assert remind(clinic, once).ok().body["reminder_sent_count"] == 2


def test_what_needs_no_reminder_is_refused_with_the_reason(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient, silent = person(clinic), person(clinic, email=None, primary_phone=None)
    paid = pay(clinic, issued(clinic, 100, patient=patient), 100).ok(201)
    disputed = act(
        clinic.receptionist, issued(clinic, patient=patient), "collection", {"status": "disputed", "reason": "Paid."}
    ).ok()
    reasons = {
        "bill_not_open": draft(clinic, patient=patient).ok(201),
        "nothing_owed": paid,
        "collection_state": disputed,
        "patient_not_reachable": issued(clinic, patient=silent),
    }

    for code, bill in reasons.items():
        refused = remind(clinic, bill, None).refused(409, "conflict")
        assert refused.body["code"] == code

    open_bill = issued(clinic, patient=patient)
    remind(clinic, issued(other_clinic)).refused(404, "not-found")
    remind(clinic, open_bill, "fax").refused(422, "invalid")
    remind(clinic, open_bill, "sms").ok()
    remind(clinic, open_bill).refused(412, "stale")
    assert mails(clinic, patient) == []
    assert act_get(clinic, disputed.body["id"]).body["reminder_sent_count"] == 0


@pytest.mark.parametrize("change", ["payment", "collection"])
def test_a_reminder_in_the_queue_is_void_once_the_bill_is_paid_or_disputed(clinic: TestClinic, change: str) -> None:
    patient = person(clinic)
    bill = issued(clinic, 100, patient=patient)
    share_bill(clinic, bill.body["id"], MessageKind.PAYMENT_REMINDER)  # its message is still queued
    bodies = {
        "payment": {"amount": 100, "method": "cash"},
        "collection": {"status": "disputed", "reason": "Was paid in cash."},
    }
    assert act(clinic.receptionist, bill, change, bodies[change]).status in (200, 201)
    (queued,) = of_patient(clinic, "messages", patient)

    alter(clinic, f"messages/{queued['id']}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204

    assert mails(clinic, patient) == []
    (message,) = of_patient(clinic, "messages", patient)
    assert (message["status"], message["error_code"]) == ("cancelled", "bill_changed")


def test_the_calls_of_a_reminder(clinic: TestClinic) -> None:
    """As of sending the bill: what may be said to the patient, the address, the message; then one commit."""
    patient = person(clinic)
    remind(clinic, issued(clinic, patient=patient)).ok()
    bill = issued(clinic, patient=patient)
    clinic.stack.wait_idle(60)

    calls = calls_during(clinic, "bills", lambda: remind(clinic, bill).ok())

    assert calls == [reads(7), reads(1), reads(1), commit(6), TASK], calls
