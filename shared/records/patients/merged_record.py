"""What an answer says of a patient beside the record: age, merged records, and who may be the same person."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from shared.records.partial_date import PartialDate
from shared.records.patients.age import Age
from shared.records.patients.death import Death
from shared.records.patients.details import (
    Address,
    EmergencyContact,
    Insurance,
    MaritalStatus,
    ReportedAllergy,
)
from shared.records.patients.patient import Patient
from shared.records.patients.person_name import LatinName
from shared.records.patients.similar import MOST_TOLD, SimilarPatient
from shared.records.patients.update import MedicalBackground
from shared.records.record import Value
from shared.records.text import Name, ShortText
from shared.records.types import Email, Id, Language, Moment, Number, Phone


class MergedRecord(Value):
    """A record of the same person that is merged into the patient, as it was when it was merged."""

    id: Id
    number: Number
    revision: int
    merged_at: Moment
    merged_by: Id
    first_name: Name | None
    last_name: Name | None
    preferred_name: Name | None
    latin_name: LatinName | None
    date_of_birth: PartialDate | None
    deceased: Death | None
    gender: ShortText | None
    primary_phone: Phone | None
    secondary_phone: Phone | None
    email: Email | None
    address: Address | None
    occupation: ShortText | None
    marital_status: MaritalStatus | None
    preferred_language: Language | None
    emergency_contact: EmergencyContact | None
    insurance: Insurance | None
    tags: list[ShortText]
    reported_allergies: list[ReportedAllergy]
    chart: MedicalBackground | None
    """Its clinical fields, which count beside the patient's own; null for who may see none."""

    @classmethod
    def of(cls, record: Patient, *, clinical: bool) -> Self:
        """The record as the answer shows it, with or without its clinical fields."""
        assert record.merge is not None, "a merged record"
        own = cls.model_fields.keys() - {"merged_at", "merged_by", "chart"}
        chart = MedicalBackground(**{name: getattr(record, name) for name in MedicalBackground.model_fields})
        return cls(
            **{name: getattr(record, name) for name in own},
            merged_at=record.merge.merged_at,
            merged_by=record.merge.merged_by,
            chart=chart if clinical else None,
        )


class PatientFacts(Age):
    """What an answer adds to a patient."""

    merged_records: list[MergedRecord] = []
    """The records that are merged into this one, the earliest merge first. Show their allergies and medications too."""
    warnings: Annotated[list[SimilarPatient], Field(max_length=MOST_TOLD)] = []
    """Similar patients that the caller may see, the most similar first, where the patient was registered, changed or
    restored. Empty in other answers, where no name, date of birth, telephone number or e-mail address changed, and
    with `allow_duplicate`."""
