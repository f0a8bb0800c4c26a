"""Receivables by age: what is owed, by the days since it fell due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shared.records.billing.sums.rows import DueSum
from shared.records.parties import DoctorName
from shared.records.record import Value
from shared.records.types import Currency, Day, Id, Zone

MOST_SHARDS = 2_000
"""Documents that are summed up: 20 years of months in which something is owed."""
_AGES = ((0, "not_due"), (31, "days_0_to_30"), (61, "days_31_to_60"), (91, "days_61_to_90"))
"""The days since the due date below which each age ends."""
_OLDEST = "days_over_90"


class ReceivablesQuery(Value):
    """Whose bills to sum up."""

    doctor_id: Id | None = None
    """A doctor sees their own, with or without this; others see those of all doctors, or of this one."""


class Aged(Value):
    """What is owed in a currency, by age. Amounts in minor units."""

    currency: Currency
    bills: int
    """On which something is owed."""
    outstanding: int
    """By patients and insurers."""
    insurers: int
    """The insurers' part of it."""
    not_due: int
    days_0_to_30: int
    """Since the due date, in the clinic's days."""
    days_31_to_60: int
    days_61_to_90: int
    days_over_90: int
    credit: int
    """What patients have paid too much; it is not subtracted."""


class AgedRow(Aged):
    """What is owed of the bills of a doctor."""

    doctor: DoctorName | None
    """Null for bills without a doctor."""


class AgedReceivables(Value):
    """What is owed today."""

    day: Day
    """Of the clinic."""
    time_zone: Zone
    rows: list[AgedRow]
    """By doctor and currency."""
    totals: list[Aged]
    """By currency; empty if nobody owes anything."""
    complete: bool
    """False if so many months have open bills that not all are summed up."""


def aged(
    due: Iterable[DueSum], day: date, zone: str, names: Mapping[str, DoctorName], *, complete: bool
) -> AgedReceivables:
    """The receivables of a day."""
    by_doctor: dict[tuple[str | None, str], dict[str, Any]] = defaultdict(_nothing)
    totals: dict[str, dict[str, Any]] = defaultdict(_nothing)
    for one in due:
        for sums in (by_doctor[one.doctor_id, one.currency], totals[one.currency]):
            _count(sums, one, day)
    rows = [
        AgedRow(currency=currency, doctor=names[doctor] if doctor else None, **sums)
        for (doctor, currency), sums in sorted(by_doctor.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    ]
    return AgedReceivables(
        day=day,
        time_zone=zone,
        rows=rows,
        totals=[Aged(currency=currency, **sums) for currency, sums in sorted(totals.items())],
        complete=complete,
    )


def age(due: date, day: date) -> str:
    """The field that counts what fell due on a day."""
    since = (day - due).days
    return next((name for below, name in _AGES if since < below), _OLDEST)


def _nothing() -> dict[str, Any]:
    return {name: 0 for name in Aged.model_fields if name != "currency"}


def _count(sums: dict[str, Any], one: DueSum, day: date) -> None:
    owed = one.patient_owes + one.insurer_owes
    sums["bills"] += one.bills
    sums["outstanding"] += owed
    sums["insurers"] += one.insurer_owes
    sums["credit"] += one.credit
    sums[age(one.due, day)] += owed
