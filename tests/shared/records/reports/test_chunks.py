"""A long transcript is divided into chunks: each segment is in one of them, and none is too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.chunks import CONTEXT, LONGEST_CHUNK, chunks_of
from shared.records.visits.segment import Segment


def spoken(lengths: list[int], pauses: list[int] | None = None) -> list[Segment]:
    """Segments of these lengths (characters); each begins so many milliseconds after the one before."""
    at, segments = 0, []
    for number, (length, pause) in enumerate(zip(lengths, pauses or [200] * len(lengths), strict=True), start=1):
        speaker = "practitioner" if number % 2 else "patient"
        at += pause
        values = {"start_ms": at, "end_ms": at + 60 * length, "text": "w" * length, "confidence": None}
        segments.append(Segment.model_validate({"number": number, "speaker": speaker, **values}))
        at += 60 * length
    return segments


@given(st.lists(st.tuples(st.integers(1, 120), st.integers(0, 3_000)), max_size=60))
def test_each_segment_is_in_one_part_which_is_not_too_long(sizes: list[tuple[int, int]]) -> None:
    segments = spoken([length for length, _ in sizes], [pause for _, pause in sizes])

    chunks = chunks_of(segments, longest=100)

    assert [one for chunk in chunks for one in chunk.segments] == segments
    assert all(sum(len(one.text) for one in chunk.segments) <= 100 or len(chunk.segments) == 1 for chunk in chunks)
    assert all(chunk.segments for chunk in chunks) or not segments
    for chunk in chunks[1:]:
        begin = segments.index(chunk.segments[0])
        assert list(chunk.context) == segments[max(0, begin - CONTEXT) : begin]


def test_a_visit_of_an_hour_is_one_part() -> None:
    segments = spoken([60] * 900)

    [chunk] = chunks_of(segments)

    assert (chunk.segments, list(chunk.context)) == (segments, [])
    assert sum(len(one.text) for one in segments) < LONGEST_CHUNK


def test_a_part_ends_at_the_longest_pause_near_its_end() -> None:
    pauses = [100] * 12
    pauses[7] = 4_000

    first, second = chunks_of(spoken([10] * 12, pauses), longest=100)

    assert (first.segments[-1].number, second.segments[0].number) == (7, 8)


def test_parts_with_equal_pauses_are_as_long_as_they_may_be() -> None:
    assert [len(chunk.segments) for chunk in chunks_of(spoken([10] * 25), longest=100)] == [10, 10, 5]


def test_no_transcript_is_one_empty_part() -> None:
    [chunk] = chunks_of([])

    assert list(chunk.segments) == []
