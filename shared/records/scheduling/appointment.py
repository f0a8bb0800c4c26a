"""Appointments: planned visits, `scheduled` at first. A session is a visit that takes place."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field, computed_field

from shared.records.clinic.settings import ClinicSettings
from shared.records.conflict_codes import ConflictCode
from shared.records.money import Minor
from shared.records.page import PageQuery
from shared.records.privacy import Clinical, Encrypted, Plain, fields_of
from shared.records.problems import Conflict, FieldError
from shared.records.record import Record, Stamp, Value
from shared.records.text import ShortText, Text
from shared.records.types import Currency, Id, ListDay, Moment, Zone


class AppointmentType(StrEnum):
    NEW_PATIENT = "new_patient"
    FOLLOWUP = "followup"
    CONSULTATION = "consultation"
    EMERGENCY = "emergency"
    TELEMEDICINE = "telemedicine"


class AppointmentStatus(StrEnum):
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


COMING = frozenset({AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED})
"""Statuses of a visit that is still expected."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class NewAppointment(Value):
    """A visit to plan. Only users who may see the patient's clinical content may set complaint and notes."""

    patient_id: Id
    """The patient's id or number."""
    doctor_id: Id
    """A doctor of the clinic who may see the patient."""
    scheduled_at: Moment
    """Start time; must be in the future."""
    duration_minutes: int = Field(ge=5, le=480)
    time_zone: Zone | None = None
    """Time zone of the visit; the clinic's by default."""
    type: AppointmentType = AppointmentType.CONSULTATION
    priority: Priority = Priority.NORMAL
    reason_for_visit: ShortText | None = None
    """Why the patient comes, as stated when the visit is booked. Every role may write it; it is not the complaint."""
    chief_complaint: Text | None = None
    notes: Text | None = None
    preparation_instructions: Text | None = None
    confirmation_required: bool = False
    location: ShortText | None = None
    estimated_cost: Minor | None = None
    insurance_verified: bool = False
    copay_amount: Minor | None = None

    def clinical_fields(self) -> list[str]:
        """The names of the filled fields that only clinicians may write."""
        return sorted(name for name in fields_of(Appointment).clinical if getattr(self, name) is not None)

    def field_errors(self, now: datetime) -> list[FieldError]:
        """Errors that depend on the current time."""
        return [] if self.scheduled_at > now else [FieldError("/scheduled_at", "must be in the future")]


class AppointmentList(PageQuery):
    """The appointments to list, in the order of their times."""

    day: ListDay | None = None
    """A day in the clinic's time zone; without it, today and later."""
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; others list those of all doctors, or of this one."""


class Appointment(Record):
    """A planned visit of a patient to a doctor.

    The front desk books, moves and cancels appointments and instructs patients how to prepare. It therefore reads and
    writes location, preparation, money, and the reasons that callers give. The complaint and the doctor's notes are
    clinical.
    """

    kind: ClassVar[str] = "Appointment"
    collection: ClassVar[str] = "appointments"

    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    scheduled_at: Plain[Moment]
    """Start time."""
    duration_minutes: Plain[int]
    time_zone: Plain[Zone]
    """Time zone in which `scheduled_at` is shown to the patient."""
    type: Plain[AppointmentType]
    status: Plain[AppointmentStatus] = AppointmentStatus.SCHEDULED
    priority: Plain[Priority] = Priority.NORMAL
    location: Encrypted[ShortText | None] = None
    """The room, or one of the clinic's locations."""

    reason_for_visit: Encrypted[ShortText | None] = None
    """Why the patient comes, as stated when the visit was booked. All who see the appointment see it; a session does
    not copy it into its complaint."""
    chief_complaint: Clinical[Encrypted[Text | None]] = None
    notes: Clinical[Encrypted[Text | None]] = None
    preparation_instructions: Encrypted[Text | None] = None
    """Instructions that the front desk gives to the patient ("come fasting"); must not contain a diagnosis."""

    confirmation_required: Plain[bool] = False
    confirmed_at: Plain[Moment | None] = None
    confirmed_by: Plain[Id | None] = None
    """Id of a user or of the patient."""
    reminder_sent_at: Plain[Moment | None] = None

    cancelled_at: Plain[Moment | None] = None
    cancelled_by: Plain[Id | None] = None
    cancellation_reason: Encrypted[ShortText | None] = None
    """As the caller stated it to the front desk."""
    rescheduled_from: Plain[Id | None] = None
    """The earlier appointment that this appointment replaces."""
    rescheduled_to: Plain[Id | None] = None
    """The later appointment that replaces this appointment."""
    reschedule_reason: Encrypted[ShortText | None] = None
    """As the caller stated it to the front desk."""

    completed_at: Plain[Moment | None] = None
    session_id: Plain[Id | None] = None
    """The session in which the visit took place."""

    currency: Plain[Currency]
    estimated_cost: Encrypted[Minor | None] = None
    copay_amount: Encrypted[Minor | None] = None
    insurance_verified: Plain[bool] = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reminder_sent(self) -> bool:
        """True once a reminder was sent."""
        return self.reminder_sent_at is not None

    @classmethod
    def book(cls, new: NewAppointment, clinic: ClinicSettings, stamp: Stamp, *, id: str, patient_id: str) -> Self:
        """Create an appointment in the clinic's currency and, by default, in the clinic's time zone."""
        values = {**dict(new), "patient_id": patient_id, "time_zone": new.time_zone or clinic.time_zone}
        return cls.new(id, stamp, currency=clinic.currency, **values)

    def begun(self, session_id: str, stamp: Stamp) -> Self:
        """The appointment whose visit takes place in this session. Raises Conflict if it has a session or is over."""
        if self.session_id is not None:
            raise Conflict(ConflictCode.APPOINTMENT_HAS_SESSION, "the appointment has a session")
        if self.status not in COMING:
            raise Conflict(ConflictCode.APPOINTMENT_NOT_OPEN, f"an appointment that is {self.status} cannot start")
        return self.revised(stamp, session_id=session_id)

    def kept(self, stamp: Stamp) -> Self:
        """The appointment after its session was completed."""
        return self.revised(stamp, status=AppointmentStatus.COMPLETED, completed_at=stamp.at)

    def reopened(self, session_id: str, stamp: Stamp) -> Self:
        """The appointment after its session was reopened. Raises Conflict if another session has started meanwhile."""
        if self.session_id not in (None, session_id):
            raise Conflict(ConflictCode.APPOINTMENT_HAS_SESSION, "the appointment has another session")
        if self.session_id is None:
            return self.begun(session_id, stamp)
        return self.revised(stamp, **self._coming_again)

    def released(self, stamp: Stamp) -> Self:
        """The appointment after its session was cancelled or moved to another patient: another session may start."""
        again = self._coming_again if self.status == AppointmentStatus.COMPLETED else {}
        return self.revised(stamp, session_id=None, **again)

    @property
    def _coming_again(self) -> dict[str, Any]:
        """The fields of a completed appointment whose visit is still to be completed."""
        status = AppointmentStatus.CONFIRMED if self.confirmed_at else AppointmentStatus.SCHEDULED
        return {"status": status, "completed_at": None}
