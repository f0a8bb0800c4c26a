"""The refusals that name which audio, or which recorder, is in the way."""

from __future__ import annotations

from shared.records.visits.live.in_the_way import MOST_SHOWN, AnotherRecorder, AudioMissing
from shared.records.visits.live.ranges import Range
from shared.records.visits.live.recorded import LiveRecording
from tests.support.factories import NOON, SESSION_ID, after

RECORDING = f"{SESSION_ID}-a1"
ACCOUNT = LiveRecording(recording_id=RECORDING, recorder_id="recorder-1", opened_at=NOON)


def test_the_refusal_of_a_second_recorder_says_since_when_the_first_records() -> None:
    heard = ACCOUNT.changed(last_received_at=after(seconds=10))

    assert AnotherRecorder(heard).members == {
        "code": "another_recorder",
        "recorder": {
            "recording_id": RECORDING,
            "opened_at": "2026-09-14T12:00:00Z",
            "last_received_at": "2026-09-14T12:00:10Z",
        },
    }
    assert AnotherRecorder(ACCOUNT).members["recorder"]["last_received_at"] is None


def test_missing_pieces_are_named_up_to_a_bound() -> None:
    scattered = ACCOUNT.changed(received=[Range(first=2 * n, last=2 * n) for n in range(1, 200)])

    (named,) = AudioMissing([scattered]).members["missing_audio"]

    assert named["numbers"][0] == {"first": 1, "last": 1}
    assert len(named["numbers"]) == MOST_SHOWN
    assert named["end_unknown"] is True
