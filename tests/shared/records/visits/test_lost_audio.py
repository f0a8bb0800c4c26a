"""Places at which audio was lost: few, and none of them forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.lost_audio import LostAudio, bounded

lengths = st.one_of(st.none(), st.integers(0, 60))


def places(found: list[int | None]) -> list[LostAudio]:
    return [LostAudio(recording_id="s-a1", start_ms=1_000 * at, seconds=one) for at, one in enumerate(found)]


@given(st.lists(lengths, max_size=40), st.integers(2, 12), st.integers(2, 12))
def test_many_places_become_few_that_stand_for_all(found: list[int | None], most: int, fewer: int) -> None:
    kept = bounded(bounded(places(found), most), fewer)

    assert len(kept) <= min(most, fewer)
    assert sum(one.places for one in kept) == len(found)
    known = [one.seconds for one in kept]
    assert (None in known) == (None in found)
    assert None in known or sum(filter(None, known)) == sum(filter(None, found))


def test_a_few_places_stay_as_they_are() -> None:
    found = places([5_000, None])

    assert bounded(found, 2) == found
