"""Clinics with any number of bills, as the product writes them, but in large commits.

The use cases of the product price, issue and book each bill, and its store seals the documents. Only what each commit
would count up is written once, at the end: the last numbers and the sums of the books.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Any

from bench.bill_courses import DOCTORS, SERVICES, YEAR_STARTS_IN, PlannedBill, PlannedMonth, Step, plan
from bench.population import people
from local.demo.seed import SETTINGS
from shared.records.billing import crediting, drafting, ledger
from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCancellation, NewCredit, NewWriteOff
from shared.records.billing.ledger import Booked
from shared.records.billing.payments import NewPayment, NewRefund, PaymentMethod
from shared.records.billing.requests import NewBill
from shared.records.billing.sums.book_day import BookDay, DaySums, day_of, shard_of
from shared.records.billing.sums.postings import postings
from shared.records.billing.sums.receivables import Receivables, receivables_ref
from shared.records.billing.sums.rows import DueSum
from shared.records.numbering import DocumentSeries, Series
from shared.records.patients.patient import Patient
from shared.records.patients.update import NewPatient
from shared.records.record import R, Ref
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.sequences import reservation
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import issuing, vouchers
from shared.workflows.clinic import opening

DESK = "bench-desk"
AT_ONCE = 5
"""Patients whose records are written in one commit: about 350 documents."""
_PROCESSES = min(os.cpu_count() or 1, 4)
_REASON = "Agreed with the patient."
_METHODS = (PaymentMethod.CASH, PaymentMethod.UPI, PaymentMethod.CREDIT_CARD)
DueSums = dict[str, list[DueSum]]
"""What is owed, by the ids of `Receivables`."""


@dataclass(frozen=True)
class Books:
    """A clinic with its bills."""

    clinic_id: str
    size: int
    month: date
    """The first day of the last month with bills: the one before the present one."""
    patient_ids: Sequence[str]
    """The patients of that month."""

    def context(self, **more: Any) -> RequestContext:
        """A request of the desk."""
        return _context(self.clinic_id, **more)


def create(size: int, firestore: str) -> Books:
    """A new clinic with so many bills, as `plan`; `firestore` is the address to which they are written."""
    clinic_id = new_id(12)
    staff = {id: (f"{id}@clinic.example", [Role.DOCTOR]) for id in DOCTORS}
    staff[DESK] = ("desk@clinic.example", [Role.RECEPTIONIST, Role.ADMIN])
    gst = {"gst_number": "29AAGCB7383J1Z4", "financial_year_starts_in": YEAR_STARTS_IN}
    opening.open_clinic(clinic_id, {**SETTINGS, **gst}, staff)
    last = (utc_now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    planned, due = plan(size, last), defaultdict[str, list[DueSum]](list)
    with processes(min(_PROCESSES, len(planned.months)), firestore) as pool:
        for patient_ids, of_month in pool.imap(partial(_write_month, clinic_id), planned.months):  # noqa: B007 - the last
            for id, rows in of_month.items():
                due[id] += rows
    work = _Bulk(_context(clinic_id))
    work.write_totals(due, planned.counts)
    work.land()
    return Books(clinic_id, size, last, patient_ids)


def processes(count: int, firestore: str) -> Any:
    """A pool of so many processes, which use Firestore at this address."""
    return get_context("spawn").Pool(count, _use, (firestore,))


def _use(firestore: str) -> None:
    os.environ["FIRESTORE_EMULATOR_HOST"] = firestore


def _context(clinic_id: str, **more: Any) -> RequestContext:
    return RequestContext(clinic_id, Caller(DESK, frozenset(Role), utc_now()), Origin("bench"), **more)


def _write_month(clinic_id: str, month: PlannedMonth) -> tuple[list[str], DueSums]:
    """Write the patients, bills and sums of a month; returns the ids of the patients, and what falls due, which other
    months may add to."""
    context, due = _context(clinic_id), defaultdict[str, list[DueSum]](list)
    days: dict[str, list[DaySums]] = defaultdict(list)
    patient_ids = []
    patients = enumerate(people(len(month.by_patient), seed=month.number))
    while batch := list(islice(patients, AT_ONCE)):
        work = _Bulk(context)
        for number, fields in batch:
            bills = month.by_patient[number]
            patient = work.register(month.number * len(month.by_patient) + number, fields, bills[0].at)
            patient_ids.append(patient.id)
            for planned in bills:
                booked = work.write(patient, planned)
                posted, bill = postings(None, booked), booked.bill
                for id, sums in posted.days.items():
                    days[id].append(sums)
                if bill.due_date is not None:  # a month of which nothing is owed any more has its document too
                    ref = receivables_ref(bill.due_date, shard_of(bill.id))
                    due[ref.id] += posted.due.get(ref.id, [])
        work.land()
    work = _Bulk(context)
    work.write_days({id: DaySums.together(of_day) for id, of_day in days.items()})
    work.land()
    return patient_ids, due


class _Bulk(UnitOfWork):
    """A unit of work for many bills at many times, whose numbers are known before."""

    def __init__(self, context: RequestContext) -> None:
        super().__init__(context)
        self._opened: dict[str, Any] = {}
        self._numbers: Iterator[str] = iter(())
        super().prefetch(self.settings_ref())

    def prefetch(self, *refs: Ref[Any] | str) -> None:
        """Without the sums of the books, which are written at the end."""
        super().prefetch(*(ref for ref in refs if isinstance(ref, str) or ref.model not in (BookDay, Receivables)))

    def get_or_none(self, ref: Ref[R], *, live: bool = True) -> R | None:
        """As always, but each record is opened once."""
        if ref.path not in self._opened:
            self._opened[ref.path] = super().get_or_none(ref, live=live)
        record: R | None = self._opened[ref.path]
        return record

    def next_number(self, series: Series, target_id: str) -> str:
        """The number that was planned."""
        number = next(self._numbers)
        assert number.startswith(series.prefix)
        self._changes.create(reservation(number), {"id": target_id})
        return number

    def register(self, number: int, fields: Mapping[str, Any], at: datetime) -> Patient:
        """Write a patient."""
        self.now = at
        new = NewPatient.model_validate(fields)
        patient = Patient.register(new, self.stamp, id=new_id(), number=f"PAT-2020{number:05d}", owner_id=DOCTORS[0])
        self._opened[patient.path_of(patient.id)] = patient
        return self.create(patient)

    def write(self, patient: Patient, planned: PlannedBill) -> Booked:
        """Write a bill of a patient and its ledger."""
        booked = self._issued(patient, planned)
        for record in (booked.bill, *booked.entries):
            self.create(record)
        return booked

    def write_days(self, days: Mapping[str, DaySums]) -> None:
        """Write the sums of some days."""
        for id, sums in days.items():
            self.create(BookDay.new(id, self.stamp, day=day_of(id)).plus(sums, self.stamp))

    def write_totals(self, due: DueSums, counts: Mapping[DocumentSeries, Mapping[str, int]]) -> None:
        """Write what is owed, and the last numbers."""
        for id, rows in due.items():
            self.create(Receivables.new(id, self.stamp).plus(rows, self.stamp))
        for series, by_year in counts.items():
            self._changes.create(series.counter, {"counts": dict(by_year)})

    def land(self) -> None:
        """Commit what was written."""
        self.commit(self.audit_entry(new_id(), "bench.write"))

    def _issued(self, patient: Patient, planned: PlannedBill) -> Booked:
        self.now, self._numbers = planned.at, iter(planned.numbers)
        asked: dict[str, Any] = {
            "patient_id": patient.id,
            "doctor_id": planned.doctor_id,
            "line_items": SERVICES[planned.service],
        }
        if planned.course and planned.course[-1] == Step.OVERDUE:
            asked["due_date"] = self.today()
        new, id = NewBill.model_validate(asked), issuing.new_bill_id(patient.id)
        draft = drafting.by_hand(new, id, [], patient=patient, clinic=self.settings(), stamp=self.stamp)
        if planned.course is None:
            return Booked(draft)
        booked = issuing.issued(self, draft, self.settings())
        for step in planned.course:
            self.now += timedelta(days=1)
            after = _after(self, booked.bill, step)
            booked = Booked(after.bill, [*booked.entries, *after.entries])
        return booked


def _after(work: UnitOfWork, bill: Bill, step: Step) -> Booked:
    """The bill after a step, with its new entries."""
    settings, owed, total = work.settings(), bill.account.patient_owes, bill.total_amount
    match step:
        case Step.PART | Step.REST:
            amount = owed if step == Step.REST else owed // 3
            method = _METHODS[total // 1000 % len(_METHODS)]
            return vouchers.receipt(work, bill, NewPayment(amount=amount, method=method), settings)
        case Step.CREDIT:
            return vouchers.credit(work, bill, NewCredit(amount=total // 5, reason=_REASON), settings)
        case Step.REFUND:
            refund = NewRefund(amount=total // 4, method=PaymentMethod.CASH, reason=_REASON)
            return vouchers.refund(work, bill, refund, settings)
        case Step.WRITE_OFF:
            return crediting.written_off(bill, NewWriteOff(reason=_REASON), work.stamp, day=work.today())
        case Step.CANCEL:
            return crediting.cancelled(bill, NewCancellation(reason=_REASON), work.stamp, day=work.today())
        case Step.OVERDUE:
            return Booked(ledger.overdue(bill))
