"""The provider's events, the desk and refunds at once on one bill: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import pytest

from local.services.razorpay import events
from local.services.razorpay.events import Event
from shared.workflows.billing import books
from tests.api.billing.helpers import entries, issued, pay
from tests.api.billing.online_helpers import connect, deliver, now, payment, waiting
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.long
BY_EVENT, BY_DESK, REFUNDED = (40, 30, 30) if THOROUGH else (16, 12, 12)


def test_many_events_payments_and_refunds_at_once(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 10_000)
    paid = [payment(bill, 100) for _ in range(BY_EVENT)]
    sent = [events.captured(one) for one in paid]
    sent += [events.refunded(one, 10) for one in paid[:REFUNDED]]

    def act(at: int) -> None:
        if at < len(sent):
            _until_taken(own_clinic, sent[at])
        else:
            _until_paid(own_clinic, bill, 50)

    at_once(BY_EVENT + REFUNDED + BY_DESK, act)

    after = now(own_clinic, bill).body
    received = BY_EVENT * 100 + BY_DESK * 50 - REFUNDED * 10
    assert after["paid_amount"] == received
    assert after["outstanding_amount"] == 10_000 - REFUNDED * 10 - received
    references = [one["reference"] for one in after["payment_history"] if one["method"] == "online"]
    assert sorted(references) == sorted(one.id for one in paid)
    kinds = [kind for kind, _ in _all_entries(own_clinic, bill.body["id"])]
    assert [kinds.count(kind) for kind in ("payment", "credit", "refund")] == [BY_EVENT + BY_DESK, REFUNDED, REFUNDED]
    assert waiting(own_clinic) == {}
    assert books.verify(own_clinic.id).faults == []


def test_desk_and_webhook_book_one_payment_once(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bills = [issued(own_clinic, 500) for _ in range(10)]
    paid = [payment(bill, 500) for bill in bills]

    def act(at: int) -> int:
        bill, one = bills[at // 2], paid[at // 2]
        if at % 2:
            return pay(own_clinic, bill, 500, method="online", reference=one.id).status
        _until_taken(own_clinic, events.captured(one))
        return 204

    statuses = at_once(20, act)

    assert set(statuses[1::2]) <= {201, 409, 412}
    for bill in bills:
        assert entries(own_clinic, bill) == [("charge", 500), ("payment", 500)]
    assert waiting(own_clinic) == {}
    assert books.verify(own_clinic.id).faults == []


def _until_taken(clinic: TestClinic, event: Event) -> None:
    """Deliver as the provider does: again after a 503."""
    for _ in range(10):
        if deliver(clinic, event) == 204:
            return
    raise AssertionError("never taken")


def _until_paid(clinic: TestClinic, bill: Reply, amount: int) -> None:
    """Pay at the desk: read and try again when somebody else was faster."""
    for _ in range(200):
        reply = pay(clinic, now(clinic, bill), amount)
        if reply.status == 201:
            return
        assert reply.status in (412, 503), reply.content
    raise AssertionError("never paid")


def _all_entries(clinic: TestClinic, bill_id: str) -> list[tuple[str, int]]:
    """The kinds and amounts of a long ledger."""
    found, token = [], ""
    while True:
        page = clinic.receptionist.get(f"/bills/{bill_id}/ledger?page_size=100{token}").ok().body
        found += [(one["entry_kind"], one["amount"]) for one in page["items"]]
        if page["next_page_token"] is None:
            return found
        token = f"&page_token={page['next_page_token']}"
