"""/api/v1/appointments and /api/v1/schedules"""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.records.scheduling.series_taken import SeriesTaken
from shared.records.scheduling.slot_taken import OutsideSchedule, SlotTaken
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
    from shared.records.scheduling.series_requests import NewSeries, SeriesChange, SeriesPart
    from shared.records.scheduling.series_taken import SeriesCheck
    from shared.records.scheduling.waiting import NewOffer, NewWaiting, WaitingList
    from shared.workflows.messages.listing import SentMessage
    from shared.workflows.reminders import listing
    from shared.workflows.reminders.listing import VisitMessages
    from shared.workflows.scheduling import appointments, booking, calendars, offers, schedules, waiting
    from shared.workflows.scheduling import numbers as counting
    from shared.workflows.scheduling.booking import NamedAppointment
    from shared.workflows.scheduling.offers import FreeTimes
    from shared.workflows.scheduling.series import booking as series_booking
    from shared.workflows.scheduling.series import changing, reading
    from shared.workflows.scheduling.series.booking import ShownSeries
    from shared.workflows.scheduling.waiting import NamedEntry

api = Api("appointments")
schedules_api = Api("schedules")
NOT_BOOKABLE = frozenset({SlotTaken, OutsideSchedule})
TAKEN = frozenset({SlotTaken})
SERIES_TAKEN = frozenset({SeriesTaken})


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


@api.post("/series", roles=FRONT_DESK, status=201, problems=SERIES_TAKEN)
def book_series(clinic: Clinic, new: NewSeries) -> ShownSeries:
    """Book visits that recur by a rule, such as a weekly therapy: all of them at once, or none.

    A refusal names every date that is not free, with free times close by: exclude those dates, or move them to other
    times, and send the series again. Each visit is an ordinary appointment with `series_id` and `series_date`.
    """
    return series_booking.book(clinic, new)


@api.post("/series/check", roles=FRONT_DESK, requires_idempotency_key=False)
def check_series(clinic: Clinic, new: NewSeries) -> SeriesCheck:
    """Find out which dates of a series are free, before it is booked. Nothing is booked.

    On a free date the local time exists and happens once, the doctor works then, and neither doctor, patient nor room
    has another appointment.
    """
    return series_booking.check(clinic, new)


@api.get("/series/{id}", roles=FRONT_DESK)
def get_series(clinic: Clinic, id: str) -> ShownSeries:
    """Get a series with its visits."""
    return reading.get(clinic, id)


@api.post("/series/{id}/change", roles=FRONT_DESK, requires_if_match=True, problems=SERIES_TAKEN)
def change_series(clinic: Clinic, id: str, change: SeriesChange) -> ShownSeries:
    """Change a date of a series and all later ones, or all that are still to come.

    The series is cut before the first of them, and the answer is the new series that begins there, with its visits; a
    series without an earlier date is changed itself. Visits at another time are new appointments, as after
    `reschedule`; with another doctor or duration alone they stay the same. A visit that was moved to another time by
    itself stays as it is, unless `moved_dates` names it. Either all visits are changed or none.
    """
    return changing.change(clinic, id, change)


@api.post("/series/{id}/cancel", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def cancel_series(clinic: Clinic, id: str, part: SeriesPart | None) -> ShownSeries:
    """Cancel a date of a series and all later ones, or all that are still to come.

    Visits that were moved by themselves are cancelled too. The answer has the cancelled visits.
    """
    return changing.cancel(clinic, id, part or SeriesPart())


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


@api.post("/waiting", roles=FRONT_DESK, status=201)
def add_waiting(clinic: Clinic, new: NewWaiting) -> NamedEntry:
    """Put a patient who wants an earlier visit on the waiting list."""
    return waiting.add(clinic, new)


@api.get("/waiting", roles=FRONT_DESK)
def list_waiting(clinic: Clinic, query: WaitingList) -> Page[NamedEntry]:
    """List the patients who wait or have an offer, first come first."""
    return waiting.listed(clinic, query)


@api.get("/waiting/{id}", roles=FRONT_DESK)
def get_waiting(clinic: Clinic, id: str) -> NamedEntry:
    """Get an entry of the waiting list."""
    return waiting.get(clinic, id)


@api.post("/waiting/{id}/offer", roles=FRONT_DESK, requires_if_match=True, problems=NOT_BOOKABLE)
def offer(clinic: Clinic, id: str, new: NewOffer) -> NamedEntry:
    """Hold a time for a patient who waits, until the patient decides or the offer expires. The front desk calls."""
    return waiting.offer(clinic, id, new)


@api.post("/waiting/{id}/accept", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def accept_offer(clinic: Clinic, id: str) -> NamedEntry:
    """Record that the patient accepts: the offer becomes an ordinary appointment. Not after it has expired."""
    return waiting.accept(clinic, id)


@api.post("/waiting/{id}/decline", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def decline_offer(clinic: Clinic, id: str) -> NamedEntry:
    """Record that the patient declines: the time is free, and the patient waits for another one."""
    return waiting.decline(clinic, id)


@api.delete("/waiting/{id}", roles=FRONT_DESK, status=204)
def remove_waiting(clinic: Clinic, id: str) -> None:
    """Take a patient off the waiting list. An offer is withdrawn; an accepted appointment stays."""
    waiting.remove(clinic, id)


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


@api.get("/{id}/candidates", roles=FRONT_DESK)
def list_candidates(clinic: Clinic, id: str) -> Page[NamedEntry]:
    """List the patients of the waiting list who fit the time of an appointment that is cancelled, moved or missed.

    At most 50, by priority, then by the time of waiting. Each would see its doctor, who may see the patient, can come
    then, and was not offered this time before. None once the time has begun.
    """
    return waiting.candidates(clinic, id)


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


main = api.function(schedules_api)
