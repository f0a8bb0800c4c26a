"""What is open about a patient, and what a request may cancel of it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.patients.obligations import Blocked, Blocker, Obligations, strange_ids

IDS = st.sets(st.sampled_from([f"p-{letter}" for letter in "abcde"]))


def open_ones(ids: set[str], *, cancellable: bool = True, left_out: int = 0) -> Obligations:
    blockers = tuple(Blocker("appointment", id, "scheduled", cancellable) for id in sorted(ids))
    return Obligations(blockers, {"appointment": len(ids) + left_out, "bill": 0})


@given(IDS, IDS)
def test_exactly_what_is_open_is_cancelled(seen: set[str], found: set[str]) -> None:
    if seen == found:
        open_ones(found).must_be_cancelled_by([*seen, *seen])
        return
    with pytest.raises(Blocked) as refused:
        open_ones(found).must_be_cancelled_by(seen)
    assert {one["id"] for one in refused.value.members["blocked_by"]} == found
    assert refused.value.members["left_out"] == 0


@pytest.mark.parametrize(("cancellable", "left_out"), [*product([True, False], [0, 7])][1:])
def test_what_cannot_be_cancelled_or_was_not_seen_blocks(cancellable: bool, left_out: int) -> None:
    with pytest.raises(Blocked) as refused:
        open_ones({"p-a"}, cancellable=cancellable, left_out=left_out).must_be_cancelled_by(["p-a"])

    assert refused.value.members["counts"] == {"appointment": 1 + left_out}
    assert refused.value.members["left_out"] == left_out


def test_ids_of_other_patients_are_named_by_their_places() -> None:
    assert [error.detail for error in strange_ids(["p-a", "q-b", "r-c"], ("p", "r"), "cancel_pending")] == [
        "number 2 is no record of this patient"
    ]
