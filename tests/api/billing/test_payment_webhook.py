"""Events of the payment provider: each payment, refund and chargeback is booked once, and nobody forges one."""

from __future__ import annotations

import urllib3

from local.services.razorpay import events
from local.services.razorpay.accounts import new_id
from local.services.razorpay.events import Event, Payment
from shared.workflows.billing import books
from tests.api.billing.helpers import LINE, act, entries, issued, pay
from tests.api.billing.online_helpers import SECRET, captured, connect, deliver, linked, now, payment, waiting
from tests.support.call_counts import calls_during, calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic, open_clinic
from tests.support.concurrency import at_once

OTHER_SECRET = "another-webhook-secret"


def test_a_paid_link_is_booked_once_and_has_a_receipt(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 150_000))
    paid = payment(bill, link.amount)

    for event in (events.link_paid(link, paid), events.captured(paid), events.link_paid(link, paid)):
        assert deliver(own_clinic, event) == 204

    after = now(own_clinic, bill).body
    assert (after["status"], after["outstanding_amount"], after["payment_url"]) == ("paid", 0, None)
    assert entries(own_clinic, bill) == [("charge", 150_000), ("payment", 150_000)]
    (booked,) = after["payment_history"]
    assert (booked["method"], booked["reference"]) == ("online", paid.id)
    own_clinic.receptionist.get(f"/bills/{bill.body['id']}/documents/{booked['receipt_number']}").ok()
    assert (waiting(own_clinic), link.status) == ({}, "cancelled")


def test_one_event_twenty_times_at_once_is_one_entry(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 150_000)
    event = events.captured(payment(bill, 150_000))

    statuses = at_once(20, lambda _: deliver(own_clinic, event))

    assert set(statuses) <= {204, 503}, "503 asks for a repetition"
    assert deliver(own_clinic, event) == 204
    assert entries(own_clinic, bill) == [("charge", 150_000), ("payment", 150_000)]
    assert books.verify(own_clinic.id).faults == []


