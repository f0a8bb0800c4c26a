"""Appointments after they are booked: read, changed, confirmed, cancelled, and kept or missed."""

from __future__ import annotations

from collections.abc import Callable

from shared.lazily import lazily
from shared.records.page import Page
from shared.records.problems import Forbidden, raise_if_any
from shared.records.record import Stamp
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING
from shared.records.scheduling.zone_change import Unsettled
from shared.store.admission import FRONT_DESK, require_clinician
from shared.store.clinic import Clinic
from shared.store.queries import Filter, Order
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.scheduling.requests import AgreedTime, AppointmentChange, AppointmentList, Cancellation
    from shared.store import pagination
    from shared.workflows import clinic_lists
    from shared.workflows.parties import named, named_page
    from shared.workflows.scheduling import unassigning
    from shared.workflows.scheduling.booked_days import BookedDays
    from shared.workflows.scheduling.booking import NamedAppointment, doctor_errors, place

_TAKES_TIME = frozenset({"doctor_id", "duration_minutes", "room_id", "type"})
"""Fields that decide which time an appointment takes of whom: the type has buffers."""
BY_TIME = Order("scheduled_at", descending=False)


def listed(clinic: Clinic, query: AppointmentList) -> Page[NamedAppointment]:
    """A page of the appointments of some days, or of today and later, in the order of their times."""

    raise_if_any(query.filter_errors())

    def transaction(work: UnitOfWork) -> Page[NamedAppointment]:
        work.expect(work.settings_ref())
        clinic_lists.expect_patient(work, query.patient_id)
        chosen = _of_series(work, query.series_id) if query.series_id else _of_doctor(work, query)
        filters: list[Filter] = [pagination.LIVE, *chosen, *_on_days(work, query)]
        if query.unsettled:
            return named_page(work, _unsettled(work, query, filters))
        filters += clinic_lists.of_patient(work, query.patient_id)
        if query.status:
            filters.append(("status", "==", query.status.value))
        if query.asks_other_time:
            filters.append(("asks_other_time", "==", True))
        return named_page(work, pagination.of_clinic(work, Appointment, query, filters, BY_TIME))

    return clinic.perform("appointment.list", transaction)


def _on_days(work: UnitOfWork, query: AppointmentList) -> list[Filter]:
    """The filter for the days of a list, or for today and later."""
    zone = work.settings().time_zone
    if query.day:
        return clinic_lists.on_days("scheduled_at", query.day, query.days, zone)
    return clinic_lists.from_day("scheduled_at", work.today(), zone)


def _unsettled(work: UnitOfWork, query: AppointmentList, filters: list[Filter]) -> Page[Appointment]:
    """The few appointments whose time must be agreed on anew; the other filters need no index of theirs."""
    reasons: Filter = ("unsettled", "in", sorted(Unsettled))
    page = pagination.of_clinic(work, Appointment, query, [*filters, reasons], BY_TIME)
    wanted = {query.status} if query.status else COMING
    ids = clinic_lists.ids_of_patient(work, query.patient_id) if query.patient_id else None
    items = [one for one in page.items if one.status in wanted and (ids is None or one.patient_id in ids)]
    items = [one for one in items if one.asks_other_time or not query.asks_other_time]
    return Page(items, page.next_page_token)


def _of_series(work: UnitOfWork, series_id: str) -> list[Filter]:
    """The filter for the visits of a series, whoever sees them."""
    work.keyring()  # the caller is looked up
    return [("series_id", "==", series_id)]


def _of_doctor(work: UnitOfWork, query: AppointmentList) -> list[Filter]:
    """The filter for the appointments of a doctor, or of nobody. Raises Forbidden when a doctor asks for those."""
    of_doctor = clinic_lists.of_doctor(work, query.doctor_id)
    if not query.unassigned:
        return of_doctor
    if work.scope != FRONT_DESK:
        raise Forbidden("the front desk assigns appointments to doctors")
    return [("doctor_id", "==", None)]


def get(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """An appointment."""
    return clinic.perform("appointment.read", named(lambda work: work.get(Appointment.ref(appointment_id))))


def change(clinic: Clinic, appointment_id: str, changes: AppointmentChange) -> NamedAppointment:
    """Change what is written about an appointment. Another duration or room needs the time: raises SlotTaken."""

    def transaction(work: UnitOfWork) -> Appointment:
        work.expect(work.settings_ref())
        before = work.get_for_update(Appointment.ref(appointment_id))
        require_clinician(sorted(changes.clinical_fields_sent), clinical=work.clinical)
        doctor = doctor_errors(work, changes.doctor_id, before.patient_id) if changes.doctor_id else []
        raise_if_any([*changes.room_errors(work.settings()), *doctor])
        after = before.edited(work.stamp, **changes.changes)
        if after is not before and before.holds_its_time and _TAKES_TIME & changes.model_fields_set:
            before.must_be_movable()
            days = BookedDays(work)
            days.release(before)
            after = place(work, days, after, AgreedTime(outside_schedule=True))
        return work.save_edit(before, after)

    return clinic.perform("appointment.update", named(transaction))


def confirm(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """Record that the patient will come."""
    return _change(clinic, "appointment.confirm", appointment_id, Appointment.confirmed)


def cancel(clinic: Clinic, appointment_id: str, cancellation: Cancellation) -> NamedAppointment:
    """Cancel an appointment; its time is free."""
    return _change(
        clinic, "appointment.cancel", appointment_id, lambda one, stamp: one.cancelled(cancellation.reason, stamp)
    )


def check_in(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """Record that the patient came. Raises SlotTaken for a no-show whose time was given to somebody else."""
    return _change(clinic, "appointment.check_in", appointment_id, Appointment.checked_in)


def no_show(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """Record that the patient did not come; the time is free."""
    return _change(clinic, "appointment.no_show", appointment_id, Appointment.missed)


def complete(clinic: Clinic, appointment_id: str) -> NamedAppointment:
    """Complete an appointment that has no session."""
    return _change(clinic, "appointment.complete", appointment_id, Appointment.completed)


def _change(
    clinic: Clinic, action: str, appointment_id: str, rule: Callable[[Appointment, Stamp], Appointment]
) -> NamedAppointment:
    """Apply a rule to an appointment, and free its time or take it again."""

    def transaction(work: UnitOfWork) -> Appointment:
        before = work.get_for_update(Appointment.ref(appointment_id))
        return save_with_time(work, before, rule(before, work.stamp))

    return clinic.perform(action, named(transaction))


def save_with_time(work: UnitOfWork, before: Appointment, after: Appointment) -> Appointment:
    """Save a changed appointment in this commit, and free its time or take it again. Raises SlotTaken."""
    if before.holds_its_time and not after.holds_its_time:
        days = BookedDays(work)
        days.release(before)
        days.write()
    elif after.holds_its_time and not before.holds_its_time:
        expected = unassigning.without_lost_doctor(work, after)
        after = place(work, BookedDays(work), expected, AgreedTime(outside_schedule=True))
    return work.save_edit(before, after)
