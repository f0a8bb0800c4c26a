"""The accounting of live recordings: gaps, ends, lost pieces, and who records."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, Invalid, NotFound
from shared.records.record import Stamp
from shared.records.visits.live.accounts import MOST_LOSSES, LiveAudio, LiveStatus, NewLoss
from shared.records.visits.live.ranges import Range, numbers_of, ranges_of
from shared.records.visits.live.recorded import MOST_RANGES, LiveRecording
from tests.support.factories import BY_DOCTOR, DOCTOR, NOON, SESSION_ID, after
from tools.openapi.live_factories import live_audio

FIRST, SECOND = f"{SESSION_ID}-a1", f"{SESSION_ID}-a2"


def begun() -> LiveRecording:
    return LiveRecording(recording_id=FIRST, recorder_id="recorder-1", opened_at=NOON)


def with_pieces(account: LiveRecording, numbers: Iterable[int], last: int | None = None) -> LiveRecording:
    for number in numbers:
        account.must_take(number, 10_000, last=number == last)
        account = account.with_piece(number, 1_000 + number, 10_000, NOON, last=number == last)
    return account


def accounts(*numbers: int) -> LiveAudio:
    opened = live_audio(SESSION_ID, BY_DOCTOR).opened(FIRST, "recorder-1", NOON)
    return opened.replaced(with_pieces(opened.of(FIRST), numbers))


def loss(numbers: list[int], end_after: int | None = None, recording_id: str = FIRST) -> NewLoss:
    return NewLoss(recording_id=recording_id, numbers=numbers, end_after=end_after, reason="the battery was empty")


@given(st.permutations(range(1, 13)), st.integers(0, 12))
def test_any_order_of_pieces_gives_the_same_accounting(order: list[int], last: int) -> None:
    expected = with_pieces(begun(), range(1, 13), 12 if last else None)

    assert with_pieces(begun(), order, 12 if last else None) == expected
    assert expected.received == [Range(first=1, last=12)]
    assert (expected.size_bytes, expected.duration_ms) == (12 * 1_000 + 78, 120_000)


@given(st.sets(st.integers(1, 30), min_size=1), st.booleans())
def test_what_lies_below_the_highest_piece_and_did_not_arrive_is_missing(numbers: set[int], ended: bool) -> None:
    made = with_pieces(begun(), sorted(numbers), max(numbers) if ended else None)

    assert set(numbers_of(made.missing)) == set(range(1, max(numbers))) - numbers
    assert made.blocks is (not ended or bool(made.missing))


def test_a_recording_without_a_piece_blocks_nothing() -> None:
    assert not begun().blocks


def test_a_recording_without_a_known_end_blocks() -> None:
    assert with_pieces(begun(), [1, 2]).blocks


@pytest.mark.parametrize(("arrived", "end", "number", "last"), [([1, 3], 3, 4, False), ([1, 5], None, 3, True)])
def test_nothing_comes_after_the_end(arrived: list[int], end: int | None, number: int, last: bool) -> None:
    account = with_pieces(begun(), arrived, end)

    with pytest.raises(Conflict) as refused:
        account.must_take(number, 10_000, last=last)

    assert refused.value.code == ConflictCode.RECORDING_ENDED


def test_a_piece_before_the_end_is_taken_after_it() -> None:
    assert with_pieces(begun(), [3, 1, 2], last=3).missing == []


def test_eight_hours_are_the_most() -> None:
    account = begun().changed(duration_ms=8 * 3_600_000 - 10_000)
    account.must_take(1, 10_000, last=False)

    with pytest.raises(Conflict, match="8 hours"):
        account.must_take(1, 10_001, last=False)


def test_gaps_are_bounded_and_can_be_filled() -> None:
    account = with_pieces(begun(), range(1, 2 * MOST_RANGES, 2))

    with pytest.raises(Conflict, match="gaps"):
        account.must_take(2 * MOST_RANGES + 1, 10_000, last=False)
    account.must_take(2, 10_000, last=False)


@given(st.sets(st.integers(1, 20), min_size=1), st.sets(st.integers(1, 20)), st.none() | st.integers(0, 20))
def test_a_declaration_settles_exactly_what_it_names(arrived: set[int], named: set[int], after: int | None) -> None:
    highest = max(arrived)
    missing = set(range(1, highest)) - arrived
    lost = missing & named
    made = with_pieces(begun(), sorted(arrived)).declared_lost(sorted(lost), after)

    settled = lost | (set(range(after + 1, highest)) - arrived if after is not None else set())
    expected = (missing | set(range(1, (after or 0) + 1)) - arrived) - settled
    assert set(numbers_of(made.missing)) == expected
    assert made.end == (None if after is None else max(after, highest))


def test_a_lost_piece_that_comes_after_all_is_lost_no_more() -> None:
    lost = accounts(1, 4).with_loss(loss([2, 3], end_after=4), BY_DOCTOR)
    recording = lost.of(FIRST)
    assert recording.shown_lost() == [Range(first=2, last=3)]
    assert not recording.blocks

    came = with_pieces(recording, [3])

    assert came.shown_lost() == came.lost == [Range(first=2, last=2)]
    assert not came.blocks
    assert [one.numbers for one in lost.losses] == [[Range(first=2, last=3)]]


def test_a_piece_after_a_declared_end_is_taken_and_those_between_stay_lost() -> None:
    account = with_pieces(begun(), [1, 2]).declared_lost([], 2)

    came = with_pieces(account, [5])

    assert came.end == 5
    assert came.missing == []
    assert came.shown_lost() == [Range(first=3, last=4)]
    assert not came.blocks


@given(st.permutations(range(1, 6)), st.booleans())
def test_exactly_the_piece_that_makes_a_recording_whole_makes_it_due_once_the_session_is_over(
    order: list[int], over: bool
) -> None:
    made, due = accounts(), list[bool]()
    for number in order:
        came = with_pieces(made.of(FIRST), [number], last=5)
        made = made.followed(came, BY_DOCTOR, over=over)
        due.append(made.is_due)

    assert due == [False] * 4 + [over]
    assert made == made.followed(made.of(FIRST), Stamp("doctor-2", after(minutes=9)), over=over)


@given(st.permutations(range(1, 6)), st.sampled_from([None, 5]), st.booleans())
def test_whether_more_is_expected_follows_from_the_newest_piece_in_any_order(
    order: list[int], stops_with: int | None, over: bool
) -> None:
    made = accounts().expecting(BY_DOCTOR)
    for number in order:
        came = with_pieces(made.of(FIRST), [number])
        made = made.with_piece(came, number, BY_DOCTOR, more=number != stops_with, over=over)

    expected = LiveStatus.SETTLED if over or stops_with else LiveStatus.RECORDING
    assert made.status == expected


def test_a_piece_of_the_recorder_before_says_nothing_of_the_one_that_has_the_session() -> None:
    made = accounts(1).opened(SECOND, "recorder-2", after(minutes=1)).expecting_nothing(BY_DOCTOR)

    came = made.with_piece(with_pieces(made.of(FIRST), [2]), 2, BY_DOCTOR, more=True, over=False)

    assert came.status == LiveStatus.SETTLED


def test_what_is_due_comes_before_what_is_expected_and_leaves_it() -> None:
    due = accounts(1).due(BY_DOCTOR)
    ended = due.replaced(with_pieces(due.of(FIRST), [2], last=2))

    assert due.expecting(BY_DOCTOR) == due.expecting_nothing(BY_DOCTOR) == due
    assert due.settled(BY_DOCTOR).status == LiveStatus.RECORDING
    assert ended.settled(BY_DOCTOR).status == LiveStatus.SETTLED


@pytest.mark.parametrize("over", [True, False])
def test_a_declaration_makes_it_due_too(over: bool) -> None:
    assert not accounts(2).with_loss(loss([1]), BY_DOCTOR, over=over).is_due
    assert accounts(2).with_loss(loss([1], end_after=2), BY_DOCTOR, over=over).is_due is over


def test_who_declared_a_loss_and_why_is_kept() -> None:
    later = Stamp("doctor-2", after(minutes=9))

    made = accounts(1, 3).with_loss(loss([2]), later)

    (kept,) = made.losses
    assert (kept.by, kept.at, kept.reason) == ("doctor-2", later.at, "the battery was empty")
    assert kept.numbers == ranges_of([2])


@pytest.mark.parametrize(
    ("new", "pointers"),
    [
        (loss([1]), {"/numbers/0"}),
        (loss([2, 9]), {"/numbers/1"}),
        (loss([]), {"/numbers"}),
    ],
)
def test_only_missing_pieces_are_declared_lost(new: NewLoss, pointers: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        accounts(1, 3).with_loss(new, BY_DOCTOR)

    assert {error.pointer for error in refused.value.errors} == pointers


def test_an_end_that_the_recorder_gave_is_not_declared() -> None:
    made = accounts()
    ended = made.replaced(with_pieces(made.of(FIRST), [3], last=3))

    with pytest.raises(Invalid, match="not valid") as refused:
        ended.with_loss(loss([1, 2], end_after=3), BY_DOCTOR)

    assert [error.pointer for error in refused.value.errors] == ["/end_after"]


def test_declarations_are_bounded_and_of_this_session() -> None:
    one = accounts(1, 3).with_loss(loss([2]), BY_DOCTOR)

    with pytest.raises(Conflict):
        one.amended(losses=one.losses * MOST_LOSSES).with_loss(loss([2]), BY_DOCTOR)
    with pytest.raises(NotFound):
        one.with_loss(loss([2], recording_id=SECOND), BY_DOCTOR)


def test_a_second_recorder_takes_over_and_the_first_keeps_its_recording() -> None:
    made = accounts(1, 2).opened(SECOND, "recorder-2", after(minutes=1))

    first, second = made.recordings
    assert first.taken_over_at == after(minutes=1)
    assert first.received == [Range(first=1, last=2)]
    assert second.taken_over_at is None
    assert made.untaken == second
    assert made.blocking == [first]


def test_a_recorder_that_has_ended_is_not_taken_over() -> None:
    made = accounts()
    ended = made.replaced(with_pieces(made.of(FIRST), [1], last=1))
    assert ended.untaken is None

    assert ended.opened(SECOND, "recorder-2", after(minutes=1)).of(FIRST).taken_over_at is None


def test_sums_are_those_of_all_recordings() -> None:
    made = accounts(1, 2).opened(SECOND, "recorder-2", after(minutes=1))
    both = made.replaced(with_pieces(made.of(SECOND), [1]))

    assert (both.duration_ms, both.size_bytes) == (30_000, 3_004)
    assert both.created_by == DOCTOR
