"""Issued bills with several lines, taxes and discounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from shared.records.billing import drafting
from shared.records.billing.account import EntryKind
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.requests import BillChange
from shared.records.record import Stamp
from tests.support.factories import after, patient, session, settings

DESK = Stamp("desk-1", after(hours=1))
GST = {"rate_percent": "18", "label": "GST", "code": "999312"}
TREATMENTS: tuple[dict[str, Any], ...] = (
    GST,
    {**GST, "code": "999311"},
    {"rate_percent": "5", "label": "GST", "code": "999312"},
    {"exemption_reason": "Notification 12/2017, entry 74", "code": "999312"},
    {},
)
CLINIC = {"gst_number": "29AAGCB7383J1Z4", "financial_year_starts_in": 4}
LINES = st.lists(
    st.tuples(st.integers(1, 10**7), st.integers(1, 3), st.sampled_from(TREATMENTS)), min_size=1, max_size=5
)


def issued(lines: list[tuple[int, int, dict[str, Any]]], *, days: int = 0, **values: Any) -> Booked:
    """A bill with these prices, quantities and treatments, and its charge; `values` are settings of the clinic."""
    clinic = settings(**{**CLINIC, **values})
    stamp = Stamp("doctor-1", after(minutes=20) + timedelta(days=days))
    draft = drafting.of_session(session().completed(stamp), patient(), clinic, stamp)
    discount = {"percent": "7.5", "reason": "Staff"}
    change = BillChange.model_validate({"line_items": services_of(lines), "discount": discount})
    bill = drafting.changed(draft, change, clinic, stamp).issued(f"INV202609-{days + 1:06d}", clinic)
    return Booked(bill).book(NewEntry(EntryKind.CHARGE, bill.total_amount, bill.bill_date), stamp)


def services_of(lines: list[tuple[int, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Lines of a request with these prices, quantities and treatments."""
    return [
        {"description": f"Service {number}", "unit_price": price, "quantity": quantity, "tax": tax}
        for number, (price, quantity, tax) in enumerate(lines)
    ]
