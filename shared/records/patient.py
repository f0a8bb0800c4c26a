"""A patient: a person in the care of a clinic. Patients have no login."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field

from shared.records.privacy import Clinical, Encrypted, Plain, Searchable
from shared.records.problems import FieldError, Invalid
from shared.records.record import Record, Value
from shared.records.types import Email, Id, Language, Name, Number, Phone, ShortText, Text


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


class EmergencyContact(Value):
    """Whom to call."""

    name: Name
    phone: Phone
    relationship: ShortText | None = None


class Insurance(Value):
    """The patient's health insurance."""

    provider_name: ShortText
    policy_number: ShortText
    group_number: ShortText | None = None


class Demographics(Value):
    """What front desk and doctors both fill in, as a request sends it."""

    first_name: Name
    last_name: Name
    date_of_birth: date
    gender: ShortText | None = None
    primary_phone: Phone | None = None
    secondary_phone: Phone | None = None
    email: Email | None = None
    address: Address | None = None
    occupation: ShortText | None = None
    marital_status: MaritalStatus | None = None
    preferred_language: Language | None = None
    emergency_contact: EmergencyContact | None = None
    insurance: Insurance | None = None
    tags: list[ShortText] = Field(default=[], max_length=30)


class MedicalBackground(Value):
    """What only clinicians see."""

    blood_group: BloodGroup | None = None
    allergies: list[ShortText] = Field(default=[], max_length=100)
    medical_history: Text | None = None
    current_medications: list[ShortText] = Field(default=[], max_length=100)
    notes: Text | None = None


class NewPatient(Demographics, MedicalBackground):
    """A registration. `owner_id` names the responsible doctor; needed when the caller is not one."""

    owner_id: Id | None = None

    def check(self, today: date) -> None:
        """Raises Invalid for what only a calendar can tell."""
        if self.date_of_birth > today:
            raise Invalid(errors=[FieldError("/date_of_birth", "must not be in the future")])


class Age(Value):
    """Computed when the patient is read."""

    age: int
    """Completed years of life."""


class Patient(Record):
    """A patient of the clinic."""

    collection: ClassVar[str] = "patients"

    number: Plain[Number]
    """Such as PAT-20260001."""
    owner_id: Plain[Id]
    """The doctor who is responsible."""
    shared_with: Plain[list[Id]] = []
    """Other doctors who may see the patient."""

    first_name: Annotated[Encrypted[Name], Searchable("name")]
    last_name: Annotated[Encrypted[Name], Searchable("name")]
    date_of_birth: Annotated[Encrypted[date], Searchable("date_of_birth")]
    gender: Encrypted[ShortText | None] = None
    primary_phone: Annotated[Encrypted[Phone | None], Searchable("phone")] = None
    secondary_phone: Annotated[Encrypted[Phone | None], Searchable("phone")] = None
    email: Annotated[Encrypted[Email | None], Searchable("email")] = None
    address: Encrypted[Address | None] = None
    occupation: Encrypted[ShortText | None] = None
    marital_status: Encrypted[MaritalStatus | None] = None
    preferred_language: Encrypted[Language | None] = None
    emergency_contact: Encrypted[EmergencyContact | None] = None
    insurance: Encrypted[Insurance | None] = None
    tags: Annotated[Encrypted[list[ShortText]], Searchable("tag")] = []

    blood_group: Clinical[Encrypted[BloodGroup | None]] = None
    allergies: Clinical[Encrypted[list[ShortText]]] = []
    medical_history: Clinical[Encrypted[Text | None]] = None
    current_medications: Clinical[Encrypted[list[ShortText]]] = []
    notes: Clinical[Encrypted[Text | None]] = None

    @classmethod
    def register(cls, new: NewPatient, *, id: str, number: str, owner_id: str, by: str, at: datetime) -> Self:  # noqa: A002
        """The patient that a registration makes."""
        given = new.model_dump(exclude={"owner_id"})
        return cls.new(id, by=by, at=at, number=number, owner_id=owner_id, **given)

    def age_on(self, day: date) -> Age:
        born = self.date_of_birth
        return Age(age=day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
