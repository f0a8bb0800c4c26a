"""Which pieces the state of the session and of the recording takes."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.records.attempt import CONSENT_WITHDRAWN
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.types import CLOCK_SKEW
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.live.refusals import (
    in_pause,
    must_not_be_paused,
    must_take,
)
from shared.records.visits.live.shown import LiveState, state_of
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session
from tests.support.factories import BY_DOCTOR, DOCTOR, NOON, SESSION_ID, after, session
from tools.openapi.live_factories import live_recording

RECORDING = f"{SESSION_ID}-a1"
ACCOUNT = LiveRecording(recording_id=RECORDING, recorder_id="recorder-1", opened_at=NOON)


def recording(**values: object) -> Recording:
    return live_recording(RECORDING, SESSION_ID, BY_DOCTOR, **values)


def at(minutes: float) -> Stamp:
    return Stamp(DOCTOR, after(minutes=minutes))


def refusal(visit: Session, stored: Recording, account: LiveRecording, captured_at: datetime) -> ConflictCode | None:
    try:
        must_take(visit, stored, account, captured_at)
    except Conflict as refused:
        assert isinstance(refused.code, ConflictCode)
        return refused.code
    return None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (RecordingStatus.AWAITED, None),
        (RecordingStatus.RECEIVED, ConflictCode.RECORDING_JOINED),
        (RecordingStatus.DELETED, ConflictCode.RECORDING_DELETED),
        (RecordingStatus.REFUSED, ConflictCode.RECORDING_CLOSED),
        (RecordingStatus.EXPIRED, ConflictCode.RECORDING_CLOSED),
    ],
)
def test_only_an_awaited_recording_takes_pieces(status: RecordingStatus, code: ConflictCode | None) -> None:
    assert refusal(session(), recording(status=status), ACCOUNT, NOON) == code


def test_a_recording_that_a_withdrawal_refused_stays_refused() -> None:
    refused = recording(refusal=CONSENT_WITHDRAWN)

    assert refusal(session(), refused, ACCOUNT, NOON) == ConflictCode.RECORDING_CLOSED
    assert state_of(ACCOUNT, refused) == LiveState.REFUSED


def test_what_was_captured_before_another_recorder_took_over_is_taken() -> None:
    account = ACCOUNT.changed(taken_over_at=after(minutes=5))

    assert refusal(session(), recording(), account, after(minutes=4.9)) is None
    assert refusal(session(), recording(), account, after(minutes=5)) == ConflictCode.TAKEN_OVER


def test_what_was_captured_before_the_completion_is_taken_after_it() -> None:
    completed = session().completed(at(30))

    assert refusal(completed, recording(), ACCOUNT, after(minutes=29)) is None
    assert refusal(completed, recording(), ACCOUNT, after(minutes=30) + CLOCK_SKEW) is None
    assert refusal(completed, recording(), ACCOUNT, after(minutes=33)) == ConflictCode.SESSION_STATE


def test_a_cancelled_session_takes_nothing() -> None:
    assert refusal(session().cancelled(at(1)), recording(), ACCOUNT, NOON) == ConflictCode.SESSION_CANCELLED


@pytest.mark.parametrize(
    ("minutes", "seconds", "paused"),
    [(9, 55, False), (9.99, 10, True), (10, 2, True), (19.95, 2, True), (19.99, 55, False), (20, 2, False)],
)
def test_the_middle_of_a_piece_says_whether_it_is_of_a_pause(minutes: float, seconds: int, paused: bool) -> None:
    visit = session().paused(at(10)).resumed(at(20))

    if not paused:
        must_not_be_paused(visit, after(minutes=minutes), 1000 * seconds)
        return
    with pytest.raises(Conflict) as refused:
        must_not_be_paused(visit, after(minutes=minutes), 1000 * seconds)
    assert refused.value.code == ConflictCode.SESSION_PAUSED


def test_a_pause_that_goes_on_counts() -> None:
    visit = session().paused(at(10))

    assert in_pause(visit, after(minutes=11))
    assert not in_pause(visit, after(minutes=9))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (RecordingStatus.AWAITED, LiveState.OPEN),
        (RecordingStatus.RECEIVED, LiveState.JOINED),
        (RecordingStatus.REFUSED, LiveState.REFUSED),
        (RecordingStatus.DELETED, LiveState.DELETED),
        (RecordingStatus.EXPIRED, LiveState.EXPIRED),
    ],
)
def test_the_state_follows_from_the_recording(status: RecordingStatus, state: LiveState) -> None:
    assert state_of(ACCOUNT, recording(status=status)) == state


def test_an_awaited_recording_is_open_taken_over_or_ended() -> None:
    assert state_of(ACCOUNT.changed(taken_over_at=NOON), recording()) == LiveState.TAKEN_OVER
    assert state_of(ACCOUNT.changed(last_piece=3), recording()) == LiveState.ENDED
    assert state_of(ACCOUNT, None) == LiveState.DELETED
