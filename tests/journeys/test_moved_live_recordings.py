"""A session with live recordings that moves to another patient: everything reads the same, and nothing stays behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.services.speech.service import SpeechService
from local.stack.environment import PIECES_BUCKET
from local.stack.stack import Stack
from shared.records.record import patient_of
from shared.records.visits.live.accounts import live_audio_id
from shared.records.visits.live.piece import LiveWord
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, tasks_lost
from tests.journeys.test_long_recordings import conversation
from tests.support import crashes as support
from tests.support.client import Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.database import alter
from tests.support.live_recordings import Live, cut, received
from tests.support.thorough import sample
from tests.support.visits import set_clinic

JOIN = "join_recording"
WORDS = {1: [LiveWord(text="secret", start_ms=0, end_ms=300)]}
REASON = "The battery was empty."


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack), tasks_lost(stack, "reports"), stack.service(SpeechService).script.hearing_tones():
        yield


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic whose desk issues the bills: a session with an issued bill does not move."""
    clinic = clinic_with_profile(stack)
    set_clinic(clinic, bill_issue="by_desk")
    return clinic


def completed(clinic: TestClinic) -> Live:
    """A session whose live recording lacks pieces 3 and 4, is joined and transcribed."""
    live = received(clinic, [one for one in cut(conversation(60), 60) if one.number not in (3, 4)], words=WORDS)
    lost = {"recording_id": live.recording_id, "numbers": [3, 4], "reason": REASON}
    clinic.doctor.post(f"/sessions/{live.session_id}/audio/lost", lost).ok()
    support.complete(clinic, live.session_id).ok()
    support.converge(clinic.stack)
    return live


def move(live: Live, fault: Fault | None = None) -> Reply:
    """Send the request, which meets the fault."""
    clinic = live.clinic
    to, path = str(clinic.patient().body["id"]), f"/sessions/{live.session_id}"
    body = {"patient_id": to, "from_patient_id": patient_of(live.session_id), "reason": "Another chart was open."}
    clinic.forget_running()
    etag = clinic.doctor.get(path).ok().etag
    if fault is not None:
        clinic.stack.recorder.plant(fault)
    return clinic.doctor.post(f"{path}/move", body, etag=etag, key="")


def moved(live: Live) -> str:
    """Move the session; returns its new id, when all is done."""
    session_id = str(move(live).ok().body["id"])
    support.converge(live.clinic.stack)
    return session_id


def shown(clinic: TestClinic, session_id: str) -> dict[str, Any]:
    """What the API says of the audio of a session, with SESSION for its id and PATIENT for the patient's."""
    at = f"/sessions/{session_id}"
    read = {path: clinic.doctor.get(f"{at}/{path}").ok().body for path in ("audio", "audio/pieces", "transcription")}
    read["recordings"] = [
        {name: one[name] for name in ("id", "status", "sha256", "timeline", "lost_audio", "in_pieces")}
        for one in clinic.doctor.get(f"{at}/recordings").ok().body["items"]
    ]
    heard = clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body
    read["first"] = {name: heard[name] for name in ("status", "segments", "lost_audio", "recording_id", "in_pieces")}
    text = json.dumps(read).replace(session_id, "SESSION").replace(patient_of(session_id), "PATIENT")
    return dict(json.loads(text))


def left_of(live: Live) -> list[str]:
    """The documents of the former patient with something sealed in them, and the objects of pieces."""
    parts = ("sessions", "transcriptions", "versions", "reports")
    found = support.documents(live.clinic.id).items()
    sealed = [
        path
        for path, document in found
        if path.partition("/")[0] in parts
        and f"/{live.session_id}" in path
        and (document["live"] or [value for value in document["sealed"].values() if len(value) > 40])
    ]
    return [*sealed, *live.left()]


def account_of(session_id: str) -> str:
    return f"sessions/{session_id}/live_audio/{live_audio_id(session_id)}"


