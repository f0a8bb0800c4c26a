"""Pieces that come after their session was completed, of a recorder that another one had taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.services.speech.service import SpeechService
from local.stack.environment import AUDIO_BUCKET
from local.stack.stack import Stack
from shared.records.visits.live.accounts import live_audio_id
from shared.workflows.visits.object_names import recording_name
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, tasks_lost
from tests.support import crashes as support
from tests.support.call_counts import TASK, calls_during
from tests.support.clinics import TestClinic
from tests.support.live import opened, piece_of, send_piece

Ended = Callable[[TestClinic, str], None]
"""How a recording of which piece 2 is missing its fellows becomes whole."""


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack), tasks_lost(stack, "reports"), stack.service(SpeechService).script.hearing_tones():
        yield


@pytest.fixture
def recording(clinic: TestClinic) -> str:
    """A live recording that was taken over before any piece of it came; its session is completed."""
    session = str(clinic.session(recording_settings={"channels": ["unknown"]}).body["id"])
    first = str(opened(clinic.doctor, session).ok(201).body["id"])
    second = str(opened(clinic.doctor, session, "recorder-2", take_over=True).ok(201).body["id"])
    send_piece(clinic.doctor, second, 1, ends="recording").ok(201)
    support.complete(clinic, session).ok()
    support.converge(clinic.stack)
    assert statuses(clinic, first) == {first: "awaited", second: "received"}
    return first


def session_of(recording: str) -> str:
    return recording.rpartition("-a")[0]


def late(clinic: TestClinic, recording: str, number: int, **values: str) -> None:
    """Send a piece that was captured before the recorder was taken over."""
    send_piece(clinic.doctor, recording, number, seconds_ago=60, **values).ok(201)  # type: ignore[arg-type]


def statuses(clinic: TestClinic, recording: str) -> dict[str, str]:
    listed = clinic.doctor.get(f"/sessions/{session_of(recording)}/recordings").ok().body["items"]
    return {one["id"]: one["status"] for one in listed}


def with_the_rest(clinic: TestClinic, recording: str) -> None:
    late(clinic, recording, 1)
    late(clinic, recording, 3, ends="recording")


def with_its_end_said_later(clinic: TestClinic, recording: str) -> None:
    late(clinic, recording, 1)
    send_piece(clinic.doctor, recording, 2, seconds_ago=60, ends="recording").ok(200)


def with_the_rest_declared_lost(clinic: TestClinic, recording: str) -> None:
    lost = {"recording_id": recording, "numbers": [1], "end_after": 2, "reason": "It was stolen."}
    clinic.doctor.post(f"/sessions/{session_of(recording)}/audio/lost", lost).ok()


ENDINGS = pytest.mark.parametrize(
    ("end", "kept"),
    [(with_the_rest, [1, 2, 3]), (with_its_end_said_later, [1, 2]), (with_the_rest_declared_lost, [2])],
    ids=["with the rest", "with its end said later", "with the rest declared lost"],
)


def samples(clinic: TestClinic, recording: str) -> bytes:
    """Those of the joined recording."""
    name = recording_name(clinic.id, session_of(recording), recording)
    return bytes(support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name).download_as_bytes())[44:]


@ENDINGS
def test_a_recording_that_becomes_whole_after_the_session_is_joined_at_once(
    clinic: TestClinic, recording: str, end: Ended, kept: list[int]
) -> None:
    late(clinic, recording, 2)
    support.converge(clinic.stack)
    assert statuses(clinic, recording)[recording] == "awaited"

    end(clinic, recording)
    support.converge(clinic.stack)

    assert statuses(clinic, recording)[recording] == "received"
    assert samples(clinic, recording) == b"".join(piece_of(number)[44:] for number in kept)


@ENDINGS
def test_a_crash_between_the_commit_and_its_task_is_made_good_by_the_sweep(
    clinic: TestClinic, recording: str, end: Ended, kept: list[int]
) -> None:
    late(clinic, recording, 2)
    with tasks_lost(clinic.stack, "transcriptions"):
        end(clinic, recording)
    assert statuses(clinic, recording)[recording] == "awaited"
    age(clinic, f"sessions/{session_of(recording)}/live_audio/{live_audio_id(session_of(recording))}", 11 * MINUTE)

    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    assert statuses(clinic, recording)[recording] == "received"
    assert samples(clinic, recording) == b"".join(piece_of(number)[44:] for number in kept)


def test_only_the_piece_that_makes_it_whole_has_a_task(clinic: TestClinic, recording: str) -> None:
    def tasks(number: int, **values: str) -> int:
        return calls_during(clinic, "live_audio", lambda: late(clinic, recording, number, **values)).count(TASK)

    with tasks_lost(clinic.stack, "transcriptions"):
        assert [tasks(2), tasks(3, ends="recording"), tasks(1)] == [0, 0, 1]
        again = calls_during(clinic, "live_audio", lambda: send_piece(clinic.doctor, recording, 1).ok(200))

    assert TASK not in again
