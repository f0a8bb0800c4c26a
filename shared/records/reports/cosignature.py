"""The co-signature of a supervisor, for reports that a trainee signs. Pure.

The trainee signs as author, and the report waits (`cosignature_pending`): nothing of it can be changed. The supervisor
either co-signs as approver, which makes the report final, or returns it with a reason. A returned report is the next
version and can be corrected; the author's signature of the version before stays as it was.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp, Value
from shared.records.reports.reviews import NO_REVIEWS
from shared.records.text import Text
from shared.records.types import Id, Moment

MOST_RETURNS = 20
"""How often a report is returned to its author."""
MOST_REASON = 2_000
"""Characters of the reason."""


class ReturnRequest(Value):
    """Why a report is returned to its author instead of co-signed."""

    reason: Annotated[Text, Field(min_length=1, max_length=MOST_REASON)]


class Return(Value):
    """A report that its author had signed was returned to be corrected."""

    version: int
    """The version that the author had signed; that signature is kept."""
    reason: Text
    returned_by: Id
    """The supervisor, or the author who withdrew the signature."""
    at: Moment


class Cosignable(Record):
    """A record that may need a supervisor's signature besides its author's."""

    written_state: ClassVar[StrEnum]
    cosignature_state: ClassVar[StrEnum]
    """The state in which it waits for the co-signature."""
    signed_state: ClassVar[StrEnum]

    cosigner_id: Plain[Id | None] = None
    """The supervisor whose co-signature the report waits for, or has; null if it needs none."""
    cosigned_at: Plain[Moment | None] = None
    """When the supervisor co-signed it, which made it final."""
    returns: Clinical[Encrypted[list[Return]]] = Field(default=[], max_length=MOST_RETURNS)
    """When and why it was returned to its author instead of co-signed."""

    if TYPE_CHECKING:  # the report declares these fields itself, at their place in its published schema
        status: StrEnum
        version: int

    def cosigned(self, stamp: Stamp) -> Self:
        """The report in its final state. Raises Conflict unless it waits for the co-signature."""
        self.must_await_cosignature()
        return self.revised(stamp, status=self.signed_state, cosigned_at=stamp.at)

    def returned(self, reason: str, stamp: Stamp) -> Self:
        """The report as its next version, unsigned and to be corrected; reviews are void. Raises Conflict unless it
        waits for the co-signature, and after `MOST_RETURNS` returns."""
        self.must_await_cosignature()
        if len(self.returns) == MOST_RETURNS:
            raise Conflict(ConflictCode.TOO_MANY_RETURNS, f"the report was returned {MOST_RETURNS} times")
        made = Return(version=self.version, reason=reason, returned_by=stamp.by, at=stamp.at)
        unsigned = dict.fromkeys(("signed_by", "signed_at", "cosigner_id", "edit_distance", "seconds_to_sign"))
        return self.revised(
            stamp,
            status=self.written_state,
            version=self.version + 1,
            returns=[*self.returns, made],
            **unsigned,
            **NO_REVIEWS,
        )

    @property
    def awaits_cosignature(self) -> bool:
        """True once the author has signed the report and the supervisor has not."""
        return self.status == self.cosignature_state

    def must_await_cosignature(self) -> None:
        """Raises Conflict unless the author signed the report and the supervisor has not."""
        if not self.awaits_cosignature:
            raise Conflict(
                ConflictCode.NO_COSIGNATURE_PENDING, f"the report waits for no co-signature: it is {self.status}"
            )
