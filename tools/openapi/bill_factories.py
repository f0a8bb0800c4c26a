"""Makes bills and their documents, for the examples of the API and for tests."""

from __future__ import annotations

from typing import Any

from shared.records.billing import drafting
from shared.records.billing.account import EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.issued import BillSnapshot, IssuedBill, IssuedVoucher, VoucherSnapshot, VoucherType
from shared.records.billing.ledger import Booked, NewEntry
from shared.records.billing.sharing import BillShare
from shared.records.clinic.settings import ClinicSettings
from shared.records.letterhead import Letterhead
from shared.records.links.link import LONGEST_VALID, MOST_OPENINGS, Link
from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.records.messages.kinds import Channel, MessageKind
from shared.records.patients.patient import Patient
from shared.records.record import Stamp
from shared.records.visits.session import Session
from tools.openapi.factories import patient

SUFFIX = "w5p8rk3n6t"
"""The end of the id of the share."""


def bill(of: Session, settings: ClinicSettings, stamp: Stamp, number: str = "INV-202609-000001") -> Bill:
    """The issued bill of a session, priced by the clinic's fees."""
    draft = drafting.of_session(of, patient(of.doctor_id, stamp), settings, stamp).issued(number, settings)
    return Booked(draft).book(NewEntry(EntryKind.CHARGE, draft.total_amount, draft.bill_date), stamp).bill


def issued_bill(of: Bill, patient: Patient, settings: ClinicSettings, stamp: Stamp) -> IssuedBill:
    """The bytes of an issued bill, without a session and a doctor's profile."""
    issuer, zone = Letterhead.of(None, settings), settings.time_zone
    return IssuedBill.seal(BillSnapshot.of(of, patient, None, issuer=issuer, zone=zone), stamp)


def share(of: Bill, by: Link, stamp: Stamp, **values: Any) -> BillShare:
    """The bill, sent to the patient by mail with this link."""
    defaults = {
        "bill_id": of.id,
        "link_id": by.id,
        "message_kind": MessageKind.BILL,
        "channel": Channel.MAIL,
        "recipient_address": "asha@home.example",
    }
    return BillShare.new(by.subject_id, stamp, **{**defaults, **values})


def link(of: Bill, stamp: Stamp, id: str = "3d7e90b1c64f4a22a9d0e5f1") -> Link:
    """A link to a bill, which nobody opened yet."""
    return Link.new(
        id,
        stamp,
        purpose=LinkPurpose.BILL,
        subject_id=f"{of.id}-{SUFFIX}",
        patient_id=of.patient_id,
        passcode_kind=PasscodeKind.DATE_OF_BIRTH,
        opens_until=stamp.at + LONGEST_VALID,
        most_openings=MOST_OPENINGS,
    )


def receipt(of: Booked, patient: Patient, settings: ClinicSettings, stamp: Stamp) -> IssuedVoucher:
    """The receipt of the last payment of a bill."""
    issuer, zone = Letterhead.of(None, settings), settings.time_zone
    entry = of.entries[-1]
    snapshot = VoucherSnapshot.of(VoucherType.RECEIPT, entry, of.bill, patient, issuer=issuer, zone=zone)
    return IssuedVoucher.seal(entry, snapshot, stamp)
