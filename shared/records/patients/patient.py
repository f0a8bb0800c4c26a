"""A patient: a person in the care of a clinic. Patients have no login."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError

from shared.records import permissions
from shared.records.patients.details import (
    UNBORN,
    Address,
    BirthDate,
    BloodGroup,
    EmergencyContact,
    Insurance,
    MaritalStatus,
    NewEmergencyContact,
    PhoneField,
    ReportedAllergy,
)
from shared.records.privacy import Clinical, Encrypted, Plain, Searchable
from shared.records.problems import FieldError, Invalid
from shared.records.record import Stamp, Value, partial
from shared.records.sharing import Shareable
from shared.records.text import Name, ShortText, Text
from shared.records.types import Email, Id, Language, Number, Phone, TypedPhone
from shared.records.validation import field_errors

MOST_ENTRIES = 100
"""Maximum number of entries of a clinical list: allergies, medications, diagnoses."""
MOST_REPORTED = 20
"""Maximum number of reported allergies that wait for a clinician."""
MOST_DOCTORS = 30
"""Maximum number of doctors a patient is shared with: the patient's document holds search tokens for each of them."""


def full_name(first: str | None, last: str | None) -> str:
    """The names that a patient has, first name first."""
    return " ".join(name for name in (first, last) if name)


class Demographics(Value):
    """The fields that front desk and doctors fill in, as in a request."""

    first_name: Name | None = None
    last_name: Name | None = None
    """At least one of the two names is required. Many people have one name; leave the other out."""
    date_of_birth: BirthDate
    gender: ShortText | None = None
    primary_phone: TypedPhone | None = None
    secondary_phone: TypedPhone | None = None
    unverified_phones: list[PhoneField] = Field(default=[], max_length=len(PhoneField))
    """The numbers to keep although their country has none of this length. In an answer: those that no numbering plan
    has, also of the right length; plans that are known here can be out of date."""
    email: Email | None = None
    address: Address | None = None
    occupation: ShortText | None = None
    marital_status: MaritalStatus | None = None
    preferred_language: Language | None = None
    emergency_contact: NewEmergencyContact | None = None
    insurance: Insurance | None = None
    tags: list[ShortText] = Field(default=[], max_length=30)
    """Administrative tags, which the front desk sees and searches by, such as "evening". Diagnoses belong in
    `clinical_tags`."""


class MedicalBackground(Value):
    """The fields that only clinicians see."""

    blood_group: BloodGroup | None = None
    allergies: list[ShortText] = Field(default=[], max_length=MOST_ENTRIES)
    medical_history: Text | None = None
    current_medications: list[ShortText] = Field(default=[], max_length=MOST_ENTRIES)
    diagnoses: list[ShortText] = Field(default=[], max_length=MOST_ENTRIES)
    notes: Text | None = None
    clinical_tags: list[ShortText] = Field(default=[], max_length=30)
    """Tags that only the patient's doctors search by, such as "lithium"."""


class PatientUpdate(Demographics, MedicalBackground):
    """All fields of a patient that a request can write."""

    def field_errors(self, today: date) -> Iterator[FieldError]:
        """Errors of the update as a whole, and those that depend on the current day at the clinic."""
        if self.first_name is None and self.last_name is None:
            yield FieldError("/first_name", "give a first name, a last name or both")
        if self.date_of_birth > today:
            yield FieldError("/date_of_birth", UNBORN)

    def onto(self, patient: Patient) -> PatientUpdate:  # noqa: ARG002 - a patch needs the patient
        """The complete new state of the patient: this update itself."""
        return self

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.last_name)

    def clinical_fields(self) -> list[str]:
        """The names of the clinical fields that the request contains, whatever their values."""
        return [name for name in MedicalBackground.model_fields if name in self.model_fields_set]


class NewPatient(PatientUpdate):
    """A registration. `owner_id` is the responsible doctor; required unless the caller is a doctor."""

    owner_id: Id | None = None
    allow_duplicate: bool = False
    """Register even if the patient seems to exist already: same name and date of birth, or same phone."""


@partial
class AddressPatch(Address):
    """Changes to an address."""


@partial
class EmergencyContactPatch(NewEmergencyContact):
    """Changes to the emergency contact."""


@partial
class InsurancePatch(Insurance):
    """Changes to the health insurance."""


@partial
class PatientPatch(PatientUpdate):
    """Changes to a patient as a merge patch (RFC 7396): absent fields stay, null clears, lists are replaced whole."""

    address: AddressPatch | None
    emergency_contact: EmergencyContactPatch | None
    insurance: InsurancePatch | None

    def onto(self, patient: Patient) -> PatientUpdate:
        """The complete new state of the patient. Raises Invalid for an invalid result, as an address without lines."""
        current = patient.model_dump(include=set(PatientUpdate.model_fields))
        try:
            return PatientUpdate.model_validate(merged(current, self.model_dump(exclude_unset=True)))
        except ValidationError as error:
            raise Invalid(errors=field_errors(error)) from None


