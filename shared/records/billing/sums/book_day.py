"""A shard of a day in the books: the sums of what was booked on it, for the bills whose ids belong to the shard.

A document for the whole day would be written by every booking. The shard follows from the bill's id, so that a
document's sums can be computed again from the bills, one document at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Self
from zlib import crc32

from shared.records.billing.sums.rows import EntrySum, SeriesSum, ServiceSum, TaxSum, added, numbers_added
from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Ref, Stamp
from shared.records.types import Digest

SHARDS = 8
"""Shards of a day. Never change it: the shard of a bill would be another."""
MOST_SERVICES = 200
"""Services of doctors that a shard keeps apart: their names are free text. Further ones have a row together."""
_DIGITS = 64
NO_ENTRIES = "0" * _DIGITS


def shard_of(bill_id: str) -> int:
    """The shard of a bill."""
    return crc32(bill_id.encode()) % SHARDS


@dataclass
class DaySums:
    """Sums of a day, of some bills."""

    entries: list[EntrySum] = field(default_factory=list)
    numbers: list[SeriesSum] = field(default_factory=list)
    taxes: list[TaxSum] = field(default_factory=list)
    services: list[ServiceSum] = field(default_factory=list)
    digest: str = NO_ENTRIES
    """The sum of the digests of the day's entries, so it does not depend on their order."""

    def plus(self, other: DaySums) -> DaySums:
        """The sums of both."""
        return DaySums.together([self, other])

    @staticmethod
    def together(several: Sequence[DaySums]) -> DaySums:
        """The sums of all."""
        return DaySums(
            added(*(one.entries for one in several)),
            numbers_added(*(one.numbers for one in several)),
            added(*(one.taxes for one in several)),
            added(*(one.services for one in several)),
            digests_added(one.digest for one in several),
        )

    def keeping(self, known: Iterable[ServiceSum]) -> DaySums:
        """The sums with MOST_SERVICES services at most: those that are known, and others while there is room."""
        names = [row.key for row in known if row.service is not None]
        wanted = [row.key for row in self.services if row.service is not None and row.key not in names]
        room = {*names, *wanted[: max(MOST_SERVICES - len(names), 0)]}
        rows = [row if row.key in room else row.model_copy(update={"service": None}) for row in self.services]
        return DaySums(self.entries, self.numbers, self.taxes, added(rows), self.digest)


class BookDay(Record):
    """A shard of a day: sums of its entries, numbers, taxes and services."""

    kind: ClassVar[str] = "BookDay"
    collection: ClassVar[str] = "book_days"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    day: Plain[date]
    entries: Encrypted[list[EntrySum]] = []
    numbers: Encrypted[list[SeriesSum]] = []
    taxes: Encrypted[list[TaxSum]] = []
    services: Encrypted[list[ServiceSum]] = []
    digest: Encrypted[Digest] = NO_ENTRIES

    @property
    def sums(self) -> DaySums:
        return DaySums(self.entries, self.numbers, self.taxes, self.services, self.digest)

    def holding(self, sums: DaySums, stamp: Stamp) -> Self:
        """The shard with these sums."""
        return self.revised(stamp, **vars(sums))

    def plus(self, sums: DaySums, stamp: Stamp) -> Self:
        """The shard with what was booked on it."""
        return self.holding(self.sums.plus(sums).keeping(self.services), stamp)


def day_ref(day: date, shard: int) -> Ref[BookDay]:
    """The shard of a day, such as `20260914-3`."""
    return BookDay.ref(f"{day:%Y%m%d}-{shard}")


def day_of(id: str) -> date:
    """The day of a shard."""
    return datetime.strptime(id.partition("-")[0], "%Y%m%d").date()  # noqa: DTZ007 - a date without a time


def shards_of(days: Iterable[date]) -> list[Ref[BookDay]]:
    """All shards of some days."""
    return [day_ref(day, shard) for day in days for shard in range(SHARDS)]


def days_from(first: date, count: int) -> Iterator[date]:
    """So many days, one after the other."""
    return (first + timedelta(days=number) for number in range(count))


def digest_of(parts: Sequence[object]) -> str:
    """The SHA-256 of the parts of an entry, written with `|` between them; nothing is written for None."""
    return sha256("|".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


def digests_added(digests: Iterable[str]) -> str:
    """The sum of digests modulo 2^256."""
    return f"{sum(int(one, 16) for one in digests) % 2**256:0{_DIGITS}x}"
