"""How a written report is finished: opened, reviewed, its findings resolved, signed; and how much work that was."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import model_validator

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp
from shared.records.reports.reviews import NO_REVIEWS, Review, with_review
from shared.records.text import Text
from shared.records.types import Moment

COSIGNATURE_PENDING = "the author has signed the report: it waits for the co-signature, or is returned first"


class Awaits(StrEnum):
    """What a written report still needs."""

    REVIEW = "review"
    SIGNATURE = "signature"
    REVIEW_AGAIN = "review_again"
    """It was returned instead of co-signed."""
    SIGNATURE_AGAIN = "signature_again"
    """As above, and reviewed since."""


_AGAIN = {Awaits.REVIEW: Awaits.REVIEW_AGAIN, Awaits.SIGNATURE: Awaits.SIGNATURE_AGAIN}


class Finishing(Record):
    """A record that a doctor reads, corrects and signs."""

    written_state: ClassVar[StrEnum]
    """The state in which it is corrected and signed."""
    cosignature_state: ClassVar[StrEnum]
    signed_state: ClassVar[StrEnum]

    awaits: Internal[Plain[Awaits | None]] = None
    """Derived from state and review whenever the record is made, so that lists can ask for it."""
    opened_at: Internal[Plain[Moment | None]] = None
    """When the doctor of the report first read this draft; null before."""
    edit_distance: Plain[float | None] = None
    """How far the signed text is from the draft: the share of words that people changed, 0 to 1. Null before the
    signature, and for a report without a draft."""
    seconds_to_sign: Plain[float | None] = None
    """Seconds from the signer's first look at the draft to the signature; null before it, and without such a look."""

    if TYPE_CHECKING:  # the report declares these fields itself, at their place in its published schema
        status: StrEnum
        doctor_id: str
        version: int
        correction_notes: Text | None
        reviews: list[Review]

    @model_validator(mode="before")
    @classmethod
    def _derive_awaits(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        awaits = Awaits.REVIEW if values.get("reviewed_by") is None else Awaits.SIGNATURE
        if values.get("returns"):
            awaits = _AGAIN[awaits]
        return {**values, "awaits": awaits if values.get("status") == cls.written_state else None}

    def opened(self, stamp: Stamp) -> Self:
        """The report after a person read it: the record itself unless it is its doctor's first look at the draft. Only
        the time is recorded, so the revision stays."""
        first = self.status == self.written_state and self.opened_at is None and stamp.by == self.doctor_id
        return self.amended(opened_at=stamp.at) if first else self

    def reviewed(self, stamp: Stamp) -> Self:
        """The report after a person reviewed its present version. Raises Conflict after `MOST_REVIEWS` others."""
        self.must_be_editable()
        return self.revised(stamp, **with_review(self.reviews, stamp, self.version))

    def corrected(self, notes: str | None, stamp: Stamp) -> Self:
        """The next version of the report; an earlier review is void."""
        self.must_be_editable()
        return self.revised(
            stamp,
            version=self.version + 1,
            manually_edited=True,
            correction_notes=notes if notes is not None else self.correction_notes,
            **NO_REVIEWS,
        )

    def resolved(self, stamp: Stamp) -> Self:
        """The report after a doctor resolved findings. What it says is the same, so version and review stay."""
        self.must_be_editable()
        return self.revised(stamp)

    def signed(self, stamp: Stamp, *, edit_distance: float | None = None, cosigner_id: str | None = None) -> Self:
        """The report in its final state, or waiting for the co-signature of `cosigner_id`. Signing counts as review if
        there was none."""
        self.must_be_editable()
        return self.revised(
            stamp,
            status=self.signed_state if cosigner_id is None else self.cosignature_state,
            cosigner_id=cosigner_id,
            signed_by=stamp.by,
            signed_at=stamp.at,
            **({} if self.reviews else with_review([], stamp, self.version)),
            edit_distance=edit_distance,
            seconds_to_sign=None if self.opened_at is None else (stamp.at - self.opened_at).total_seconds(),
        )

    def must_be_editable(self) -> None:
        """Raises Conflict unless the report is written and not signed."""
        if self.status == self.cosignature_state:
            raise Conflict(ConflictCode.COSIGNATURE_PENDING, COSIGNATURE_PENDING)
        if self.status != self.written_state:
            raise Conflict(ConflictCode.REPORT_NOT_READY, f"the report is {self.status}")
