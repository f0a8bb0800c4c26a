"""What a request writes of a patient: a registration, all data, or changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import Field, ValidationError, ValidationInfo, model_validator

from shared.records.patients.age import EstimatedAge
from shared.records.patients.details import (
    UNBORN,
    Address,
    BirthDate,
    BloodGroup,
    Insurance,
    MaritalStatus,
    NewEmergencyContact,
    PhoneField,
)
from shared.records.patients.person_name import LatinName, PersonName, full_name, is_placeholder
from shared.records.problems import FieldError, Invalid
from shared.records.record import Record, Value, partial
from shared.records.text import ShortText, Text, refused_characters
from shared.records.types import Email, Id, Language, TypedPhone, is_request
from shared.records.validation import field_errors

_NAMES = ("first_name", "last_name", "preferred_name", "latin_name")
MOST_ENTRIES = 100
"""Maximum number of entries of a clinical list: allergies, medications, diagnoses."""


class Demographics(Value):
    """The fields that front desk and doctors fill in, as in a request."""

    first_name: PersonName | None = None
    last_name: PersonName | None = None
    """At least one of the two names is required, unless `name_unknown`. Many people have one name; leave the other
    out."""
    preferred_name: PersonName | None = None
    """What the patient is called and wants to be called."""
    latin_name: LatinName | None = None
    """The name in Latin letters, as in a passport, if `first_name` and `last_name` are in another script."""
    name_unknown: bool = False
    """True for a patient whose name nobody knows: without names, shown as "Unknown patient" with the number."""
    date_of_birth: BirthDate | None = None
    """As much as is known: `1950`, `1950-06` or `1950-06-08`; null if nothing is. Never fill in a day."""
    estimated_age: EstimatedAge | None = None
    """The age as somebody judged it, if nothing is known of the date of birth."""
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

    allow_duplicate: bool = False
    """Write even if another patient seems to be the same person; `duplicate_patients` of the refusal says why."""

    @classmethod
    def stored_fields(cls) -> set[str]:
        """The names of the fields that become part of the patient."""
        return {*Demographics.model_fields, *MedicalBackground.model_fields}

    def field_errors(self, today: date) -> Iterator[FieldError]:
        """Errors of the update as a whole, and those that depend on the current day at the clinic."""
        yield from self._name_errors()
        if self.date_of_birth and self.date_of_birth.earliest > today:
            yield FieldError("/date_of_birth", UNBORN)
        if self.estimated_age and self.date_of_birth:
            yield FieldError("/estimated_age", "must be null beside a date of birth")
        if self.estimated_age and self.estimated_age.as_of > today:
            yield FieldError("/estimated_age/as_of", UNBORN)

    def _name_errors(self) -> Iterator[FieldError]:
        if self.name_unknown and (self.full_name or self.preferred_name or self.latin_name):
            yield FieldError("/name_unknown", "must be false beside a name")
        elif not self.name_unknown and not self.full_name:
            yield FieldError("/first_name", "give a first name, a last name or both; or name_unknown: true")
        if self.latin_name and not self.latin_name.text:
            yield FieldError("/latin_name", "give a first name, a last name or both")

    def onto(self, patient: Record) -> PatientUpdate:  # noqa: ARG002 - a patch needs the patient
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

    @model_validator(mode="before")
    @classmethod
    def _without_placeholders(cls, values: Any, info: ValidationInfo) -> Any:
        """A registration that holds placeholders in place of every name says that the name is unknown."""
        if not is_request(info) or not isinstance(values, dict):
            return values
        given = {name: values[name] for name in _NAMES if values.get(name) is not None}
        if not given or not all(_is_filler(name) for name in given.values()):
            return values
        return {**{name: value for name, value in values.items() if name not in given}, "name_unknown": True}


def _is_filler(name: object) -> bool:
    """True for a placeholder that can be seen: what is invisible is refused."""
    return isinstance(name, str) and bool(name.strip()) and not refused_characters(name) and is_placeholder(name)


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

    def onto(self, patient: Record) -> PatientUpdate:
        """The complete new state of the patient. Raises Invalid for an invalid result, as an address without lines."""
        current = patient.model_dump(include=PatientUpdate.stored_fields())
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
