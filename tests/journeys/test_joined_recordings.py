"""Live recordings that are joined: the bytes that were acknowledged, whatever is killed, and no piece is left."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import grpc
import pytest

from local.services.kit.recorder import Fault
from local.services.speech.script import Change
from local.services.speech.service import SpeechService
from local.stack.stack import Stack
from shared.records.problems import Unavailable
from shared.records.visits.live.accounts import Loss, live_audio_id, live_audio_ref
from shared.records.visits.live.piece import LivePiece, LiveWord, piece_id
from shared.records.visits.live.ranges import Range
from shared.workflows.visits.live import joining
from tests.journeys.sweep.stalled_jobs import MINUTE, age, sweep, tasks_lost, transcription_of
from tests.journeys.test_long_recordings import conversation, delete_recording, withdraw
from tests.support import crashes as support
from tests.support.clinic_settings import change
from tests.support.clinics import TestClinic
from tests.support.live_recordings import Live, Sent, cut, received
from tests.support.results import cancel
from tests.support.thorough import THOROUGH, sample

JOIN = "join_recording"
LONG = 3 * 3600 if THOROUGH else 400
"""Seconds: 40 pieces are composed in two steps, 1,080 in three."""


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    script = stack.service(SpeechService).script
    with support.quiet(stack), tasks_lost(stack, "reports"), script.hearing_tones():
        yield


def ended(live: Live) -> Any:
    """Complete the session; returns the transcription of the recording, when all is done."""
    support.complete(live.clinic, live.session_id).ok()
    support.converge(live.clinic.stack)
    return transcription_of(live.clinic, live.session_id)


def account_of(live: Live) -> str:
    return f"sessions/{live.session_id}/live_audio/{live_audio_id(live.session_id)}"


def words_of(transcription: Any) -> list[str]:
    return [word for one in transcription["segments"] for word in one["text"].split()]


def samples_of(sent: list[Sent]) -> bytes:
    return b"".join(one.samples.tobytes() for one in sent)


def recording_of(live: Live) -> dict[str, Any]:
    path = f"/sessions/{live.session_id}/recordings"
    [recording] = live.clinic.doctor.get(path).ok().body["items"]
    return dict(recording)


def record_of(live: Live, number: int) -> LivePiece:
    ref = LivePiece.ref(piece_id(live.recording_id, number))
    return live.worker.perform("test.read", lambda work: work.get(ref))


def test_pieces_become_the_bytes_that_were_acknowledged(clinic: TestClinic) -> None:
    spoken = conversation(LONG)
    sent = cut(spoken, LONG)
    live = received(clinic, list(reversed(sent)))

    found = ended(live)

    joined = live.joined()
    assert joined is not None
    assert joined[44:] == samples_of(sent) == b"".join(live.contents[number] for number in sorted(live.contents))
    assert words_of(found) == [one.text for one in spoken]
    recording = recording_of(live)
    assert (recording["status"], recording["sha256"]) == ("received", sha256(joined).hexdigest())
    assert [point["start_ms"] for point in recording["timeline"]] == [0]
    assert live.left() == [], "pieces and temporary objects are deleted once the whole is transcribed"
    assert support.documents(clinic.id)[account_of(live)]["status"] == "settled"


def test_overlaps_of_compressed_pieces_lose_and_double_no_word(clinic: TestClinic) -> None:
    spoken = conversation(60)
    live = received(clinic, cut(spoken, 60, overlap_ms=1_500, form="FLAC"))

    found = ended(live)

    joined = live.joined()
    assert joined is not None
    assert joined[44:] == samples_of(cut(spoken, 60))
    assert words_of(found) == [one.text for one in spoken]
    assert live.left() == []


def test_a_lost_piece_is_said_in_transcript_and_recording(clinic: TestClinic) -> None:
    sent = [one for one in cut(conversation(60), 60) if one.number not in (3, 4)]
    live = received(clinic, sent)
    numbers = [Range(first=3, last=4)]
    loss = Loss(
        recording_id=live.recording_id, numbers=numbers, reason="It was stolen.", by="doctor", at=datetime.now(UTC)
    )

    def declare(work: Any) -> None:
        audio = work.get(live_audio_ref(live.session_id))
        account = audio.of(live.recording_id).declared_lost([3, 4], None)
        work.save(audio.replaced(account).amended(losses=[loss]))

    live.worker.perform("test.lose", declare)

    found = ended(live)

    [lost] = found["lost_audio"]
    assert (lost["start_ms"], lost["seconds"], lost["reason"]) == (20_000, 20.0, "It was stolen.")
    assert recording_of(live)["lost_audio"] == found["lost_audio"]
    joined = live.joined()
    assert joined is not None
    assert joined[44:] == samples_of(sent), "nothing is put in its place"


def test_what_was_heard_live_in_another_way_stays_beside_a_risky_segment(clinic: TestClinic) -> None:
    spoken = conversation(20)
    first = spoken[0]
    words = [LiveWord(text="fifteen", start_ms=round(1000 * first.start), end_ms=round(1000 * first.start) + 300)]
    live = received(clinic, cut(spoken, 20), words={1: words})

    found = ended(live)

    assert [segment["heard_live"] for segment in found["segments"] if segment["heard_live"]] == ["fifteen"]
    assert (record_of(live, 1).text, record_of(live, 1).words) == ("", []), "the text of pieces is replaced"


@pytest.mark.parametrize("end", [cancel, withdraw, delete_recording])
def test_nothing_is_left_of_pieces_that_nobody_may_keep(
    clinic: TestClinic, end: Callable[[TestClinic, str], object]
) -> None:
    words = [LiveWord(text="secret", start_ms=0, end_ms=300)]
    change(clinic, after_withdrawal="delete").ok()
    live = received(clinic, cut(conversation(20), 20), words={1: words})

    end(clinic, live.session_id)
    support.converge(clinic.stack)

    assert (live.left(), live.joined()) == ([], None)
    assert record_of(live, 1).text == ""
    assert recording_of(live)["status"] in {"refused", "deleted"}


def test_a_lost_task_is_made_good_by_the_sweep(clinic: TestClinic) -> None:
    live = received(clinic, cut(conversation(20), 20))
    with tasks_lost(clinic.stack, "transcriptions"):
        support.complete(clinic, live.session_id).ok()
        clinic.stack.wait_idle(support.PATIENCE)
    assert live.joined() is None
    age(clinic, account_of(live), 11 * MINUTE)

    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    assert transcription_of(clinic, live.session_id)["status"] == "completed"


def join_calls(clinic: TestClinic) -> list[str]:
    """The calls of the function, for a recording of four pieces, while it joins and while it discards."""
    mark = clinic.stack.recorder.mark()
    ended(received(clinic, cut(conversation(40), 40)))
    return [call for call in support.calls_of(clinic.stack, JOIN, mark) if call != "kms.Decrypt"]


@pytest.mark.parametrize("place", sample(range(24), 3))
def test_kill_after_any_call_leaves_the_same_end(clinic: TestClinic, place: int) -> None:
    calls = join_calls(clinic)
    call = calls[place % len(calls)]
    service, _, method = call.partition(".")
    spoken = conversation(40)
    sent = cut(spoken, 40)
    live = received(clinic, sent)
    fault = clinic.stack.recorder.plant(Fault(service, method, JOIN, "kill", calls[: place % len(calls)].count(call)))

    found = ended(live)

    assert fault.fired.wait(5)
    joined = live.joined()
    assert joined is not None
    assert joined[44:] == samples_of(sent)
    assert words_of(found) == [one.text for one in spoken]
    assert live.left() == []


def test_a_damaged_piece_never_becomes_a_recording(clinic: TestClinic) -> None:
    live = received(clinic, cut(conversation(20), 20))

    def damage(work: Any) -> None:
        piece = work.get(LivePiece.ref(piece_id(live.recording_id, 2)))
        work.save(piece.amended(data_sha256="0" * 64))

    live.worker.perform("test.damage", damage)
    with tasks_lost(clinic.stack, "transcriptions"):
        support.complete(clinic, live.session_id).ok()

    with pytest.raises(Unavailable):
        joining.settle(live.worker, live.session_id)

    assert live.joined() is None
    assert recording_of(live)["status"] == "awaited"
    assert len([name for name in live.left() if name.startswith("pieces/")]) == 2, "the receipts stay true"


def test_memory_does_not_grow_with_the_length(clinic: TestClinic) -> None:
    peaks = []
    # The records of stored_pieces.PAGE pieces are in memory at once, so that very short recordings need less.
    for seconds in (2_400, 10_800) if THOROUGH else (120, 720):
        live = received(clinic, cut(conversation(seconds), seconds))
        with tasks_lost(clinic.stack, "transcriptions"):
            support.complete(clinic, live.session_id).ok()
        # The engine works in this process, and would read the whole recording as soon as it has arrived.
        clinic.stack.service(SpeechService).script.plant(Change(error_code=grpc.StatusCode.INTERNAL.value[0]))
        tracemalloc.start()
        joining.settle(live.worker, live.session_id)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]
