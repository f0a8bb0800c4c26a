"""A clinic: the tenant. Its settings determine billing and time zone."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from math import inf
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from shared.records import telephones
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentPolicy, ConsentPurpose
from shared.records.clinic.recording_policy import PiecesInPauses
from shared.records.money import Price
from shared.records.numbering import USUAL_PREFIXES, DocumentSeries, NumberPrefix, NumberPrefixes
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.taxes.gstin import Gstin
from shared.records.taxes.treatment import TaxTreatment
from shared.records.text import Name, ShortText, Text
from shared.records.types import Currency, Day, Digest, Email, Id, Phone, ProcedureCode, Zone, country_of
from shared.records.upi import UpiId, UpiPayee

MOST_CONSENT_BACKDATING_DAYS = 3_660
LONGEST_VISIT_HOURS = 168
MOST_RETENTION_YEARS = 100
MOST_HOURS = 50
"""Times in a week at which a clinic opens."""
MOST_CLOSURES, MOST_ROOMS, MOST_FEES = 400, 100, 200


class Fee(Value):
    """The price of a session by type, maximum duration (None: any duration) and doctor (None: any doctor)."""

    session_type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    up_to_minutes: int | None = Field(default=None, gt=0, le=LONGEST_VISIT_HOURS * 60)
    doctor_id: Id | None = None
    amount: Price
    description: ShortText
    cpt_code: ProcedureCode | None = None
    tax: TaxTreatment | None = None
    """None: as the clinic treats its services."""


class PlaceOfSupply(StrEnum):
    """Where the GST law takes a clinic's services to be supplied."""

    PATIENT = "patient"
    """In the state of the patient's address, as for consultations by video."""
    CLINIC = "clinic"
    """In the clinic's state, where the patient comes to it."""


class BillIssue(StrEnum):
    """How the bill of a completed session is issued."""

    AT_ONCE = "at_once"
    """With the completion, if the clinic has a fee for the visit."""
    BY_DESK = "by_desk"
    """A person issues the draft (`POST /bills/{id}/issue`)."""


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class OpeningHours(Value):
    """A time in which the clinic is open. A day with a break has two, and a day without any is closed."""

    day: Weekday
    opens: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    """Such as 09:00, in the clinic's time zone."""
    closes: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    """24:00 is the end of the day."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens")
        return self


class Closure(Value):
    """A day on which the clinic is closed, such as a public holiday."""

    day: Day
    name: ShortText | None = None


class Room(Value):
    """A room that takes one appointment at a time."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    name: Name


