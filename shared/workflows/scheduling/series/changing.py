"""Changing and cancelling a series from a date on. What is earlier stays as it is, with its ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, Invalid, raise_if_any
from shared.records.record import Detailed
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.series import AppointmentSeries, moved_rule, planned_dates, shifted
from shared.records.scheduling.series_requests import SeriesChange, SeriesPart, SeriesVisits
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.doctors import doctor_of
from shared.workflows.scheduling.booked_days import BookedDays
from shared.workflows.scheduling.booking import NO_DOCTOR, id_for, successor
from shared.workflows.scheduling.series.booking import ShownSeries
from shared.workflows.scheduling.series.placing import Draft, draft, place_all, require_room
from shared.workflows.scheduling.series.reading import coming


def cancel(clinic: Clinic, series_id: str, part: SeriesPart) -> ShownSeries:
    """Cancel the visits from a date on that are still to come, also those that were moved by themselves."""

    def transaction(work: UnitOfWork) -> ShownSeries:
        series = work.get_for_update(AppointmentSeries.ref(series_id))
        expected = coming(work, series_id, part.from_date)
        visits = [one for one in expected if one.session_id is None]
        days = BookedDays(work)
        days.read_around(visits)
        for one in visits:
            days.release(one)
        require_room(days, len(visits))
        days.write()
        gone = [work.save(one.cancelled(part.reason, work.stamp)) for one in visits]
        cut = work.save(series.cut(_first(expected), work.stamp))
        return Detailed(cut, SeriesVisits.of(gone, cut))

    return clinic.perform("series.cancel", transaction)


def change(clinic: Clinic, series_id: str, wanted: SeriesChange) -> ShownSeries:
    """Change the visits from a date on that are still to come: the series is cut, and a new one begins there.

    Raises SeriesTaken if a date is not free, and then changes nothing.
    """

    def transaction(work: UnitOfWork) -> ShownSeries:
        series = work.get_for_update(AppointmentSeries.ref(series_id))
        visits = coming(work, series_id, wanted.from_date)
        change = _Change(work, series, wanted, visits)
        change.require_valid()
        return change.made()

    return clinic.perform("series.change", transaction)


def _first(visits: Sequence[Appointment]) -> date:
    return min(_date(one) for one in visits)


def _date(visit: Appointment) -> date:
    assert visit.series_date is not None
    return visit.series_date


class _Change:
    """The change of the visits of a series from a date on."""

    def __init__(
        self, work: UnitOfWork, series: AppointmentSeries, wanted: SeriesChange, visits: Sequence[Appointment]
    ) -> None:
        self._work, self._series, self._wanted, self._visits = work, series, wanted, visits
        self._first = _first(visits)
        self._time = wanted.time_of(series)
        self._moved = {one.date: one for one in wanted.moved_dates}

    def require_valid(self) -> None:
        """Raises Invalid for a change that no visit can make."""
        wanted, patient = self._wanted, self._work.get(Patient.ref(self._series.patient_id))
        named = (wanted.time, wanted.doctor_id, wanted.duration_minutes)
        if not (any(named) or wanted.days_later or wanted.excluded_dates or wanted.moved_dates):
            raise Invalid(errors=[FieldError("", "names nothing to change")])
        doctors = {wanted.doctor_id or one.doctor_id for one in self._visits}
        found = [doctor_of(self._work, id, patient) for id in doctors]
        unknown = [] if all(found) else [NO_DOCTOR]
        raise_if_any([*unknown, *wanted.errors(self._series, self._visits, self._work.now)])
        patient.must_be_living()
        for doctor in filter(None, found):
            self._work.require_unchanged(doctor)
        self._work.touch(patient)  # a withdrawal that has not seen the visits runs again

    def made(self) -> ShownSeries:
        """The changed series with the visits from the date on."""
        work, days = self._work, BookedDays(self._work)
        after = self._changed_series()
        days.read_around(self._visits)
        before = {one.id: one for one in self._visits}
        cancelled, staying, going = self._sorted()
        for one in (*cancelled, *going):
            days.release(one)
        placing = place_all(work, days, [self._draft(one, after.id) for one in going])
        placing.require_free()
        kept = [one.edited(work.stamp, series_id=after.id, series_date=self._new_date(one)) for one in staying]
        require_room(days, len(cancelled) + len(kept) + 2 * len(placing.placed))
        days.write()
        for one in cancelled:
            work.save(one.cancelled(self._wanted.reason, work.stamp))
        for one in placing.placed:
            self._save(before, one)
        for one in kept:
            work.save_edit(before[one.id], one)
        self._save_series(after)
        return Detailed(after, SeriesVisits.of([*placing.placed, *kept], after))

    def _sorted(self) -> tuple[list[Appointment], list[Appointment], list[Appointment]]:
        """The visits that are cancelled, those that stay where they are, and those that the change moves or edits."""
        cancelled: list[Appointment] = []
        staying: list[Appointment] = []
        going: list[Appointment] = []
        for one in self._visits:
            if self._new_date(one) in self._wanted.excluded_dates and one.session_id is None:
                cancelled.append(one)
            else:
                (staying if self._stays(one) else going).append(one)
        return cancelled, staying, going

    def _new_date(self, visit: Appointment) -> date:
        return _date(visit) + timedelta(days=self._wanted.days_later)

    def _stays(self, visit: Appointment) -> bool:
        """True for a visit that has begun, that was moved by itself, or that the change leaves as it is."""
        if visit.session_id is not None:
            return True
        day = self._new_date(visit)
        if day in self._moved:
            return False
        wanted = self._wanted
        same_doctor = wanted.doctor_id in (None, visit.doctor_id)
        same_length = wanted.duration_minutes in (None, visit.duration_minutes)
        same_time = f"{day}T{self._time}" == visit.local_time
        return not self._series.holds(visit) or (same_time and same_doctor and same_length)

    def _draft(self, visit: Appointment, series_id: str) -> Draft:
        wanted, work, zone = self._wanted, self._work, self._series.time_zone
        fields: dict[str, Any] = {"series_id": series_id, "doctor_id": wanted.doctor_id or visit.doctor_id}
        fields["duration_minutes"] = wanted.duration_minutes or visit.duration_minutes
        (planned,) = wanted.visits([self._new_date(visit)], self._time)

        def build(when: Mapping[str, Any]) -> Appointment:
            if when["scheduled_at"] == visit.scheduled_at and when["local_time"] == visit.local_time:
                return visit.edited(work.stamp, **fields, series_date=when["series_date"])
            return successor(work, visit, **when, **fields, **visit.replacement_fields)

        outside = wanted.outside_schedule or (planned.local_time == visit.local_time and wanted.doctor_id is None)
        return draft(planned, zone, build, outside_schedule=outside)

    def _save(self, before: Mapping[str, Appointment], placed: Appointment) -> None:
        """Store a visit that was changed where it is, or moved to a new appointment."""
        work = self._work
        if placed.id in before:
            work.save_edit(before[placed.id], placed)
            return
        assert placed.rescheduled_from is not None
        work.save(before[placed.rescheduled_from].rescheduled(placed.id, self._wanted.reason, work.stamp))
        work.create(placed)

    def _changed_series(self) -> AppointmentSeries:
        """The series of the changed visits: a new one, or the series itself if no date is earlier."""
        wanted, series = self._wanted, self._series
        rule = moved_rule(series.rest(self._first), self._first, wanted.days_later)
        assert rule is not None
        first = self._first + timedelta(days=wanted.days_later)
        visited = set(shifted(map(_date, self._visits), wanted.days_later)) - set(wanted.excluded_dates)
        fields = {
            "doctor_id": wanted.doctor_id or series.doctor_id,
            "duration_minutes": wanted.duration_minutes or series.duration_minutes,
            "local_time": f"{first}T{self._time}",
            "rule": rule.text,
            "excluded_dates": [day for day in rule.dates(first) if day not in visited],
        }
        if not self._cuts:
            return series.revised(self._work.stamp, **fields)
        kept = {name: getattr(series, name) for name in ("patient_id", "type", "time_zone")}
        return AppointmentSeries.new(id_for(series.patient_id), self._work.stamp, **kept, **fields, continues=series.id)

    @property
    def _cuts(self) -> bool:
        """True if the series has an earlier date, which stays."""
        series = self._series
        return any(
            one < self._first for one in planned_dates(series.recurrence, series.first_date, series.excluded_dates)
        )

    def _save_series(self, after: AppointmentSeries) -> None:
        work = self._work
        if after.id == self._series.id:
            work.save(after)
            return
        work.save(self._series.cut(self._first, work.stamp, after.id))
        work.create(after)
