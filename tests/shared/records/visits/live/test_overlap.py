"""Words of pieces that overlap: none is lost and none doubled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.live.overlap import own_words
from shared.records.visits.live.piece import LivePiece, LiveWord
from tests.support.factories import BY_DOCTOR, SESSION_ID
from tools.openapi.live_factories import live_piece

RECORDING = f"{SESSION_ID}-a1"
WORD_MS = 300
INEXACT_MS = 15
"""How far recognitions of a word differ, at each end."""


def word(start_ms: int, end_ms: int | None = None, text: str = "") -> LiveWord:
    return LiveWord(text=text or f"at{start_ms}", start_ms=start_ms, end_ms=end_ms or start_ms + WORD_MS)


def piece(number: int, start_ms: int, end_ms: int, words: Sequence[LiveWord] = ()) -> LivePiece:
    times = {"start_ms": start_ms, "duration_ms": end_ms - start_ms}
    return live_piece(RECORDING, number, BY_DOCTOR, **times, words=list(words))


def heard(spoken: Sequence[int], begin: int, end: int, inexact: int) -> list[LiveWord]:
    """The words of which a piece has at least half."""
    cut = [(one, max(begin, one), min(end, one + WORD_MS)) for one in spoken]
    return [
        word(max(begin, first + inexact), min(end, last + inexact), f"at{one}")
        for one, first, last in cut
        if last - first >= WORD_MS / 2
    ]


@given(
    pauses=st.lists(st.integers(0, 1_500), min_size=60, max_size=90),
    cuts=st.tuples(st.integers(9_000, 12_000), st.integers(18_000, 21_000)),
    shared=st.tuples(st.integers(200, 1_500), st.integers(200, 1_500)),
    inexact=st.tuples(*[st.integers(-INEXACT_MS, INEXACT_MS)] * 3),
    order=st.permutations([1, 2, 3]),
)
def test_each_word_is_in_exactly_one_piece_whatever_the_order(
    pauses: list[int], cuts: tuple[int, int], shared: tuple[int, int], inexact: tuple[int, int, int], order: list[int]
) -> None:
    spoken = [one for one in accumulate(WORD_MS + pause for pause in pauses) if one + WORD_MS < 30_000]
    bounds = {1: (0, cuts[0]), 2: (cuts[0] - shared[0], cuts[1]), 3: (cuts[1] - shared[1], 30_000)}
    arrived: dict[int, LivePiece] = {}
    for number in order:
        begin, end = bounds[number]
        words = heard(spoken, begin, end, inexact[number - 1])
        own = own_words(words, begin, end, arrived.get(number - 1), arrived.get(number + 1))
        arrived[number] = piece(number, begin, end, own)

    assert [one.text for number in (1, 2, 3) for one in arrived[number].words] == [f"at{one}" for one in spoken]


def test_a_word_that_the_end_of_a_piece_cut_off_is_that_of_the_next() -> None:
    whole = word(9_900)

    assert own_words([whole], 8_500, 20_000, piece(1, 0, 10_000, [word(9_000)]), None) == [whole]
    assert own_words([whole], 8_500, 20_000, piece(1, 0, 10_000, [word(9_900, 10_000)]), None) == [whole]
    assert own_words([word(9_800)], 8_500, 20_000, piece(1, 0, 10_000, [word(9_800, 10_000)]), None) == []


def test_pieces_that_meet_within_rounding_do_not_overlap() -> None:
    words = [word(9_998), word(10_400)]

    assert own_words(words, 9_998, 20_000, piece(1, 0, 10_000, [word(9_850, 10_000)]), None) == words


def test_an_overlap_is_kept_where_the_earlier_piece_heard_nothing() -> None:
    words = [word(9_000), word(11_000)]

    assert own_words(words, 8_000, 20_000, piece(1, 0, 10_000), None) == words


def test_a_piece_that_contradicts_its_neighbour_keeps_its_words() -> None:
    words = [word(100)]

    assert own_words(words, 0, 10_000, piece(1, 5_000, 15_000, [word(14_000)]), None) == words
