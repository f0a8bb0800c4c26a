"""Who owes: the unpaid bills of a clinic, and their sum. Amounts are sealed, so each bill is read."""

from __future__ import annotations

from shared.records.billing.bill import Bill
from shared.records.billing.owing import MOST_OWING, Owing, OwingQuery
from shared.records.billing.types import PAYABLE
from shared.store import pagination, queries
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists
from shared.workflows.parties import parties_of


def owing(clinic: Clinic, query: OwingQuery) -> Owing:
    """The newest unpaid bills of patients whom the caller may see, at most MOST_OWING, and their sum."""

    def transaction(work: UnitOfWork) -> Owing:
        work.show_kept()
        unpaid = ("status", "in", sorted(PAYABLE))
        filters = [pagination.LIVE, *clinic_lists.of_doctor(work, query.doctor_id), unpaid]
        found = queries.ordered(work.clinic_id, Bill.collection, filters, None, MOST_OWING + 1)
        bills = pagination.visible(work, Bill, found[:MOST_OWING])
        return Owing.of(bills, parties_of(work, bills), complete=len(found) <= MOST_OWING)

    return clinic.perform("bill.owing", transaction)
