"""The end of a live recording: deleted or expired, its pieces and the whole go together, and receipts stay true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.services.speech.script import Change, Script
from local.services.speech.service import SpeechService
from local.stack.stack import Stack
from shared.records.visits.live.accounts import live_audio_id, live_audio_ref
from shared.records.visits.live.piece import LiveWord
from shared.workflows.visits.recordings import UPLOAD_AWAITED_FOR
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, tasks_lost, transcription_of
from tests.journeys.test_long_recordings import conversation, delete_recording
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.live import opened
from tests.support.live_recordings import Live, cut, received

WORDS = {1: [LiveWord(text="secret", start_ms=0, end_ms=300)]}
LONG_AGO = UPLOAD_AWAITED_FOR + timedelta(hours=1)


@pytest.fixture(autouse=True)
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(SpeechService).script
    with support.quiet(stack), tasks_lost(stack, "reports"), script.hearing_tones():
        yield script
    script.forget()


def receipts(live: Live) -> list[Any]:
    return list(live.clinic.doctor.get(f"/sessions/{live.session_id}/audio/pieces").ok().body["items"])


def audio_of(live: Live) -> Any:
    (shown,) = live.clinic.doctor.get(f"/sessions/{live.session_id}/audio").ok().body["recordings"]
    return shown


def account_of(session_id: str) -> str:
    return f"sessions/{session_id}/live_audio/{live_audio_id(session_id)}"


def swept(clinic: TestClinic) -> None:
    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)


@pytest.mark.parametrize("heard", [True, False], ids=["transcribed", "not transcribed"])
def test_pieces_and_the_whole_are_deleted_together_and_the_receipts_stay_true(
    clinic: TestClinic, script: Script, heard: bool
) -> None:
    live = received(clinic, cut(conversation(20), 20), words=WORDS)
    before, shown = receipts(live), audio_of(live)
    assert [one["text"] for one in before] == ["secret", None]
    script.plant(Change(empty=not heard))
    support.complete(clinic, live.session_id).ok()
    support.converge(clinic.stack)
    assert live.joined() is not None
    assert bool(live.left()) is not heard, "pieces stay until the whole has become text"

    delete_recording(clinic, live.session_id)
    support.converge(clinic.stack)

    assert (live.left(), live.joined()) == ([], None)
    assert receipts(live) == [{**one, "text": None} for one in before], "what arrived, when, and its digest"
    assert audio_of(live) == {**shown, "state": "deleted"}
    live_texts = clinic.doctor.get(f"/sessions/{live.session_id}/transcript/live/texts").ok().body["items"]
    assert [one["text"] for one in live_texts] == [None, None]


def test_a_recorder_that_never_comes_back_leaves_what_arrived(clinic: TestClinic) -> None:
    sent = [one for one in cut(conversation(40), 40) if one.number != 2]
    live = received(clinic, sent)
    path = f"sessions/{live.session_id}/recordings/{live.recording_id}"

    def gone(work: Any) -> None:
        audio = work.get(live_audio_ref(live.session_id))
        account = audio.of(live.recording_id)
        silent = account.changed(last_piece=None, last_received_at=account.last_received_at - LONG_AGO)
        work.save(audio.replaced(silent))

    age(clinic, path, LONG_AGO - timedelta(hours=2))
    swept(clinic)
    assert audio_of(live)["state"] == "ended", "awaited for 8 days"
    live.worker.perform("test.silence", gone)
    age(clinic, path, LONG_AGO)
    swept(clinic)
    age(clinic, account_of(live.session_id), 11 * MINUTE)
    swept(clinic)

    joined = live.joined()
    assert joined is not None
    assert joined[44:] == b"".join(one.samples.tobytes() for one in sent)
    lost = transcription_of(clinic, live.session_id)["lost_audio"]
    assert [(one["start_ms"], one["seconds"], one["reason"]) for one in lost] == [
        (10_000, 10.0, "The device never sent it."),
        (30_000, None, "The device never sent it."),
    ]
    assert live.left() == []


def test_a_recording_without_a_piece_expires(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    recording = str(opened(clinic.doctor, session).ok(201).body["id"])
    age(clinic, f"sessions/{session}/recordings/{recording}", LONG_AGO)

    swept(clinic)

    (shown,) = clinic.doctor.get(f"/sessions/{session}/audio").ok().body["recordings"]
    assert (shown["state"], shown["received"]) == ("expired", [])