def test_what_the_desk_booked_is_not_booked_again(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, other = issued(own_clinic, 1_000), issued(own_clinic, 1_000)
    first, second = payment(bill, 1_000), payment(bill, 400)
    pay(own_clinic, other, 1_000, method="online", reference=first.id.lower()).ok(201)
    pay(own_clinic, bill, 500, method="online", reference=second.id).ok(201)

    assert [deliver(own_clinic, events.captured(one)) for one in (first, second)] == [204, 204]

    assert entries(own_clinic, bill) == [("charge", 1_000), ("payment", 500)]
    assert entries(own_clinic, other) == [("charge", 1_000), ("payment", 1_000)]
    assert waiting(own_clinic) == {second.id: ["amount_differs"]}
    third = captured(own_clinic, bill, 500)
    again = pay(own_clinic, now(own_clinic, issued(own_clinic, 500)), 500, method="online", reference=third.id)
    assert again.refused(409, "conflict").body["code"] == "payment_reference_used"


def test_a_payment_that_comes_too_late_is_the_patients_credit(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    cancelled = act(own_clinic.receptionist, issued(own_clinic, 1_000), "cancel", {"reason": "Twice."}).ok()
    paid = pay(own_clinic, issued(own_clinic, 1_000), 1_000).ok(201)
    old = issued(own_clinic, 1_000)
    act(own_clinic.receptionist, old, "amend", {"line_items": [LINE], "reason": "Wrong fee."}).ok(201)
    late = {captured(own_clinic, bill, 1_000).id for bill in (cancelled, paid, old)}

    for bill in (cancelled, paid, old):
        assert now(own_clinic, bill).body["credit_amount"] == 1_000
    assert now(own_clinic, cancelled).body["status"] == "cancelled"
    assert waiting(own_clinic) == {id: ["nothing_owed"] for id in late}
    refund = {"amount": 1_000, "method": "online", "reason": "Paid too late."}
    back = act(own_clinic.receptionist, now(own_clinic, cancelled), "refund", refund).ok(201)
    assert (back.body["credit_amount"], back.body["status"]) == (0, "cancelled")
    assert books.verify(own_clinic.id).faults == []


def test_refunds_and_chargebacks_are_booked_once_in_any_order(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, other = issued(own_clinic, 1_000), issued(own_clinic, 1_000)
    paid, lost = payment(bill, 1_000), payment(other, 1_000)
    refund = events.refunded(paid, 300)

    for event in (refund, events.captured(paid), refund, events.failed(paid)):
        assert deliver(own_clinic, event) == 204
    dispute = new_id("disp")
    for state in ("lost", "created", "lost"):
        assert deliver(own_clinic, events.disputed(lost, state, 1_000, dispute)) == 204

    assert entries(own_clinic, bill) == [("charge", 1_000), ("payment", 1_000), ("credit", 300), ("refund", 300)]
    assert entries(own_clinic, other) == [("charge", 1_000), ("payment", 1_000), ("reversal", 1_000)]
    (charged_back,) = now(own_clinic, other).body["payment_history"]
    assert charged_back["reversal"]["cause"] == "charged_back"
    assert now(own_clinic, other).body["outstanding_amount"] == 1_000
    assert waiting(own_clinic) == {}
    assert books.verify(own_clinic.id).faults == []


def test_a_dispute_stops_collecting_until_it_is_won(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    paid, dispute = captured(own_clinic, bill, 500), new_id("disp")

    deliver(own_clinic, events.disputed(paid, "created", 500, dispute))
    disputed = now(own_clinic, bill).body["collection_status"]
    asked = waiting(own_clinic)
    deliver(own_clinic, events.disputed(paid, "won", 500, dispute))

    assert (disputed, asked) == ("disputed", {paid.id: ["disputed"]})
    assert now(own_clinic, bill).body["collection_status"] is None
    assert entries(own_clinic, bill) == [("charge", 1_000), ("payment", 500)]


def test_what_does_not_fit_waits_for_a_person(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, written = issued(own_clinic, 1_000), own_clinic.receptionist
    dollars = payment(bill, 1_000, currency="USD")
    nowhere = Payment(1_000, notes={"bill_id": "nobody-bill"})
    paid = captured(own_clinic, bill, 1_000)

    for event in (
        events.captured(dollars),
        events.captured(nowhere),
        events.refunded(paid, 1_001),
        events.disputed(paid, "lost", 400, new_id("disp")),
        Event(b'{"event": "payment.captured", "payload": {}}'),
        Event(b"[]"),
    ):
        assert deliver(own_clinic, event) == 204

    assert entries(own_clinic, bill) == [("charge", 1_000), ("payment", 1_000)]
    assert waiting(own_clinic) == {
        dollars.id: ["currency_differs"],
        nowhere.id: ["bill_unknown"],
        paid.id: ["refund_not_booked", "chargeback_not_booked"],
    }
    (first,) = [one for one in written.get("/bills/online-payments").ok().body["items"] if one["id"] == nowhere.id]
    path, note = f"/bills/online-payments/{nowhere.id}/resolve", {"note": "Of the shop: not ours."}
    written.post(path, note, key="", etag='"9"').refused(412, "stale")
    resolved = written.post(path, note, key="", etag=f'"{first["revision"]}"').ok()
    written.post(path, note, key="", etag=resolved.etag).refused(409, "conflict")
    assert nowhere.id not in waiting(own_clinic)
    assert deliver(own_clinic, events.captured(nowhere)) == 204
    assert nowhere.id not in waiting(own_clinic), "what a person has answered is not asked again"


def test_payments_of_the_clinics_other_business_are_not_kept(own_clinic: TestClinic) -> None:
    connect(own_clinic)

    assert [deliver(own_clinic, make(Payment(500))) for make in (events.captured, events.failed)] == [204, 204]

    assert own_clinic.receptionist.get("/bills/online-payments").ok().body["items"] == []


def test_every_refusal_is_the_same(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    other = open_clinic(own_clinic.stack)
    bill = issued(own_clinic, 1_000)
    event = events.captured(payment(bill, 1_000))
    url = f"{own_clinic.stack.url}/api/v1/payment-webhook"

    def posted(clinic_id: str, body: bytes, signature: str, method: str = "POST") -> tuple[int, str]:
        answer = urllib3.request(method, f"{url}/{clinic_id}", body=body, headers={"X-Razorpay-Signature": signature})
        return answer.status, str(answer.json()["type"])

    right = event.signature(SECRET)
    refusals = {
        posted(own_clinic.id, event.body, event.signature(OTHER_SECRET)),
        posted(own_clinic.id, event.body + b" ", right),
        posted(own_clinic.id, event.body, right.upper()),
        posted(own_clinic.id, event.body, ""),
        posted(own_clinic.id, event.body, "é" * 64),
        posted(other.id, event.body, right),
        posted("no-such-clinic", event.body, right),
        posted("no/such/path", event.body, right),
    }
    assert [status for status, _ in refusals] == [400]
    assert posted(own_clinic.id, b" " * 100_001, right)[0] == 413
    assert posted(own_clinic.id, b"", right, "GET")[0] == 405
    assert entries(own_clinic, bill) == [("charge", 1_000)]


def test_an_event_is_signed_with_the_secret_of_its_time(own_clinic: TestClinic) -> None:
    before = connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    keys = {"key_id": before.body["key_id"], "key_secret": "another-secret", "webhook_secret": OTHER_SECRET}
    own_clinic.admin.put("/clinic/payment-provider", keys, etag=before.etag).ok()

    for secret in (SECRET, OTHER_SECRET):
        assert deliver(own_clinic, events.captured(payment(bill, 100)), secret) == 204

    assert entries(own_clinic, bill) == [("charge", 1_000), ("payment", 100), ("payment", 100)]


def test_the_calls_of_an_event_are_counted(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    paid, foreign = payment(bill, 400), Payment(5)
    deliver(own_clinic, events.captured(payment(bill, 1)))

    def calls(event: Event) -> object:
        return calls_when_repeated(own_clinic, "payment_webhook", lambda: deliver(own_clinic, event))

    first = calls_during(own_clinic, "payment_webhook", lambda: deliver(own_clinic, events.captured(paid)))
    # Then the reference, and two sums of the books. The online payment, bill, entry, receipt, counter, number,
    # reference and sums are written with the audit entry; the second finds nothing more.
    assert first == [reads(1), reads(6), reads(3), commit(10), reads(6), commit(1)]
    booked_again = calls(events.captured(paid))
    # Account; payment, bill, patient, settings and two counters; the audit entry.
    assert booked_again == [reads(1), reads(6), commit(1)]
    assert calls(events.captured(foreign)) == [reads(1), reads(4), commit(1)]
    assert calls(events.failed(paid)) == [reads(1)]
