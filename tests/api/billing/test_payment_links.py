"""Payment links: one for what is owed, found again after a lost answer, and cancelled once it does not fit."""

from __future__ import annotations

import pytest

from local.services.razorpay.accounts import BROKEN, BROKEN_AFTER, LOST, TOO_MANY
from tests.api.billing.helpers import LINE, act, draft, issued, pay
from tests.api.billing.online_helpers import accounts, connect, linked, now
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses


def test_one_link_holds_for_one_amount(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 150_000))
    again, same = linked(own_clinic, bill)
    part = pay(own_clinic, again, 50_000).ok(201)
    rest, other = linked(own_clinic, now(own_clinic, part))

    assert (link.amount, link.currency, link.notes) == (150_000, "INR", {"bill_id": bill.body["id"]})
    assert link.reference_id == f"{bill.body['number']}-1"
    assert (same.id, part.body["payment_url"]) == (link.id, None)
    assert (link.status, other.status, other.amount) == ("cancelled", "created", 100_000)
    assert rest.body["payment_url"] == rest.body["payment_link"]["url"] != bill.body["payment_url"]
    cancelled = act(own_clinic.receptionist, issued(own_clinic, 1_000), "cancel", {"reason": "Twice."}).ok()
    for nothing in (cancelled, draft(own_clinic).ok(201), pay(own_clinic, now(own_clinic, rest), 100_000).ok(201)):
        act(own_clinic.receptionist, nothing, "payment-link").refused(409, "conflict")


def test_the_link_of_an_amended_bill_is_cancelled(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 1_000))

    new = act(own_clinic.receptionist, bill, "amend", {"line_items": [LINE], "reason": "Wrong fee."}).ok(201)

    assert (link.status, new.body["payment_link"]) == ("cancelled", None)
    assert now(own_clinic, bill).body["payment_url"] is None
    other = linked(own_clinic, new)[1]
    assert (other.amount, other.reference_id) == (50_000, f"{new.body['number']}-1")


@pytest.mark.parametrize("error", [LOST, BROKEN_AFTER])
def test_a_link_whose_answer_was_lost_is_found(own_clinic: TestClinic, error: str) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    accounts(own_clinic).plant(error)

    act(own_clinic.receptionist, bill, "payment-link").refused(503, "busy")
    _, found = linked(own_clinic, bill)

    assert [one.id for one in accounts(own_clinic).links(found.account)] == [found.id]


def test_a_lost_link_that_cannot_be_found_is_replaced(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    accounts(own_clinic).plant(LOST)
    act(own_clinic.receptionist, bill, "payment-link").refused(503, "busy")
    (lost,) = [one for one in accounts(own_clinic).every() if one.notes["bill_id"] == bill.body["id"]]
    accounts(own_clinic).cancel(lost)

    _, link = linked(own_clinic, bill)

    assert link.reference_id == f"{bill.body['number']}-2"


@pytest.mark.parametrize("error", [TOO_MANY, BROKEN])
def test_a_busy_provider_is_asked_again(own_clinic: TestClinic, error: int) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)
    accounts(own_clinic).plant(error)

    act(own_clinic.receptionist, bill, "payment-link").refused(503, "busy")
    assert linked(own_clinic, bill)[1].status == "created"


def test_a_link_needs_a_provider_that_accepts_the_keys(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 1_000)
    codes = []
    own_clinic.admin.get("/clinic/payment-provider").refused(404, "not-found")
    codes.append(act(own_clinic.receptionist, bill, "payment-link").refused(409, "conflict").body["code"])
    off = connect(own_clinic, enabled=False)
    codes.append(act(own_clinic.receptionist, bill, "payment-link").refused(409, "conflict").body["code"])
    keys = {"key_id": off.body["key_id"], "key_secret": "wrong-secret", "webhook_secret": "0123456789abcdef"}
    changed = own_clinic.admin.put("/clinic/payment-provider", keys, etag=off.etag).ok()
    codes.append(act(own_clinic.receptionist, bill, "payment-link").refused(409, "conflict").body["code"])

    missing = "payment_provider_missing"
    assert codes == [missing, missing, "payment_provider_refused"]
    assert not {"key_secret", "webhook_secret", "earlier_webhook_secret"} & changed.body.keys()
    own_clinic.receptionist.get("/clinic/payment-provider").refused(403, "forbidden")
    own_clinic.admin.put("/clinic/payment-provider", keys).refused(428, "precondition-required")
    own_clinic.admin.put("/clinic/payment-provider", keys, etag=off.etag).refused(412, "stale")


def test_of_concurrent_requests_one_link_is_made(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill = issued(own_clinic, 1_000)

    replies = at_once(10, lambda _: act(own_clinic.receptionist, bill, "payment-link"))

    assert statuses(replies) == {201: 1, 412: 9}
    made = [one for one in accounts(own_clinic).every() if one.notes["bill_id"] == bill.body["id"]]
    assert [one.status for one in made] == ["created"]


def test_a_payment_is_booked_also_while_the_provider_is_away(own_clinic: TestClinic) -> None:
    connected = connect(own_clinic)
    bill, link = linked(own_clinic, issued(own_clinic, 1_000))
    keys = {"key_id": connected.body["key_id"], "key_secret": "wrong-secret", "webhook_secret": "0123456789abcdef"}
    own_clinic.admin.put("/clinic/payment-provider", keys, etag=connected.etag).ok()

    paid = pay(own_clinic, bill, 1_000).ok(201)

    assert (paid.body["status"], paid.body["payment_url"], link.status) == ("paid", None, "created")


def test_the_calls_of_a_link_are_counted(own_clinic: TestClinic) -> None:
    connect(own_clinic)
    bill, _ = linked(own_clinic, issued(own_clinic, 1_000))

    calls = calls_when_repeated(own_clinic, "bills", lambda: act(own_clinic.receptionist, bill, "payment-link").ok(201))

    # The caller, the stored response, the bill with its patient, the account and the settings.
    assert calls == [reads(6), commit(2)]