def test_audio_receipts_and_transcript_read_the_same(clinic: TestClinic) -> None:
    live = completed(clinic)
    before = shown(clinic, live.session_id)
    assert before["first"]["lost_audio"][0]["reason"] == REASON
    assert [one["number"] for one in before["audio/pieces"]["items"]] == [1, 2, 5, 6]

    session_id = moved(live)

    assert shown(clinic, session_id) == before
    assert left_of(live) == []
    assert support.documents(clinic.id)[account_of(session_id)]["status"] == "settled"


def test_it_moves_on_and_back(clinic: TestClinic) -> None:
    live = completed(clinic)
    before = shown(clinic, live.session_id)
    there = Live(clinic, moved(live))

    again = moved(there)

    assert shown(clinic, again) == before
    assert (left_of(live), left_of(there)) == ([], [])


def test_text_and_pieces_that_were_not_erased_yet_do_not_stay(clinic: TestClinic) -> None:
    live = received(clinic, cut(conversation(20), 20), words=WORDS)
    with tasks_lost(clinic.stack, "transcriptions"):
        support.complete(clinic, live.session_id).ok()
        clinic.stack.wait_idle(support.PATIENCE)
    # As after a recognition that failed: the whole is there, and so are its pieces with their text.
    path = f"sessions/{live.session_id}/recordings/{live.recording_id}"
    alter(clinic, path, {"status": "received", "sha256": "0" * 64})
    assert live.left()

    session_id = moved(live)

    receipts = clinic.doctor.get(f"/sessions/{session_id}/audio/pieces").ok().body["items"]
    assert [one["text"] for one in receipts] == ["secret", None]
    assert left_of(live) == []
    bucket = support.bucket_of(clinic.stack, PIECES_BUCKET)
    assert not list(bucket.list_blobs(prefix=f"clinics/{clinic.id}/sessions/{session_id}"))


def test_a_session_whose_pieces_are_following_waits(clinic: TestClinic) -> None:
    live = completed(clinic)
    with tasks_lost(clinic.stack, "transcriptions"):
        there = Live(clinic, str(move(live).ok().body["id"]))
        clinic.stack.wait_idle(support.PATIENCE)
        refused = move(there).refused(409, "conflict").body
    age(clinic, account_of(there.session_id), 11 * MINUTE)

    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    assert (refused["code"], refused["errors"][0]["pointer"]) == ("still_running", account_of(there.session_id))
    assert left_of(live) == []
    move(there).ok()


def join_calls(clinic: TestClinic) -> list[str]:
    """The calls of the function that lets the pieces follow."""
    live = completed(clinic)
    mark = clinic.stack.recorder.mark()
    moved(live)
    return [call for call in support.calls_of(clinic.stack, JOIN, mark) if call != "kms.Decrypt"]


@pytest.mark.parametrize("place", sample(range(16), 3))
def test_a_kill_after_any_call_leaves_the_same_end(clinic: TestClinic, place: int) -> None:
    calls = join_calls(clinic)
    call = calls[place % len(calls)]
    service, _, method = call.partition(".")
    live = completed(clinic)
    before = shown(clinic, live.session_id)
    fault = clinic.stack.recorder.plant(Fault(service, method, JOIN, "kill", calls[: place % len(calls)].count(call)))

    session_id = moved(live)

    assert fault.fired.wait(5)
    assert shown(clinic, session_id) == before
    assert left_of(live) == []


def test_a_kill_between_the_move_and_its_task_is_made_good(clinic: TestClinic) -> None:
    live = completed(clinic)
    before = shown(clinic, live.session_id)
    number = clinic.doctor.get(f"/sessions/{live.session_id}").ok().body["number"]
    fault = Fault("firestore", "Commit", "sessions", "kill", 0)

    lost = move(live, fault)
    support.converge(clinic.stack)

    assert (fault.fired.wait(5), lost.status) == (True, 502)
    session_id = clinic.doctor.get(f"/sessions/{number}").ok().body["id"]
    age(clinic, account_of(session_id), 11 * MINUTE)
    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)
    assert shown(clinic, session_id) == before
    assert left_of(live) == []
