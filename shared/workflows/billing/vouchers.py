"""Receipts and credit notes: numbered and sealed in the commit of their entry, and printed for ever as they were.

One that could not be printed is refused (Conflict), unless the payment provider has moved the money: then it has the
letterhead, name and address of the bill's issue, which could be printed.
"""

from __future__ import annotations

from typing import Any

from shared.records.billing import crediting, paying
from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCredit
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.issued import IssuedBill, IssuedVoucher, VoucherSnapshot, VoucherType
from shared.records.billing.ledger import Booked
from shared.records.billing.payments import NewPayment, NewRefund
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentSeries
from shared.records.patients.patient import Patient
from shared.store import profile_excerpts
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import letterheads
from shared.workflows.billing import booking, sums


def receipt(
    work: UnitOfWork, bill: Bill, new: NewPayment, settings: ClinicSettings, *, by_provider: bool = False
) -> Booked:
    """The bill with a payment, whose receipt is numbered and sealed."""
    received_by = profile_excerpts.name_of(work, work.user_id)
    number = _number(work, DocumentSeries.RECEIPT, bill, settings)
    day = new.received_on or work.today()
    booked = paying.paid(bill, new, work.stamp, day=day, receipt=number, received_by=received_by)
    snapshot = _snapshot(work, booked, booked.entries[-1], VoucherType.RECEIPT, settings, received_by=received_by)
    _seal(work, booked.entries[-1], snapshot, by_provider=by_provider)
    return booked


def credit(work: UnitOfWork, bill: Bill, new: NewCredit, settings: ClinicSettings) -> Booked:
    """The bill with a credit note, which is numbered and sealed."""
    number = _number(work, DocumentSeries.CREDIT_NOTE, bill, settings)
    booked = crediting.credited(bill, new, work.stamp, day=work.today(), number=number)
    _seal_credit(work, bill, booked, settings)
    return booked


def refund(
    work: UnitOfWork,
    bill: Bill,
    new: NewRefund,
    settings: ClinicSettings,
    *,
    charged_back: int = 0,
    by_provider: bool = False,
) -> Booked:
    """The bill after a refund, with a credit note for what the patient's credit does not cover; see `credit_needed`."""
    needed = crediting.credit_needed(bill, new, charged_back)
    number = _number(work, DocumentSeries.CREDIT_NOTE, bill, settings) if needed else None
    day = work.today()
    booked = crediting.refunded(bill, new, work.stamp, day=day, number=number, charged_back=charged_back)
    if needed:
        _seal_credit(work, bill, booked, settings, by_provider=by_provider)
    return booked


def _number(work: UnitOfWork, series: DocumentSeries, bill: Bill, settings: ClinicSettings) -> str:
    """The number of the document of the bill's next entry."""
    return booking.next_number(work, series, settings, entry_id(bill.id, bill.account.entries + 1))


def _seal_credit(
    work: UnitOfWork, before: Bill, booked: Booked, settings: ClinicSettings, *, by_provider: bool = False
) -> None:
    """Seal the credit note of the first entry that was booked."""
    entry = booked.entries[0]
    taxable, taxes = crediting.taxes_of_credit(before, entry.amount)
    snapshot = _snapshot(work, booked, entry, VoucherType.CREDIT_NOTE, settings, taxable=taxable, taxes=taxes)
    _seal(work, entry, snapshot, by_provider=by_provider)


def _snapshot(
    work: UnitOfWork,
    booked: Booked,
    entry: LedgerEntry,
    voucher_type: VoucherType,
    settings: ClinicSettings,
    **more: Any,
) -> VoucherSnapshot:
    """The document of an entry, with letterhead and patient as they are now."""
    bill, patient = booked.bill, work.get(Patient.ref(entry.patient_id))
    work.prefetch(*letterheads.refs(bill.doctor_id), *sums.refs(bill, entry.day))
    issuer, zone = letterheads.of_doctor(work, bill.doctor_id), settings.time_zone
    return VoucherSnapshot.of(voucher_type, entry, bill, patient, issuer=issuer, zone=zone, **more)


def _seal(work: UnitOfWork, entry: LedgerEntry, snapshot: VoucherSnapshot, *, by_provider: bool) -> None:
    """Seal a document. Raises Conflict if it could not be printed.

    What prints is imported here: most requests to functions that book payments seal nothing.
    """
    from shared.workflows.billing import paper
    from shared.workflows.printability import is_printable, must_be_printable

    document = paper.voucher_document(snapshot, work.now)
    if not by_provider:
        must_be_printable(document)
    elif not is_printable(document):
        snapshot = _as_issued(work, entry, snapshot)
    work.create(IssuedVoucher.seal(entry, snapshot, work.stamp))


def _as_issued(work: UnitOfWork, entry: LedgerEntry, snapshot: VoucherSnapshot) -> VoucherSnapshot:
    """The document with letterhead, patient and address as its bill has them."""
    issued = work.get(IssuedBill.ref(entry.bill_id)).snapshot()
    same = {"issuer": issued.issuer, "subject": issued.subject, "address": issued.address}
    return snapshot.model_copy(update=same)
