"""The collection of what patients owe, as people record it."""

from __future__ import annotations

from shared.records.billing import collecting
from shared.records.billing.collection import NewStep
from shared.records.billing.ledger import Booked
from shared.store.clinic import Clinic
from shared.workflows.billing import booking
from shared.workflows.billing.booking import NamedBill


def collect(clinic: Clinic, bill_id: str, new: NewStep) -> NamedBill:
    """Record a step. Raises Conflict for a bill of which the patient owes nothing and for a step that cannot follow."""
    return booking.change(
        clinic,
        "bill.collect",
        bill_id,
        lambda work, bill, _: Booked(collecting.collected(bill, new, work.stamp, work.today())),
    )
