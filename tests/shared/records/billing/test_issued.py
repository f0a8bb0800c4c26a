"""The issued bytes of a bill: canonical, complete, and readable again."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.records.billing.issued import BillSnapshot, IssuedBill
from shared.records.letterhead import Letterhead
from shared.records.patients.details import Address
from tests.support import factories
from tests.support.factories import BY_SYSTEM


def snapshot(amount: int = 120_000, **values: object) -> BillSnapshot:
    clinic = factories.settings(payment_terms="Due within 15 days.")
    return BillSnapshot.of(
        factories.bill(amount, **values),
        factories.patient(address=Address(lines=["47 Orchard Lane"], city="Madikeri")),
        factories.session(),
        issuer=Letterhead.of(factories.profile(), clinic),
        zone=clinic.time_zone,
    )


@given(st.integers(1, 10**9), st.decimals(0, 100, places=2))
def test_issued_bill_opens_as_it_was_sealed(amount: int, rate: object) -> None:
    issued = snapshot(amount, tax={"rate_percent": str(rate), "label": "GST"})

    assert IssuedBill.seal(issued, BY_SYSTEM).snapshot() == issued


def test_issued_bytes_have_the_address_and_the_day_of_the_visit() -> None:
    fields = json.loads(snapshot().canonical())

    assert (fields["address"], fields["visit_date"]) == ("47 Orchard Lane, Madikeri", "2026-09-14")


def test_issued_bytes_contain_no_payment_and_no_status() -> None:
    fields = json.loads(snapshot().canonical()).keys()

    assert not fields & {"status", "paid", "paid_amount", "payment_history", "primary_diagnosis_code", "internal_notes"}


def test_equal_bills_have_equal_bytes() -> None:
    assert snapshot().canonical() == snapshot().canonical()
