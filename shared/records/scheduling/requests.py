"""What a client sends to book, change, move, cancel and list appointments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.records.clinic.settings import ClinicSettings
from shared.records.money import Minor
from shared.records.page import PageQuery
from shared.records.privacy import fields_of
from shared.records.problems import FieldError
from shared.records.record import Stamp, Value, partial
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import (
    LONGEST,
    MOST_DAYS_AHEAD,
    SHORTEST,
    AppointmentStatus,
    AppointmentType,
    Priority,
)
from shared.records.scheduling.wall_clock import LocalTime, Occurrence, errors_of, instant_of, local_of, occurrence_of
from shared.records.text import ShortText, Text
from shared.records.types import Code, Id, ListDay, Moment, Zone

_ONE_ID = "[A-Za-z0-9][A-Za-z0-9_-]{0,127}"


class AgreedTime(Value):
    """The time of an appointment: an instant, or what a clock on the wall shows."""

    scheduled_at: Moment | None = None
    """Start time; must be in the future, at most two years ahead. Either this or `local_time`."""
    local_time: LocalTime | None = None
    """Start time on the wall, in `time_zone`. Refused if clocks skip it; if they show it twice, send `occurrence`."""
    occurrence: Occurrence | None = None
    """With `local_time`: which one, if it happens twice."""
    time_zone: Zone | None = None
    """Time zone in which the patient is told the time; the clinic's by default."""
    override_reason: ShortText | None = None
    """Books the appointment beside another one; for admins."""
    outside_schedule: bool = False
    """Books the appointment though the doctor does not work then."""

    def time_errors(self, now: datetime, zone: str) -> Iterator[FieldError]:
        """What is wrong with the time, where the default zone is the clinic's."""
        zone = self.time_zone or zone
        if (self.scheduled_at is None) == (self.local_time is None):
            yield FieldError("/scheduled_at", "send either scheduled_at or local_time")
            return
        pointer = "/scheduled_at" if self.local_time is None else "/local_time"
        if self.local_time is not None:
            errors = [*errors_of(self.local_time, zone, self.occurrence, pointer)]
            if errors:
                yield from errors
                return
        start = self.start(zone)
        if start <= now:
            yield FieldError(pointer, "must be in the future")
        elif start > now + timedelta(days=MOST_DAYS_AHEAD):
            yield FieldError(pointer, f"must be within {MOST_DAYS_AHEAD} days from now")

    def start(self, zone: str) -> datetime:
        """The start of a time without errors."""
        if self.scheduled_at is not None:
            return self.scheduled_at
        assert self.local_time is not None
        return instant_of(self.local_time, self.time_zone or zone, self.occurrence or Occurrence.EARLIER)

    def fields(self, zone: str) -> dict[str, Any]:
        """The fields of an appointment at this time, which has no errors."""
        zone, start = self.time_zone or zone, self.start(zone)
        return {
            "scheduled_at": start,
            "local_time": local_of(start, zone),
            "occurrence": occurrence_of(start, zone),
            "time_zone": zone,
        }


class AppointmentDetails(Value):
    """What is written about a visit, besides its time. Only users who may see the patient's clinical content may set
    complaint and notes."""

    type: AppointmentType = AppointmentType.CONSULTATION
    priority: Priority = Priority.NORMAL
    reason_for_visit: ShortText | None = None
    """Why the patient comes, as stated when the visit is booked. Every role may write it; it is not the complaint."""
    chief_complaint: Text | None = None
    notes: Text | None = None
    preparation_instructions: Text | None = None
    confirmation_required: bool = False
    room_id: Code | None = None
    """One of the clinic's rooms."""
    location: ShortText | None = None
    estimated_cost: Minor | None = None
    insurance_verified: bool = False
    copay_amount: Minor | None = None

    def clinical_fields(self) -> list[str]:
        """The names of the filled fields that only clinicians may write."""
        return sorted(name for name in fields_of(Appointment).clinical if getattr(self, name) is not None)

    def room_errors(self, clinic: ClinicSettings) -> Iterator[FieldError]:
        """Whether the clinic has the room."""
        if self.room_id is not None and self.room_id not in {room.id for room in clinic.rooms}:
            yield FieldError("/room_id", "not a room of this clinic")


