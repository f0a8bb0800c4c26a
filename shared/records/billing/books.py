"""Auditing the books: what is wrong about a bill and its ledger, a series of numbers, and the kept sums. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from shared.records.billing.account import Account, EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry, entry_id, id_in_bill
from shared.records.billing.issued import BillSnapshot, IssuedVoucher, VoucherType
from shared.records.billing.ledger import status_of
from shared.records.billing.payments import PaymentMethod
from shared.records.billing.sums.book_day import BookDay, DaySums
from shared.records.billing.sums.receivables import Receivables
from shared.records.billing.sums.rows import DueSum
from shared.records.billing.types import BillStatus

_PRINTED = {
    **{name: name for name in ("number", "document_type", "bill_date", "due_date", "currency", "place_of_supply")},
    **{name: name for name in ("subtotal", "taxes", "round_off")},
    "lines": "line_items",
    "discount": "discount_amount",
    "taxable": "taxable_amount",
    "tax": "tax_amount",
    "total": "total_amount",
}
"""What was issued, and the fields of the bill that never differ from it."""
_IN_HISTORY = frozenset({EntryKind.PAYMENT, EntryKind.REVERSAL, EntryKind.REFUND})
"""The kinds of entries that the bill tells of too."""
_VOUCHERS = {VoucherType.RECEIPT: EntryKind.PAYMENT, VoucherType.CREDIT_NOTE: EntryKind.CREDIT}


@dataclass(frozen=True)
class BookFault:
    """Something in the books that cannot be right."""

    id: str
    """Of the first wrong entry, of the bill, of the counter, or of the sums."""
    detail: str
    """What is wrong, without amounts: a log may have it."""


def first_fault(bill: Bill, entries: Sequence[LedgerEntry | None], issued: BillSnapshot | None) -> BookFault | None:
    """The first thing that is wrong about a bill: `entries` has its ledger in order and one place more, None for what
    is missing; `issued` is what was sealed with its number."""
    if not bill.is_issued:
        extra = next((entry for entry in entries if entry is not None), None)
        return BookFault(extra.id, "a draft has an entry") if extra else None
    return _wrong_entry(bill, entries) or _wrong_history(bill, entries) or _wrong_bill(bill, issued)


def _wrong_entry(bill: Bill, entries: Sequence[LedgerEntry | None]) -> BookFault | None:
    """The first entry from which the account of the bill does not follow."""
    account = Account()
    for number, entry in enumerate(entries[: bill.account.entries], 1):
        if entry is None:
            return BookFault(f"{bill.id}-e{number}", "the entry is missing")
        place = entry.id, entry.sequence, entry.bill_id, entry.currency
        if place != (entry_id(bill.id, number), number, bill.id, bill.currency):
            return BookFault(entry.id, "the entry is of another bill or place")
        try:
            account = account.after(entry.entry_kind, entry.payer, entry.amount)
        except ValueError:
            return BookFault(entry.id, "the entry is more than the account allows")
        if entry.balance != account.outstanding - account.credit_balance:
            return BookFault(entry.id, "the balance does not follow from the amounts")
    beyond = next((entry for entry in entries[bill.account.entries :] if entry is not None), None)
    if beyond is not None:
        return BookFault(beyond.id, "the bill does not know the entry")
    return None if account == bill.account else BookFault(bill.id, "the account does not follow from the entries")


def _wrong_history(bill: Bill, entries: Sequence[LedgerEntry | None]) -> BookFault | None:
    """The first payment, reversal or refund of the ledger that the bill does not have so, or the other way round."""
    told = Counter(_history(bill))
    for entry in entries:
        if entry is None or entry.entry_kind not in _IN_HISTORY:
            continue
        id = entry.reverses if entry.entry_kind == EntryKind.REVERSAL else id_in_bill(entry.sequence)
        fact = entry.entry_kind, id, entry.amount, entry.method, entry.reference
        if not told[fact]:
            return BookFault(entry.id, f"the bill has no such {entry.entry_kind}")
        told[fact] -= 1
    return BookFault(bill.id, "the ledger does not have all payments and refunds of the bill") if +told else None


def _history(bill: Bill) -> Iterator[tuple[EntryKind, str | None, int, PaymentMethod | None, str | None]]:
    """What the bill says of money: kind, id within the bill, amount, method and reference."""
    for paid in bill.payment_history:
        yield EntryKind.PAYMENT, paid.id, paid.amount, paid.method, paid.reference
        if paid.reversal is not None:
            yield EntryKind.REVERSAL, paid.id, paid.amount, paid.method, paid.reference
    for back in bill.refund_history:
        yield EntryKind.REFUND, back.id, back.amount, back.method, back.reference


def _wrong_bill(bill: Bill, issued: BillSnapshot | None) -> BookFault | None:
    """What contradicts the account, or the bytes that were issued."""
    if issued is None:
        return BookFault(bill.id, "the issued bytes are missing")
    wrong = [name for printed, name in _PRINTED.items() if getattr(issued, printed) != getattr(bill, name)]
    if wrong:
        return BookFault(bill.id, f"the bill differs from what was issued: {', '.join(wrong)}")
    if bill.account.charged != bill.total_amount:
        return BookFault(bill.id, "the charge is not the total")
    cancelled = bill.status == BillStatus.CANCELLED
    if not cancelled and bill.status != status_of(bill, bill.account):
        return BookFault(bill.id, "the state does not follow from the account")
    return None


def fault_of_voucher(voucher: IssuedVoucher, entry: LedgerEntry | None) -> BookFault | None:
    """What is wrong about a receipt or a credit note; `entry` is that of its id."""
    if entry is None:
        return BookFault(voucher.id, "the document has no entry")
    issued = voucher.snapshot()
    of_entry = entry.bill_id, entry.entry_kind, entry.document, entry.amount, entry.balance, entry.currency
    printed = issued.number, issued.amount, issued.balance, issued.currency
    if of_entry != (voucher.bill_id, _VOUCHERS[voucher.voucher_type], *printed) or voucher.number != issued.number:
        return BookFault(voucher.id, "the document differs from its entry")
    return None


def fault_of_day(id: str, kept: BookDay | None, right: DaySums) -> BookFault | None:
    """What is wrong about the kept sums of a shard of a day; `right` has what follows from its bills."""
    sums = kept.sums if kept else DaySums()
    expected = right.keeping(sums.services)
    wrong = [one.name for one in fields(DaySums) if getattr(sums, one.name) != getattr(expected, one.name)]
    return BookFault(id, f"the sums of the day are not those of the ledger: {', '.join(wrong)}") if wrong else None


def fault_of_receivables(id: str, kept: Receivables | None, right: Sequence[DueSum]) -> BookFault | None:
    """What is wrong about the kept sums of what is owed in a shard."""
    if (kept.due if kept else []) != list(right):
        return BookFault(id, "the receivables are not what the bills leave to be paid")
    if kept is not None and kept.open != bool(right):
        return BookFault(id, "the receivables are not marked as they are")
    return None


def faults_of_series(
    counter: str, before: Mapping[str, int], after: Mapping[str, int], given: Mapping[str, Sequence[int]]
) -> Iterator[BookFault]:
    """What is wrong about a series: the numbers of a financial year have neither gap nor double, and none was given
    without being counted. The counts are those before and after the documents were read, for more may be issued
    meanwhile."""
    for year in sorted(before.keys() | given.keys()):
        found = Counter(given.get(year, ()))
        double = next((one for one in sorted(found) if found[one] > 1), None)
        missing = next((one for one in range(1, before.get(year, 0) + 1) if one not in found), None)
        uncounted = max(found, default=0)
        if double is not None:
            yield BookFault(counter, f"number {double} of {year} was given twice")
        if missing is not None:
            yield BookFault(counter, f"number {missing} of {year} is missing")
        if uncounted > after.get(year, 0):
            yield BookFault(counter, f"number {uncounted} of {year} was never counted")
