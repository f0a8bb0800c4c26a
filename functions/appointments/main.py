"""/api/v1/appointments and /api/v1/schedules"""

from __future__ import annotations

from typing import Annotated

from functions.appointments import series, waiting
from functions.appointments.waiting import NOT_BOOKABLE
from shared.lazily import lazily
from shared.records.scheduling.slot_taken import SlotTaken
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, FRONT_DESK
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.scheduling.numbers import Numbers, NumbersQuery
    from shared.records.scheduling.requests import (
        AppointmentChange,
        AppointmentList,
        Cancellation,
        FreeSlotQuery,
        NewAppointment,
        NewTime,
        Reschedule,
    )
    from shared.records.scheduling.schedule import DoctorSchedule, ScheduleChange
    from shared.workflows.messages.listing import SentMessage
    from shared.workflows.reminders import listing
    from shared.workflows.reminders.listing import VisitMessages
    from shared.workflows.scheduling import appointments, booking, calendars, offers, schedules
    from shared.workflows.scheduling import numbers as counting
    from shared.workflows.scheduling.booking import NamedAppointment
    from shared.workflows.scheduling.offers import FreeTimes

api = Api("appointments")
schedules_api = Api("schedules")
TAKEN = frozenset({SlotTaken})


@api.post("/", roles=FRONT_DESK, status=201, problems=NOT_BOOKABLE)
def book(clinic: Clinic, new: NewAppointment) -> NamedAppointment:
    """Book a visit of a patient to a doctor.

    Doctor, patient and room have one appointment at a time; appointments that touch do not overlap. A refusal names
    what is in the way and up to three free times close by. An admin books beside another appointment with
    `override_reason`, and everybody outside the doctor's hours with `outside_schedule`.
    """
    return booking.book(clinic, new)


@api.get("/", roles=FRONT_DESK)
def list_days(clinic: Clinic, query: AppointmentList) -> Page[NamedAppointment]:
    """List the appointments of a day or some days, or of today and later, in the order of their times."""
    return appointments.listed(clinic, query)


@api.get("/free-slots", roles=FRONT_DESK)
def free_slots(clinic: Clinic, query: FreeSlotQuery) -> FreeTimes:
    """List the free times of doctors: within their hours, and beside no appointment of doctor, patient and room."""
    return offers.of_doctors(clinic, query)


@api.get("/numbers", roles=FRONT_DESK)
def numbers(clinic: Clinic, query: NumbersQuery) -> Numbers:
    """Count what became of the appointments of some days, and how much of the offered time they take.

    By day or by doctor. An appointment that was moved counts at its new time only. Utilisation follows from the present
    working hours, also for days that are over.
    """
    return counting.of_days(clinic, query)


@api.get("/numbers/csv", roles=FRONT_DESK)
def numbers_csv(clinic: Clinic, query: NumbersQuery) -> Annotated[Document, "text/csv"]:
    """Get the numbers as a table (CSV in UTF-8), whose last row is the total."""
    table = counting.as_csv(clinic, query)
    return Document(table.content, "text/csv; charset=utf-8; header=present", table.filename, table.revision)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> NamedAppointment:
    """Get an appointment."""
    return appointments.get(clinic, id)


@api.get("/{id}/ics", roles=FRONT_DESK)
def get_calendar_file(clinic: Clinic, id: str) -> Annotated[Document, "text/calendar"]:
    """Get the calendar file (iCalendar) of an appointment, for its patient: the clinic's name and the time.

    A later file of the same appointment, also after it was moved, replaces the earlier one in a calendar; that of a
    cancelled one removes it.
    """
    content, revision = calendars.file_of(clinic, id)
    return Document(content, "text/calendar", "appointment.ics", revision)


@api.put("/{id}", roles=FRONT_DESK, alias_of="PATCH /appointments/{id}", problems=TAKEN)
@api.patch("/{id}", roles=FRONT_DESK, problems=TAKEN)
def change(clinic: Clinic, id: str, changes: AppointmentChange) -> NamedAppointment:
    """Change what is written about an appointment, its type, duration or room. What is left out stays as it is.

    `reschedule` changes the time.
    """
    return appointments.change(clinic, id, changes)


@api.post("/{id}/confirm", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def confirm(clinic: Clinic, id: str) -> NamedAppointment:
    """Record that the patient will come. Confirming twice changes nothing."""
    return appointments.confirm(clinic, id)


@api.post("/{id}/cancel", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def cancel(clinic: Clinic, id: str, cancellation: Cancellation | None) -> NamedAppointment:
    """Cancel an appointment; its time is free. Not one with a session: cancel the session first."""
    return appointments.cancel(clinic, id, cancellation or Cancellation())


@api.post("/{id}/reschedule", roles=FRONT_DESK, status=201, requires_if_match=True, problems=NOT_BOOKABLE)
def reschedule(clinic: Clinic, id: str, move: Reschedule) -> NamedAppointment:
    """Move an appointment: the answer is the new one, and the old one is `rescheduled` and names it.

    If the new time is refused, the old appointment stays as it was. Not one with a session.
    """
    return booking.reschedule(clinic, id, move)


@api.post("/{id}/book-again", roles=FRONT_DESK, status=201, problems=NOT_BOOKABLE)
def book_again(clinic: Clinic, id: str, new: NewTime) -> NamedAppointment:
    """Book another visit like this one: the same patient, type, reason and price, at a new time."""
    return booking.book_again(clinic, id, new)


@api.post("/{id}/check-in", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True, problems=TAKEN)
def check_in(clinic: Clinic, id: str) -> NamedAppointment:
    """Record that the patient came, also after a `no_show` was recorded."""
    return appointments.check_in(clinic, id)


@api.post("/{id}/no-show", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def no_show(clinic: Clinic, id: str) -> NamedAppointment:
    """Record that the patient did not come, from the start of the appointment on; the rest of its time is free."""
    return appointments.no_show(clinic, id)


@api.post("/{id}/complete", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def complete(clinic: Clinic, id: str) -> NamedAppointment:
    """Complete an appointment without a session. The completion of a session completes its appointment."""
    return appointments.complete(clinic, id)


@api.get("/{id}/messages", roles=FRONT_DESK)
def list_messages(clinic: Clinic, id: str, page: PageQuery) -> VisitMessages[SentMessage]:
    """List the messages to the patient about an appointment, newest first, and those that are still to come.

    One that was not sent is `cancelled` or `failed`, and `error_code` says why.
    """
    return listing.of_appointment(clinic, id, page)


@schedules_api.get("/{doctor_id}", roles=FRONT_DESK)
def get_schedule(clinic: Clinic, doctor_id: str) -> DoctorSchedule:
    """Get a doctor's working hours, blocked times and rules of visits."""
    return schedules.get(clinic, doctor_id)


@schedules_api.put("/{doctor_id}", roles=CLINICIANS, requires_if_match=False)
def put_schedule(clinic: Clinic, doctor_id: str, new: ScheduleChange) -> DoctorSchedule:
    """Set a doctor's working hours, blocked times and rules of visits, for the doctor and admins.

    What is booked stays booked.
    """
    return schedules.put(clinic, doctor_id, new)


api.include(series.api, waiting.api)
main = api.function(schedules_api)
