"""Booking: an entry is added to the ledger of a bill, and the bill's account and state follow from its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from shared.records.billing.account import MOST_ENTRIES, Account, EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.collection import CollectionStatus, following
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.overdue import lateness
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.types import BillStatus
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Stamp


@dataclass(frozen=True)
class NewEntry:
    """An entry to be booked."""

    kind: EntryKind
    amount: int
    day: date
    payer: Payer = Payer.PATIENT
    method: PaymentMethod | None = None
    reference: str | None = None
    reason: str | None = None
    reverses: str | None = None
    document: str | None = None
    other_bill_id: str | None = None


_MONEY = frozenset({EntryKind.PAYMENT, EntryKind.REVERSAL, EntryKind.REFUND})


@dataclass(frozen=True)
class Booked:
    """A bill after some bookings, and their entries."""

    bill: Bill
    entries: list[LedgerEntry] = field(default_factory=list)

    @property
    def is_of_money(self) -> bool:
        """True if only money came in, or went back: what the bill says stays."""
        return bool(self.entries) and all(entry.entry_kind in _MONEY for entry in self.entries)

    def revised(self, stamp: Stamp, **changes: object) -> Booked:
        """The bill with the next revision, and other changes; its entries stay."""
        return Booked(self.bill.revised(stamp, **changes), self.entries)

    def book(self, new: NewEntry, stamp: Stamp) -> Booked:
        """Add an entry; the bill keeps its revision.

        Raises Conflict for a bill with as many entries as possible, ValueError for one that the account does not allow.
        """
        bill = self.bill
        if bill.account.entries >= MOST_ENTRIES:
            raise Conflict(ConflictCode.LEDGER_FULL, f"the bill has {MOST_ENTRIES} entries")
        account = bill.account.after(new.kind, new.payer, new.amount)
        entry = LedgerEntry.new(
            entry_id(bill.id, account.entries),
            stamp,
            bill_id=bill.id,
            patient_id=bill.patient_id,
            doctor_id=bill.doctor_id,
            sequence=account.entries,
            entry_kind=new.kind,
            payer=new.payer,
            day=new.day,
            amount=new.amount,
            balance=account.outstanding - account.credit_balance,
            currency=bill.currency,
            method=new.method,
            reference=new.reference,
            reason=new.reason,
            reverses=new.reverses,
            document=new.document,
            other_bill_id=new.other_bill_id,
        )
        cancelled = bill.status == BillStatus.CANCELLED or new.kind == EntryKind.CANCELLATION
        status = BillStatus.CANCELLED if cancelled else status_of(bill, account)
        after = bill.amended(
            account=account,
            status=status,
            insurance=bill.insurance and bill.insurance.following(account),
            collection_status=_collection_after(bill, account, new.kind),
            **lateness(bill.due_date, bill.overdue_since, account, cancelled=cancelled),
        )
        return Booked(after, [*self.entries, entry])


def status_of(bill: Bill, account: Account) -> BillStatus:
    """The state of an issued bill that is not cancelled, by its account."""
    if account.outstanding:
        if bill.overdue_since is not None and account.patient_owes:
            return BillStatus.OVERDUE
        if account.received > 0:
            return BillStatus.PARTIALLY_PAID
        return BillStatus.SENT if bill.sent_at else BillStatus.PENDING
    return BillStatus.REFUNDED if account.refunded and account.received <= 0 else BillStatus.PAID


def _collection_after(bill: Bill, account: Account, kind: EntryKind) -> CollectionStatus | None:
    """The state of the collection after an entry. A dispute at the provider ends there, whatever is paid meanwhile."""
    if bill.disputed_payments and bill.collection_status == CollectionStatus.DISPUTED:
        return CollectionStatus.DISPUTED
    return following(bill.collection_status, account, kind, bill.reminder_sent_count)


def overdue(bill: Bill) -> Bill:
    """The bill from the day on which it becomes overdue; it keeps its revision, as no person changed it."""
    late = bill.amended(overdue_on=None, overdue_since=bill.overdue_on)
    return late.amended(status=status_of(late, late.account))


def account_of(entries: Iterable[LedgerEntry]) -> Account:
    """The account that follows from the entries of a bill, in their order. Raises ValueError if one cannot be."""
    account = Account()
    for entry in entries:
        account = account.after(entry.entry_kind, entry.payer, entry.amount)
    return account


def must_be_issued(bill: Bill) -> None:
    """Raises Conflict for a draft and for a cancelled bill."""
    if not bill.is_issued or bill.status == BillStatus.CANCELLED:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, f"the bill is {bill.status}")
