"""Two kinds of bookings at once: each is booked or refused by what the other left, and the books stay right.

Each client reads the bill again and repeats its request when another one was faster, as a person does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from shared.workflows.billing import books
from tests.api.billing.helpers import LINE, act, draft, entries, issued, pay
from tests.api.billing.online_helpers import now
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once

pytestmark = pytest.mark.long

Act = tuple[Reply, str, Any]
"""A bill, and what is done about it."""
EACH = 4
"""Clients of each kind."""
REASON = {"reason": "Not seen."}
REFUND = {"amount": 30, "method": "cash", **REASON}


def payment(amount: int, **values: Any) -> dict[str, Any]:
    return {"amount": amount, "method": "cash", **values}


def booked(clinic: TestClinic, bill: Reply, action: str, body: Any) -> int:
    """The status of a request that was repeated until it was booked or refused for another reason than its age."""
    for _ in range(100):
        status = act(clinic.receptionist, now(clinic, bill), action, body).status
        if status not in (412, 503):
            return status
    raise AssertionError("never answered")


def raced(clinic: TestClinic, *acts: Act) -> list[Counter[int]]:
    """Let `EACH` clients do each of these at once; returns the statuses of each kind."""
    kinds = len(acts)
    statuses = at_once(kinds * EACH, lambda at: booked(clinic, *acts[at % kinds]))
    return [Counter(statuses[kind::kinds]) for kind in range(kinds)]


def amounts(clinic: TestClinic, bill: Reply) -> Counter[str]:
    """What was booked on a bill, by kind."""
    found: Counter[str] = Counter()
    for kind, amount in entries(clinic, bill):
        found[kind] += amount
    return found


@pytest.fixture
def books_of(own_clinic: TestClinic) -> Iterator[TestClinic]:
    """A clinic whose books are right after the test."""
    yield own_clinic
    verified = books.verify(own_clinic.id)
    assert (verified.faults, verified.sums.faults) == ([], [])


def test_cancellation_against_payment(books_of: TestClinic) -> None:
    bill = issued(books_of, 100)

    paid, cancelled = raced(books_of, (bill, "payment", payment(100)), (bill, "cancel", REASON))

    after = now(books_of, bill).body
    assert paid[201] + cancelled[200] == 1, (paid, cancelled)
    assert set(paid) <= {201, 409} and set(cancelled) <= {200, 409}
    assert after["status"] == ("paid" if paid[201] else "cancelled")
    assert (after["paid_amount"], after["outstanding_amount"]) == (100 * paid[201], 0)


def test_payment_against_payment_with_the_same_reference(books_of: TestClinic) -> None:
    """On two bills: neither changes the other, so only the reference excludes them."""
    bills = [issued(books_of, 100) for _ in range(2)]
    body = payment(100, method="upi", reference="UPI-4411")

    first, second = raced(books_of, *((bill, "payment", body) for bill in bills))

    assert first + second == {201: 1, 409: 2 * EACH - 1}
    assert sum(now(books_of, bill).body["paid_amount"] for bill in bills) == 100


def test_refund_against_refund(books_of: TestClinic) -> None:
    bill = pay(books_of, issued(books_of, 100), 100).ok(201)

    (refunded,) = raced(books_of, (bill, "refund", REFUND))

    assert refunded == {201: 3, 422: EACH - 3}, "never more than was paid"
    assert now(books_of, bill).body["paid_amount"] == 10


def test_credit_note_against_payment(books_of: TestClinic) -> None:
    bill = issued(books_of, 100)

    paid, credited = raced(
        books_of, (bill, "payment", payment(30)), (bill, "credit-note", {"amount": 30, "reason": "Shorter."})
    )

    after, of_kind = now(books_of, bill).body, amounts(books_of, bill)
    assert (of_kind["payment"], of_kind["credit"]) == (30 * paid[201], 30 * credited[201])
    assert after["outstanding_amount"] - after["credit_amount"] == 100 - of_kind["payment"] - of_kind["credit"]
    assert of_kind["credit"] <= 100


def test_reversal_against_refund(books_of: TestClinic) -> None:
    """A payment that bounces after its refund leaves the clinic without the money; one that bounced is not refunded."""
    bill = pay(books_of, issued(books_of, 100), 100).ok(201)
    bounced, refund = {"reason": "Returned.", "cause": "bounced"}, {**REFUND, "amount": 100}

    reversed_, refunded = raced(books_of, (bill, "payments/e2/reverse", bounced), (bill, "refund", refund))

    assert reversed_ == {200: 1, 409: EACH - 1}
    assert refunded[201] + refunded[422] == EACH and refunded[201] <= 1
    assert now(books_of, bill).body["paid_amount"] == -100 * refunded[201]


def test_amendment_against_payment(books_of: TestClinic) -> None:
    """What the patient pays meanwhile counts for the bill that replaces the old one, or is refused."""
    bill = issued(books_of, 100)
    amendment = {"line_items": [{**LINE, "unit_price": 80}], "reason": "Wrong fee."}

    paid, amended = raced(books_of, (bill, "payment", payment(20)), (bill, "amend", amendment))

    assert amended == {201: 1, 409: EACH - 1}
    old = now(books_of, bill).body
    new = books_of.receptionist.get(f"/bills/{old['amended_by']}").ok().body
    assert amounts(books_of, bill)["payment"] == 20 * paid[201]
    assert (old["outstanding_amount"], old["credit_amount"]) == (0, 0)
    assert new["outstanding_amount"] == 80 - 20 * paid[201]


def test_amendment_against_issue(books_of: TestClinic) -> None:
    """Both take numbers of one series, and of several amendments of a bill one is made."""
    old = [issued(books_of, 100) for _ in range(2)]
    drafts = [draft(books_of, 100).ok(201) for _ in range(2)]
    amendment = {"line_items": [LINE], "reason": "Wrong fee."}

    results = raced(
        books_of, *((bill, "amend", amendment) for bill in old), *((bill, "issue", None) for bill in drafts)
    )

    assert results == [{201: 1, 409: EACH - 1}] * 2 + [{200: 1, 409: EACH - 1}] * 2
    new = [now(books_of, bill).body for bill in (*old, *drafts)]
    new += [books_of.receptionist.get(f"/bills/{bill['amended_by']}").ok().body for bill in new[:2]]
    assert sorted(int(bill["number"][-6:]) for bill in new) == [*range(1, 7)]


def test_use_of_a_credit_against_its_refund(books_of: TestClinic) -> None:
    patient = books_of.patient().body["id"]
    source = pay(books_of, issued(books_of, 100, patient=patient), 200, keep_excess_as_credit=True).ok(201)
    target = issued(books_of, 100, patient=patient)
    use = {"from_bill_id": source.body["id"], "amount": 100}

    used, refunded = raced(books_of, (target, "use-credit", use), (source, "refund", {**REFUND, "amount": 100}))

    of_source, of_target = now(books_of, source).body, now(books_of, target).body
    assert used[200] <= 1, "the credit is there once"
    assert of_target["paid_amount"] == 100 * used[200]
    assert of_source["paid_amount"] == 200 - 100 * used[200] - 100 * refunded[201] >= 0


def test_write_off_against_claim(books_of: TestClinic) -> None:
    bill = issued(books_of, 100)
    claim = {"provider": "Star", "covered_amount": 100}

    written_off, claimed = raced(books_of, (bill, "write-off", REASON), (bill, "claim", claim))

    assert written_off[200] + claimed[201] == 1, (written_off, claimed)
    after = now(books_of, bill).body
    assert after["outstanding_amount"] == 100 * claimed[201]
