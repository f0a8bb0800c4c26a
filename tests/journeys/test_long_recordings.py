"""Recordings that Speech-to-Text cannot take as they are: cut into parts, or converted, and joined again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from io import BytesIO
from random import Random
from typing import Any

import numpy as np
import pytest
import soundfile

from local.services.kit.recorder import Fault
from local.services.speech import tones
from local.services.speech.audio import SAMPLE_RATE
from local.services.speech.script import Change
from local.services.speech.service import SpeechService
from local.services.speech.tones import Spoken
from local.stack.environment import AUDIO_BUCKET, RESULTS_BUCKET
from local.stack.stack import Stack
from shared.gateways import speech, speech_models
from shared.gateways.storage import NewRecording
from shared.records.record import patient_of
from shared.records.visits.audio_parts import AudioPart
from shared.store.clinic import Clinic, system_clinic
from shared.workflows.visits import object_names, recognition, results, splitting
from tests.journeys.sweep.stalled_jobs import tasks_lost, transcription_of
from tests.support import audio_files
from tests.support import crashes as support
from tests.support.aac_files import aac
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.results import await_result, cancel
from tests.support.thorough import sample

SPLIT = "split_recording"
READ, COMMIT = "firestore.BatchGetDocuments", "firestore.Commit"
SPLIT_CALLS = [
    *(READ, COMMIT),
    *("storage.objects.get", "storage.objects.get", READ, COMMIT),  # the plan
    *("storage.objects.list", "storage.resumable.start", "storage.resumable.put"),
    *(READ, READ, "tasks.CreateTask", COMMIT),  # the parts are stored; the hints are read
    *("speech.BatchRecognize", READ, COMMIT),
]
"""Of the function that cuts and converts, for a recording that becomes one part, once it has the clinic's keys."""
ONE_CHANNEL = {"recording_settings": {"channels": ["unknown"]}}


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    script = stack.service(SpeechService).script
    with support.quiet(stack), support.polling_paused(stack), tasks_lost(stack, "reports"), script.hearing_tones():
        yield


def conversation(seconds: float) -> list[Spoken]:
    """Two voices in turns, with short gaps in a turn and longer ones between turns."""
    random, spoken, at, voice = Random(14), list[Spoken](), 1.0, 0
    while at < seconds - 1:
        for _ in range(random.randint(3, 60)):
            spoken.append(Spoken(random.randrange(tones.WORDS), voice, round(at, 2)))
            at += tones.WORD_SECONDS + random.choice([0.08, 0.12])
        at += random.uniform(0.2, 1.5)
        voice = 1 - voice
    return [one for one in spoken if one.start < seconds - 1]


def recording_of(spoken: Sequence[Spoken], seconds: float, kind: str = "FLAC", subtype: str = "PCM_16") -> bytes:
    file = BytesIO()
    soundfile.write(file, tones.encode(spoken, seconds), tones.ENCODED_RATE, format=kind, subtype=subtype)
    return file.getvalue()


@cache
def nine_minutes() -> tuple[list[Spoken], bytes]:
    """A conversation of three short parts, and its recording."""
    spoken = conversation(540)
    return spoken, recording_of(spoken, 540)


def refused_once(clinic: TestClinic, recording: bytes) -> str:
    """A session whose first recognition failed and is requested again; its poll waits. Returns the session's id."""
    clinic.stack.service(SpeechService).script.plant(Change(error_code=8))
    session_id = str(clinic.session(**ONE_CHANNEL).body["id"])
    clinic.record(session_id, recording)
    clinic.stack.wait_idle(support.PATIENCE)
    recognition.poll_operation(worker(clinic), f"{session_id}-t1", 1, None)
    support.regenerate(clinic, session_id).ok(202)
    return session_id


def worker(clinic: TestClinic) -> Clinic:
    return system_clinic(clinic.id, "test")


def parts_of(clinic: TestClinic, session_id: str) -> list[str]:
    """The names of the stored parts."""
    prefix = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1/parts/"
    blobs = support.bucket_of(clinic.stack, AUDIO_BUCKET).list_blobs(prefix=prefix)
    return sorted(blob.name.removeprefix(prefix) for blob in blobs)


def results_of(clinic: TestClinic, session_id: str) -> list[str]:
    """The results that are not stored yet; they are not encrypted."""
    return [name for name in support.results_in_the_clear(clinic) if session_id in name]


def words_of(transcription: Any) -> list[tuple[str, int]]:
    """The words with their voices, in their order."""
    return [(word, one["voice"]) for one in transcription["segments"] for word in one["text"].split()]


