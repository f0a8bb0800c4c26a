"""What bookings on a bill change in the sums of the books. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.records.billing.account import Account, EntryKind
from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.ledger import Booked
from shared.records.billing.sums import line_shares
from shared.records.billing.sums.book_day import DaySums, day_ref, digest_of, shard_of
from shared.records.billing.sums.line_shares import LineShare
from shared.records.billing.sums.receivables import receivables_ref
from shared.records.billing.sums.rows import DueSum, EntrySum, SeriesSum, ServiceSum, TaxNature, TaxSum, added
from shared.records.numbering import DocumentNumber, DocumentSeries

_NATURES = {
    EntryKind.CHARGE: TaxNature.ISSUED,
    EntryKind.CREDIT: TaxNature.CREDIT_NOTE,
    EntryKind.CANCELLATION: TaxNature.CANCELLATION,
}
"""The kinds of entries that change what was supplied."""
_VOUCHERS = {EntryKind.CREDIT: DocumentSeries.CREDIT_NOTE, EntryKind.PAYMENT: DocumentSeries.RECEIPT}
"""The kinds of entries that have a document beside the bill. A refund names the credit note of the entry before it."""
_LABELS = {"CGST": "cgst", "SGST": "sgst", "UTGST": "utgst", "IGST": "igst"}


@dataclass(frozen=True)
class Postings:
    """What is added to the sums, by the ids of their documents."""

    days: Mapping[str, DaySums]
    """By the id of a `BookDay`."""
    due: Mapping[str, Sequence[DueSum]]
    """By the id of `Receivables`."""

    @staticmethod
    def together(several: Sequence[Postings]) -> Postings:
        """All of them, with each document once."""
        days: dict[str, DaySums] = defaultdict(DaySums)
        due: dict[str, list[DueSum]] = defaultdict(list)
        for one in several:
            for id, sums in one.days.items():
                days[id] = days[id].plus(sums)
            for id, rows in one.due.items():
                due[id] = added(due[id], rows)
        return Postings(days, {id: rows for id, rows in due.items() if rows})


def postings(before: Bill | None, booked: Booked) -> Postings:
    """What bookings add; `before` is the bill without them, None if it had none."""
    bill, account = booked.bill, before.account if before else Account()
    shard, days = shard_of(bill.id), defaultdict[date, DaySums](DaySums)
    for entry in booked.entries:
        days[entry.day] = days[entry.day].plus(_of_entry(bill, entry, account))
        account = account.after(entry.entry_kind, entry.payer, entry.amount)
    due: dict[str, list[DueSum]] = defaultdict(list)
    for row in [*(one.negated() for one in _owed(before)), *_owed(bill)]:
        due[receivables_ref(row.due, shard).id].append(row)
    return Postings.together([Postings({day_ref(day, shard).id: sums for day, sums in days.items()}, due)])


def number_of(entry: LedgerEntry, bill_number: str | None) -> str | None:
    """The number of the document that an entry has: a bill, a credit note or a receipt."""
    if entry.entry_kind == EntryKind.CHARGE:
        return bill_number
    return entry.document if entry.entry_kind in _VOUCHERS else None


def digest(entry: LedgerEntry, number: str | None) -> str:
    """The digest of an entry in the day book."""
    return digest_of([entry.id, entry.entry_kind, entry.payer, entry.amount, entry.currency, entry.method, number])


def _owed(bill: Bill | None) -> Iterator[DueSum]:
    """What is owed of an issued bill."""
    if bill is None or not bill.is_issued:
        return
    account = bill.account
    yield DueSum(
        due=bill.due_date or bill.bill_date,
        doctor_id=bill.doctor_id,
        currency=bill.currency,
        bills=int(account.outstanding > 0),
        patient_owes=account.patient_owes,
        insurer_owes=account.insurer_owes,
        credit=account.credit_balance,
    )


def _of_entry(bill: Bill, entry: LedgerEntry, before: Account) -> DaySums:
    number, nature = number_of(entry, bill.number), _NATURES.get(entry.entry_kind)
    shares = _shares(bill, entry, before) if nature else []
    return DaySums(
        [_entry(entry)],
        [_numbered(bill, entry, number)] if number else [],
        added(_tax(bill, share, nature) for share in shares) if nature else [],
        added(_service(bill, share, nature) for share in shares) if nature else [],
        digest(entry, number),
    )


def _shares(bill: Bill, entry: LedgerEntry, before: Account) -> Sequence[LineShare]:
    if entry.entry_kind == EntryKind.CHARGE or not bill.total_amount:  # only all of nothing can be cancelled
        return line_shares.whole(bill)
    return line_shares.credited(bill, before.credited, before.credited + entry.amount)


def _entry(entry: LedgerEntry) -> EntrySum:
    names = ("entry_kind", "payer", "method", "doctor_id", "currency", "amount")
    return EntrySum(entries=1, **{name: getattr(entry, name) for name in names})


def _numbered(bill: Bill, entry: LedgerEntry, number: str) -> SeriesSum:
    count = DocumentNumber.read(number).count
    series = _VOUCHERS.get(entry.entry_kind, bill.document_type.series)
    return SeriesSum(series=series, first=count, last=count, count=1)


def _tax(bill: Bill, share: LineShare, nature: TaxNature) -> TaxSum:
    treatment, parts = share.line.tax, defaultdict[str, int](int)
    for label, amount in share.taxes:
        parts[_LABELS.get(label, "plain")] += amount
    return TaxSum(
        nature=nature,
        document_type=bill.document_type,
        exempt=treatment.is_exempt,
        code=treatment.code,
        label=treatment.label,
        rate_percent=_written(treatment.rate_percent),
        place_of_supply=bill.place_of_supply,
        currency=bill.currency,
        taxable=share.taxable,
        **parts,
    )


def _written(rate: Decimal) -> Decimal:
    """A rate in one form: 18 for 18.0, and no exponent."""
    return Decimal(f"{rate.normalize():f}")


def _service(bill: Bill, share: LineShare, nature: TaxNature) -> ServiceSum:
    billed, line = nature == TaxNature.ISSUED, share.line
    return ServiceSum(
        doctor_id=bill.doctor_id,
        service=line.description,
        currency=bill.currency,
        quantity=line.quantity if billed else 0,
        charged=share.taxable if billed else 0,
        tax=sum(amount for _, amount in share.taxes) if billed else 0,
        credited=0 if billed else share.taxable,
    )
