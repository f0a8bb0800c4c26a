"""Words of pieces that overlap: none is lost and none doubled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.live.overlap import own_words
from shared.records.visits.live.piece import LivePiece, LiveWord, TextStatus
from tests.support.factories import BY_DOCTOR, SESSION_ID
from tools.openapi.live_factories import live_piece

RECORDING = f"{SESSION_ID}-a1"


def word(start_ms: int) -> LiveWord:
    return LiveWord(text=f"at{start_ms}", start_ms=start_ms, end_ms=start_ms + 300)


def piece(number: int, start_ms: int, end_ms: int, text_status: TextStatus = TextStatus.RECOGNISED) -> LivePiece:
    times = {"start_ms": start_ms, "duration_ms": end_ms - start_ms}
    return live_piece(RECORDING, number, BY_DOCTOR, **times, text_status=text_status)


def starts(words: list[LiveWord]) -> list[int]:
    return [one.start_ms for one in words]


@given(
    spoken=st.lists(st.integers(0, 29_999), unique=True),
    cuts=st.tuples(st.integers(9_000, 12_000), st.integers(18_000, 21_000)),
    shared=st.tuples(st.integers(0, 900), st.integers(0, 900)),
    order=st.permutations([1, 2, 3]),
)
def test_each_word_is_in_exactly_one_piece_whatever_the_order(
    spoken: list[int], cuts: tuple[int, int], shared: tuple[int, int], order: list[int]
) -> None:
    bounds = {1: (0, cuts[0]), 2: (cuts[0] - shared[0], cuts[1]), 3: (cuts[1] - shared[1], 30_000)}
    arrived: dict[int, LivePiece] = {}
    heard: list[int] = []
    for number in order:
        begin, end = bounds[number]
        all_words = [word(start) for start in sorted(spoken) if begin <= start < end]
        own = own_words(all_words, begin, end, arrived.get(number - 1), arrived.get(number + 1))
        arrived[number] = piece(number, begin, end)
        heard += starts(own)
    small = {cut - part: part for cut, part in zip(cuts, shared, strict=True) if part <= 2}
    doubtful = {start for start in spoken for begin, part in small.items() if begin <= start < begin + part}

    assert sorted(start for start in heard if start not in doubtful) == sorted(set(spoken) - doubtful)


def test_pieces_that_meet_within_rounding_do_not_overlap() -> None:
    words = [word(9_998), word(9_999)]

    assert own_words(words, 9_998, 20_000, piece(1, 0, 10_000), None) == words


def test_an_overlap_is_kept_where_the_earlier_piece_was_not_recognised() -> None:
    words = [word(9_000), word(11_000)]

    assert own_words(words, 8_000, 20_000, piece(1, 0, 10_000, TextStatus.FAILED), None) == words
    assert starts(own_words(words, 8_000, 20_000, piece(1, 0, 10_000), None)) == [11_000]


def test_a_piece_that_contradicts_its_neighbour_keeps_its_words() -> None:
    words = [word(100)]

    assert own_words(words, 0, 10_000, piece(1, 5_000, 15_000), None) == words
