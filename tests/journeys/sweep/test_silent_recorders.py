"""A recorder that is silent while its session runs: the sweep says so, once a silence."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from local.stack.stack import Stack
from shared.records.visits.live.accounts import live_audio_id
from shared.workflows.visits.live.silence import SILENT_AFTER
from tests.journeys.sweep.stalled_jobs import MINUTE, age, call_name, job_log, sweep, sweep_calls
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.live import opened, send_piece
from tests.support.results import cancel


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A running session with an open live recording, without a piece."""
    session = str(clinic.session().body["id"])
    opened(clinic.doctor, session).ok(201)
    return session


def sent(clinic: TestClinic, session: str, number: int, ends: str = "") -> None:
    send_piece(clinic.doctor, f"{session}-a1", number, ends=ends, seconds_ago=4).ok(201)


def account_of(session: str) -> str:
    return f"sessions/{session}/live_audio/{live_audio_id(session)}"


def silences(clinic: TestClinic, session: str) -> int:
    """How often silences of the session were logged, after a sweep that comes when it is silent for long."""
    age(clinic, account_of(session), SILENT_AFTER + MINUTE)
    assert sweep(clinic.stack) == 204
    return logged(clinic.stack, session)


def logged(stack: Stack, session: str) -> int:
    lines = [json.loads(line) for line in (stack.logs / "sweep_stalled.log").read_text().splitlines()]
    gaps = [line for line in lines if line["logger"] == "synapse.live" and line["id"] == session]
    assert {(line["message"], line["reason"]) for line in gaps} <= {("gap in live audio", "silent")}
    return len(gaps)


def pause(clinic: TestClinic, session: str, status: str = "paused") -> None:
    path = f"/sessions/{session}"
    clinic.doctor.put(path, {"status": status}, etag=clinic.doctor.get(path).etag).ok()


def test_each_silence_is_logged_once(clinic: TestClinic, session: str) -> None:
    sent(clinic, session, 1)
    found = [silences(clinic, session), silences(clinic, session)]
    sent(clinic, session, 2)
    sent(clinic, session, 3)

    assert [*found, silences(clinic, session), silences(clinic, session)] == [1, 1, 2, 2]
    assert [line for line in job_log(clinic.stack) if line["id"].startswith(session)] == [], "no stalled job"


def test_a_recorder_that_sends_nothing_at_all_is_silent(clinic: TestClinic, session: str) -> None:
    assert silences(clinic, session) == 1


def test_pieces_in_time_are_no_silence(clinic: TestClinic, session: str) -> None:
    age(clinic, account_of(session), SILENT_AFTER + MINUTE)
    sent(clinic, session, 1)

    assert sweep(clinic.stack) == 204

    assert logged(clinic.stack, session) == 0


def test_a_pause_is_no_silence_until_it_ends(clinic: TestClinic, session: str) -> None:
    sent(clinic, session, 1)
    pause(clinic, session)
    paused = [silences(clinic, session), silences(clinic, session)]
    pause(clinic, session, "in_progress")

    assert [*paused, silences(clinic, session)] == [0, 0, 1]


@pytest.mark.parametrize("ends", ["pause", "recording"])
def test_a_recorder_that_said_that_it_stops_is_not_silent(clinic: TestClinic, session: str, ends: str) -> None:
    sent(clinic, session, 2, ends)
    sent(clinic, session, 1)

    assert silences(clinic, session) == 0


def withdrawn_upload(clinic: TestClinic, session: str) -> None:
    path = f"/sessions/{session}/recordings"
    [recording] = clinic.doctor.get(path).ok().body["items"]
    clinic.doctor.delete(f"{path}/{recording['id']}", etag=f'"{recording["revision"]}"').ok()
    support.converge(clinic.stack)


@pytest.mark.parametrize("end", [cancel, withdrawn_upload, support.complete])
def test_what_is_over_is_not_silent(clinic: TestClinic, session: str, end: Callable[[TestClinic, str], object]) -> None:
    end(clinic, session)
    support.converge(clinic.stack)

    assert silences(clinic, session) == 0
    assert support.documents(clinic.id)[account_of(session)]["status"] == "settled"


def test_the_recorder_that_took_over_is_the_one_that_counts(clinic: TestClinic, session: str) -> None:
    sent(clinic, session, 1)
    second = opened(clinic.doctor, session, "recorder-2", take_over=True).ok(201).body["id"]
    send_piece(clinic.doctor, second, 1, ends="recording").ok(201)
    send_piece(clinic.doctor, f"{session}-a1", 2, seconds_ago=60).ok(201)

    assert silences(clinic, session) == 0


def test_concurrent_sweeps_log_it_once_with_bounded_calls(own_clinic: TestClinic) -> None:
    session = str(own_clinic.session().body["id"])
    opened(own_clinic.doctor, session).ok(201)
    age(own_clinic, account_of(session), SILENT_AFTER + MINUTE)

    assert at_once(2, lambda _: sweep(own_clinic.stack)) == [204, 204]
    assert logged(own_clinic.stack, session) == 1
    sent(own_clinic, session, 1)
    age(own_clinic, account_of(session), SILENT_AFTER + MINUTE)
    mark = own_clinic.stack.recorder.mark()
    sweep(own_clinic.stack)
    calls = [call_name(call) for call in sweep_calls(own_clinic.stack, mark)]

    assert [calls.count(f"firestore.{method}") for method in ("RunQuery", "BatchGetDocuments", "Commit")] == [11, 2, 1]
