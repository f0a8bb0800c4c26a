"""Long-running operations: progress, cancellation, restart and billing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from google.api_core import exceptions
from google.cloud import speech_v2
from google.oauth2.credentials import Credentials

from local import samples
from local.services.kit.recorder import Call, Fault
from local.services.speech.engine import Engine, EngineStopped
from local.services.speech.transcript import Job
from tests.local.speech.endpoint import SILENT, Running, Starter
from tests.local.speech.requests import AUDIO, RESULTS, batch_request

pytestmark = pytest.mark.long


def test_a_file_that_fails_does_not_fail_the_others(
    local: Running, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    missing, broken = "gs://audio/missing.ogg", "gs://audio/broken.ogg"
    local.objects.contents |= {AUDIO: silence, broken: b"this is no recording"}
    results = client.batch_recognize(batch_request(missing, broken, AUDIO)).result(timeout=60).results
    assert results[missing].error.code == exceptions.NotFound.grpc_status_code.value[0]
    assert results[broken].error.code == exceptions.InvalidArgument.grpc_status_code.value[0]
    assert results[AUDIO].cloud_storage_result.uri in local.objects.contents
    assert len([uri for uri in local.objects.contents if uri.startswith(RESULTS)]) == 1


def test_each_channel_is_billed_in_whole_seconds_and_the_call_is_recorded(
    local: Running, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    local.objects.contents[AUDIO] = silence
    before = local.recorder.mark()
    operation = client.batch_recognize(batch_request(AUDIO))
    response = operation.result(timeout=60)
    seconds = 2 * int(np.ceil(SILENT))
    assert response.total_billed_duration.total_seconds() == seconds
    assert response.results[AUDIO].metadata.total_billed_duration.total_seconds() == seconds
    calls = local.recorder.calls(before)
    assert Call("speech", "BatchRecognize", "patients", AUDIO) in calls
    assert Call("speech", "billed", "", operation.operation.name, {"audio_seconds": seconds}) in calls


def test_a_batch_returns_an_operation_at_once_that_shows_its_progress(
    local: Running, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    local.objects.contents[AUDIO] = silence
    local.objects.readable.clear()
    operation = client.batch_recognize(batch_request(AUDIO))
    assert not operation.done()
    assert operation.metadata.progress_percent == 0
    assert not local.endpoint.idle()
    local.objects.readable.set()
    operation.result(timeout=60)
    assert operation.metadata.progress_percent == 100
    assert local.endpoint.idle()
    listed = client.list_operations({"name": "projects/demo-synapse/locations/global"}).operations
    assert operation.operation.name in [each.name for each in listed]


def test_a_cancelled_batch_writes_nothing(local: Running, client: speech_v2.SpeechClient, silence: bytes) -> None:
    local.objects.contents[AUDIO] = silence
    local.objects.reading.clear()
    local.objects.readable.clear()
    operation = client.batch_recognize(batch_request(AUDIO))
    assert local.objects.reading.wait(30)
    client.cancel_operation({"name": operation.operation.name})
    local.objects.readable.set()
    with pytest.raises(exceptions.Cancelled):
        operation.result(timeout=60)
    client.batch_recognize(batch_request("gs://audio/missing.ogg")).result(timeout=60)  # batches run sequentially
    assert list(local.objects.contents) == [AUDIO]


def test_a_lost_response_keeps_the_batch_running(
    local: Running, client: speech_v2.SpeechClient, silence: bytes
) -> None:
    local.objects.contents[AUDIO] = silence
    fault = local.recorder.plant(Fault("speech", "BatchRecognize", "patients", "cut"))
    local.objects.readable.clear()
    with pytest.raises(exceptions.ServiceUnavailable):
        client.batch_recognize(batch_request(AUDIO))
    assert fault.fired.is_set()
    local.objects.readable.set()
    client.batch_recognize(batch_request("gs://audio/missing.ogg")).result(timeout=60)
    assert len([uri for uri in local.objects.contents if uri.startswith(RESULTS)]) == 1


def test_after_a_restart_finished_operations_are_readable_and_unfinished_ones_have_failed(
    starter: Starter, tmp_path: Path, credentials: Credentials
) -> None:
    before, stop = starter.start(tmp_path)
    with before.client(credentials) as client:
        finished = client.batch_recognize(batch_request("gs://audio/missing.ogg"))
        finished.result(timeout=60)
        before.objects.reading.clear()
        before.objects.readable.clear()
        unfinished = client.batch_recognize(batch_request(AUDIO))
        assert before.objects.reading.wait(30)
        after, stop_after = starter.start(tmp_path)  # the first endpoint is not stopped, as after a crash
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


def test_stopping_the_engine_fails_the_running_batch(
    starter: Starter, tmp_path: Path, credentials: Credentials, sample: samples.Sample
) -> None:
    engine = Engine()
    local, stop = starter.start(tmp_path, engine)
    local.objects.contents[AUDIO] = sample.audio.read_bytes()
    try:
        engine.warm_up()
        with local.client(credentials) as client:
            operation = client.batch_recognize(batch_request(AUDIO))
            assert local.objects.reading.wait(30)
            engine.stop()
            with pytest.raises(exceptions.ServiceUnavailable):
                operation.result(timeout=60)
    finally:
        stop()
