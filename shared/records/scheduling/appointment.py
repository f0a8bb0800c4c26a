"""An appointment: a visit that is planned. It begins as `scheduled`; sessions are the visits that take place."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, computed_field

from shared.records.clinic.settings import ClinicSettings
from shared.records.money import Minor
from shared.records.privacy import Clinical, Encrypted, Plain, fields_of
from shared.records.problems import FieldError
from shared.records.record import Record, Stamp, Value
from shared.records.types import Currency, Id, Moment, ShortText, Text, Zone


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


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class NewAppointment(Value):
    """A visit to be planned. Complaint and notes are for those who may see clinical content of the patient."""

    patient_id: Id
    """The patient's id or number."""
    doctor_id: Id
    """A doctor of the clinic who may see the patient."""
    scheduled_at: Moment
    """When it begins; in the future."""
    duration_minutes: int = Field(ge=5, le=480)
    time_zone: Zone | None = None
    """Where the patient is expected by the clock; the clinic's when none is named."""
    type: AppointmentType = AppointmentType.CONSULTATION
    priority: Priority = Priority.NORMAL
    chief_complaint: Text | None = None
    notes: Text | None = None
    preparation_instructions: Text | None = None
    confirmation_required: bool = False
    location: ShortText | None = None
    estimated_cost: Minor | None = None
    insurance_verified: bool = False
    copay_amount: Minor | None = None

    def clinical_fields(self) -> list[str]:
        """What it says that only clinicians write."""
        return sorted(name for name in fields_of(Appointment).clinical if getattr(self, name) is not None)

    def field_errors(self, now: datetime) -> list[FieldError]:
        """What only a clock can tell to be wrong."""
        return [] if self.scheduled_at > now else [FieldError("/scheduled_at", "must be in the future")]


class Appointment(Record):
    """A visit of a patient to a doctor, on the calendar.

    The front desk makes, moves and cancels appointments and tells patients how to prepare. So it reads and writes what
    that takes: place, preparation, money, and the reasons that callers give. Why the patient comes, and what the doctor
    notes of it, is clinical.
    """

    kind: ClassVar[str] = "Appointment"
    collection: ClassVar[str] = "appointments"

    patient_id: Plain[Id]
    doctor_id: Plain[Id]
    scheduled_at: Plain[Moment]
    """When it begins."""
    duration_minutes: Plain[int]
    time_zone: Plain[Zone]
    """Whose wall clock the patient goes by: `scheduled_at` is shown in it."""
    type: Plain[AppointmentType]
    status: Plain[AppointmentStatus] = AppointmentStatus.SCHEDULED
    priority: Plain[Priority] = Priority.NORMAL
    location: Encrypted[ShortText | None] = None
    """The room, or which of the clinic's places."""

    chief_complaint: Clinical[Encrypted[Text | None]] = None
    notes: Clinical[Encrypted[Text | None]] = None
    preparation_instructions: Encrypted[Text | None] = None
    """The desk tells these to the patient ("come fasting"): not the place for a diagnosis."""

    confirmation_required: Plain[bool] = False
    confirmed_at: Plain[Moment | None] = None
    confirmed_by: Plain[Id | None] = None
    """A user, or the patient."""
    reminder_sent_at: Plain[Moment | None] = None

    cancelled_at: Plain[Moment | None] = None
    cancelled_by: Plain[Id | None] = None
    cancellation_reason: Encrypted[ShortText | None] = None
    """As it was told to the desk, which writes it down."""
    rescheduled_from: Plain[Id | None] = None
    """The appointment that this one replaces."""
    rescheduled_to: Plain[Id | None] = None
    """The appointment that replaces this one."""
    reschedule_reason: Encrypted[ShortText | None] = None
    """As it was told to the desk, which writes it down."""

    completed_at: Plain[Moment | None] = None
    session_id: Plain[Id | None] = None
    """The visit that came of it."""

    currency: Plain[Currency]
    estimated_cost: Encrypted[Minor | None] = None
    copay_amount: Encrypted[Minor | None] = None
    insurance_verified: Plain[bool] = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reminder_sent(self) -> bool:
        """Whether the patient was reminded."""
        return self.reminder_sent_at is not None

    @classmethod
    def book(cls, new: NewAppointment, clinic: ClinicSettings, stamp: Stamp, *, id: str, patient_id: str) -> Self:
        """The appointment that a booking makes, by the clinic's clock and in its currency."""
        given = {**dict(new), "patient_id": patient_id, "time_zone": new.time_zone or clinic.time_zone}
        return cls.new(id, stamp, currency=clinic.currency, **given)
