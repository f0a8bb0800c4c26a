"""New versions of signed reports: a report with its own number and signatures in the place of an earlier one. Pure.

The earlier report stays as it was signed, readable and verifiable. It is superseded in the commit that makes the new
version final, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp, Value
from shared.records.reports.reviews import NO_REVIEWS
from shared.records.text import Text
from shared.records.types import Digest, Id, Moment, Number

MOST_REASON = 2_000
"""Characters of the reason."""
_UNSIGNED = (
    *("signed_by", "signed_at", "cosigner_id", "cosigned_at", "edit_distance", "seconds_to_sign", "opened_at"),
    *("last_exported_by", "last_exported_at", "amended_at", "next_version_id", "superseded", "superseded_by"),
    *("taken_over_from", "taken_over_at"),
)
"""The fields that are empty in a new version."""


class NewVersion(Value):
    """Why a signed report gets a new version."""

    reason: Annotated[Text, Field(min_length=1, max_length=MOST_REASON)]


class Supersedes(Value):
    """What a signed report says about the one that it stands in the place of."""

    report_id: Id
    report_number: Number
    report_digest: Digest
    """SHA-256 of the signed bytes of that report."""
    reason: Text


class Superseded(Value):
    """The report that stands in the place of this one."""

    report_id: Id
    report_number: Number
    at: Moment
    """When it was signed."""
    reason: Text


class Supersedable(Record):
    """A report that may supersede another, and be superseded."""

    supersedes: Plain[Id | None] = None
    """The signed report of which this is a new version."""
    new_version_reason: Clinical[Encrypted[Text | None]] = None
    """Why there is this new version."""
    next_version_id: Plain[Id | None] = None
    """The new version of this report, signed or not."""
    superseded_by: Plain[Id | None] = None
    """The new version, once it is signed: it counts instead of this report."""
    superseded: Clinical[Encrypted[Superseded | None]] = None

    if TYPE_CHECKING:  # the report declares these fields itself, at their place in its published schema
        report_number: str

    def must_be_newest(self) -> None:
        """Raises Conflict if another report supersedes this one."""
        if self.superseded is not None:
            detail = f"the report is superseded by {self.superseded.report_number}"
            raise Conflict(ConflictCode.REPORT_SUPERSEDED, detail)

    def with_next_version(self, id: str, stamp: Stamp) -> Self:
        """The signed report, of which a new version is being made. Raises Conflict if there is one."""
        self.must_be_newest()
        if self.next_version_id is not None:
            raise Conflict(ConflictCode.NEW_VERSION_OPEN, "the report has a new version that is not signed yet")
        return self.revised(stamp, next_version_id=id)

    def next_version(self, id: str, number: str, reason: str, stamp: Stamp, **written: Any) -> Self:
        """The new version, unsigned, of the doctor who asks for it; `written` is its state."""
        stamps = {"created_at": stamp.at, "created_by": stamp.by, "updated_at": stamp.at, "updated_by": stamp.by}
        about = {"supersedes": self.id, "new_version_reason": reason, "report_number": number, "doctor_id": stamp.by}
        alone = {"shared_with": [], "writers": [], "returns": [], "exported_formats": [], "addenda_count": 0}
        alone |= {"disclosed_with_notice": False}
        counted = {"version": 1, "revision": 1, "attempt": 1}
        empty = {**dict.fromkeys(_UNSIGNED), **NO_REVIEWS}
        return self.copied(id, **{**stamps, **empty, **about, **alone, **counted, **written})

    def superseded_with(self, new: Self, stamp: Stamp) -> Self:
        """The report after its new version became final."""
        reason = new.new_version_reason or ""
        found = Superseded(report_id=new.id, report_number=new.report_number, at=stamp.at, reason=reason)
        return self.revised(stamp, superseded_by=new.id, superseded=found)
