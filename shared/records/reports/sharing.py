"""Sharing a report: with a doctor of the clinic, or by a link with somebody outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.records import phone_fields
from shared.records.links.link import LONGEST_VALID, MOST_OPENINGS, SHORTEST_VALID
from shared.records.links.passcode import PasscodeKind
from shared.records.messages.kinds import Channel, MessageLanguage, language_of
from shared.records.patients.patient import Patient
from shared.records.permissions import ReportShare
from shared.records.problems import FieldError, raise_if_any
from shared.records.record import Value
from shared.records.text import Name
from shared.records.types import Email, Id, Moment, TypedPhone

USUALLY_VALID = timedelta(days=7)


class SharePurpose(StrEnum):
    """Why a report is passed on; the accounting of disclosures has it."""

    TREATMENT = "treatment"
    PATIENT_REQUEST = "patient_request"
    """The patient asked for it."""
    PAYMENT = "payment"
    """An insurer or another payer needs it."""
    LEGAL = "legal"
    """A court or an authority may demand it."""


class RecipientKind(StrEnum):
    """Who gets a report outside of the clinic."""

    PATIENT = "patient"
    PROVIDER = "provider"
    ADDRESS = "address"


class ToPatient(Value):
    """The patient, at the address or number of their record."""

    kind: Literal[RecipientKind.PATIENT] = RecipientKind.PATIENT


class _Outside(Value):
    email: Email | None = None
    phone: TypedPhone | None = None
    """A number without a country code is of the clinic's country."""


class ToProvider(_Outside):
    """Another provider, by name."""

    kind: Literal[RecipientKind.PROVIDER] = RecipientKind.PROVIDER
    name: Name


class ToAddress(_Outside):
    """Whoever reads mail at this address, or messages at this number."""

    kind: Literal[RecipientKind.ADDRESS] = RecipientKind.ADDRESS


Recipient = Annotated[ToPatient | ToProvider | ToAddress, Field(discriminator="kind")]


class ShareReport(Value):
    """With whom a report is shared: either a doctor of the clinic (`doctor_id`, `level`), or a `recipient` outside of
    it, who gets a link. The other fields are those of a link."""

    doctor_id: Id | None = None
    """A doctor of the clinic, who then sees the report."""
    level: Literal["read", "write"] | None = None
    """What that doctor may do with it; `read` without it."""
    recipient: Recipient | None = None
    """Who gets a link. Anybody but the patient needs the patient's consent to `data_sharing`, as the clinic's policy
    has it."""
    purpose: SharePurpose | None = None
    """Required for a recipient."""
    channel: Channel = Channel.MAIL
    """How the link is sent."""
    passcode: PasscodeKind = PasscodeKind.DATE_OF_BIRTH
    """What opens the link."""
    expires_at: Moment | None = None
    """Until when the link can be opened: an hour to 30 days from now; a week without it."""
    most_openings: int = Field(default=10, ge=1, le=MOST_OPENINGS)
    """How often the link can be opened."""
    substance_use: bool = False
    """True: the document carries the notice of 42 CFR Part 2. It does so anyhow if a section about substance use has a
    statement."""

    def field_errors(self, now: datetime) -> Iterator[FieldError]:
        """What is wrong with the request as a whole, and with its end."""
        if (self.doctor_id is None) == (self.recipient is None):
            yield FieldError("/recipient", "name either a doctor of the clinic in `doctor_id` or a recipient")
        if self.recipient is not None and self.purpose is None:
            yield FieldError("/purpose", "is required for a recipient")
        if self.recipient is not None and self.level is not None:
            yield FieldError("/level", "only a doctor of the clinic has a level")
        if not SHORTEST_VALID <= self.ends(now) - now <= LONGEST_VALID:
            yield FieldError("/expires_at", "must be an hour to 30 days from now")

    @property
    def with_colleague(self) -> ReportShare | None:
        """The doctor of the clinic; None for a recipient outside."""
        if self.doctor_id is None:
            return None
        return ReportShare.model_validate({"doctor_id": self.doctor_id, "level": self.level or "read"})

    def ends(self, now: datetime) -> datetime:
        """When the link expires."""
        return self.expires_at or now + USUALLY_VALID


@dataclass(frozen=True)
class Contact:
    """How a recipient is reached."""

    kind: RecipientKind
    name: str | None
    by: dict[Channel, str | None]
    """The address of each channel."""
    language: MessageLanguage

    def missing(self, channel: Channel, passcode: PasscodeKind) -> Iterator[FieldError]:
        """The addresses that the link and its code need and the recipient does not have."""
        needed = [channel, other(channel)] if passcode == PasscodeKind.SENT_CODE else [channel]
        for one in needed:
            if self.by[one] is None:
                yield FieldError(
                    _pointer(self.kind, one), f"there is no address for {one}, by which link or code would go"
                )


def other(channel: Channel) -> Channel:
    """The channel that a code goes by, if the link goes by this one."""
    return Channel.SMS if channel == Channel.MAIL else Channel.MAIL


def contact_of(recipient: ToPatient | ToProvider | ToAddress, patient: Patient, country: str | None) -> Contact:
    """How the recipient of a patient's report is reached. `country` (ISO 3166-1) is that of numbers without a country
    code. Raises Invalid for a number that no telephone can have."""
    if isinstance(recipient, ToPatient):
        by = {Channel.MAIL: patient.email, Channel.SMS: patient.primary_phone}
        return Contact(recipient.kind, None, by, language_of(patient.preferred_language))
    phone, errors = phone_fields.settled(recipient.phone, country, "/recipient/phone")
    raise_if_any(errors)
    by = {Channel.MAIL: recipient.email, Channel.SMS: phone.e164 if phone else None}
    name = recipient.name if isinstance(recipient, ToProvider) else None
    return Contact(recipient.kind, name, by, MessageLanguage.ENGLISH)


def _pointer(kind: RecipientKind, channel: Channel) -> str:
    """Where a client mends a missing address: at the patient's record, it chooses another channel."""
    if kind == RecipientKind.PATIENT:
        return "/channel"
    return "/recipient/email" if channel == Channel.MAIL else "/recipient/phone"
