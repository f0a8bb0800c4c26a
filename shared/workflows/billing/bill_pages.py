"""What the page of a bill says, before it is HTML: the bill as it was issued, its account now, and how to pay.

UPI id and telephone number are the clinic's of now: money must not go to an account that it had once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.lazily import lazily
from shared.records.billing.types import PAYABLE
from shared.records.clinic.settings import ClinicSettings
from shared.records.types import local_date

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.collection import CollectionStatus
    from shared.records.billing.issued import BillSnapshot
    from shared.records.billing.types import BillStatus
    from shared.render import qr
    from shared.render.formats import money, plain_number
    from shared.workflows.billing import paper


class BillState(StrEnum):
    """What the page of a bill says."""

    OWED = "owed"
    PAID = "paid"
    SETTLED = "settled"
    """The patient owes nothing, for another reason: an insurer pays, or it was credited."""
    DISPUTED = "disputed"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    """Another bill stands for it."""


STANDS = frozenset(BillState) - {BillState.CANCELLED, BillState.REPLACED}


class Sum(StrEnum):
    """What an amount below the lines is."""

    SUBTOTAL = "subtotal"
    DISCOUNT = "discount"
    ROUND_OFF = "round_off"
    TOTAL = "total"
    PAID = "paid"
    """By the patient."""
    CREDITED = "credited"
    WRITTEN_OFF = "written_off"
    INSURER = "insurer"
    OWED = "owed"
    """By the patient."""


@dataclass(frozen=True)
class PageTax:
    """A tax of the bill."""

    label: str
    rate: str
    """Per cent."""
    included: bool
    """True if the prices have it in them: it is not added to them."""


@dataclass(frozen=True)
class PageLine:
    """A service, with its amount as people read it."""

    description: str
    quantity: str
    """Empty for one."""
    amount: str


@dataclass(frozen=True)
class Payment:
    """How to pay."""

    upi_id: str | None
    upi_link: str | None
    upi_code: str
    """The link as a QR code, in SVG; empty without one."""
    url: str | None
    """Of the page of the clinic's payment provider."""
    instructions: str


@dataclass(frozen=True)
class BillPage:
    """The page of a bill, after the passcode."""

    state: BillState
    clinic: str
    phone: str | None
    number: str
    bill_date: date
    owed: str
    """What the patient is to pay now, such as `₹1,200.00`."""
    due_date: date | None
    """Of a bill that is owed."""
    is_overdue: bool
    lines: tuple[PageLine, ...]
    """None of a bill that does not stand any more."""
    sums: tuple[tuple[Sum | PageTax, str], ...]
    """What each amount is, and the amount."""
    payment: Payment | None
    """Of a bill that is owed."""
    form: str
    """The hidden value of the form that gets the PDF; empty if there is none."""


def page_of(issued: BillSnapshot, bill: Bill, settings: ClinicSettings, *, now: datetime, form: str) -> BillPage:
    """The page of an issued bill."""
    state, today = _state(bill), local_date(now, settings.time_zone)
    owed, stands = state == BillState.OWED, state in STANDS
    return BillPage(
        state=state,
        clinic=issued.issuer.clinic_name,
        phone=settings.phone,
        number=issued.number or "",
        bill_date=issued.bill_date,
        owed=money(bill.account.patient_owes, issued.currency),
        due_date=bill.due_date if owed else None,
        is_overdue=owed and bill.due_date is not None and bill.due_date < today,
        lines=_lines(issued) if stands else (),
        sums=_sums(issued, bill) if stands else (),
        payment=_payment(issued, bill, settings, now) if owed else None,
        form=form if stands else "",
    )


def _state(bill: Bill) -> BillState:
    if bill.amended_by is not None:
        return BillState.REPLACED
    if bill.status == BillStatus.CANCELLED:
        return BillState.CANCELLED
    if bill.status in PAYABLE and bill.account.patient_owes:
        disputed = bill.collection_status == CollectionStatus.DISPUTED
        return BillState.DISPUTED if disputed else BillState.OWED
    return BillState.PAID if bill.status == BillStatus.PAID and bill.account.paid else BillState.SETTLED


def _lines(issued: BillSnapshot) -> tuple[PageLine, ...]:
    return tuple(
        PageLine(
            line.description,
            "" if line.quantity == 1 else f"\u00d7 {plain_number(line.quantity)}",
            money(line.amount_minor, issued.currency),
        )
        for line in paper.lines(issued)
    )


def _sums(issued: BillSnapshot, bill: Bill) -> tuple[tuple[Sum | PageTax, str], ...]:
    """The sums without those that are nought; total, what was paid and what is owed always stand."""
    account, included = bill.account, paper.prices_include_tax(issued)
    taxes = [(PageTax(one.label, plain_number(one.rate_percent), included), one.amount) for one in issued.taxes]
    rows: list[tuple[Sum | PageTax, int]] = [
        (Sum.SUBTOTAL, issued.subtotal if issued.subtotal != issued.total else 0),
        (Sum.DISCOUNT, -issued.discount),
        *taxes,
        (Sum.ROUND_OFF, issued.round_off),
        (Sum.TOTAL, issued.total),
        (Sum.PAID, -account.patient_money),
        (Sum.CREDITED, -account.credited),
        (Sum.WRITTEN_OFF, -account.written_off),
        (Sum.INSURER, -account.insurer_share),
        (Sum.OWED, account.patient_owes),
    ]
    always = (Sum.TOTAL, Sum.PAID, Sum.OWED)
    return tuple((what, money(minor, issued.currency)) for what, minor in rows if minor or what in always)


def _payment(issued: BillSnapshot, bill: Bill, settings: ClinicSettings, now: datetime) -> Payment:
    link, online = paper.upi_link(settings.upi_payee, bill), bill.payment_link
    return Payment(
        upi_id=settings.upi_id if link else None,
        upi_link=link,
        upi_code=qr.svg(link) if link else "",
        url=bill.payment_url if online and now < online.expires_at else None,
        instructions=issued.payment_instructions or "",
    )
