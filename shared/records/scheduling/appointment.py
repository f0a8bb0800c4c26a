"""Appointments: planned visits, `scheduled` at first. A session is a visit that takes place.

scheduled ⇄ confirmed → completed, no_show, cancelled, rescheduled
no_show → (came late) scheduled or confirmed; completed → (session reopened) scheduled or confirmed
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from pydantic import Field, computed_field

from shared.records import time_zones
from shared.records.conflict_codes import ConflictCode
from shared.records.money import Minor
from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.scheduling.interval import Interval
from shared.records.scheduling.moves import Movable
from shared.records.scheduling.other_time import OtherTimeRequest
from shared.records.scheduling.types import COMING, HOLDING, AppointmentStatus, AppointmentType, Offer, Priority
from shared.records.scheduling.wall_clock import LocalTime, Occurrence
from shared.records.scheduling.zone_change import Unsettled
from shared.records.text import ShortText, Text
from shared.records.types import Code, Currency, Day, Id, Moment, Zone

_ANSWERED = {"asks_other_time": False}
"""Once an appointment is over, the front desk need not answer a request for another time."""


class Appointment(Movable):
    """A planned visit of a patient to a doctor.

    The front desk books, moves and cancels appointments and instructs patients how to prepare. It therefore reads and
    writes location, preparation, money, and the reasons that callers give. The complaint and the doctor's notes are
    clinical.
    """

    kind: ClassVar[str] = "Appointment"
    collection: ClassVar[str] = "appointments"

    patient_id: Plain[Id]
    doctor_id: Plain[Id | None]
    """Null if the doctor lost the patient, or left: the front desk assigns another doctor."""
    unassigned_from: Plain[Id | None] = None
    """The doctor who lost the appointment."""
    scheduled_at: Plain[Moment]
    """Start time: the instant of `local_time`."""
    local_time: Plain[LocalTime]
    """Start time on the wall, in `time_zone`: what was agreed on."""
    occurrence: Plain[Occurrence] = Occurrence.EARLIER
    """Which instant `local_time` means, if clocks go back and it happens twice."""
    time_zone: Plain[Zone]
    """Time zone in which the patient is told the time."""
    zone_rules: Plain[Code] = Field(default_factory=time_zones.release)
    """The release of the time zone database that the time was last compared with, such as 2026f."""
    unsettled: Plain[Unsettled | None] = None
    """Why the time must be agreed on anew, after the rules of the time zone changed."""
    duration_minutes: Plain[int]
    type: Plain[AppointmentType]
    status: Plain[AppointmentStatus] = AppointmentStatus.SCHEDULED
    priority: Plain[Priority] = Priority.NORMAL
    offer: Plain[Offer | None] = None
    series_id: Plain[Id | None] = None
    """The series that the visit belongs to."""
    series_date: Plain[Day | None] = None
    """The date of the series, also after the visit was moved by itself."""
    room_id: Plain[Code | None] = None
    """One of the clinic's rooms, which takes one appointment at a time."""
    location: Encrypted[ShortText | None] = None
    """Where the visit takes place, in words."""

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
    """Id of a user, or of the patient who confirmed by link."""
    asks_other_time: Plain[bool] = False
    """True while the patient's request for another time waits for the front desk: move the appointment, or set this to
    false."""
    other_time_request: Encrypted[OtherTimeRequest | None] = None
    """The latest request of the patient for another time, made by the appointment's link."""
    reminder_sent_at: Plain[Moment | None] = None
    checked_in_at: Plain[Moment | None] = None
    """When the patient came."""
    checked_in_by: Plain[Id | None] = None

    cancelled_at: Plain[Moment | None] = None
    cancelled_by: Plain[Id | None] = None
    """Id of a user, or of the patient who cancelled by link."""
    cancellation_reason: Encrypted[ShortText | None] = None
    """As the caller stated it to the front desk."""
    override_reason: Encrypted[ShortText | None] = None
    """Why an admin booked it beside another appointment."""
    overridden_by: Plain[Id | None] = None

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

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ends_at(self) -> Moment:
        """The planned end."""
        return self.scheduled_at + timedelta(minutes=self.duration_minutes)

    @property
    def visit(self) -> Interval:
        """The planned time of the visit."""
        return Interval(self.scheduled_at, self.ends_at)

    @property
    def holds_its_time(self) -> bool:
        """True if nobody else is booked at the time of the appointment."""
        return self.status in HOLDING

    def confirmed(self, stamp: Stamp) -> Self:
        """The appointment that the patient will come to. Confirming twice changes nothing."""
        self._must_be_coming("cannot be confirmed")
        if self.status == AppointmentStatus.CONFIRMED:
            return self
        return self.revised(stamp, status=AppointmentStatus.CONFIRMED, confirmed_at=stamp.at, confirmed_by=stamp.by)

    def cancelled(self, reason: str | None, stamp: Stamp) -> Self:
        """The appointment that will not take place; its time is free. Raises Conflict if it has a session."""
        self._must_be_coming("cannot be cancelled")
        self._must_have_no_session()
        gone = {"cancelled_at": stamp.at, "cancelled_by": stamp.by, "cancellation_reason": reason, **_ANSWERED}
        return self.revised(stamp, status=AppointmentStatus.CANCELLED, **gone)

    def asked(self, request: OtherTimeRequest, stamp: Stamp) -> Self:
        """The appointment whose patient asks for another time; its time stays taken. Raises as `must_be_movable`."""
        self.must_be_movable()
        return self.revised(stamp, asks_other_time=True, other_time_request=request)

    def rescheduled(self, to: str, reason: str | None, stamp: Stamp) -> Self:
        """The appointment that another one replaces; its time is free. Raises Conflict if it has a session."""
        self.must_be_movable()
        replaced = {"rescheduled_to": to, "reschedule_reason": reason, **_ANSWERED}
        return self.revised(stamp, status=AppointmentStatus.RESCHEDULED, **replaced)

    @property
    def is_movable(self) -> bool:
        """True if the visit is expected and has not begun."""
        return self.status in COMING and self.session_id is None

    def must_be_movable(self) -> None:
        """Raises Conflict if the appointment is over or has a session."""
        self._must_be_coming("cannot be moved")
        self._must_have_no_session()

    def unassigned(self, stamp: Stamp) -> Self:
        """The appointment without a doctor; the patient's time stays taken."""
        return self.revised(stamp, doctor_id=None, unassigned_from=self.doctor_id)

    def assigned(self, doctor_id: str, stamp: Stamp) -> Self:
        """The appointment with another doctor, at the same time."""
        return self.revised(stamp, doctor_id=doctor_id)

    def checked_in(self, stamp: Stamp) -> Self:
        """The appointment whose patient has come, also after it was marked as a no-show."""
        if self.status == AppointmentStatus.NO_SHOW:
            return self.revised(stamp, checked_in_at=stamp.at, checked_in_by=stamp.by, **self._coming_again)
        self._must_be_coming("takes no check-in")
        return self if self.checked_in_at else self.revised(stamp, checked_in_at=stamp.at, checked_in_by=stamp.by)

    def missed(self, stamp: Stamp) -> Self:
        """The missed one; its time is free. Raises Conflict before its start, after a check-in, or with a session."""
        self._must_be_coming("cannot be a no-show")
        self._must_have_no_session()
        if self.checked_in_at is not None:
            raise Conflict(ConflictCode.APPOINTMENT_CHECKED_IN, "the patient has come")
        self._must_have_begun(stamp.at)
        return self.revised(stamp, status=AppointmentStatus.NO_SHOW, **_ANSWERED)

    def completed(self, stamp: Stamp) -> Self:
        """The appointment after a visit without a session. Raises Conflict before its start, unless checked in."""
        self._must_be_coming("cannot be completed")
        self._must_have_no_session()
        if self.checked_in_at is None:
            self._must_have_begun(stamp.at)
        return self.kept(stamp)

    def begun(self, session_id: str, stamp: Stamp) -> Self:
        """The appointment whose visit takes place in this session. Raises Conflict if it has one or is over."""
        self._must_have_no_session()
        self._must_be_coming("cannot start")
        return self.revised(stamp, session_id=session_id)

    def kept(self, stamp: Stamp) -> Self:
        """The appointment after its session was completed."""
        return self.revised(stamp, status=AppointmentStatus.COMPLETED, completed_at=stamp.at, **_ANSWERED)

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
        """The fields of an appointment whose visit is again still to be completed."""
        status = AppointmentStatus.CONFIRMED if self.confirmed_at else AppointmentStatus.SCHEDULED
        return {"status": status, "completed_at": None}

    def _must_be_coming(self, refusal: str) -> None:
        if self.status not in COMING:
            raise Conflict(ConflictCode.APPOINTMENT_NOT_OPEN, f"an appointment that is {self.status} {refusal}")
        if self.offer is not None:
            raise Conflict(ConflictCode.APPOINTMENT_OFFERED, f"an appointment that is only offered {refusal}")

    def _must_have_no_session(self) -> None:
        if self.session_id is not None:
            raise Conflict(ConflictCode.APPOINTMENT_HAS_SESSION, "the appointment has a session")

    def _must_have_begun(self, now: datetime) -> None:
        if now < self.scheduled_at:
            raise Conflict(ConflictCode.APPOINTMENT_NOT_BEGUN, "the appointment has not begun")
