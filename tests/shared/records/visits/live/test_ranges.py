"""Sets of numbers as ranges."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.live.ranges import count, difference, holds, numbers_of, ranges_of, union

NUMBERS = st.sets(st.integers(1, 40))


@given(st.lists(st.integers(1, 40)))
def test_ranges_hold_each_number_once_and_stand_apart(numbers: list[int]) -> None:
    made = ranges_of(numbers)

    assert list(numbers_of(made)) == sorted(set(numbers))
    assert count(made) == len(set(numbers))
    assert all(one.last + 1 < following.first for one, following in pairwise(made))


@given(NUMBERS, NUMBERS)
def test_union_and_difference_are_those_of_sets(one: set[int], other: set[int]) -> None:
    assert union(ranges_of(one), ranges_of(other)) == ranges_of(one | other)
    assert difference(ranges_of(one), ranges_of(other)) == ranges_of(one - other)


@given(NUMBERS, st.integers(0, 41))
def test_a_number_is_found(numbers: set[int], number: int) -> None:
    assert holds(ranges_of(numbers), number) is (number in numbers)
