"""Sending a bill to its patient: who may be written to, what is sent, what is recorded, and what the link opens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.services.smtp import relay
from local.services.smtp.service import SmtpService
from local.services.twilio.service import TwilioService
from shared.records.links.link import LONGEST_VALID
from shared.records.types import new_id
from shared.workflows.messages import recovering
from tests.api.billing.helpers import LINE, act, draft, issued, pay
from tests.api.links.test_pages import says
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support import crashes
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import TASK, calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.database import alter
from tests.support.links import BORN, enter, share_bill, visit
from tests.support.problems import pointers
from tools import google_firestore

LINK = re.compile(r"https?://\S+/links/\S+")


def person(clinic: TestClinic, **values: Any) -> str:
    """A patient with a mail address and a telephone number that nobody else has, unless `values` say otherwise."""
    contacts = {"email": f"zoe-{new_id(8)}@home.example", "primary_phone": f"+9198{datetime.now(UTC):%S%f}"}
    return str(clinic.doctor.post("/patients", {**NAMESAKE, **contacts, **values}).ok(201).body["id"])


def send(clinic: TestClinic, bill: Reply, channel: str | None = "mail", **headers: Any) -> Reply:
    return act(clinic.receptionist, bill, "send", {"channel": channel}, **headers)


def contact_of(clinic: TestClinic, patient: str) -> dict[str, Any]:
    return dict(clinic.doctor.get(f"/patients/{patient}").ok().body)


def mails(clinic: TestClinic, patient: str) -> list[str]:
    """What arrived at the patient's address."""
    clinic.stack.wait_idle(60)
    found = clinic.stack.service(SmtpService).relay.mails(contact_of(clinic, patient)["email"])
    return [f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in found]  # type: ignore[union-attr]


def texts(clinic: TestClinic, patient: str) -> list[str]:
    clinic.stack.wait_idle(60)
    number = contact_of(clinic, patient)["primary_phone"]
    return [one.body for one in clinic.stack.service(TwilioService).messages.to(number)]


def of_patient(clinic: TestClinic, collection: str, patient: str) -> list[dict[str, Any]]:
    """The stored documents of a patient, without opening them."""
    found = google_firestore.client().collection("clinics", clinic.id, collection).stream()
    return [{"id": one.id, **(one.to_dict() or {})} for one in found if one.id.startswith(patient)]


