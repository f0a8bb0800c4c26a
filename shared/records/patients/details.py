"""The parts of a patient's record: contact details, insurance and the terms that describe a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.records.partial_date import PartialDate
from shared.records.record import Value
from shared.records.text import Name, ShortText
from shared.records.types import Id, Moment, Phone, TypedPhone

EARLIEST_BIRTH = date(1880, 1, 1)
UNBORN = "must not be in the future"
_EASTERNMOST = timedelta(hours=14)
"""The largest offset from UTC: the zone where each day begins first."""


class BloodGroup(StrEnum):
    A_POSITIVE = "A+"
    A_NEGATIVE = "A-"
    B_POSITIVE = "B+"
    B_NEGATIVE = "B-"
    AB_POSITIVE = "AB+"
    AB_NEGATIVE = "AB-"
    O_POSITIVE = "O+"
    O_NEGATIVE = "O-"


class MaritalStatus(StrEnum):
    SINGLE = "single"
    MARRIED = "married"
    PARTNERED = "partnered"
    SEPARATED = "separated"
    DIVORCED = "divorced"
    WIDOWED = "widowed"


class Address(Value):
    """A postal address."""

    lines: list[ShortText] = Field(min_length=1, max_length=4)
    city: ShortText | None = None
    region: ShortText | None = None
    postal_code: ShortText | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2."""

    @property
    def text(self) -> str:
        """The address on one line."""
        place = " ".join(filter(None, (self.city, self.postal_code)))
        return ", ".join(filter(None, (*self.lines, place, self.region, self.country)))


class NewEmergencyContact(Value):
    """The person to call in an emergency, as a request names them."""

    name: Name
    phone: TypedPhone
    relationship: ShortText | None = None


class EmergencyContact(NewEmergencyContact):
    """The person to call in an emergency."""

    phone: Phone


class PhoneField(StrEnum):
    """A telephone number of a patient's record."""

    PRIMARY = "primary_phone"
    SECONDARY = "secondary_phone"
    EMERGENCY_CONTACT = "emergency_contact"


class Insurance(Value):
    """The patient's health insurance."""

    provider_name: ShortText
    policy_number: ShortText
    group_number: ShortText | None = None


class NewReportedAllergy(Value):
    """An allergy as the patient or a relative reports it."""

    text: ShortText


class ReportedAllergy(Value):
    """A reported allergy, which a clinician has not confirmed."""

    id: Id
    text: ShortText
    noted_by: Id
    noted_at: Moment


def _born(day: PartialDate) -> PartialDate:
    if day.earliest < EARLIEST_BIRTH:
        raise ValueError(f"must not be before {EARLIEST_BIRTH}")
    if day.earliest > (datetime.now(UTC) + _EASTERNMOST).date():
        raise ValueError(UNBORN)  # in every time zone; the clinic's own zone is checked later, by `field_errors`
    return day


BirthDate = Annotated[PartialDate, AfterValidator(_born)]
"""A date of birth in a request, as far as it is known."""
