"""Times that a client sends, corrections of a visit, and undoing its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from shared.records.types import CLOCK_SKEW
from shared.records.visits.correction import corrected
from shared.records.visits.requests import SessionChange
from shared.records.visits.session import MOST_CORRECTIONS, Session, SessionStatus
from shared.records.visits.times import LONGEST_VISIT, minutes_of
from tests.support.factories import DOCTOR, NOON, after, session

WEEK = timedelta(days=7)
EVENING = Stamp(DOCTOR, after(hours=6))


def completed(**values: Any) -> Session:
    """A visit of an hour, from noon."""
    return session(**values).completed(Stamp(DOCTOR, after(hours=1)))


def change(visit: Session, stamp: Stamp = EVENING, **fields: Any) -> Session:
    return corrected(visit, SessionChange.model_validate(fields), stamp, backdating=WEEK)


def refused(visit: Session, **fields: Any) -> list[str]:
    """The pointers of the errors of a refused correction."""
    with pytest.raises(Invalid) as problem:
        change(visit, **fields)
    return [error.pointer for error in problem.value.errors]


def test_a_forgotten_completion_is_corrected_with_its_duration_and_keeps_what_was_before() -> None:
    visit = session(type="consultation").completed(EVENING)

    right = change(visit, ended_at=after(minutes=24), type="followup", billing_code="90837")

    assert (visit.total_duration_minutes, right.total_duration_minutes) == (360, 24)
    (kept,) = right.corrections
    assert (kept.fields, kept.author_id, kept.at) == (["billing_code", "ended_at", "type"], DOCTOR, EVENING.at)
    assert (kept.before.ended_at, kept.before.type, kept.before.billing_code) == (EVENING.at, "consultation", None)
    assert right.revision == visit.revision + 1


def test_values_that_are_there_already_are_no_correction() -> None:
    visit = completed()

    assert change(visit, started_at=visit.started_at, type=visit.type.value) is visit


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"started_at": EVENING.at + CLOCK_SKEW + timedelta(seconds=1)}, ["/started_at"]),
        ({"started_at": NOON - WEEK - timedelta(seconds=1)}, ["/started_at"]),
        ({"ended_at": EVENING.at + CLOCK_SKEW + timedelta(seconds=1)}, ["/ended_at"]),
        ({"ended_at": NOON}, ["/ended_at"]),
        ({"ended_at": after(hours=-1)}, ["/ended_at"]),
        ({"started_at": after(hours=1)}, ["/started_at"]),
        ({"started_at": after(hours=1) - LONGEST_VISIT - timedelta(seconds=1)}, ["/started_at"]),
        ({"paused_seconds": 3_601}, ["/paused_seconds"]),
        ({"started_at": None, "type": None}, ["/started_at", "/type"]),
        (
            {"ended_at": None, "template_id": None, "paused_seconds": None},
            ["/ended_at", "/paused_seconds", "/template_id"],
        ),
    ],
)
def test_times_out_of_bounds_are_refused(fields: dict[str, Any], pointers: list[str]) -> None:
    assert refused(completed(), **fields) == pointers


@pytest.mark.parametrize(
    "fields",
    [
        {"started_at": NOON - WEEK, "ended_at": NOON - WEEK + LONGEST_VISIT},
        {"ended_at": EVENING.at + CLOCK_SKEW},
        {"paused_seconds": 3_600},
        {"billing_code": None},
    ],
)
def test_times_at_the_bounds_are_accepted(fields: dict[str, Any]) -> None:
    visit = completed(billing_code="99213")

    assert set(change(visit, **fields).corrections[0].fields) == fields.keys()


def test_the_end_of_a_running_visit_is_not_set_by_a_correction() -> None:
    assert refused(session(), ended_at=after(minutes=5)) == ["/ended_at"]
    assert change(session(), started_at=after(hours=-1)).started_at == after(hours=-1)


def test_a_visit_that_did_not_take_place_is_not_corrected() -> None:
    with pytest.raises(Conflict):
        change(session(status=SessionStatus.CANCELLED), type="followup")


def test_corrections_are_bounded() -> None:
    visit = completed()
    for number in range(MOST_CORRECTIONS):
        visit = change(visit, billing_code=f"9{number:04}")

    with pytest.raises(Conflict):
        change(visit, billing_code="12345")


def test_a_pause_after_the_corrected_end_does_not_count() -> None:
    """Paused for the way home, and completed there: the pause was the end of the visit."""
    visit = session().paused(Stamp(DOCTOR, after(minutes=30))).completed(Stamp(DOCTOR, after(hours=4)))

    right = change(visit, ended_at=after(minutes=40))

    assert (visit.paused_seconds, visit.total_duration_minutes) == (210 * 60, 30)
    assert (right.paused_seconds, right.total_duration_minutes) == (600, 30)


def test_pauses_that_no_longer_fit_are_asked_for() -> None:
    visit = session().paused(Stamp(DOCTOR, after(minutes=10))).resumed(Stamp(DOCTOR, after(minutes=40)))
    visit = visit.paused(Stamp(DOCTOR, after(minutes=50))).completed(Stamp(DOCTOR, after(minutes=60)))

    said = change(visit, paused_seconds=2_100)

    assert refused(said, ended_at=after(minutes=20)) == ["/paused_seconds"]
    assert change(said, ended_at=after(minutes=20), paused_seconds=0).total_duration_minutes == 20
    assert change(visit, ended_at=after(minutes=20)).total_duration_minutes == 10, "the times of the pauses are known"


def test_a_visit_is_completed_with_the_time_of_its_end() -> None:
    paused = session().paused(Stamp(DOCTOR, after(minutes=30)))

    ended = paused.completed(EVENING, after(minutes=45))

    assert (ended.ended_at, ended.closed_at, ended.paused_seconds) == (after(minutes=45), EVENING.at, 900)
    assert ended.total_duration_minutes == 30


@pytest.mark.parametrize("end", [NOON, after(hours=-1), after(hours=7), NOON + LONGEST_VISIT + timedelta(minutes=1)])
def test_an_impossible_end_does_not_complete_a_visit(end: datetime) -> None:
    with pytest.raises(Invalid) as problem:
        session().completed(EVENING, end)

    assert [error.pointer for error in problem.value.errors] == ["/ended_at"]


@given(st.integers(1, 86_400), st.integers(0, 86_400))
def test_minutes_are_rounded_up_and_at_least_one(lasted: int, paused: int) -> None:
    minutes = minutes_of(NOON, after(seconds=lasted), paused)

    assert minutes == max(1, -(-max(0, lasted - paused) // 60))


@pytest.mark.parametrize("end", [Session.completed, Session.cancelled])
def test_a_tap_is_undone_within_minutes_and_not_later(end: Any) -> None:
    visit = session(billing_amount=1, billed=True).paused(Stamp(DOCTOR, after(minutes=10)))
    ended = end(visit, Stamp(DOCTOR, after(minutes=20)))

    again = ended.reopened(Stamp(DOCTOR, after(minutes=35)), undo_for=timedelta(minutes=15))
    with pytest.raises(Conflict):
        ended.reopened(Stamp(DOCTOR, after(minutes=35, seconds=1)), undo_for=timedelta(minutes=15))

    assert (again.status, again.ended_at, again.closed_at, again.total_duration_minutes) == (
        SessionStatus.IN_PROGRESS,
        None,
        None,
        None,
    )
    assert (again.billed, again.billing_amount, again.paused_seconds) == (False, None, 600)
    assert again.completed(Stamp(DOCTOR, after(minutes=40))).total_duration_minutes == 30


@pytest.mark.parametrize("status", [SessionStatus.IN_PROGRESS, SessionStatus.PAUSED, SessionStatus.ERROR])
def test_only_an_ended_visit_is_reopened(status: SessionStatus) -> None:
    with pytest.raises(Conflict):
        session(status=status).reopened(EVENING, undo_for=WEEK)


def test_a_running_visit_is_overdue_at_its_limit_and_an_ended_one_never() -> None:
    visit = session(overdue_at=after(hours=12))

    assert [visit.is_overdue(after(hours=hours)) for hours in (11, 12, 13)] == [False, True, True]
    assert not visit.completed(Stamp(DOCTOR, after(hours=13))).is_overdue(after(hours=14))
    assert change(visit, started_at=after(hours=-1)).overdue_at == after(hours=11)
