"""A patient: a person in the care of a clinic. Patients have no login."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from shared.records import permissions
from shared.records.conflict_codes import ConflictCode
from shared.records.partial_date import PartialDate
from shared.records.patients.age import Age, AgeSpan, EstimatedAge, age_span, age_span_at
from shared.records.patients.death import Death
from shared.records.patients.details import (
    Address,
    BloodGroup,
    EmergencyContact,
    Insurance,
    MaritalStatus,
    PhoneField,
    ReportedAllergy,
)
from shared.records.patients.merge import MOST_MERGED, Merge
from shared.records.patients.person_name import LatinName, display_name, full_name
from shared.records.patients.update import MedicalBackground, PatientUpdate
from shared.records.permissions import ShareLevel
from shared.records.privacy import Clinical, Encrypted, Internal, Plain, Searchable
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.sharing import Shareable
from shared.records.text import Name, ShortText, Text
from shared.records.types import Email, Id, Language, Number, Phone, local_date

MOST_REPORTED = 20
"""Maximum number of reported allergies that wait for a clinician."""
MOST_DOCTORS = 30
"""Maximum number of doctors a patient is shared with: the patient's document holds search tokens for each of them."""


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
    merged_patient_ids: Plain[list[Id]] = Field(default=[], max_length=MOST_MERGED)
    """Ids of further records of the same person, which are merged into this one: each of them leads here."""
    merge: Internal[Plain[Merge | None]] = None
    """Set while this record is merged into another one. Its doctors are then those of that one."""
    joined: Internal[Plain[list[Id]]] = Field(default=[], max_length=MOST_DOCTORS)
    """Those of `shared_with` who see the patient only because a merged record was theirs."""
    raised: Internal[Plain[list[Id]]] = Field(default=[], max_length=MOST_DOCTORS)
    """Those of `writers` who could read the patient before, and could change a merged record."""

    first_name: Annotated[Encrypted[Name | None], Searchable("name")] = None
    last_name: Annotated[Encrypted[Name | None], Searchable("name")] = None
    preferred_name: Annotated[Encrypted[Name | None], Searchable("name")] = None
    latin_name: Annotated[Encrypted[LatinName | None], Searchable("name")] = None
    name_unknown: Plain[bool] = False
    """True if nobody knows a name of the patient."""
    date_of_birth: Annotated[Encrypted[PartialDate | None], Searchable("date_of_birth")] = None
    """As much as is known: `1950`, `1950-06` or `1950-06-08`; null if nothing is."""
    estimated_age: Encrypted[EstimatedAge | None] = None
    deceased: Encrypted[Death | None] = None
    """That the patient died; null while nobody has recorded it."""
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

    @model_validator(mode="after")
    def _has_a_name_or_none_is_known(self) -> Self:
        """A record that lost its sealed names is not read as a patient without one."""
        if not self.full_name and not self.name_unknown:
            raise ValueError("a name is missing")
        return self

    @classmethod
    def is_kept(cls, document: Mapping[str, Any]) -> bool:  # noqa: ARG003 - always
        """What is kept names the patient. A use case that shows a patient alone does not show a deleted one."""
        return True

    @property
    def full_name(self) -> str:
        """The names that are known, first name first; empty for a patient without one."""
        return full_name(self.first_name, self.last_name)

    @property
    def display_name(self) -> str:
        """The full name, or what stands in its place on lists and paper."""
        return display_name(self.first_name, self.last_name, self.number)

    @property
    def other_names(self) -> list[str]:
        """Further names that the patient is found by: the preferred one with the last name, and that in Latin letters.
        Empty ones are left out."""
        preferred = self.preferred_name and full_name(self.preferred_name, self.last_name)
        return [name for name in (preferred, self.latin_name and self.latin_name.text) if name]

    @classmethod
    def register(cls, new: PatientUpdate, stamp: Stamp, *, id: str, number: str, owner_id: str) -> Self:
        """Create a patient from a registration."""
        values = new.model_dump(include=PatientUpdate.stored_fields())
        return cls.new(id, stamp, number=number, owner_id=owner_id, **values)

    def rewritten(self, update: PatientUpdate, stamp: Stamp, *, clinical: bool) -> Self:
        """The patient with all fields replaced. Without `clinical`, the clinical fields stay unchanged."""
        kept = set() if clinical else set(MedicalBackground.model_fields)
        return self.edited(stamp, **update.model_dump(include=PatientUpdate.stored_fields() - kept))

    def deleted(self, stamp: Stamp) -> Self:
        return self.revised(stamp, live=False)

    def restored(self, stamp: Stamp) -> Self:
        return self.revised(stamp, live=True)

    def died(self, death: Death, stamp: Stamp) -> Self:
        """The patient with a death that is recorded or corrected."""
        return self.edited(stamp, deceased=death)

    def living(self, stamp: Stamp) -> Self:
        """The patient without a death that was recorded by mistake."""
        return self.edited(stamp, deceased=None)

    def must_be_living(self) -> None:
        """Raises Conflict if the patient's death is recorded."""
        if self.deceased is not None:
            raise Conflict(ConflictCode.PATIENT_DECEASED, "the patient has died")

    def must_have_lived_at(self, moment: datetime, zone: str) -> None:
        """Raises Conflict if the patient had died before the day of a moment, in the clinic's time zone."""
        if self.deceased is not None and local_date(moment, zone) > self.deceased.latest:
            raise Conflict(ConflictCode.PATIENT_DECEASED, "the patient had died by then")

    @property
    def person_ids(self) -> tuple[str, ...]:
        """The ids of all records of the person: this one, and those that are merged into it."""
        return (self.id, *self.merged_patient_ids)

    def shared(self, doctor_id: str, stamp: Stamp, level: ShareLevel = ShareLevel.READ) -> Self:
        """As of any record. Who is named here stays when a merge is undone."""
        return super().shared(doctor_id, stamp, level)._without_merge_of(doctor_id)

    def withdrawn(self, doctor_id: str, stamp: Stamp) -> Self:
        return super().withdrawn(doctor_id, stamp)._without_merge_of(doctor_id)

    def seen_by(self, user_id: str) -> bool:
        """True if this doctor may see the patient."""
        return user_id == self.owner_id or user_id in self.shared_with

    def transferred(self, doctor_id: str, stamp: Stamp) -> Self:
        """The patient with a new responsible doctor. The previous one loses access unless shared again."""
        others = permissions.without_share(self.shared_with, self.writers, doctor_id)
        return self.revised(stamp, owner_id=doctor_id, **others)._without_merge_of(doctor_id)

    def _without_merge_of(self, doctor_id: str) -> Self:
        """The patient whose access by this doctor, or its lack, does not come from a merge any more."""
        if doctor_id not in (*self.joined, *self.raised):
            return self
        without = {"joined": self.joined, "raised": self.raised}
        return self.amended(**{name: [id for id in ids if id != doctor_id] for name, ids in without.items()})

    @property
    def birth_day(self) -> date | None:
        """The day of birth; None if it is not known to the day."""
        return self.date_of_birth.exact if self.date_of_birth else None

    def age_on(self, day: date) -> Age:
        """The age on a day, as far as it is known: that at the death if the patient had died by then."""
        return Age.told(self.age_span_on(day))

    def age_span_on(self, day: date) -> AgeSpan | None:
        """The ages that the patient can have on a day, or had at the death before; None if nobody knows."""
        death = self.deceased
        if death is not None and day >= death.date.earliest:
            last = min(day, death.latest)
            return age_span_at(self.date_of_birth, self.estimated_age, death.date.earliest, last)
        return age_span(self.date_of_birth, self.estimated_age, day)
