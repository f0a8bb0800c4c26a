"""Operations on the books: statements of account, receivables, day book, taxes and revenue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.records.billing import paying
from shared.records.billing.account import Account, EntryKind
from shared.records.billing.book_reports.aged_receivables import aged
from shared.records.billing.book_reports.day_book import DayEntry, day_book
from shared.records.billing.book_reports.revenue import RevenueQuery, revenue
from shared.records.billing.book_reports.tax_summary import TaxSummary, tax_month
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.statement import AccountStatement, accounts_of
from shared.records.billing.sums.book_day import DaySums
from shared.records.billing.sums.postings import number_of, postings
from shared.records.parties import DoctorName, PatientName
from shared.records.record import SYSTEM, Stamp
from tools.openapi.operation_cases.billing import BILL
from tools.openapi.operation_cases.case import OperationCase, State
from tools.openapi.operation_cases.patients import OF_PATIENT, PATIENT
from tools.openapi.operation_cases.sample_clinic import CLINIC, DOCTOR, ENDED

_DAY = BILL.bill_date
_BILLED = Stamp(SYSTEM, ENDED)
_CHARGED = Booked(BILL.model_copy(update={"account": Account()})).book(
    NewEntry(EntryKind.CHARGE, BILL.total_amount, _DAY), _BILLED
)
_PAID = paying.paid(
    BILL, NewPayment(amount=60_000, method=PaymentMethod.UPI), _BILLED, day=_DAY, receipt="RCT-202609-000001"
)
_BOOKED = Booked(_PAID.bill, [*_CHARGED.entries, *_PAID.entries])
_SUMS = DaySums.together([*postings(None, _BOOKED).days.values()])
_DUE = [row for rows in postings(None, _BOOKED).due.values() for row in rows]
_LISTED = [DayEntry.of(one, number_of(one, BILL.number)) for one in reversed(_BOOKED.entries)]
_NAMES = {DOCTOR: DoctorName(id=DOCTOR, name="Meera Iyer")}
_ZONE = CLINIC.time_zone
_WEEK = {"day": "2026-09-14", "days": 7, "by": "doctor"}
_PERIOD = (date(2026, 9, 14), date(2026, 9, 20), _ZONE)

_SINCE = date(2026, 4, 1)
_STATEMENT = AccountStatement(
    patient=PatientName.of(PATIENT),
    first_day=_SINCE,
    last_day=_DAY,
    accounts=accounts_of(_BOOKED.entries, {BILL.id: BILL}, _SINCE, _DAY),
)

CASES: Mapping[str, OperationCase] = {
    "patients.statement": OperationCase(
        path=OF_PATIENT, query={"first_day": f"{_SINCE}"}, answer=_STATEMENT, state=State.PAID_IN_PART
    ),
    "patients.statement_pdf": OperationCase(
        path=OF_PATIENT, query={"first_day": f"{_SINCE}"}, state=State.PAID_IN_PART
    ),
    "books.receivables": OperationCase(
        answer=aged(_DUE, date(2026, 10, 20), _ZONE, _NAMES, complete=True), state=State.CLINIC
    ),
    "books.receivables_csv": OperationCase(state=State.CLINIC),
    "books.day_book": OperationCase(
        query={"day": "2026-09-14"},
        answer=day_book(_DAY, _ZONE, _SUMS, None, _LISTED, complete=True),
        state=State.CLINIC,
    ),
    "books.day_book_csv": OperationCase(query={"day": "2026-09-14"}, state=State.CLINIC),
    "books.tax_summary": OperationCase(
        query={"month": "2026-09"},
        answer=TaxSummary(time_zone=_ZONE, months=[tax_month(_DAY.replace(day=1), _SUMS)]),
        state=State.CLINIC,
    ),
    "books.tax_summary_csv": OperationCase(query={"month": "2026-07", "months": 3}, state=State.CLINIC),
    "books.revenue": OperationCase(
        query=_WEEK,
        answer=revenue({_DAY: _SUMS}, RevenueQuery.model_validate(_WEEK), _NAMES, _PERIOD),
        state=State.CLINIC,
    ),
    "books.revenue_csv": OperationCase(query=_WEEK, state=State.CLINIC),
}
