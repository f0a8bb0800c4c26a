"""Reports on the books, from the sums that every booking keeps: their cost does not depend on the number of bills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from shared.lazily import lazily
from shared.records.billing.book_reports.aged_receivables import MOST_SHARDS
from shared.records.billing.book_reports.day_book import MOST_LISTED
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.sums.book_day import SHARDS, BookDay
from shared.records.billing.sums.receivables import Receivables
from shared.records.problems import FieldError, Invalid
from shared.store import profile_excerpts, queries
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.account import EntryKind
    from shared.records.billing.bill import Bill
    from shared.records.billing.book_reports.aged_receivables import AgedReceivables, ReceivablesQuery, aged
    from shared.records.billing.book_reports.day_book import DayBook, DayBookQuery, DayEntry, day_book
    from shared.records.billing.book_reports.revenue import RevenueQuery, RevenueReport, doctors_of, revenue
    from shared.records.billing.book_reports.tax_summary import TaxQuery, TaxSummary, first_of, months_from, tax_month
    from shared.records.billing.sums.book_day import DaySums
    from shared.records.billing.sums.postings import number_of
    from shared.records.parties import DoctorName
    from shared.store import pagination
    from shared.workflows import clinic_lists

MOST_ROWS = 2_000
"""Rows of one report."""


def receivables(clinic: Clinic, query: ReceivablesQuery) -> AgedReceivables:
    """What is owed, by age and doctor. Raises Forbidden when a doctor asks for another's."""

    def transaction(work: UnitOfWork) -> AgedReceivables:
        work.expect(work.settings_ref())
        doctor_id = _doctor_id(work, query.doctor_id)
        found = queries.first(work.clinic_id, Receivables.collection, [("open", "==", True)], None, MOST_SHARDS + 1)
        shards = [work.from_snapshot(Receivables, one) for one in found[:MOST_SHARDS]]
        due = [row for shard in shards for row in shard.due if doctor_id in (None, row.doctor_id)]
        names = _names(work, {row.doctor_id for row in due if row.doctor_id})
        complete = len(found) <= MOST_SHARDS
        return aged(due, work.today(), work.settings().time_zone, names, complete=complete)

    return clinic.perform("books.receivables", transaction)


def of_day(clinic: Clinic, query: DayBookQuery) -> DayBook:
    """The day book. Raises Forbidden when a doctor asks for another's."""

    def transaction(work: UnitOfWork) -> DayBook:
        work.show_kept()
        work.expect(work.settings_ref())
        of_doctor = clinic_lists.of_doctor(work, query.doctor_id)
        day = query.day or work.today()
        filters = [pagination.LIVE, *of_doctor, ("day", "==", day.isoformat())]
        found = queries.ordered(work.clinic_id, LedgerEntry.collection, filters, None, MOST_LISTED + 1)
        entries = pagination.visible(work, LedgerEntry, found[:MOST_LISTED])
        sums = _by_day(work, day, day + timedelta(days=1)).get(day, DaySums())
        doctor_id = str(of_doctor[0][2]) if of_doctor else None
        zone, complete = work.settings().time_zone, len(entries) == len(found)
        return day_book(day, zone, sums, doctor_id, _listed(work, entries), complete=complete)

    return clinic.perform("books.day", transaction)


def taxes(clinic: Clinic, query: TaxQuery) -> TaxSummary:
    """The taxes of some months. Raises Invalid for too many rows."""

    def transaction(work: UnitOfWork) -> TaxSummary:
        starts = [*months_from(first_of(query.month, work.today()), query.months)]
        by_day = _by_day(work, starts[0], starts[-1])
        months = []
        for start, end in pairwise(starts):
            of_month = [sums for day, sums in by_day.items() if start <= day < end]
            months.append(tax_month(start, DaySums.together(of_month)))
        _must_be_few(sum(len(month.rows) for month in months), "months")
        return TaxSummary(time_zone=work.settings().time_zone, months=months)

    return clinic.perform("books.taxes", transaction)


def earned(clinic: Clinic, query: RevenueQuery) -> RevenueReport:
    """The revenue of some days. Raises Invalid for too many rows."""

    def transaction(work: UnitOfWork) -> RevenueReport:
        first = query.day or work.today()
        by_day = _by_day(work, first, first + timedelta(days=query.days))
        names = _names(work, doctors_of(by_day.values()))
        last = first + timedelta(days=query.days - 1)
        report = revenue(by_day, query, names, (first, last, work.settings().time_zone))
        _must_be_few(len(report.rows), "days")
        return report

    return clinic.perform("books.revenue", transaction)


def _doctor_id(work: UnitOfWork, asked: str | None) -> str | None:
    """The doctor whose sums the caller sees; None for all."""
    of_doctor = clinic_lists.of_doctor(work, asked)
    return str(of_doctor[0][2]) if of_doctor else None


def _by_day(work: UnitOfWork, first: date, end: date) -> dict[date, DaySums]:
    """The sums of the days from one to another, which is left out; a day without entries is not there."""
    within = [("day", ">=", first.isoformat()), ("day", "<", end.isoformat())]
    found = queries.first(work.clinic_id, BookDay.collection, within, "day", SHARDS * (end - first).days)
    shards: dict[date, list[DaySums]] = defaultdict(list)
    for snapshot in found:
        shard = work.from_snapshot(BookDay, snapshot)
        shards[shard.day].append(shard.sums)
    return {day: DaySums.together(of_day) for day, of_day in shards.items()}


def _names(work: UnitOfWork, ids: Iterable[str]) -> dict[str, DoctorName]:
    """The doctors by name, read in one call."""
    wanted = sorted(ids)
    work.prefetch(*profile_excerpts.refs(work, wanted))
    return {id: profile_excerpts.doctor_name(work, id) for id in wanted}


def _listed(work: UnitOfWork, entries: list[LedgerEntry]) -> list[DayEntry]:
    """The entries with the numbers of their documents."""
    charged = {entry.bill_id for entry in entries if entry.entry_kind == EntryKind.CHARGE}
    numbers = {id: bill.get("number") for id, bill in work.unopened(*map(Bill.ref, sorted(charged))).items()}
    return [DayEntry.of(entry, number_of(entry, numbers.get(entry.bill_id))) for entry in entries]


def _must_be_few(rows: int, field: str) -> None:
    if rows > MOST_ROWS:
        raise Invalid(errors=[FieldError(field, f"more than {MOST_ROWS} rows: ask for fewer {field}")])
