"""A session's lifecycle: allowed transitions and duration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.records.problems import Conflict
from shared.records.record import Stamp, patient_of, session_of
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session, SessionStatus
from tests.support.factories import DOCTOR, NOON, after, session

MOVES: dict[str, Callable[[Session, datetime], Session]] = {
    "pause": lambda visit, at: visit.paused(Stamp(DOCTOR, at)),
    "resume": lambda visit, at: visit.resumed(Stamp(DOCTOR, at)),
    "complete": lambda visit, at: visit.completed(Stamp(DOCTOR, at)),
    "cancel": lambda visit, at: visit.cancelled(Stamp(DOCTOR, at)),
    "note": lambda visit, at: visit.noted(Stamp(DOCTOR, at), session_notes="Calm."),
}
LEGAL = {
    SessionStatus.IN_PROGRESS: {"pause", "complete", "cancel", "note"},
    SessionStatus.PAUSED: {"resume", "complete", "cancel", "note"},
    SessionStatus.COMPLETED: {"note"},
    SessionStatus.CANCELLED: set[str](),
    SessionStatus.ERROR: set[str](),
}
SECONDS = st.integers(0, 3 * 3600)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", SessionStatus)
def test_only_legal_moves_are_made_and_others_conflict(status: SessionStatus, move: str) -> None:
    visit = session(status=status, paused_at=NOON if status == SessionStatus.PAUSED else None)

    if move in LEGAL[status]:
        assert MOVES[move](visit, after(minutes=1)).revision == visit.revision + 1
    else:
        with pytest.raises(Conflict):
            MOVES[move](visit, after(minutes=1))


class Visit(RuleBasedStateMachine):
    """Any allowed course of a visit, with an independent count of the time without pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.session = session()
        self.now = NOON
        self.recorded = 0

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if self.session.status == SessionStatus.IN_PROGRESS:
            self.recorded += seconds

    @precondition(lambda self: self.session.status == SessionStatus.IN_PROGRESS)
    @rule()
    def pause(self) -> None:
        self.session = self.session.paused(Stamp(DOCTOR, self.now))

    @precondition(lambda self: self.session.status == SessionStatus.PAUSED)
    @rule()
    def resume(self) -> None:
        self.session = self.session.resumed(Stamp(DOCTOR, self.now))

    @precondition(lambda self: self.session.open)
    @rule()
    def take_a_note(self) -> None:
        self.session = self.session.noted(Stamp(DOCTOR, self.now), session_notes="Calm.")

    @precondition(lambda self: self.session.open)
    @rule()
    def complete(self) -> None:
        self.session = self.session.completed(Stamp(DOCTOR, self.now))

        assert self.session.total_duration_minutes == max(1, -(-self.recorded // 60))
        assert self.session.paused_seconds == (self.now - NOON).total_seconds() - self.recorded
        assert self.session.ended_at == self.now

    @rule(move=st.sampled_from(sorted(MOVES)))
    def an_illegal_move_changes_nothing(self, move: str) -> None:
        if move not in LEGAL[self.session.status]:
            with pytest.raises(Conflict):
                MOVES[move](self.session, self.now)

    @invariant()
    def no_duration_is_negative(self) -> None:
        assert self.session.paused_seconds >= 0
        assert (self.session.total_duration_minutes or 0) >= 0


Visit.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
test_pauses_are_not_part_of_the_duration_whatever_the_course = Visit.TestCase


@given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(-7200, 7200)), max_size=12))
def test_a_clock_that_jumps_back_makes_no_duration_negative(course: list[tuple[str, int]]) -> None:
    visit = session()

    for move, seconds in course:
        if move in LEGAL[visit.status]:
            visit = MOVES[move](visit, after(seconds=seconds))

        assert visit.paused_seconds >= 0
        assert visit.total_duration_minutes is None or visit.total_duration_minutes >= 1


def test_a_pause_that_ends_before_it_began_is_no_pause() -> None:
    paused = session(other_pause_seconds=60).paused(Stamp(DOCTOR, after(minutes=10)))

    resumed = paused.resumed(Stamp(DOCTOR, after(minutes=5)))

    assert resumed.paused_seconds == 60


def test_completing_a_paused_session_ends_the_pause() -> None:
    visit = session().paused(Stamp(DOCTOR, after(minutes=10)))

    completed = visit.completed(Stamp(DOCTOR, after(minutes=40)))

    assert completed.total_duration_minutes == 10
    assert completed.paused_seconds == 30 * 60


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (1800, 30), (1801, 31)])
def test_every_minute_that_was_started_counts(seconds: int, minutes: int) -> None:
    assert session().completed(Stamp(DOCTOR, after(seconds=seconds))).total_duration_minutes == minutes


def test_notes_change_only_what_was_given() -> None:
    visit = session(chief_complaint="Poor sleep", session_notes="Calm.")

    noted = visit.noted(Stamp(DOCTOR, after(minutes=1)), session_notes="Restless.")
    emptied = noted.noted(Stamp(DOCTOR, after(minutes=2)), chief_complaint=None)

    assert (noted.chief_complaint, noted.session_notes) == ("Poor sleep", "Restless.")
    assert (emptied.chief_complaint, emptied.session_notes) == (None, "Restless.")
    assert emptied.status == SessionStatus.IN_PROGRESS


def test_a_change_leaves_the_earlier_record_as_it_was() -> None:
    visit = session()

    visit.paused(Stamp("other", after(minutes=1)))

    assert (visit.status, visit.revision, visit.updated_by) == (SessionStatus.IN_PROGRESS, 1, DOCTOR)


def test_what_belongs_to_a_session_carries_its_session_and_patient_in_its_id() -> None:
    visit = session(uploads=2)
    ids = [visit.report_id, visit.bill_id, visit.transcription_id, visit.recording_id(2)]

    assert [session_of(one) for one in ids] == [visit.id] * 4
    assert {patient_of(one) for one in ids} == {visit.patient_id}
    assert visit.transcription_id.endswith("-t2")
    assert Recording.path_of(visit.recording_id(2)) == f"sessions/{visit.id}/recordings/{visit.id}-a2"
