"""A session's lifecycle: allowed transitions and duration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp, patient_of, session_of
from shared.records.visits.ids import MOST_REPORTS, number_of_report
from shared.records.visits.moves import NewMove
from shared.records.visits.moving import moved
from shared.records.visits.recording import Recording
from shared.records.visits.session import OPEN_STATES, OVER, Session, SessionStatus
from shared.records.visits.session_error import failure_of, settled, with_failure
from tests.support.factories import DOCTOR, NOON, after, session
from tests.support.thorough import examples
from tools.openapi import factories

MOVES: dict[str, Callable[[Session, datetime], Session]] = {
    "pause": lambda visit, at: visit.paused(Stamp(DOCTOR, at)),
    "resume": lambda visit, at: visit.resumed(Stamp(DOCTOR, at)),
    "complete": lambda visit, at: visit.completed(Stamp(DOCTOR, at)),
    "cancel": lambda visit, at: visit.cancelled(Stamp(DOCTOR, at)),
    "note": lambda visit, at: visit.noted(Stamp(DOCTOR, at), session_notes=f"Calm at {at}."),
    "reopen": lambda visit, at: visit.reopened(Stamp(DOCTOR, at), undo_for=timedelta(days=1000)),
}
LEGAL = {
    SessionStatus.IN_PROGRESS: {"pause", "complete", "cancel", "note"},
    SessionStatus.PAUSED: {"resume", "complete", "cancel", "note"},
    SessionStatus.COMPLETED: {"note", "reopen"},
    SessionStatus.CANCELLED: {"reopen"},
    SessionStatus.ERROR: {"complete", "cancel", "note", "reopen"},
}
CAUSES = [None, "s-t1/1", "s-t1/2", "s-t2/1"]
"""Why the recordings of a session are no text; None: they are, or may still be."""
SECONDS = st.integers(0, 3 * 3600)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("status", SessionStatus)
def test_only_legal_moves_are_made_and_others_conflict(status: SessionStatus, move: str) -> None:
    visit = session(
        status=status,
        paused_at=NOON if status == SessionStatus.PAUSED else None,
        closed_at=None if status in OPEN_STATES else NOON,
    )

    if move in LEGAL[status]:
        assert MOVES[move](visit, after(minutes=1)).revision == visit.revision + 1
    else:
        with pytest.raises(Conflict):
            MOVES[move](visit, after(minutes=1))


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("known", CAUSES)
@pytest.mark.parametrize("status", SessionStatus)
def test_an_error_comes_and_goes_with_its_cause_and_only_after_the_visit(
    status: SessionStatus, known: str | None, cause: str | None
) -> None:
    visit = session(status=status, failed_attempt=known)

    after_it = with_failure(visit, cause)

    if status not in OVER or cause == known:
        assert after_it is visit
    else:
        assert after_it.status == (SessionStatus.COMPLETED if cause is None else SessionStatus.ERROR)
        assert after_it.failed_attempt == cause
    assert (after_it.revision, after_it.updated_by) == (visit.revision, visit.updated_by), "nobody's change is stale"


def test_an_error_that_a_person_settled_does_not_come_again_but_the_next_one_does() -> None:
    failed = with_failure(session().completed(Stamp(DOCTOR, after(minutes=30))), "s-t1/1")

    for settled_session in (failed.completed(Stamp(DOCTOR, after(minutes=40))), settled(failed)):
        assert settled_session.status == SessionStatus.COMPLETED
        assert (settled_session.ended_at, settled_session.total_duration_minutes) == (after(minutes=30), 30)
        assert with_failure(settled_session, "s-t1/1") is settled_session
        assert with_failure(settled_session, "s-t1/2").status == SessionStatus.ERROR


def test_an_error_is_completed_with_the_end_that_the_visit_has() -> None:
    failed = with_failure(session().completed(Stamp(DOCTOR, after(minutes=30))), "s-t1/1")

    with pytest.raises(Invalid) as refused:
        failed.completed(Stamp(DOCTOR, after(minutes=40)), after(minutes=20))

    assert [error.pointer for error in refused.value.errors] == ["/ended_at"]


@pytest.mark.parametrize(
    ("states", "failure"),
    [
        ([], None),
        ([("failed", "speech_error")], "-t1/1"),
        ([("failed", "deadline_exceeded"), ("failed", "audio_empty")], "-t1/1"),
        ([("failed", "speech_error"), ("processing", None)], None),
        ([("failed", "speech_error"), ("completed", None)], None),
        ([("no_speech", None), ("failed", "speech_error")], None),
        ([("failed", "recording_deleted"), ("failed", "speech_error")], None),
        ([("failed", "session_cancelled")], None),
    ],
)
def test_a_visit_has_failed_when_the_newest_recording_did_and_no_other_has_words(
    states: list[tuple[str, str | None]], failure: str | None
) -> None:
    visit = session(uploads=1)
    newest_first = [
        factories.transcription(visit, Stamp(DOCTOR, NOON), status=status, error_code=code) for status, code in states
    ]

    assert failure_of(newest_first) == (failure and f"{visit.id}{failure}")


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

    @rule(cause=st.sampled_from(CAUSES))
    def the_transcriptions_change(self, cause: str | None) -> None:
        before = self.session
        self.session = with_failure(before, cause)

        assert self.session.over == before.over
        assert self.session.open == before.open
        assert self.session.total_duration_minutes == before.total_duration_minutes

    @precondition(lambda self: self.session.status == SessionStatus.ERROR)
    @rule(move=st.sampled_from(["complete", "cancel"]))
    def leave_the_error(self, move: str) -> None:
        ended_at = self.session.ended_at
        self.session = MOVES[move](self.session, self.now)

        assert self.session.status in (SessionStatus.COMPLETED, SessionStatus.CANCELLED)
        assert self.session.ended_at == ended_at

    @rule(move=st.sampled_from(sorted(MOVES)))
    def an_illegal_move_changes_nothing(self, move: str) -> None:
        if move not in LEGAL[self.session.status]:
            with pytest.raises(Conflict):
                MOVES[move](self.session, self.now)

    @invariant()
    def no_duration_is_negative(self) -> None:
        assert self.session.paused_seconds >= 0
        assert (self.session.total_duration_minutes or 0) >= 0


Visit.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=12, deadline=None)
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


def test_a_session_counts_its_further_reports_up_to_six_in_all() -> None:
    visit = session()
    assert visit.report_ids == [visit.report_id] == [f"{visit.id}-r1"]

    for number in range(2, MOST_REPORTS + 1):
        visit = visit.with_further_report()
        assert number_of_report(visit.report_ids[-1]) == number == len(visit.report_ids)

    assert {session_of(one) for one in visit.report_ids} == {visit.id}
    assert visit.revision == 1, "a client that has read it may still change it"
    with pytest.raises(Conflict) as refused:
        visit.with_further_report()
    assert refused.value.code == ConflictCode.TOO_MANY_REPORTS


def test_a_session_that_moves_has_no_reports_at_its_new_place() -> None:
    new = NewMove(patient_id="other", from_patient_id="patient", reason="Another chart was open.")

    there = moved(session().with_further_report(), "other-visit", "other", new, Stamp(DOCTOR, after(minutes=1)))

    assert there.further_report_count == 0


def test_a_session_that_moves_has_no_bill_and_the_same_uploads_at_its_new_place() -> None:
    new = NewMove(patient_id="other", from_patient_id="patient", reason="Another chart was open.")
    billed = session(billed=True, has_bill=True, uploads=3, file_uploads=2)

    there = moved(billed, "other-visit", "other", new, Stamp(DOCTOR, after(minutes=1)))

    assert (there.has_no_bill, there.billed) == (True, False)
    assert (there.uploads, there.file_uploads, there.may_have_live_audio) == (3, 2, True)


@pytest.mark.parametrize(
    ("uploads", "files", "looked_for"), [(0, 0, False), (1, 1, False), (1, 0, True), (3, 2, True), (3, 3, False)]
)
def test_live_audio_is_looked_for_unless_each_upload_was_of_a_file(uploads: int, files: int, looked_for: bool) -> None:
    assert session(uploads=uploads, file_uploads=files).may_have_live_audio is looked_for


def test_a_session_that_runs_again_keeps_its_bill() -> None:
    later, undo_for = Stamp(DOCTOR, after(minutes=2)), timedelta(minutes=30)
    ended = session(has_bill=False).completed(Stamp(DOCTOR, after(minutes=1)))

    def again(**bill: bool) -> bool | None:
        return ended.amended(**bill).reopened(later, undo_for=undo_for).has_bill

    assert again(billed=True, has_bill=True) is True
    assert again(billed=False) is False
    assert again(billed=True) is None, "by code that says nothing of the bill, or with a bill of another id"
    assert ended.amended(billed=True).has_no_bill is False
