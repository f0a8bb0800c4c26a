"""What an answer says of another patient who may be the same person."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from shared.records.partial_date import PartialDate
from shared.records.patients.likeness import HIGHEST, Likeness, Reason
from shared.records.patients.patient import Patient
from shared.records.record import Value
from shared.records.types import Id

MOST_TOLD = 5
"""At most so many similar patients are told, the most similar ones."""


class WarningCode(StrEnum):
    """Why somebody should look, although the request was done."""

    SIMILAR_PATIENT = "similar_patient"
    """Another patient may be the same person."""


class SimilarPatient(Value):
    """Another patient, whom the caller may see, and what is alike."""

    code: WarningCode = WarningCode.SIMILAR_PATIENT
    id: Id
    number: str
    name: str
    date_of_birth: PartialDate | None
    score: Annotated[int, Field(ge=0, le=HIGHEST)]
    """How alike the two are; 90 and more is a duplicate."""
    reasons: list[Reason]

    @classmethod
    def of(cls, patient: Patient, likeness: Likeness) -> Self:
        """The fields that identify a patient; the front desk sees them of every patient."""
        return cls(
            id=patient.id,
            number=patient.number,
            name=patient.display_name,
            date_of_birth=patient.date_of_birth,
            score=likeness.score,
            reasons=[*likeness.reasons],
        )
