"""Records that were made with the settings of before, and would not fit with those of after."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.billing.bill import Bill
from shared.records.billing.types import PAYABLE, BillStatus
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import DocumentSeries
from shared.records.problems import FieldError
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING
from shared.store import queries
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork


def of_change(
    work: UnitOfWork, before: ClinicSettings, after: ClinicSettings, *, despite_appointments: bool
) -> Iterator[FieldError]:
    """The settings that cannot change yet, each with the reason. What did not change costs no query."""
    if after.currency != before.currency and _some(work, Bill.collection, [("status", "in", _UNSETTLED)]):
        yield FieldError("/currency", f"bills in {before.currency} are drafts or unpaid: settle them first")
    if after.time_zone != before.time_zone and not despite_appointments and _some_coming(work):
        yield FieldError("/time_zone", "appointments are coming, which keep theirs: send despite_appointments")
    if after.financial_year_starts_in != before.financial_year_starts_in and _numbers_given(work):
        yield FieldError("/financial_year_starts_in", "documents of account have numbers, which count by this year")
    for room in sorted({one.id for one in before.rooms} - {one.id for one in after.rooms}):
        if _some_coming(work, ("room_id", "==", room)):
            yield FieldError("/rooms", f"appointments are coming in the room {room}: move them first")


_UNSETTLED = sorted(PAYABLE | {BillStatus.DRAFT})


def _some_coming(work: UnitOfWork, *filters: Filter) -> bool:
    coming: list[Filter] = [("status", "in", sorted(COMING)), ("scheduled_at", ">", work.now)]
    return _some(work, Appointment.collection, [*filters, *coming], "scheduled_at")


def _some(work: UnitOfWork, collection: str, filters: list[Filter], order: str | None = None) -> bool:
    return bool(queries.first(work.clinic_id, collection, [LIVE, *filters], order, 1))


def _numbers_given(work: UnitOfWork) -> bool:
    """True if a document of account has a number; until the commit none gets one.

    Another year would count its numbers again from 1, in the middle of the year of before.
    """
    counters = [series.counter for series in DocumentSeries]
    if any(work.counts(counter) for counter in counters):
        return True
    for counter in counters:
        work.require_uncounted(counter)
    return False
