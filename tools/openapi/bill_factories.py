"""Makes bills and their documents, for the examples of the API and for tests."""

from __future__ import annotations

from shared.records.billing import drafting
from shared.records.billing.account import EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.issued import BillSnapshot, IssuedBill, IssuedVoucher, VoucherSnapshot, VoucherType
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.clinic.settings import ClinicSettings
from shared.records.letterhead import Letterhead
from shared.records.patients.patient import Patient
from shared.records.record import Stamp
from shared.records.visits.session import Session
from tools.openapi.factories import patient


def bill(of: Session, settings: ClinicSettings, stamp: Stamp, number: str = "INV-202609-000001") -> Bill:
    """The issued bill of a session, priced by the clinic's fees."""
    draft = drafting.of_session(of, patient(of.doctor_id, stamp), settings, stamp).issued(number, settings)
    return Booked(draft).book(NewEntry(EntryKind.CHARGE, draft.total_amount, draft.bill_date), stamp).bill


def issued_bill(of: Bill, patient: Patient, settings: ClinicSettings, stamp: Stamp) -> IssuedBill:
    """The bytes of an issued bill, without a session and a doctor's profile."""
    issuer, zone = Letterhead.of(None, settings), settings.time_zone
    return IssuedBill.seal(BillSnapshot.of(of, patient, None, issuer=issuer, zone=zone), stamp)


def receipt(of: Booked, patient: Patient, settings: ClinicSettings, stamp: Stamp) -> IssuedVoucher:
    """The receipt of the last payment of a bill."""
    issuer, zone = Letterhead.of(None, settings), settings.time_zone
    entry = of.entries[-1]
    snapshot = VoucherSnapshot.of(VoucherType.RECEIPT, entry, of.bill, patient, issuer=issuer, zone=zone)
    return IssuedVoucher.seal(entry, snapshot, stamp)
