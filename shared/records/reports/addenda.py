"""Addenda: what a doctor adds to a signed report, with a signature of its own. The report stays as it is. Pure."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.reports.signed import Signature, SignedBytes
from shared.records.text import Text
from shared.records.types import Moment

MOST_ADDENDA = 20
"""Addenda of one report."""
LONGEST_ADDENDUM = 5_000
"""Characters of one addendum."""


class NewAddendum(Value):
    """What to add to a signed report."""

    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_ADDENDUM)]


class Addendum(Value):
    """An addendum as it is shown: read from its signed bytes, which were verified."""

    number: int
    """1 for the first addendum of the report."""
    text: Text
    signature: Signature


class ReportAddenda(Record):
    """The addenda of a report with their signatures, in their order. Further ones are appended; none ever changes."""

    kind: ClassVar[str] = "ReportAddenda"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    signed: Clinical[Encrypted[list[SignedBytes]]] = Field(default=[], max_length=MOST_ADDENDA)

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/addenda"

    def with_one(self, signed: SignedBytes, stamp: Stamp) -> Self:
        """The addenda with one more. Raises Conflict beyond `MOST_ADDENDA`."""
        self.must_have_room()
        return self.revised(stamp, signed=[*self.signed, signed])

    def must_have_room(self) -> None:
        """Raises Conflict if the report has as many addenda as possible."""
        if len(self.signed) >= MOST_ADDENDA:
            detail = f"a report has {MOST_ADDENDA} addenda at most"
            raise Conflict(ConflictCode.TOO_MANY_ADDENDA, detail)


class Amendable(Record):
    """A record that takes addenda once it is signed."""

    addenda_count: Plain[int] = Field(default=0, le=MOST_ADDENDA)
    """Number of addenda."""
    amended_at: Plain[Moment | None] = None
    """When the last addendum was signed."""

    def with_addendum(self, stamp: Stamp) -> Self:
        """The signed report with one addendum more."""
        return self.revised(stamp, addenda_count=self.addenda_count + 1, amended_at=stamp.at)