class ClinicSettings(Record):
    """The settings of a clinic, stored in the clinic's own document."""

    kind: ClassVar[str] = "ClinicSettings"
    collection: ClassVar[str] = ""
    keyset: ClassVar[Keyset] = Keyset.CLINIC
    versioned: ClassVar[bool] = True

    name: Encrypted[Name]
    address: Encrypted[Text | None] = None
    phone: Encrypted[Phone | None] = None
    phone_unverified: Plain[bool] = False
    """True if no numbering plan had the number when it was written."""
    email: Encrypted[Email | None] = None
    time_zone: Plain[Zone] = "Asia/Kolkata"
    currency: Plain[Currency] = "INR"
    hours: Encrypted[list[OpeningHours]] = Field(default=[], max_length=MOST_HOURS)
    """Empty if the clinic has not set any."""
    closures: Encrypted[list[Closure]] = Field(default=[], max_length=MOST_CLOSURES)
    rooms: Encrypted[list[Room]] = Field(default=[], max_length=MOST_ROOMS)
    """Empty if the clinic does not book rooms."""
    fees: Encrypted[list[Fee]] = Field(default=[], max_length=MOST_FEES)
    tax: Encrypted[TaxTreatment] = TaxTreatment.model_construct()
    """Of services whose fee names none."""
    prices_include_tax: Plain[bool] = False
    round_total_to: Plain[int] = Field(default=1, ge=1, le=10_000)
    """The multiple of minor units to which the totals of bills are rounded: 100 for whole rupees, 1 for none."""
    place_of_supply: Plain[PlaceOfSupply] = PlaceOfSupply.PATIENT
    payment_days: Plain[int] = 15
    payment_terms: Encrypted[ShortText | None] = None
    payment_instructions: Encrypted[Text | None] = None
    upi_id: Encrypted[UpiId | None] = None
    """Where patients pay by UPI, such as `banyan@okaxis`; for bills in INR."""
    gst_number: Encrypted[Gstin | None] = None
    financial_year_starts_in: Plain[int] = Field(default=4, ge=1, le=12)
    """Month, 1 to 12."""
    number_prefixes: Plain[NumberPrefixes] = USUAL_PREFIXES
    """The beginnings of the next numbers of documents of account."""
    series_of_prefixes: Internal[Plain[dict[NumberPrefix, DocumentSeries]]] = {}
    """The series of every prefix that the clinic ever chose: another series would give the same numbers again."""
    signing_requires_second_factor: Plain[bool] = False
    """True if a report is signed only after a sign-in with a second factor. The platform's operator sets it."""
    trainees_need_cosignature: Plain[bool] = False
    """True if a report that a doctor with a supervisor signs is final only with the supervisor's co-signature; a
    template can ask for it too. The platform's operator sets it."""

    bill_issue: Plain[BillIssue] = BillIssue.AT_ONCE
    backdating_days: Plain[int] = Field(default=7, ge=0, le=366)
    """How long before its registration a visit may have started, by the client's time."""
    visit_limit_hours: Plain[int] = Field(default=12, ge=1, le=LONGEST_VISIT_HOURS)
    """A session that runs for longer is reported as overdue."""
    undo_minutes: Plain[int] = Field(default=15, ge=0, le=1_440)
    """How long a completed or cancelled session can be reopened."""

    default_template_id: Plain[Id | None] = None
    """The template of visits that are started without one; None for the general consultation."""
    consent_policy: Plain[ConsentPolicy] = ConsentPolicy.STRICT
    recording_purposes: Plain[list[ConsentPurpose]] = Field(default=[], max_length=len(ConsentPurpose))
    """Purposes that a recording needs consents to besides `recording`, such as `telehealth`."""
    consent_witness_required: Plain[bool] = False
    consent_backdating_days: Plain[int] = Field(default=30, ge=0, le=MOST_CONSENT_BACKDATING_DAYS)
    """How long before it is recorded here a consent may have been given."""
    after_withdrawal: Plain[AfterWithdrawal] = AfterWithdrawal.KEEP

    retention_years: Plain[int | None] = Field(default=None, ge=1, le=MOST_RETENTION_YEARS)
    """How long the clinic keeps the records of a patient after the last change of one; None: it has not said."""
    retention_until_age: Plain[int | None] = Field(default=None, ge=1, le=MOST_RETENTION_YEARS)
    """The age to which it keeps those of a child at least; None: no longer than those of others."""

    pieces_in_pauses: Plain[PiecesInPauses] = PiecesInPauses.REFUSE
    """What becomes of live audio that was captured while the session was paused."""

    message_name: Encrypted[Name | None] = None
    """The clinic's name in messages, if its own says too much on a locked screen."""
    first_name_in_messages: Plain[bool] = False
    """True if mails to patients begin with their first name."""
    doctor_name_in_messages: Plain[bool] = True
    """True if what patients get about their appointments names the doctor: pages, calendar files, messages."""
    cancel_by_link_hours: Plain[int] = Field(default=24, ge=0, le=336)
    """How long before the visit its link cancels it, or asks for another time; later the patient is asked to call."""
    unsigned_after_days: Plain[int | None] = Field(default=None, ge=1, le=366)
    """A doctor is told by mail of reports that are unsigned for longer; None: nobody is told."""

    logo_sha256: Encrypted[Digest | None] = None
    """The digest of the clinic's logo in hexadecimal, which names it (`ClinicLogo`); None if there is none."""

    reminder_minutes: Internal[Plain[int | None]] = None
    """The longest time before an appointment at which patients are reminded; None if they are not. It follows the
    reminder policy, so that the sweep finds the clinics with one."""
    payment_reminder_days: Internal[Plain[int | None]] = None
    """Days after the due date of a bill at which patients are reminded first; None if they are not. It follows the
    policy of payment reminders, so that the schedule finds the clinics with one."""

    @property
    def country(self) -> str | None:
        """The clinic's country (ISO 3166-1), from its telephone number or else its time zone: that of numbers without a
        country code. None if neither has one."""
        return (telephones.country_of(self.phone) if self.phone else None) or country_of(self.time_zone)

    @property
    def name_in_messages(self) -> str:
        """The name with which the clinic signs its messages."""
        return self.message_name or self.name

    @property
    def upi_payee(self) -> UpiPayee | None:
        """Whom patients pay by UPI; None for a clinic without a UPI id. The name is that of messages: the payer's app
        keeps it."""
        return UpiPayee(upi_id=self.upi_id, name=self.name_in_messages) if self.upi_id else None

    @property
    def cancel_by_link(self) -> timedelta:
        return timedelta(hours=self.cancel_by_link_hours)

    @property
    def backdating(self) -> timedelta:
        return timedelta(days=self.backdating_days)

    @property
    def undo_for(self) -> timedelta:
        return timedelta(minutes=self.undo_minutes)

    @property
    def visit_limit(self) -> timedelta:
        return timedelta(hours=self.visit_limit_hours)

    @classmethod
    def path_of(cls, id: str) -> str:  # noqa: ARG003 - the clinic's own document has an empty path
        return ""

    def fee_for(self, session_type: str, minutes: int, doctor_id: str | None = None) -> Fee | None:
        """The fee of a session: among the fees that cover its duration, those of its doctor first, the one with the
        smallest limit."""
        matching = [
            fee
            for fee in self.fees
            if fee.session_type == session_type
            and (fee.up_to_minutes is None or minutes <= fee.up_to_minutes)
            and fee.doctor_id in (None, doctor_id)
        ]
        return min(matching, key=lambda fee: (fee.doctor_id is None, fee.up_to_minutes or inf), default=None)
