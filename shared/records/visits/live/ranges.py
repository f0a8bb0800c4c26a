"""Sets of numbers of pieces, as ranges: in order, apart from each other, and few even where the pieces are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shared.records.record import Value


class Range(Value):
    """Numbers that follow each other."""

    first: int
    last: int
    """Included."""

    def __len__(self) -> int:
        return self.last - self.first + 1


def numbers_of(ranges: Iterable[Range]) -> Iterator[int]:
    """The numbers, in order."""
    return (number for one in ranges for number in range(one.first, one.last + 1))


def count(ranges: Iterable[Range]) -> int:
    """How many numbers there are."""
    return sum(map(len, ranges))


def holds(ranges: Iterable[Range], number: int) -> bool:
    return any(one.first <= number <= one.last for one in ranges)


def union(*sets: Iterable[Range]) -> list[Range]:
    """The numbers that any of the sets has."""
    merged: list[Range] = []
    for one in sorted((one for ranges in sets for one in ranges), key=lambda one: one.first):
        if merged and one.first <= merged[-1].last + 1:
            merged[-1] = Range(first=merged[-1].first, last=max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return merged


def ranges_of(numbers: Iterable[int]) -> list[Range]:
    """The numbers, given in any order and with repetitions."""
    return union(Range(first=number, last=number) for number in numbers)


def difference(ranges: Sequence[Range], without: Sequence[Range]) -> list[Range]:
    """The numbers of `ranges` that `without` does not have; both as `union` returns them."""
    left: list[Range] = []
    for one in ranges:
        first = one.first
        for gone in without:
            if gone.last < first or gone.first > one.last:
                continue
            if gone.first > first:
                left.append(Range(first=first, last=gone.first - 1))
            first = gone.last + 1
        if first <= one.last:
            left.append(Range(first=first, last=one.last))
    return left
