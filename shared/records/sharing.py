"""Records that are shared with single doctors, to read or to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from shared.records import permissions
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import ShareLevel
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp


class Shareable(Record):
    """A record with the doctors that it is shared with."""

    noun: ClassVar[str]
    """Names the record in refusals."""
    most_shares: ClassVar[int]
    """Maximum number of doctors the record is shared with."""

    if TYPE_CHECKING:  # each record declares these fields itself, at their place in its published schema
        shared_with: list[str]
        writers: list[str]

    def level_of(self, doctor_id: str) -> ShareLevel | None:
        """The level at which the record is shared with a doctor; None if it is not shared."""
        return permissions.level_of(doctor_id, self.shared_with, self.writers)

    def shared(self, doctor_id: str, stamp: Stamp, level: ShareLevel = ShareLevel.READ) -> Self:
        """The record, shared with one more doctor, or at another level. Raises Conflict beyond `most_shares`."""
        if doctor_id not in self.shared_with and len(self.shared_with) == self.most_shares:
            detail = f"a {self.noun} is shared with {self.most_shares} doctors at most"
            raise Conflict(ConflictCode.TOO_MANY_DOCTORS, detail)
        return self.revised(stamp, **permissions.with_share(self.shared_with, self.writers, doctor_id, level))

    def withdrawn(self, doctor_id: str, stamp: Stamp) -> Self:
        """The record, no longer shared with this doctor."""
        return self.revised(stamp, **permissions.without_share(self.shared_with, self.writers, doctor_id))