def test_the_patient_gets_a_mail_that_tells_nothing_and_opens_the_bill(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = issued(clinic, patient=patient)

    answer = send(clinic, bill).ok().body

    sent_to = answer["sent_to"]
    assert (answer["status"], sent_to["channel"], sent_to["address"]) == ("sent", "mail", "z…@home.example")
    assert answer["sent_at"] == answer["updated_at"]
    left = datetime.fromisoformat(sent_to["expires_at"]) - datetime.fromisoformat(answer["sent_at"])
    assert left == LONGEST_VALID
    (mail,) = mails(clinic, patient)
    assert mail.startswith("A bill from Banyan Mental Health\n")
    assert not re.search("Zoë|Fernandes|Certificate|500|INV-", mail), "neither name, service, amount nor number"
    url = LINK.findall(mail)[0]
    says(visit(url), 200, "A document for you")
    says(enter(url, BORN), 200, "Your bill")
    (share,) = of_patient(clinic, "bill_shares", patient)
    assert (share["bill_id"], share["message_kind"], share["created_by"]) == (
        answer["id"],
        "bill",
        clinic.receptionist.user_id,
    )
    assert contact_of(clinic, patient)["email"] not in str(share), "the address is sealed"


@pytest.mark.parametrize(
    ("language", "subject"), [("hi", "एक बिल"), ("ta", "பில்"), ("ar-EG", "فاتورة"), ("fr", "A bill")]
)
def test_the_message_is_in_the_patients_language_if_there_is_such_a_text(
    clinic: TestClinic, language: str, subject: str
) -> None:
    patient = person(clinic, preferred_language=language)

    send(clinic, issued(clinic, patient=patient), "sms").ok()

    (text,) = texts(clinic, patient)
    assert "Banyan Mental Health" in text
    assert subject in text or language == "fr"
    assert LINK.search(text)


def test_a_bill_goes_by_the_first_channel_by_which_the_patient_may_be_written_to(clinic: TestClinic) -> None:
    patient = person(clinic, email=None)
    other = person(clinic)
    clinic.receptionist.put(f"/patients/{other}/contact", {"mail": {"allowed": False}}).ok()

    answers = [send(clinic, issued(clinic, patient=one), None).ok().body for one in (patient, other)]

    assert [answer["sent_to"]["channel"] for answer in answers] == ["sms", "sms"]
    assert all(re.fullmatch(r"\+91…\d\d", answer["sent_to"]["address"]) for answer in answers)


def test_a_bill_that_is_sent_again_has_another_link_and_keeps_its_state(clinic: TestClinic) -> None:
    patient = person(clinic)
    first = send(clinic, issued(clinic, patient=patient)).ok()

    paid_in_part = pay(clinic, first, 100).ok(201)
    again = send(clinic, paid_in_part, "sms").ok().body
    paid = pay(clinic, act_get(clinic, again["id"]), again["outstanding_amount"]).ok(201)
    last = send(clinic, paid).ok().body

    assert (again["status"], last["status"]) == ("partially_paid", "paid")
    assert first.body["sent_at"] < again["sent_at"] < last["sent_at"]
    urls = {LINK.findall(text)[0] for text in [*mails(clinic, patient), *texts(clinic, patient)]}
    assert len(urls) == len(of_patient(clinic, "bill_shares", patient)) == 3


def act_get(clinic: TestClinic, bill_id: str) -> Reply:
    return clinic.receptionist.get(f"/bills/{bill_id}").ok()


def test_a_repeated_request_sends_once(clinic: TestClinic) -> None:
    patient, key = person(clinic), new_id()
    bill = issued(clinic, patient=patient)

    made, again = send(clinic, bill, key=key).ok(), send(clinic, bill, key=key).ok()

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == made.body
    assert len(mails(clinic, patient)) == 1
    send(clinic, bill).refused(412, "stale")
    assert len(mails(clinic, patient)) == 1


def test_only_a_bill_that_stands_is_sent(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = person(clinic)
    written = draft(clinic, patient=patient).ok(201)
    cancelled = act(clinic.receptionist, issued(clinic, patient=patient), "cancel", {"reason": "Twice."}).ok()
    credited = issued(clinic, patient=patient)
    pay(clinic, credited, 100).ok(201)
    act(clinic.receptionist, act_get(clinic, credited.body["id"]), "amend", {"line_items": [LINE], "reason": "Wrong."})
    replaced = act_get(clinic, credited.body["id"])

    for bill in (written, cancelled, replaced):
        refused = send(clinic, bill).refused(409, "conflict")
        assert refused.body["code"] == "bill_not_open"
    stranger = issued(other_clinic)
    send(clinic, stranger).refused(404, "not-found")
    send(clinic, credited, "fax").refused(422, "invalid")
    assert act_get(clinic, written.body["id"]).body["sent_at"] is None
    assert not of_patient(clinic, "bill_shares", patient)


def test_who_cannot_be_written_to_is_refused_with_the_reason_of_each_channel(clinic: TestClinic) -> None:
    silent = person(clinic, email=None, primary_phone=None)
    declined = person(clinic, email=None)
    clinic.receptionist.put(f"/patients/{declined}/contact", {"sms": {"allowed": False}}).ok()

    def reasons(patient: str, channel: str | None) -> list[tuple[str, str]]:
        refused = send(clinic, issued(clinic, patient=patient), channel).refused(409, "conflict")
        assert refused.body["code"] == "patient_not_reachable"
        assert pointers(refused) == {"/channel"}
        return [(error["pointer"], error["detail"]) for error in refused.body["errors"]]

    assert reasons(silent, None) == [("/channel", "mail: no_address"), ("/channel", "sms: no_address")]
    assert reasons(declined, None) == [("/channel", "mail: no_address"), ("/channel", "sms: opted_out")]
    assert reasons(declined, "sms") == [("/channel", "sms: opted_out")]


def test_an_address_that_bounced_is_not_used_again(clinic: TestClinic) -> None:
    patient = person(clinic, primary_phone=None)
    no_such_box = relay.Reply("rcpt", "550 5.1.1 no such mailbox")
    clinic.stack.service(SmtpService).relay.plant(contact_of(clinic, patient)["email"], no_such_box)
    send(clinic, issued(clinic, patient=patient)).ok()
    clinic.stack.wait_idle(60)

    refused = send(clinic, issued(clinic, patient=patient)).refused(409, "conflict")

    assert refused.body["errors"][0]["detail"] == "mail: address_bounces"


def test_a_message_in_the_queue_is_void_once_the_bill_is_cancelled(clinic: TestClinic) -> None:
    patient = person(clinic)
    bill = issued(clinic, patient=patient)
    share_bill(clinic, bill.body["id"])  # its message is still queued
    act(clinic.receptionist, bill, "cancel", {"reason": "Wrong patient."}).ok()
    (queued,) = of_patient(clinic, "messages", patient)

    alter(clinic, f"messages/{queued['id']}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204

    assert mails(clinic, patient) == []
    (message,) = of_patient(clinic, "messages", patient)
    assert (message["status"], message["error_code"], message["bill_id"]) == (
        "cancelled",
        "bill_changed",
        bill.body["id"],
    )


def test_the_link_of_a_cancelled_bill_says_so_and_that_of_a_deleted_patient_opens_nothing(clinic: TestClinic) -> None:
    patient, gone = person(clinic), person(clinic)
    cancelled = send(clinic, issued(clinic, patient=patient)).ok()
    sent = send(clinic, issued(clinic, patient=gone)).ok()
    pay(clinic, sent, sent.body["outstanding_amount"]).ok(201)  # nobody is deleted who owes something
    urls = [LINK.findall(mails(clinic, one)[0])[0] for one in (patient, gone)]

    act(clinic.receptionist, cancelled, "cancel", {"reason": "Wrong patient."}).ok()
    path = f"/patients/{gone}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).ok(204)

    cancelled_url, gone_url = urls
    says(enter(cancelled_url, BORN), 410, "This bill is cancelled")
    says(enter(gone_url, BORN), 410, "The document is no longer shared")


@pytest.mark.parametrize(("service", "method"), [("firestore", "Commit"), ("tasks", "CreateTask")])
def test_a_process_that_dies_at_any_step_sends_once(clinic: TestClinic, service: str, method: str) -> None:
    patient, key = person(clinic), new_id()
    bill = issued(clinic, patient=patient)
    with crashes.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault(service, method, "bills", "kill"))
        killed = send(clinic, bill, key=key)
        assert death.fired.wait(10), killed

        send(clinic, bill, key=key).ok()

    (message,) = of_patient(clinic, "messages", patient)
    alter(clinic, f"messages/{message['id']}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204
    assert len(mails(clinic, patient)) == 1
    assert len(of_patient(clinic, "bill_shares", patient)) == 1


def test_the_calls_of_sending_and_opening(clinic: TestClinic) -> None:
    """Sending reads the stored answer, bill, patient, keys, settings, caller, choices and policy; then whether the
    address takes messages; then the message. It writes bill, link, share, message, answer and audit entry."""
    patient = person(clinic)
    warm = send(clinic, issued(clinic, patient=patient)).ok()
    clinic.stack.wait_idle(60)
    trace, header = new_trace()

    sending = calls_during(clinic, "bills", lambda: send(clinic, warm, **header).ok())

    assert sending == [reads(7), reads(1), reads(1), commit(6), TASK], sending
    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["patient_ids"]) == ("bill.send", [patient])


def test_an_old_link_has_expired(clinic: TestClinic) -> None:
    patient = person(clinic)
    send(clinic, issued(clinic, patient=patient)).ok()
    url = LINK.findall(mails(clinic, patient)[0])[0]
    (link,) = [
        one
        for one in google_firestore.client().collection("clinics", clinic.id, "links").stream()
        if one.get("patient_id") == patient
    ]

    alter(clinic, f"links/{link.id}", {"opens_until": datetime.now(UTC) - timedelta(seconds=1)})

    says(visit(url), 410, "This link has expired")


@pytest.mark.parametrize("born", [None, "1984", "1984-02"])
def test_no_link_is_sent_that_a_day_of_birth_would_open_if_it_were_known(clinic: TestClinic, born: str | None) -> None:
    patient = person(clinic, date_of_birth=born)

    refused = send(clinic, issued(clinic, patient=patient)).refused(409, "conflict")

    assert refused.body["code"] == "birth_date_incomplete"
    assert not of_patient(clinic, "bill_shares", patient)
