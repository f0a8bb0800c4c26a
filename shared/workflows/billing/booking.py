"""Saves what was booked: the bill, its new entries, the numbers of its documents, and the sums of the books, in the
commit of the use case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.lazily import lazily
from shared.records.billing.bill import Bill
from shared.records.billing.ledger import Booked
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentSeries, documents
from shared.records.parties import Named
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.workflows.billing import sums
    from shared.workflows.parties import named

NamedBill = Detailed[Bill, Named]


Rule = Callable[[UnitOfWork, Bill, ClinicSettings], Booked]
"""What a use case books on a bill."""


def change(clinic: Clinic, action: str, bill_id: str, rule: Rule, series: DocumentSeries | None = None) -> NamedBill:
    """Book something on a bill, in two reads and one commit; with a series, a document of it gets a number."""

    def transaction(work: UnitOfWork) -> Bill:
        counters = [series.counter] if series else []
        work.prefetch(Bill.ref(bill_id), work.settings_ref(), *counters)
        bill = work.get_for_update(Bill.ref(bill_id))
        return save(work, rule(work, bill, work.settings()))

    return clinic.perform(action, named(transaction))


def save(work: UnitOfWork, *booked: Booked) -> Bill:
    """Write bills with their new entries, and let listening apps know, unless money alone was booked. Returns the last.

    Bills of one commit are saved together: they may change the same sums of the books.
    """
    return _write(work, booked, ())


def create(work: UnitOfWork, new: Booked, *changed: Booked) -> Bill:
    """Write a new bill with its entries, and other bills that change with it. Returns the new one."""
    return _write(work, changed, (new,))


def next_number(work: UnitOfWork, series: DocumentSeries, settings: ClinicSettings, target_id: str) -> str:
    """The next number of a series of documents, in the financial year of the clinic's day."""
    gst, prefix = settings.gst_number is not None, settings.number_prefixes.of(series)
    numbered = documents(series, work.today(), settings.financial_year_starts_in, gst=gst, prefix=prefix)
    return work.next_number(numbered, target_id)


def _write(work: UnitOfWork, changed: Sequence[Booked], created: Sequence[Booked]) -> Bill:
    sums.post(work, changed, created)
    for entry in (entry for one in (*changed, *created) for entry in one.entries):
        work.create(entry)
    for one in changed:
        if one.bill.session_id is not None and not one.is_of_money:
            work.progress(one.bill.session_id, bill=one.bill.status)
    saved = [work.save(one.bill.following_link(work.now.date())) for one in changed]
    return [*saved, *(work.create(one.bill) for one in created)][-1]