def recognitions(clinic: TestClinic, mark: int) -> int:
    return sum(call.method == "BatchRecognize" for call in clinic.stack.recorder.calls(mark))


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that labels voices takes 5 minutes: 9 minutes are three parts."""
    monkeypatch.setattr(speech_models, "in_use", lambda: "chirp_3")
    monkeypatch.setattr(speech_models, "longest_ms", lambda _: 300_000)


def interrupt(monkeypatch: pytest.MonkeyPatch, count: int, act: Callable[[str], object]) -> None:
    """Call `act` with the name of an object when so many parts are opened."""
    opened: list[str] = []

    class Interrupted(NewRecording):
        def __init__(self, name: str, content_type: str) -> None:
            opened.append(name)
            if len(opened) == count:
                act(name)
            super().__init__(name, content_type)

    monkeypatch.setattr(splitting, "NewRecording", Interrupted)


def raising(kind: type[Exception]) -> Callable[[str], None]:
    def act(_name: str) -> None:
        raise kind

    return act


def withdraw(clinic: TestClinic, session_id: str) -> None:
    path = f"/patients/{patient_of(session_id)}/consents"
    [consent] = clinic.doctor.get(path).ok().body["consents"]
    clinic.doctor.post(f"{path}/{consent['id']}/withdraw").ok()
    clinic.stack.wait_idle(support.PATIENCE)


def delete_recording(clinic: TestClinic, session_id: str) -> None:
    path = f"/sessions/{session_id}/recordings"
    [recording] = clinic.doctor.get(path).ok().body["items"]
    clinic.doctor.delete(f"{path}/{recording['id']}", etag=f'"{recording["revision"]}"').ok()
    clinic.stack.wait_idle(support.PATIENCE)


ENDS = {"cancelled session": cancel, "withdrawn consent": withdraw, "deleted recording": delete_recording}


def test_an_hour_through_a_model_for_20_minutes(clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = conversation(3600)
    session_id = refused_once(clinic, recording_of(spoken, 3600))
    monkeypatch.setattr(speech_models, "in_use", lambda: "chirp_3")
    mark = clinic.stack.recorder.mark()

    recognition.poll_operation(worker(clinic), f"{session_id}-t1", 2, None)
    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    assert len(parts_of(clinic, session_id)) == 4
    clinic.stack.wait_idle(support.PATIENCE)

    found = transcription_of(clinic, session_id)
    assert (found["status"], found["audio_duration_seconds"]) == ("completed", 3600.1)
    assert words_of(found) == [(one.text, one.voice + 1) for one in spoken]
    starts = [start for one in found["segments"] for start in one["word_starts_ms"]]
    ends = [end for one in found["segments"] for end in one["word_ends_ms"]]
    assert starts == sorted(starts)
    assert all(abs(start - 1000 * one.start) < 30 for start, one in zip(starts, spoken, strict=True))
    heard = sum(end - start for start, end in zip(starts, ends, strict=True))
    assert heard >= 0.99 * 1000 * len(spoken) * tones.WORD_SECONDS
    assert recognitions(clinic, mark) == 1, "the parts are recognised beside each other"
    assert parts_of(clinic, session_id) == []
    assert results_of(clinic, session_id) == []


def converted(clinic: TestClinic, spoken: Sequence[Spoken], seconds: float) -> str:
    """A session with a recording of 24 bits, whose story has ended; returns its id."""
    return handled(clinic, recording_of(spoken, seconds, "WAV", "PCM_24"), "audio/wav")


def handled(clinic: TestClinic, recording: bytes, content_type: str) -> str:
    """A session with a recording whose story has ended; returns its id."""
    session_id = str(clinic.session(**ONE_CHANNEL).body["id"])
    clinic.record(session_id, recording, content_type)
    clinic.stack.wait_idle(support.PATIENCE)
    support.converge(clinic.stack)
    return session_id


def test_audio_that_is_not_decoded_is_converted_and_stays(clinic: TestClinic) -> None:
    spoken = conversation(8)
    mark = clinic.stack.recorder.mark()

    session_id = converted(clinic, spoken, 8)

    found = transcription_of(clinic, session_id)
    assert (found["status"], [word for word, _ in words_of(found)]) == ("completed", [one.text for one in spoken])
    made = support.calls_of(clinic.stack, SPLIT, mark)
    assert [call for call in made if call != "kms.Decrypt"] == SPLIT_CALLS
    assert parts_of(clinic, session_id) == []
    recording = clinic.doctor.get(f"/sessions/{session_id}/recordings").ok().body["items"][0]
    assert (recording["status"], recording["codec"]) == ("received", "pcm_other")
    assert support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(recording["object_name"]).exists()


def test_aiff_is_converted(clinic: TestClinic) -> None:
    spoken = conversation(8)

    session_id = handled(clinic, recording_of(spoken, 8, "AIFF"), "audio/x-aiff")

    found = transcription_of(clinic, session_id)
    assert (found["status"], [word for word, _ in words_of(found)]) == ("completed", [one.text for one in spoken])


def test_streams_of_a_recorder_that_was_paused_are_all_heard(clinic: TestClinic) -> None:
    first, second = conversation(8), conversation(6)
    recording = recording_of(first, 8, "OGG", "OPUS") + recording_of(second, 6, "OGG", "OPUS")

    session_id = handled(clinic, recording, "audio/ogg; codecs=opus")

    found = transcription_of(clinic, session_id)
    assert [word for word, _ in words_of(found)] == [one.text for one in [*first, *second]]
    assert max(one["end_ms"] for one in found["segments"]) > 8_000
    assert abs(found["audio_duration_seconds"] - 14) < 0.2


def test_repeated_delivery_of_the_task_does_nothing(clinic: TestClinic, short_parts: None) -> None:
    session_id = refused_once(clinic, nine_minutes()[1])
    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)
    before = transcription_of(clinic, session_id)
    mark = clinic.stack.recorder.mark()

    splitting.split(worker(clinic), f"{session_id}-t1", 2)

    assert transcription_of(clinic, session_id) == before
    assert recognitions(clinic, mark) == 0
    assert parts_of(clinic, session_id) == []


def test_delivery_after_a_crash_goes_on_with_the_parts_that_are_stored(
    clinic: TestClinic, short_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken, recording = nine_minutes()
    session_id = refused_once(clinic, recording)
    with monkeypatch.context() as patched, pytest.raises(ConnectionError):
        interrupt(patched, 3, raising(ConnectionError))
        splitting.split(worker(clinic), f"{session_id}-t1", 2)
    [stored] = parts_of(clinic, session_id)
    assert "/0-" in stored, "the second part was not finished"

    opened: list[str] = []
    interrupt(monkeypatch, 1, opened.append)
    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)

    assert not opened[0].endswith(stored)
    assert words_of(transcription_of(clinic, session_id)) == [(one.text, one.voice + 1) for one in spoken]


@pytest.mark.parametrize("end", ["cancelled session", "withdrawn consent", "deleted recording"])
def test_nothing_is_left_of_a_transcription_that_ends_while_its_recording_is_cut(
    clinic: TestClinic, short_parts: None, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    session_id = refused_once(clinic, nine_minutes()[1])
    interrupt(monkeypatch, 2, lambda _: ENDS[end](clinic, session_id))
    mark = clinic.stack.recorder.mark()

    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)

    assert transcription_of(clinic, session_id)["status"] == "failed"
    assert recognitions(clinic, mark) == 0
    assert parts_of(clinic, session_id) == []


def test_one_failed_part_fails_the_attempt_and_leaves_nothing(clinic: TestClinic, short_parts: None) -> None:
    session_id = refused_once(clinic, nine_minutes()[1])
    clinic.stack.service(SpeechService).script.plant(Change(), Change(error_code=14))
    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)
    assert len(results_of(clinic, session_id)) == 2, "they wait for the third"

    recognition.poll_operation(worker(clinic), f"{session_id}-t1", 3, None)
    clinic.stack.wait_idle(support.PATIENCE)

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "speech_unavailable")
    assert (parts_of(clinic, session_id), results_of(clinic, session_id)) == ([], [])


def test_more_parts_than_an_operation_takes_are_several_operations(
    clinic: TestClinic, short_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "MOST_FILES", 2)
    spoken, recording = nine_minutes()
    session_id = refused_once(clinic, recording)
    mark = clinic.stack.recorder.mark()

    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)

    assert recognitions(clinic, mark) == 2
    assert words_of(transcription_of(clinic, session_id)) == [(one.text, one.voice + 1) for one in spoken]


def test_operations_are_cancelled_together(
    clinic: TestClinic, short_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "MOST_FILES", 2)
    session_id = refused_once(clinic, nine_minutes()[1])
    begin, mark = speech.begin, clinic.stack.recorder.mark()

    def refuses_the_second(files: Sequence[str], *more: Any, **settings: Any) -> str:
        if len(files) < 2:
            raise speech.SpeechRefused
        return begin(files, *more, **settings)

    monkeypatch.setattr(speech, "begin", refuses_the_second)
    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)

    assert transcription_of(clinic, session_id)["error_code"] == "speech_refused"
    assert [call.method for call in clinic.stack.recorder.calls(mark)].count("CancelOperation") == 1
    assert (parts_of(clinic, session_id), results_of(clinic, session_id)) == ([], [])


def test_results_of_other_names_wait_for_the_poll_that_knows_them(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
    parts = [{"start_ms": 0, "end_ms": 60_000}, {"start_ms": 40_000, "end_ms": 90_000}]
    alter(clinic, f"transcriptions/{session_id}-t1", {"audio_parts": parts, "parts_stored": True})
    folder = f"clinics/{clinic.id}/transcriptions/{session_id}-t1/attempts/1/"
    names = [f"{folder}{name}.json" for name in ("second", "first")]
    for name, second in zip(names, (1, 30), strict=True):
        words = [{"word": "Yes.", "startOffset": f"{second}s", "endOffset": f"{second + 1}s"}]
        result = {"results": [{"alternatives": [{"words": words}]}]}
        blob = support.bucket_of(clinic.stack, RESULTS_BUCKET).blob(name)
        blob.upload_from_string(json.dumps(result), content_type="application/json")
    clinic.stack.wait_idle(support.PATIENCE)
    assert transcription_of(clinic, session_id)["status"] == "processing"

    results.store(worker(clinic), names[0], names)

    found = transcription_of(clinic, session_id)
    assert [segment["start_ms"] for segment in found["segments"]] == [1_000, 70_000]
    assert results_of(clinic, session_id) == []


def test_a_part_that_is_written_twice_at_once_is_the_first_and_an_aborted_one_is_none(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    recording = object_names.recording_name(clinic.id, session_id, f"{session_id}-a1")
    folder = object_names.part_folder(recording, f"{session_id}-t1")
    names = [object_names.part_name(folder, AudioPart(start_ms=at, end_ms=9_000)) for at in range(3)]
    large = bytes(9 << 20)
    first, second, third, aborted = (
        NewRecording(name, "audio/flac") for name in (names[0], names[0], names[1], names[2])
    )
    for one, content in ((first, b"first"), (second, large), (third, large), (aborted, large)):
        one.write(content)

    first.close()
    second.write(large)
    second.close()
    NewRecording(names[0], "audio/flac").close()
    third.close()
    aborted.abort()

    blobs = [support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name) for name in names]
    assert blobs[0].download_as_bytes() == b"first"
    assert [len(blobs[1].download_as_bytes()), blobs[2].exists()] == [len(large), False]
    for blob in blobs[:2]:
        blob.delete()


@pytest.mark.parametrize("object_name", ["strange", "of no transcription"])
def test_strange_objects_among_the_parts_start_nothing(clinic: TestClinic, object_name: str) -> None:
    session_id = str(clinic.session().body["id"])
    folder = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1/parts/"
    name = folder + {"strange": "x.part", "of no transcription": f"{session_id}-t1/0-1000.part"}[object_name]
    blob = support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name)
    before = support.documents(clinic.id)

    blob.upload_from_string(b"fLaC", content_type="audio/flac")
    clinic.stack.wait_idle(support.PATIENCE)

    assert support.documents(clinic.id) == before
    assert blob.exists() == (object_name == "of no transcription"), "the bucket's rule deletes it"
    if blob.exists():
        blob.delete()


def test_aac_is_cut_without_decoding(clinic: TestClinic, short_parts: None) -> None:
    spoken = conversation(302)
    samples = np.repeat(tones.encode(spoken, 302), SAMPLE_RATE // tones.ENCODED_RATE)
    session_id = refused_once(clinic, aac(samples[None]))

    splitting.split(worker(clinic), f"{session_id}-t1", 2)
    clinic.stack.wait_idle(support.PATIENCE)

    found = transcription_of(clinic, session_id)
    assert words_of(found) == [(one.text, one.voice + 1) for one in spoken]
    starts = [start for one in found["segments"] for start in one["word_starts_ms"]]
    assert all(abs(start - 1000 * one.start) < 100 for start, one in zip(starts, spoken, strict=True))


def test_audio_that_cannot_be_cut_is_a_documented_end(clinic: TestClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = refused_once(clinic, audio_files.webm(301, channels=3))
    monkeypatch.setattr(speech_models, "longest_ms", lambda _: 300_000)

    splitting.split(worker(clinic), f"{session_id}-t1", 2)

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "audio_too_long_for_model")


# Kills of the function


@pytest.mark.parametrize("number", sample(range(len(SPLIT_CALLS)), 2))
def test_kill_after_any_call_leaves_the_same_end(clinic: TestClinic, number: int) -> None:
    spoken = conversation(8)
    call = SPLIT_CALLS[number]
    service, _, method = call.partition(".")
    skip = SPLIT_CALLS[:number].count(call)
    fault = clinic.stack.recorder.plant(Fault(service, method, SPLIT, "kill", skip))

    session_id = converted(clinic, spoken, 8)

    assert fault.fired.wait(5)
    found = transcription_of(clinic, session_id)
    assert (found["status"], [word for word, _ in words_of(found)]) == ("completed", [one.text for one in spoken])
    assert (parts_of(clinic, session_id), results_of(clinic, session_id)) == ([], [])
    assert clinic.stack.task_queues.pending() == []
