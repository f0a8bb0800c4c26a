"""The waiting list: patients who want an earlier visit, and the offer of a time that became free.

waiting ⇄ offered → booked. An offer is an appointment that holds its time until it is accepted, declined or expires.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, model_validator

from shared.records.clinic.settings import Weekday
from shared.records.conflict_codes import ConflictCode
from shared.records.page import PageQuery
from shared.records.parties import PatientName
from shared.records.privacy import Encrypted, Plain
from shared.records.problems import Conflict, FieldError
from shared.records.record import Record, Stamp, Value
from shared.records.scheduling.requests import AgreedTime
from shared.records.scheduling.types import LONGEST, MOST_DAYS_AHEAD, SHORTEST, AppointmentType, Priority, TimeOfDay
from shared.records.text import ShortText
from shared.records.types import Day, Id, Moment

SHORTEST_OFFER, LONGEST_OFFER, USUAL_OFFER = 10, 1_440, 120
"""Minutes for which an offer holds its time."""
MOST_PASSED = 20
_RANKS = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}
_WEEKDAYS = tuple(Weekday)


class WaitingStatus(StrEnum):
    """The state of an entry of the waiting list."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"


class WantedTime(Value):
    """Days and times of the day at which the patient can come."""

    first_day: Day | None = None
    last_day: Day | None = None
    weekdays: list[Weekday] = Field(default=[], max_length=7)
    """Any by default."""
    opens: TimeOfDay = "00:00"
    """The earliest start, on the wall of the clinic."""
    closes: TimeOfDay | None = None
    """The latest end; the end of the day by default."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes is not None and self.closes <= self.opens:
            raise ValueError("closes must be later than opens")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("last_day must not be before first_day")
        return self

    def has(self, starts_at: datetime, ends_at: datetime) -> bool:
        """True if a visit between these local times is within this time."""
        day = starts_at.date()
        if (self.first_day and day < self.first_day) or (self.last_day and day > self.last_day):
            return False
        if self.weekdays and _WEEKDAYS[day.weekday()] not in self.weekdays:
            return False
        closes = datetime.combine(day, datetime.min.time()) + (_since_midnight(self.closes) or timedelta(days=1))
        return f"{starts_at:%H:%M}" >= self.opens and ends_at <= closes


def _since_midnight(time: str | None) -> timedelta | None:
    return timedelta(hours=int(time[:2]), minutes=int(time[3:])) if time else None


class NewWaiting(Value):
    """A patient who wants an earlier visit."""

    patient_id: Id
    """The patient's id or number."""
    doctor_ids: list[Id] = Field(default=[], max_length=10)
    """The doctors whom the patient would see; any by default."""
    type: AppointmentType = AppointmentType.CONSULTATION
    duration_minutes: int = Field(default=30, ge=SHORTEST, le=LONGEST)
    priority: Priority = Priority.NORMAL
    times: list[WantedTime] = Field(default=[], max_length=20)
    """When the patient can come: at one of these; at any time by default."""
    until: Day | None = None
    """The last day of waiting; three months from now by default."""
    reason_for_visit: ShortText | None = None

    def errors(self, today: date) -> Iterable[FieldError]:
        """What is wrong with the last day."""
        if self.until is not None and not today <= self.until <= today + timedelta(days=MOST_DAYS_AHEAD):
            yield FieldError("/until", f"must be from today on, within {MOST_DAYS_AHEAD} days")


class WaitingEntry(Record):
    """A patient on the waiting list."""

    kind: ClassVar[str] = "WaitingEntry"
    collection: ClassVar[str] = "waiting"

    patient_id: Plain[Id]
    doctor_ids: Plain[list[Id]] = Field(default=[], max_length=10)
    type: Plain[AppointmentType]
    duration_minutes: Plain[int]
    priority: Plain[Priority]
    times: Plain[list[WantedTime]] = Field(default=[], max_length=20)
    until: Plain[Day]
    reason_for_visit: Encrypted[ShortText | None] = None
    status: Plain[WaitingStatus] = WaitingStatus.WAITING
    appointment_id: Plain[Id | None] = None
    """The appointment that is offered, or that the patient accepted."""
    offer_expires_at: Plain[Moment | None] = None
    passed: Plain[list[Moment]] = Field(default=[], max_length=MOST_PASSED)
    """The last times that were offered in vain: they are not offered to the patient again."""

    @property
    def rank(self) -> tuple[int, datetime]:
        """The order in which a time is offered: by priority, then by the time of waiting."""
        return _RANKS[self.priority], self.created_at

    def suits(self, doctor_id: str, starts_at: datetime, local: datetime, minutes: int) -> bool:
        """True if a free time of a doctor, of so many minutes, can be offered; `local` is its start on the wall."""
        if self.status != WaitingStatus.WAITING or self.duration_minutes > minutes or starts_at in self.passed:
            return False
        if self.doctor_ids and doctor_id not in self.doctor_ids:
            return False
        ends_at = local + timedelta(minutes=self.duration_minutes)
        fits = not self.times or any(one.has(local, ends_at) for one in self.times)
        return fits and local.date() <= self.until

    def offered(self, appointment_id: str, until: datetime, stamp: Stamp) -> Self:
        """The entry with an offer. Raises Conflict unless it waits."""
        self._must_be(WaitingStatus.WAITING, "takes no offer")
        what = {"appointment_id": appointment_id, "offer_expires_at": until}
        return self.revised(stamp, status=WaitingStatus.OFFERED, **what)

    def accepted(self, stamp: Stamp) -> Self:
        """The entry whose offer became an ordinary appointment. Raises Conflict without an offer, or after its end."""
        self.must_have_offer()
        if self.has_expired(stamp.at):
            raise Conflict(ConflictCode.OFFER_EXPIRED, "the offer has expired: offer a time again")
        return self.revised(stamp, status=WaitingStatus.BOOKED, offer_expires_at=None)

    def passed_over(self, starts_at: datetime, stamp: Stamp) -> Self:
        """The entry that waits again, after its offer was declined or expired. Raises Conflict without an offer."""
        self.must_have_offer()
        again = {"status": WaitingStatus.WAITING, "appointment_id": None, "offer_expires_at": None}
        return self.revised(stamp, passed=[*self.passed, starts_at][-MOST_PASSED:], **again)

    def must_have_offer(self) -> None:
        """Raises Conflict without an offer."""
        self._must_be(WaitingStatus.OFFERED, "has no offer")

    def has_expired(self, now: datetime) -> bool:
        """True if the entry has an offer that may not be accepted any more."""
        return self.offer_expires_at is not None and self.offer_expires_at <= now

    def _must_be(self, status: WaitingStatus, refusal: str) -> None:
        if self.status != status:
            raise Conflict(ConflictCode.WAITING_STATE, f"an entry that is {self.status} {refusal}")


def in_order(entries: Iterable[WaitingEntry]) -> list[WaitingEntry]:
    """The order in which a time is offered to patients."""
    return sorted(entries, key=lambda one: (one.rank, one.id))


class WaitingPatient(Value):
    """Who waits."""

    patient: PatientName | None


class NewOffer(AgreedTime):
    """The time to offer to a patient who waits."""

    doctor_id: Id
    """One of the doctors whom the patient would see."""
    expires_in_minutes: int = Field(default=USUAL_OFFER, ge=SHORTEST_OFFER, le=LONGEST_OFFER)
    """How long the offer holds its time."""


class WaitingList(PageQuery):
    """The patients who wait or have an offer, first come first."""
