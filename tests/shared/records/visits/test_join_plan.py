"""The plan of a join: every captured frame is in the recording once, whatever the pieces share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.join_plan import (
    CONTIGUOUS_MS,
    DRIFT_MS,
    MOST_POINTS,
    MOST_SOURCES,
    Gap,
    JoinedPiece,
    JoinPlan,
    SampleForm,
    compose_steps,
    plan_of,
)

MONO = SampleForm(16_000, 1)
BEGAN = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
A_MS = timedelta(milliseconds=1)

stretches = st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 55_000)), min_size=1, max_size=30)
"""Of what a recorder captured: begin and length in milliseconds."""


def piece(
    number: int, start_ms: int, length_ms: int = 10_000, *, form: SampleForm = MONO, late: int = 0
) -> JoinedPiece:
    frames = length_ms * form.rate // 1000
    return JoinedPiece(number, start_ms, frames, form, BEGAN + (start_ms + late) * A_MS, bare=True)


def numbered(found: Iterable[tuple[int, int]], form: SampleForm = MONO) -> list[JoinedPiece]:
    return [piece(number, *one, form=form) for number, one in enumerate(found, start=1)]


def captured(plan: JoinPlan) -> list[tuple[int, int]]:
    """The frames of the recorder (begin, end) that are in the recording, in its order, of pieces at one rate."""
    starts = [part.piece.start_ms * plan.form.rate // 1000 + part.skip for part in plan.parts]
    return [(begin, begin + part.frames) for begin, part in zip(starts, plan.parts, strict=True) if part.frames]


@given(stretches, st.sampled_from([8_000, 16_000, 48_000]))
def test_any_overlap_gives_neither_a_lost_nor_a_doubled_frame(found: list[tuple[int, int]], rate: int) -> None:
    pieces = numbered(sorted(found), SampleForm(rate, 1))
    plan = plan_of(reversed(pieces))

    spans = captured(plan)
    allowed = CONTIGUOUS_MS * rate // 1000
    assert all(one[1] - following[0] <= allowed for one, following in pairwise(spans))
    wanted = {ms for begin, length in found for ms in range(begin, begin + length)}
    given = {ms for begin, end in spans for ms in range(begin * 1000 // rate, end * 1000 // rate)}
    assert given == wanted


@given(stretches)
def test_pieces_in_any_contradiction_lose_no_frame(found: list[tuple[int, int]]) -> None:
    spans = captured(plan_of(numbered(found)))

    wanted = {ms for begin, length in found for ms in range(begin, begin + length)}
    assert {ms for begin, end in spans for ms in range(begin // 16, end // 16)} == wanted


@given(
    st.lists(st.integers(2_000, 55_000), min_size=1, max_size=40), st.sampled_from([11_025, 22_050, 44_100]), st.data()
)
def test_rounded_times_of_contiguous_pieces_cut_nothing(lengths: list[int], rate: int, data: st.DataObject) -> None:
    ends = list(accumulate(lengths))
    starts = [0, *ends[:-1]]
    rounding = [data.draw(st.integers(0, CONTIGUOUS_MS // 2)) for _ in starts]
    pieces = [
        piece(number, start + late, length, form=SampleForm(rate, 2))
        for number, (start, late, length) in enumerate(zip(starts, rounding, lengths, strict=True), start=1)
    ]
    plan = plan_of(pieces)

    assert [part.skip for part in plan.parts] == [0] * len(pieces)
    assert plan.composable
    assert plan.data_bytes == 4 * sum(one.frames for one in pieces)
    assert plan.gaps() == []


@given(stretches)
def test_each_part_begins_where_the_one_before_it_ends(found: list[tuple[int, int]]) -> None:
    plan = plan_of(numbered(found))

    assert plan.parts[0].begin == 0
    assert all(one.begin + one.frames == following.begin for one, following in pairwise(plan.parts))
    assert plan.frames == plan.parts[-1].begin + plan.parts[-1].frames


def test_a_piece_within_an_earlier_one_gives_nothing() -> None:
    plan = plan_of([piece(1, 0, 30_000), piece(2, 5_000, 10_000), piece(3, 20_000, 20_000)])

    assert [(part.skip, part.frames) for part in plan.parts] == [(0, 480_000), (160_000, 0), (160_000, 160_000)]
    assert not plan.composable


def test_pieces_of_several_forms_become_one_channel_at_the_highest_rate() -> None:
    plan = plan_of([piece(1, 0), piece(2, 10_000, form=SampleForm(48_000, 2))])

    assert plan.form == SampleForm(48_000, 1)
    assert [part.frames for part in plan.parts] == [480_000, 480_000]
    assert not plan.composable


def test_missing_numbers_and_missing_times_are_gaps_where_they_are_in_the_recording() -> None:
    plan = plan_of([piece(2, 10_000), piece(3, 20_000), piece(6, 50_000), piece(7, 65_000)])

    assert plan.gaps(end_lost=True) == [
        Gap(after=0, at_ms=0, missing_ms=10_000),
        Gap(after=3, at_ms=20_000, missing_ms=20_000),
        Gap(after=6, at_ms=30_000, missing_ms=5_000),
        Gap(after=7, at_ms=40_000, missing_ms=None),
    ]


def test_the_timeline_has_the_beginning_and_what_follows_each_pause() -> None:
    pause = 120_000
    plan = plan_of(
        [piece(1, 0), piece(2, 10_000, late=DRIFT_MS), piece(3, 20_000, late=pause), piece(4, 30_000, late=pause)]
    )

    assert [(point.recording_ms, point.captured_at - BEGAN) for point in plan.timeline] == [
        (0, timedelta(0)),
        (20_000, timedelta(milliseconds=20_000 + pause)),
    ]


@given(st.lists(st.integers(0, 10**8), min_size=MOST_POINTS, max_size=2 * MOST_POINTS))
def test_a_timeline_is_short_whatever_the_clocks_say(clocks: list[int]) -> None:
    pieces = [piece(number, 10 * number, 10, late=late) for number, late in enumerate(clocks, start=1)]

    assert 1 <= len(plan_of(pieces).timeline) <= MOST_POINTS


def test_times_of_words_follow_their_piece_into_the_recording() -> None:
    plan = plan_of([piece(1, 0), piece(2, 8_000), piece(5, 60_000)])
    first, second, last = plan.parts

    assert first.recording_ms(9_900, 16_000) == 9_900
    assert [second.recording_ms(at, 16_000) for at in (9_900, 10_000, 17_500)] == [9_900, 10_000, 17_500]
    assert last.recording_ms(61_000, 16_000) == 19_000
    assert plan_of([piece(1, 0), piece(2, 0)]).parts[1].recording_ms(5_000, 16_000) is None, (
        "wholly in an earlier piece"
    )


@given(st.integers(1, 15_000))
def test_composing_takes_each_object_once_and_few_at_a_time(count: int) -> None:
    objects = [[number] for number in range(count)]
    made: list[list[int]] = []
    level = 0
    for at, place, sources in compose_steps(count):
        if at != level:
            objects, made, level = made, [], at
        assert (place, 1 <= len(sources) <= MOST_SOURCES) == (len(made), True)
        made.append([number for source in sources for number in objects[source]])

    assert made == [list(range(count))]
