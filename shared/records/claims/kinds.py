"""Kinds of statements: who said it, or whose observation, judgement or plan it is."""

from __future__ import annotations

from enum import StrEnum


class StatementKind(StrEnum):
    """What a statement is."""

    SAID_BY_PATIENT = "said_by_patient"
    SAID_BY_OTHERS = "said_by_others"
    """Said by those who came with the patient, or who speak for them."""
    OBSERVED = "observed"
    """A finding of the practitioner: seen, examined, measured."""
    ASSESSED = "assessed"
    """The practitioner's judgement, such as a diagnosis."""
    PLANNED = "planned"


def kind_of(value: object) -> StatementKind | None:
    """The kind that the model gives; None, which is unknown, for anything else."""
    return next((kind for kind in StatementKind if kind == value), None)
