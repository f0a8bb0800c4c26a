"""The duration of a visit without its pauses, whatever was paused, ended, undone and corrected."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.records.record import Stamp
from shared.records.visits.correction import corrected
from shared.records.visits.requests import SessionChange
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.times import MOST_PAUSES
from tests.support.factories import DOCTOR, after, session

DAY = timedelta(days=1)
LATE = Stamp(DOCTOR, after(hours=23))
TICKS = st.integers(1, 300_000_000)
"""Microseconds: up to five minutes."""


def toggled(steps: list[int]) -> tuple[Session, list[tuple[datetime, datetime]], datetime]:
    """A session that is paused and resumed after each step, with its pauses, and when it was last changed."""
    visit, now, pauses = session(), after(), []
    for step in steps:
        began, now = now, now + timedelta(microseconds=step)
        if visit.status == SessionStatus.PAUSED:
            pauses.append((began, now))
            visit = visit.resumed(Stamp(DOCTOR, now))
        else:
            visit = visit.paused(Stamp(DOCTOR, now))
    return visit, pauses, now


def paused_seconds(pauses: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> int:
    within = (max(timedelta(0), min(ended, end) - max(began, start)) for began, ended in pauses)
    return sum(within, timedelta(0)) // timedelta(seconds=1)


def change(visit: Session, **fields: object) -> Session:
    return corrected(visit, SessionChange.model_validate(fields), LATE, backdating=timedelta(days=7))


@given(st.lists(TICKS, max_size=30))
def test_no_fraction_of_a_pause_is_lost(steps: list[int]) -> None:
    visit, pauses, now = toggled(steps)
    if visit.status == SessionStatus.PAUSED:
        pauses.append((now, now + timedelta(seconds=1)))

    ended = visit.completed(Stamp(DOCTOR, now + timedelta(seconds=1)))

    assert ended.paused_seconds == paused_seconds(pauses, ended.started_at, ended.ended_at or now)


@given(st.lists(TICKS, min_size=1, max_size=12), st.lists(st.integers(-600, 4_000), min_size=1, max_size=6))
def test_any_correction_counts_the_pauses_within_the_visit(steps: list[int], corrections: list[int]) -> None:
    visit, pauses, now = toggled(steps)
    if visit.status == SessionStatus.PAUSED:
        pauses.append((now, now + timedelta(seconds=1)))
    visit = visit.completed(Stamp(DOCTOR, now + timedelta(seconds=1)))

    for number, seconds in enumerate(corrections):
        moment = after(seconds=seconds)
        if number % 2 and moment < (visit.ended_at or now):
            visit = change(visit, started_at=moment)
        elif moment > visit.started_at:
            visit = change(visit, ended_at=moment)

        assert visit.ended_at is not None
        assert visit.paused_seconds == paused_seconds(pauses, visit.started_at, visit.ended_at)
        recorded = int((visit.ended_at - visit.started_at).total_seconds()) - visit.paused_seconds
        assert visit.total_duration_minutes == max(1, -(-recorded // 60))


def test_a_pause_that_a_completion_cut_is_whole_again_when_it_is_undone() -> None:
    visit = session().paused(Stamp(DOCTOR, after(minutes=10)))
    ended = visit.completed(Stamp(DOCTOR, after(minutes=30)), after(minutes=20))
    again = ended.reopened(Stamp(DOCTOR, after(minutes=35)), undo_for=DAY)

    assert [one.paused_seconds for one in (ended, again)] == [600, 1_200]
    assert again.completed(Stamp(DOCTOR, after(minutes=50))).total_duration_minutes == 30
    assert again.completed(Stamp(DOCTOR, after(minutes=50)), after(minutes=25)).total_duration_minutes == 10


def test_pauses_that_a_person_corrected_stay_as_they_are() -> None:
    visit = session().paused(Stamp(DOCTOR, after(minutes=10))).resumed(Stamp(DOCTOR, after(minutes=20)))
    said = change(visit.completed(Stamp(DOCTOR, after(minutes=60))), paused_seconds=300)

    assert change(said, ended_at=after(minutes=50)).total_duration_minutes == 45


def test_the_oldest_of_very_many_pauses_still_count() -> None:
    visit, pauses, now = toggled([1_500_000] * 2 * (MOST_PAUSES + 3))

    assert len(visit.pauses) == MOST_PAUSES
    assert visit.paused_seconds == paused_seconds(pauses, visit.started_at, now)
