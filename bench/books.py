"""Desk and books of a clinic with 100,000 bills, at the cost of those of one with 1,000.

The time of a report, a page or a booking must depend on its answer alone, so the answers are equal: both clinics have
the same last month. What is measured is the processor time of the product and of the embedded Firestore, which run in
one process; its indexes have the same property as Firestore's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench.bill_courses import DOCTORS, SERVICES
from bench.bookkeeping import Books
from bench.measure import Comparison, medians
from local.services.kit.recorder import Recorder
from shared.records.billing.book_reports.aged_receivables import ReceivablesQuery
from shared.records.billing.book_reports.day_book import DayBookQuery
from shared.records.billing.book_reports.revenue import RevenueBy, RevenueQuery
from shared.records.billing.book_reports.tax_summary import TaxQuery
from shared.records.billing.owing import OwingQuery
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.requests import BillList, NewBill
from shared.records.billing.types import BillStatus
from shared.store.clinic import Clinic
from shared.workflows.billing import bills, book_reports, book_tables, drafts, issuing, owing, payments
from shared.workflows.billing.booking import NamedBill

BOUND = 1.3
"""A hundred times the bills and the same answer; the margin is for noise and for the depth of the indexes."""
_PAGE = 50


@dataclass(frozen=True)
class Desk:
    """A clinic's front desk."""

    books: Books
    unpaid: list[NamedBill] = field(default_factory=list)
    """Bills that were issued while it was measured."""

    def clinic(self) -> Clinic:
        """The clinic, opened for a request."""
        return Clinic(self.books.context())

    def on(self, bill: NamedBill) -> Clinic:
        """The clinic, opened to change a bill as it was read."""
        return Clinic(self.books.context(if_match=bill.record.revision))


Act = Callable[[Desk], object]


def reads() -> Mapping[str, Act]:
    """The reports and lists, each with the same answer in every clinic."""
    return {
        "outstanding": lambda desk: _json(owing.owing(desk.clinic(), OwingQuery())),
        "receivables": lambda desk: _json(book_reports.receivables(desk.clinic(), ReceivablesQuery())),
        "receivables, CSV": lambda desk: book_tables.receivables(desk.clinic(), ReceivablesQuery()),
        "day book": lambda desk: _json(book_reports.of_day(desk.clinic(), DayBookQuery(day=_busy_day(desk)))),
        "day book, CSV": lambda desk: book_tables.day_book(desk.clinic(), DayBookQuery(day=_busy_day(desk))),
        "taxes of a month": lambda desk: _json(book_reports.taxes(desk.clinic(), TaxQuery(month=_month(desk)))),
        "taxes of a month, CSV": lambda desk: book_tables.taxes(desk.clinic(), TaxQuery(month=_month(desk))),
        "revenue by doctor": lambda desk: _json(book_reports.earned(desk.clinic(), _revenue(desk, RevenueBy.DOCTOR))),
        "revenue by service": lambda desk: _json(book_reports.earned(desk.clinic(), _revenue(desk, RevenueBy.SERVICE))),
        "revenue by service, CSV": lambda desk: book_tables.revenue(desk.clinic(), _revenue(desk, RevenueBy.SERVICE)),
        "bills": _listed,
        "bills of a state": lambda desk: _listed(desk, status=BillStatus.PAID),
        "bills of a day": lambda desk: _listed(desk, day=_busy_day(desk)),
        "bills of a patient": lambda desk: _listed(desk, patient_id=desk.books.patient_ids[0]),
        "bills of a doctor": lambda desk: _listed(desk, doctor_id=DOCTORS[0]),
        "overdue bills": lambda desk: _listed(desk, overdue=True),
    }


def compare(rounds: int, small: Books, large: Books, recorder: Recorder) -> list[Comparison]:
    """The large clinic against the small one. Raises AssertionError unless an answer reads the same in both."""
    desks = {one.size: Desk(one) for one in (small, large)}
    found = []
    for name, act in reads().items():
        documents = [_documents(recorder, partial(act, desk)) for desk in desks.values()]
        assert documents[0] == documents[1], f"{name}: reads {documents}"
        found.append(_compared(f"{name}: {documents[0]} documents", partial(_seconds, act), rounds, desks))
    return [*found, _compared("issue a bill", issue, rounds, desks), _compared("book a payment", pay, rounds, desks)]


def issue(desk: Desk) -> float:
    """The seconds of an issue; the draft was written before."""
    new = NewBill.model_validate(
        {"patient_id": desk.books.patient_ids[0], "doctor_id": DOCTORS[0], "line_items": SERVICES[2]}
    )
    draft = drafts.create(desk.clinic(), new)
    start = time.process_time()
    desk.unpaid.append(issuing.issue(desk.on(draft), draft.record.id))
    return time.process_time() - start


def pay(desk: Desk) -> float:
    """The seconds of a part payment of a bill that was issued before."""
    bill = desk.unpaid.pop()
    start = time.process_time()
    payments.pay(desk.on(bill), bill.record.id, NewPayment(amount=100_000, method=PaymentMethod.CASH))
    return time.process_time() - start


def _compared(name: str, seconds: Callable[[Desk], float], rounds: int, desks: Mapping[int, Desk]) -> Comparison:
    cases = {size: partial(seconds, desk) for size, desk in desks.items()}
    medians(1, cases)  # opens keys and builds validators
    measured = medians(rounds, cases)
    return Comparison(name, measured[max(desks)], measured[min(desks)], BOUND)


def _seconds(act: Act, desk: Desk) -> float:
    start = time.process_time()
    act(desk)
    return time.process_time() - start


def _documents(recorder: Recorder, act: Callable[[], object]) -> int:
    mark = recorder.mark()
    act()
    return sum(call.amounts.get("reads", 0) for call in recorder.calls(mark))


def _json(report: Any) -> str:
    text: str = report.model_dump_json()
    return text


def _listed(desk: Desk, **query: Any) -> list[str]:
    page = bills.listed(desk.clinic(), BillList(page_size=_PAGE, **query))
    return [item.record.model_dump_json() for item in page.items]


def _revenue(desk: Desk, by: RevenueBy) -> RevenueQuery:
    return RevenueQuery(day=desk.books.month, days=28, by=by)


def _busy_day(desk: Desk) -> date:
    """A day of the last month on which bills were issued, and earlier ones paid."""
    return desk.books.month + timedelta(days=9)


def _month(desk: Desk) -> str:
    return f"{desk.books.month:%Y-%m}"
