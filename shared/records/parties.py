"""The people of a visit as lists show them: small, beside the record, so that no row costs a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.patients.patient import Patient
from shared.records.patients.person_name import display_name
from shared.records.record import Value
from shared.records.types import Id, Number, Role


class PatientName(Value):
    """Which patient a record is about."""

    sealed: ClassVar[tuple[str, ...]] = ("first_name", "last_name", "deceased")
    """The sealed fields of a patient that are shown here, or that are shown to be there."""

    id: Id
    number: Number
    name: str
    """First and last name, as far as there are both; "Unknown patient" with the number if there is none."""
    deceased: bool = False
    """True if the patient's death is recorded."""
    deleted: bool = False
    """True if the patient is deleted: the clinic keeps this record of them."""

    @classmethod
    def of(cls, patient: Patient) -> Self:
        return cls(
            id=patient.id,
            number=patient.number,
            name=patient.display_name,
            deceased=patient.deceased is not None,
            deleted=not patient.live,
        )

    @classmethod
    def of_fields(cls, id: str, number: str, live: bool, sealed: Mapping[str, Any]) -> Self:
        """As `of`, from plain fields of a patient, and those of `sealed` that are not empty."""
        name = display_name(sealed.get("first_name"), sealed.get("last_name"), number)
        return cls(id=id, number=number, name=name, deceased="deceased" in sealed, deleted=not live)


class PersonName(Value):
    """Who made a change."""

    id: Id
    name: str | None
    """Null until the person has written a profile."""


class DoctorName(PersonName):
    """The doctor of a record."""


class Named(Value):
    """The patient and the doctor of a record, by name."""

    patient: PatientName | None
    """Null for who sees this record, but not its patient."""
    doctor: DoctorName | None
    """Null for a record without a doctor."""


class StaffName(Value):
    """A member of the staff, by name."""

    id: Id
    name: str | None
    """Null until the person has written a profile."""
    roles: list[Role]
    active: bool
    """False for a person who is disabled or has left the clinic: records still name their id."""

    @classmethod
    def of(cls, user: User, profile: UserProfile | None) -> Self:
        return cls(
            id=user.id,
            name=profile and profile.full_name,
            roles=user.roles,
            active=user.live and not user.disabled,
        )
