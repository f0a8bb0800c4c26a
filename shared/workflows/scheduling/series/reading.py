"""Reading a series with its visits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Detailed
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.recurrence import MOST_DATES
from shared.records.scheduling.series import AppointmentSeries
from shared.records.scheduling.series_requests import SeriesVisits
from shared.records.scheduling.types import COMING
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.scheduling.series.booking import ShownSeries

MOST_SHOWN = 300
"""Visits of a series that are shown; a visit that was moved counts twice."""


def get(clinic: Clinic, series_id: str) -> ShownSeries:
    """A series with its visits, also those that were moved or cancelled."""

    def transaction(work: UnitOfWork) -> ShownSeries:
        series = work.get(AppointmentSeries.ref(series_id))
        return Detailed(series, SeriesVisits.of(_found(work, series_id, [], MOST_SHOWN), series))

    return clinic.perform("series.read", transaction)


def coming(work: UnitOfWork, series_id: str, from_date: date | None) -> list[Appointment]:
    """The visits that are still to come, from a date of the series on. Raises Conflict if there is none."""
    later: list[Filter] = [("status", "in", sorted(COMING)), ("scheduled_at", ">", work.now)]
    found = [one for one in _found(work, series_id, later, MOST_DATES) if _belongs(one, from_date)]
    if not found:
        raise Conflict(ConflictCode.SERIES_OVER, "no visit of the series is to come")
    return found


def _belongs(visit: Appointment, from_date: date | None) -> bool:
    return visit.series_date is not None and (from_date is None or visit.series_date >= from_date)


def _found(work: UnitOfWork, series_id: str, filters: Collection[Filter], limit: int) -> list[Appointment]:
    wanted: list[Filter] = [LIVE, ("series_id", "==", series_id), *filters]
    found = queries.first(work.clinic_id, Appointment.collection, wanted, "scheduled_at", limit)
    return [work.from_snapshot(Appointment, one) for one in found]
