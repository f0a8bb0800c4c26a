"""What a client sends to start, change and complete a session."""

from __future__ import annotations

from pydantic import Field

from shared.records.page import PageQuery
from shared.records.record import Value
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import AppointmentType
from shared.records.spoken_languages import SpeechSettings
from shared.records.text import ShortText, Text
from shared.records.types import Id, ListDay, Moment, ProcedureCode
from shared.records.visits.session import SessionStatus, SessionType
from shared.records.visits.speech import RecordingSettings
from shared.records.visits.times import FACTS, LONGEST_PAUSE


class NewSession(Value):
    """The start of a session."""

    patient_id: Id
    type: SessionType = SessionType.CONSULTATION
    """By default that of the appointment; telemedicine is a consultation."""
    appointment_id: Id | None = None
    """A scheduled or confirmed appointment of the patient with the doctor, without a session so far."""
    template_id: Id | None = None
    referred_by: ShortText | None = None
    """Who sent the patient; printed on the report."""
    chief_complaint: Text | None = None
    """By default that of the appointment."""
    session_notes: Text | None = None
    recording_settings: RecordingSettings = RecordingSettings.model_construct()
    stt_settings: SpeechSettings = SpeechSettings.model_construct()
    """By default those of the doctor's profile."""
    billing_code: ProcedureCode | None = None
    started_at: Moment | None = None
    """The client's time, for a visit that is registered later; now by default. At most a few days ago, as the clinic
    has set."""
    ended_at: Moment | None = None
    """The end of a visit that is over, such as one without a connection: the session is completed at once."""

    def of_appointment(self, appointment: Appointment) -> NewSession:
        """The start, with type and complaint of the appointment where the client sends none."""
        remote = appointment.type == AppointmentType.TELEMEDICINE
        kind = SessionType.CONSULTATION if remote else SessionType(appointment.type)
        planned = {"type": kind, "chief_complaint": appointment.chief_complaint}
        carried = {name: value for name, value in planned.items() if name not in self.model_fields_set}
        return self.model_copy(update=carried)


class SessionEnd(Value):
    """The completion of a session."""

    ended_at: Moment | None = None
    """The client's time, if the visit ended before it is completed; now by default. At most a day after the start."""


class SessionChange(Value):
    """A change of a session: pause, resume, edit the notes, or correct times, type, template or billing code."""

    status: SessionStatus | None = None
    referred_by: ShortText | None = None
    chief_complaint: Text | None = None
    session_notes: Text | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    """Of a completed session."""
    paused_seconds: int | None = Field(default=None, ge=0, le=LONGEST_PAUSE)
    """Total duration of all pauses."""
    type: SessionType | None = None
    template_id: Id | None = None
    """The template of the first report, if that is created from now on; no further report has it."""
    billing_code: ProcedureCode | None = None

    @property
    def notes(self) -> set[str]:
        """The names of the notes in this change."""
        return self.model_fields_set & {"chief_complaint", "session_notes", "referred_by"}

    @property
    def facts(self) -> set[str]:
        """The names of the facts in this change."""
        return self.model_fields_set & FACTS


class SessionList(PageQuery):
    """The sessions to list, last begun first."""

    day: ListDay | None = None
    """The day on which they began, in the clinic's time zone."""
    status: SessionStatus | None = None
    doctor_id: Id | None = None
    """A doctor lists their own, with or without this; admins list those of all doctors, or of this one."""
