"""Revenue: what was billed, credited and received, by day, doctor or service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field

from shared.records.billing.account import EntryKind
from shared.records.billing.sums.book_day import DaySums
from shared.records.parties import DoctorName
from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Currency, Day, Id, ListDay, Zone

MOST_DAYS = 92
"""A quarter."""


class RevenueBy(StrEnum):
    """What has a row of its own."""

    DAY = "day"
    DOCTOR = "doctor"
    SERVICE = "service"


class RevenueQuery(Value):
    """The days and the doctor."""

    day: ListDay | None = None
    """The first day, in the clinic's time zone; today by default."""
    days: int = Field(default=1, ge=1, le=MOST_DAYS)
    """So many days from it on."""
    doctor_id: Id | None = None
    """All doctors by default."""
    by: RevenueBy = RevenueBy.DAY


class Earned(Value):
    """What was billed and received in a currency. Amounts in minor units."""

    currency: Currency
    quantity: int = 0
    """How often the services were given."""
    charged: int = 0
    """After discounts, without tax, on the day of issue."""
    tax: int = 0
    """On what was billed."""
    credited: int = 0
    """By credit notes and cancellations, without tax, on their own day."""
    net: int = 0
    """What was billed less what was credited."""


class Revenue(Earned):
    """The revenue of a day, doctor or service."""

    day: Day | None
    """Null in rows by doctor or service."""
    doctor: DoctorName | None
    """Null in rows by day or service, and for bills without a doctor."""
    service: ShortText | None
    """As the lines describe it. Null in rows by day or doctor, and for services beyond those that the books keep apart.
    """
    received: int | None
    """The payments received, less those that were reversed; null in rows by service."""
    refunded: int | None


class RevenueTotal(Earned):
    """The revenue of all rows."""

    received: int
    refunded: int


class RevenueReport(Value):
    """The revenue of some days."""

    first: Day
    last: Day
    time_zone: Zone
    by: RevenueBy
    rows: list[Revenue]
    totals: list[RevenueTotal]
    """By currency."""


Sums = dict[tuple[Any, str], dict[str, int]]
"""The numbers of each row, by what it is about and its currency."""
_RECEIVED = ("received", "refunded")
_MONEY = {
    EntryKind.PAYMENT: ("received", 1),
    EntryKind.REVERSAL: ("received", -1),
    EntryKind.REFUND: ("refunded", 1),
}


def revenue(
    days: Mapping[date, DaySums], query: RevenueQuery, names: Mapping[str, DoctorName], period: tuple[date, date, str]
) -> RevenueReport:
    """The revenue of a period: its first and last day, and the clinic's time zone."""
    rows, totals = _sums(days, query.by, query.doctor_id), _sums(days, None, query.doctor_id)
    first, last, zone = period
    return RevenueReport(
        first=first,
        last=last,
        time_zone=zone,
        by=query.by,
        rows=[_row(query.by, about, currency, one, names) for (about, currency), one in _in_order(rows)],
        totals=[RevenueTotal(currency=currency, **one) for (_, currency), one in _in_order(totals)],
    )


def doctors_of(days: Iterable[DaySums]) -> set[str]:
    """The doctors who have a row."""
    ids: set[str | None] = set()
    for sums in days:
        ids |= {one.doctor_id for one in sums.entries} | {one.doctor_id for one in sums.services}
    return {id for id in ids if id}


def _sums(days: Mapping[date, DaySums], by: RevenueBy | None, doctor_id: str | None) -> Sums:
    sums: Sums = defaultdict(lambda: dict.fromkeys(("quantity", "charged", "tax", "credited", "net", *_RECEIVED), 0))
    for day, one in days.items():
        for service in (row for row in one.services if doctor_id in (None, row.doctor_id)):
            about = {RevenueBy.DAY: day, RevenueBy.DOCTOR: service.doctor_id, RevenueBy.SERVICE: service.service}
            row = sums[about[by] if by else None, service.currency]
            for name, number in service.numbers.items():
                row[name] += number
            row["net"] += service.charged - service.credited
        for entry in (row for row in one.entries if doctor_id in (None, row.doctor_id)):
            if by != RevenueBy.SERVICE and entry.entry_kind in _MONEY:
                about = {RevenueBy.DAY: day, RevenueBy.DOCTOR: entry.doctor_id}
                name, sign = _MONEY[entry.entry_kind]
                sums[about[by] if by else None, entry.currency][name] += sign * entry.amount
    return sums


def _row(by: RevenueBy, about: Any, currency: str, numbers: dict[str, int], names: Mapping[str, DoctorName]) -> Revenue:
    subject: dict[str, Any] = {"day": None, "doctor": None, "service": None}
    subject[by.value] = names[about] if by == RevenueBy.DOCTOR and about else about
    money = dict.fromkeys(_RECEIVED) if by == RevenueBy.SERVICE else {name: numbers[name] for name in _RECEIVED}
    return Revenue(currency=currency, **{**numbers, **money}, **subject)


def _in_order(sums: Sums) -> list[tuple[tuple[Any, str], dict[str, int]]]:
    return sorted(sums.items(), key=lambda item: (str(item[0][0] or ""), item[0][1]))
