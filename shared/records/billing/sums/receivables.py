"""What is owed, by the day on which it falls due: a document for each month of due dates and shard of bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Self

from shared.records.billing.sums.rows import DueSum, added
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Ref, Stamp


class Receivables(Record):
    """A shard of the bills that fall due in a month: what is owed of them."""

    kind: ClassVar[str] = "Receivables"
    collection: ClassVar[str] = "receivables"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    open: Plain[bool] = True
    """False while nothing is owed of these bills, and nobody has a credit from them."""
    due: Encrypted[list[DueSum]] = []

    def holding(self, rows: Sequence[DueSum], stamp: Stamp) -> Self:
        """The shard with these rows."""
        return self.revised(stamp, due=list(rows), open=bool(rows))

    def plus(self, rows: Sequence[DueSum], stamp: Stamp) -> Self:
        """The shard after bookings."""
        return self.holding(added(self.due, rows), stamp)


def receivables_ref(due: date, shard: int) -> Ref[Receivables]:
    """The shard of a month, such as `202609-3`."""
    return Receivables.ref(f"{due:%Y%m}-{shard}")