class NewAppointment(AgreedTime, AppointmentDetails):
    """A visit to plan."""

    patient_id: Id
    """The patient's id or number."""
    doctor_id: Id
    """A doctor of the clinic who may see the patient."""
    duration_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)
    """By default what the doctor wants for visits of this type, or else 30."""

    def booked(
        self, clinic: ClinicSettings, stamp: Stamp, *, id: str, patient_id: str, usual_minutes: int
    ) -> Appointment:
        """The appointment, in the clinic's currency and, by default, in the clinic's time zone."""
        return Appointment.new(
            id,
            stamp,
            **{name: getattr(self, name) for name in AppointmentDetails.model_fields},
            **self.fields(clinic.time_zone),
            patient_id=patient_id,
            doctor_id=self.doctor_id,
            duration_minutes=self.duration_minutes or usual_minutes,
            currency=clinic.currency,
        )


@partial
class AppointmentChange(AppointmentDetails):
    """A change of an appointment: the fields to change, and null to clear one. `reschedule` changes the time."""

    duration_minutes: int = Field(ge=SHORTEST, le=LONGEST)
    doctor_id: Id
    """Another doctor who may see the patient, at the same time."""
    asks_other_time: Literal[False]
    """The patient's request for another time is answered: the appointment stays as it is."""
    unsettled: None
    """Null once the patient has agreed to the time."""

    @property
    def clinical_fields_sent(self) -> set[str]:
        """The names of the fields in this change that only clinicians may write."""
        return self.model_fields_set & fields_of(Appointment).clinical

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that the change contains."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class NewTime(AgreedTime):
    """The time to which an appointment is moved, or at which one like it is booked."""

    doctor_id: Id | None = None
    """Another doctor who may see the patient."""
    duration_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)
    """As before by default."""


class Reschedule(NewTime):
    """The move of an appointment."""

    reason: ShortText | None = None
    """As the caller stated it."""


class Cancellation(Value):
    """The cancellation of an appointment."""

    reason: ShortText | None = None
    """As the caller stated it."""


class AppointmentList(PageQuery):
    """The appointments to list, in the order of their times."""

    day: ListDay | None = None
    """A day in the clinic's time zone; without it, today and later."""
    days: int = Field(default=1, ge=1, le=31)
    """With `day`: so many days from it on, such as 7 for a week."""
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; others list those of all doctors, or of this one."""
    patient_id: Id | None = None
    """A patient's id."""
    series_id: Id | None = None
    """The visits of a series, of all doctors; with `day`, but no other filter."""
    unassigned: bool = False
    """Only those that wait for another doctor; for receptionists and admins."""
    unsettled: bool = False
    """Only those whose time must be agreed on anew, after the rules of their time zone changed."""
    status: AppointmentStatus | None = None
    asks_other_time: bool = False
    """Only those whose patient asks for another time; not together with `patient_id` or `status`."""

    def filter_errors(self) -> Iterator[FieldError]:
        """Filters that are not combined."""
        if self.asks_other_time:
            others = {"patient_id": self.patient_id, "status": self.status}
            yield from (FieldError(name, "not together with asks_other_time") for name, one in others.items() if one)
        if self.series_id:
            narrower = ("doctor_id", "patient_id", "status", "unassigned", "asks_other_time", "unsettled")
            yield from (FieldError(name, "not together with series_id") for name in narrower if getattr(self, name))


class FreeSlotQuery(Value):
    """The free times to look for."""

    doctor_ids: Annotated[str, Field(pattern=rf"^{_ONE_ID}(,{_ONE_ID}){{0,9}}$", max_length=1_300)] | None = None
    """One to ten doctors, separated by commas; by default up to ten doctors of the clinic."""
    type: AppointmentType = AppointmentType.CONSULTATION
    duration_minutes: int | None = Field(default=None, ge=SHORTEST, le=LONGEST)
    """By default what the doctor wants for visits of this type, or else 30."""
    day: ListDay | None = None
    """The first day, in the doctor's time zone; today by default."""
    days: int = Field(default=7, ge=1, le=31)
    patient_id: Id | None = None
    """The patient's other appointments count too."""
    instead_of: Id | None = None
    """An appointment that is to be moved: its own time counts as free."""
    room_id: Code | None = None
    limit: int = Field(default=100, ge=1, le=500)
    """Free times a doctor at most."""

    @property
    def doctors(self) -> list[str]:
        """The ids of the doctors, each once; empty for any."""
        return list(dict.fromkeys(self.doctor_ids.split(","))) if self.doctor_ids else []