def merged(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Apply a merge patch to the target; null removes the key, so the default applies."""
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name) or {}, value) if isinstance(value, dict) else value
    return result


class Age(Value):
    """Computed when the patient is read."""

    age: int
    """Completed years of life in the clinic's time zone."""


class Patient(Shareable):
    """A patient of the clinic."""

    kind: ClassVar[str] = "Patient"
    collection: ClassVar[str] = "patients"
    noun: ClassVar[str] = "patient"
    most_shares: ClassVar[int] = MOST_DOCTORS
    clinical_once_changed: ClassVar[frozenset[str]] = frozenset({"reported_allergies"})
    versioned: ClassVar[bool] = True

    number: Plain[Number]
    """Such as PAT-20260001."""
    owner_id: Plain[Id]
    """The doctor who is responsible."""
    shared_with: Plain[list[Id]] = Field(default=[], max_length=MOST_DOCTORS)
    """Other doctors who may see the patient."""
    writers: Plain[list[Id]] = Field(default=[], max_length=MOST_DOCTORS)
    """Those of `shared_with` who may also change the patient, start visits and correct unsigned reports."""

    first_name: Annotated[Encrypted[Name | None], Searchable("name")] = None
    last_name: Annotated[Encrypted[Name | None], Searchable("name")] = None
    date_of_birth: Annotated[Encrypted[date], Searchable("date_of_birth")]
    gender: Encrypted[ShortText | None] = None
    primary_phone: Annotated[Encrypted[Phone | None], Searchable("phone")] = None
    secondary_phone: Annotated[Encrypted[Phone | None], Searchable("phone")] = None
    unverified_phones: Plain[list[PhoneField]] = []
    """The numbers that no numbering plan had when they were written. Messages go to them all the same."""
    email: Annotated[Encrypted[Email | None], Searchable("email")] = None
    address: Encrypted[Address | None] = None
    occupation: Encrypted[ShortText | None] = None
    marital_status: Encrypted[MaritalStatus | None] = None
    preferred_language: Encrypted[Language | None] = None
    emergency_contact: Encrypted[EmergencyContact | None] = None
    insurance: Encrypted[Insurance | None] = None
    tags: Annotated[Encrypted[list[ShortText]], Searchable("tag")] = []
    reported_allergies: Encrypted[list[ReportedAllergy]] = []
    """To be confirmed: noted by anybody of the clinic, and no allergies of the chart until a clinician confirms them.
    Receptionists see them until then."""

    blood_group: Clinical[Encrypted[BloodGroup | None]] = None
    allergies: Clinical[Encrypted[list[ShortText]]] = []
    medical_history: Clinical[Encrypted[Text | None]] = None
    current_medications: Clinical[Encrypted[list[ShortText]]] = []
    diagnoses: Clinical[Encrypted[list[ShortText]]] = []
    notes: Clinical[Encrypted[Text | None]] = None
    clinical_tags: Annotated[Clinical[Encrypted[list[ShortText]]], Searchable("clinical_tag")] = []

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.last_name)

    @classmethod
    def register(cls, new: PatientUpdate, stamp: Stamp, *, id: str, number: str, owner_id: str) -> Self:
        """Create a patient from a registration."""
        values = new.model_dump(include=set(PatientUpdate.model_fields))
        return cls.new(id, stamp, number=number, owner_id=owner_id, **values)

    def rewritten(self, update: PatientUpdate, stamp: Stamp, *, clinical: bool) -> Self:
        """The patient with all fields replaced. Without `clinical`, the clinical fields stay unchanged."""
        kept = set() if clinical else set(MedicalBackground.model_fields)
        return self.edited(stamp, **update.model_dump(exclude=kept))

    def deleted(self, stamp: Stamp) -> Self:
        return self.revised(stamp, live=False)

    def restored(self, stamp: Stamp) -> Self:
        return self.revised(stamp, live=True)

    def seen_by(self, user_id: str) -> bool:
        """True if this doctor may see the patient."""
        return user_id == self.owner_id or user_id in self.shared_with

    def transferred(self, doctor_id: str, stamp: Stamp) -> Self:
        """The patient with a new responsible doctor. The previous one loses access unless shared again."""
        others = permissions.without_share(self.shared_with, self.writers, doctor_id)
        return self.revised(stamp, owner_id=doctor_id, **others)

    def age_on(self, day: date) -> Age:
        """The age on a day. A birthday on 29 February counts from 1 March in years without that day."""
        born = self.date_of_birth
        return Age(age=day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
