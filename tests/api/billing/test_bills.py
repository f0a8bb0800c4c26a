"""Bills over HTTP: access, and payments booked exactly once."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.types import new_id
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import pointers, without_trace

FEE = 120_000
"""The price of a follow-up visit, in paise."""


@pytest.fixture(scope="module")
def unpaid(clinic: TestClinic) -> dict[str, Any]:
    """A bill that the tests do not change."""
    return new_bill(clinic)


@pytest.fixture
def bill(clinic: TestClinic) -> dict[str, Any]:
    """A bill to be paid."""
    return new_bill(clinic)


def new_bill(clinic: TestClinic) -> dict[str, Any]:
    """The bill of a short follow-up visit."""
    session = clinic.session()
    clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()
    path = f"/bills/{session.body['id']}-bill"
    body: dict[str, Any] = clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.status == 200).body
    return body


def payment(amount: int = 100) -> dict[str, Any]:
    return {"amount": amount, "method": "upi"}


def test_receptionist_reads_a_bill_without_its_diagnosis(clinic: TestClinic, unpaid: dict[str, Any]) -> None:
    seen = clinic.receptionist.get(f"/bills/{unpaid['id']}").ok()
    by_number = clinic.admin.get(f"/bills/{unpaid['number']}").ok()

    assert unpaid.keys() - seen.body.keys() == {f"primary_diagnosis_{part}" for part in ("code", "system", "title")}
    assert by_number.body == unpaid
    assert unpaid["total_amount"] == unpaid["outstanding_amount"] == FEE


def test_stranger_gets_the_same_problem_for_a_bill_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic, unpaid: dict[str, Any]
) -> None:
    for stranger in (clinic.other_doctor, other_clinic.doctor, other_clinic.receptionist, other_clinic.admin):
        missing = f"/bills/{new_id()}-{new_id(10)}-bill"
        for suffix in ("", "/pdf"):
            refused = stranger.get(f"/bills/{unpaid['id']}{suffix}").refused(404, "not-found")
            assert without_trace(refused) == without_trace(stranger.get(missing + suffix))
        paid = stranger.post(f"/bills/{unpaid['id']}/payment", payment(), etag='"1"').refused(404, "not-found")
        assert without_trace(paid) == without_trace(stranger.post(f"{missing}/payment", payment(), etag='"1"'))
        stranger.get(f"/bills/{unpaid['number']}").refused(404, "not-found")


def test_receptionist_records_payments_until_the_bill_is_paid(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/bills/{bill['id']}/payment"

    partial = clinic.receptionist.post(path, payment(20_000), etag='"1"').ok(201)
    final = clinic.receptionist.post(path, payment(FEE - 20_000), etag=partial.etag).ok(201)
    clinic.receptionist.post(path, payment(1), etag=final.etag).refused(409, "conflict")

    assert [partial.body["status"], final.body["status"]] == ["partially_paid", "paid"]
    assert partial.body["outstanding_amount"] == FEE - 20_000
    assert [p["amount"] for p in final.body["payment_history"]] == [20_000, FEE - 20_000]
    assert "primary_diagnosis_code" not in final.body


def test_thirty_concurrent_payments_with_one_etag_book_one(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/bills/{bill['id']}/payment"

    replies = at_once(30, lambda _: clinic.receptionist.post(path, payment(), etag='"1"'))

    assert statuses(replies) == {201: 1, 412: 29}
    assert clinic.doctor.get(f"/bills/{bill['id']}").ok().body["paid_amount"] == 100


def test_twenty_concurrent_repetitions_of_a_payment_book_one(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/bills/{bill['id']}/payment"

    replies = at_once(20, lambda _: clinic.receptionist.post(path, payment(), etag='"1"', key="till-receipt-4711"))

    assert statuses(replies) == {201: 20}
    assert len({(reply.content, reply.etag) for reply in replies}) == 1
    assert sum("Idempotent-Replayed" in reply.headers for reply in replies) == 19
    assert len(clinic.doctor.get(f"/bills/{bill['id']}").ok().body["payment_history"]) == 1


def test_key_of_a_payment_is_refused_for_another_payment(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/bills/{bill['id']}/payment"
    first = clinic.receptionist.post(path, payment(100), etag='"1"', key="till-receipt-4711").ok(201)

    other = clinic.receptionist.post(path, payment(200), etag=first.etag, key="till-receipt-4711")

    assert pointers(other.refused(422, "invalid")) == {"Idempotency-Key"}
    assert clinic.doctor.get(f"/bills/{bill['id']}").ok().body["paid_amount"] == 100


def test_payment_requires_a_key_and_the_current_etag(clinic: TestClinic, unpaid: dict[str, Any]) -> None:
    path = f"/bills/{unpaid['id']}/payment"

    clinic.receptionist.post(path, payment(), etag='"1"', key="").refused(400, "bad-request")
    clinic.receptionist.post(path, payment(), etag='"1"', key="short").refused(400, "bad-request")
    clinic.receptionist.post(path, payment()).refused(428, "precondition-required")
    clinic.receptionist.post(path, payment(), etag='"5"').refused(412, "stale")

    assert clinic.doctor.get(f"/bills/{unpaid['id']}").ok().etag == '"1"'


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": -5}, "/amount"),
        ({"amount": 10.5}, "/amount"),
        ({"amount": FEE + 1}, "/amount"),
        ({"method": "shells"}, "/method"),
        ({"currency": "USD"}, "/currency"),
    ],
)
def test_invalid_payment_is_refused(
    clinic: TestClinic, unpaid: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    refused = clinic.receptionist.post(f"/bills/{unpaid['id']}/payment", {**payment(), **wrong}, etag='"1"')

    assert pointers(refused.refused(422, "invalid")) == {pointer}
    assert clinic.doctor.get(f"/bills/{unpaid['id']}").ok().body["paid_amount"] == 0


def test_receptionist_prints_a_bill(clinic: TestClinic, unpaid: dict[str, Any]) -> None:
    printed = clinic.receptionist.get(f"/bills/{unpaid['id']}/pdf").ok()

    assert printed.headers["Content-Type"] == "application/pdf"
    assert unpaid["number"] in printed.headers["Content-Disposition"]
    assert printed.content.startswith(b"%PDF-")
