"""Booking a series: every date is checked first, and all visits are booked in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.problems import FieldError, raise_if_any
from shared.records.record import Detailed
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.requests import AppointmentDetails
from shared.records.scheduling.schedule import DoctorSchedule, rule_for
from shared.records.scheduling.series import AppointmentSeries
from shared.records.scheduling.series_requests import NewSeries, SeriesVisits
from shared.records.scheduling.series_taken import SeriesCheck
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.doctors import doctor_of
from shared.workflows.scheduling.booked_days import BookedDays
from shared.workflows.scheduling.booking import NO_DOCTOR, doctor_errors, id_for
from shared.workflows.scheduling.series.placing import Draft, Placing, draft, place_all, require_room

ShownSeries = Detailed[AppointmentSeries, SeriesVisits]


def check(clinic: Clinic, new: NewSeries) -> SeriesCheck:
    """Which dates of a series are free. Nothing is written but the audit entry."""

    def transaction(work: UnitOfWork) -> SeriesCheck:
        patient = _patient(work, new)
        known = doctor_of(work, new.doctor_id, patient) is not None
        unknown = [] if known else [NO_DOCTOR]
        raise_if_any([*unknown, *_errors(work, new)])
        patient.must_be_living()
        found = place_all(work, BookedDays(work), _drafts(work, new, patient))
        count = len(found.placed) + len(found.not_free)
        return SeriesCheck(count=count, free=len(found.placed), not_free=found.not_free)

    return clinic.perform("series.check", transaction)


def book(clinic: Clinic, new: NewSeries) -> ShownSeries:
    """Book all visits of a series. Raises SeriesTaken if a date is not free, and then books none."""

    def transaction(work: UnitOfWork) -> ShownSeries:
        patient = _patient(work, new)
        raise_if_any([*doctor_errors(work, new.doctor_id, patient.id), *_errors(work, new)])
        days = BookedDays(work)
        placing = place_all(work, days, _drafts(work, new, patient))
        placing.require_free()
        require_room(days, len(placing.placed))
        days.write()
        series = work.create(_series(work, new, placing))
        visits = [work.create(one.amended(series_id=series.id)) for one in placing.placed]
        return Detailed(series, SeriesVisits.of(visits, series))

    return clinic.perform("series.create", transaction)


def _patient(work: UnitOfWork, new: NewSeries) -> Patient:
    """The patient, read with the doctor and the settings; the caller may write what is sent."""
    ref = Patient.ref(new.patient_id)
    work.prefetch(ref, work.settings_ref(), User.ref(new.doctor_id), DoctorSchedule.ref(new.doctor_id))
    patient = work.get(ref)
    require_clinician(new.clinical_fields(), clinical=work.clinical)
    return patient


def _errors(work: UnitOfWork, new: NewSeries) -> list[FieldError]:
    settings = work.settings()
    return [*new.room_errors(settings), *new.errors(work.now, settings.time_zone)]


def _drafts(work: UnitOfWork, new: NewSeries, patient: Patient) -> list[Draft]:
    settings = work.settings()
    zone = new.time_zone or settings.time_zone
    usual = rule_for(work.get_or_none(DoctorSchedule.ref(new.doctor_id)), new.type).duration_minutes

    def build(when: Mapping[str, Any]) -> Appointment:
        return Appointment.new(
            id_for(patient.id),
            work.stamp,
            **{name: getattr(new, name) for name in AppointmentDetails.model_fields},
            **when,
            patient_id=patient.id,
            doctor_id=new.doctor_id,
            duration_minutes=new.duration_minutes or usual,
            currency=settings.currency,
        )

    return [draft(one, zone, build, outside_schedule=new.outside_schedule) for one in new.planned(zone)]


def _series(work: UnitOfWork, new: NewSeries, placing: Placing) -> AppointmentSeries:
    first = placing.placed[0]
    return AppointmentSeries.new(
        id_for(first.patient_id),
        work.stamp,
        patient_id=first.patient_id,
        doctor_id=new.doctor_id,
        type=new.type,
        duration_minutes=first.duration_minutes,
        local_time=new.local_time,
        time_zone=first.time_zone,
        rule=new.rule_of(first.time_zone).text,
        excluded_dates=sorted(set(new.excluded_dates)),
    )
