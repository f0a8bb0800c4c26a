"""Why statements of a writer are dropped: the closed list of reasons, in the order of the steps that drop them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import Field

from shared.records.record import Value


class RejectionReason(StrEnum):
    """Why a statement of the model is in no report."""

    NO_EVIDENCE = "no_evidence"
    """It cites nothing that exists, cites too much, is of no section, or says only that nothing was said."""
    ABOUT_CONSENT = "about_consent"
    """Only a consent record says that somebody consented."""
    NOT_A_CHOICE = "not_a_choice"
    """Its section takes certain texts only, or several contradict each other."""
    COPIED = "copied"
    """It repeats a style example, and not what was said."""
    REPEATED = "repeated"
    """Another statement says the same and cites the same."""


class Rejection(Value):
    """How many statements were dropped for one reason."""

    reason: RejectionReason
    count: int = Field(ge=1)


def rejections_of(left: Sequence[int]) -> list[Rejection]:
    """How many statements each step dropped, from the numbers of those before the first step and after each."""
    counts = zip(RejectionReason, left, left[1:], strict=False)
    return [Rejection(reason=reason, count=before - after) for reason, before, after in counts if before > after]


def total(rejections: Iterable[Rejection]) -> int:
    """How many statements were dropped."""
    return sum(one.count for one in rejections)
