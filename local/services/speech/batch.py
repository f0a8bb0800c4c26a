"""The background work of BatchRecognize: transcribes one file after the other."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Any

import grpc
from google.cloud.speech_v2.types import cloud_speech
from google.longrunning import operations_pb2

from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.speech import checks, results
from local.services.speech.engine import EngineStopped
from local.services.speech.operations import Operations
from local.services.speech.script import Script
from local.services.speech.transcript import Transcript

Transcribe = Callable[[bytes, cloud_speech.RecognitionConfig], Transcript]


class Batches:
    """Runs batches in the order of their requests; each batch is an operation."""

    def __init__(
        self,
        operations: Operations,
        transcribe: Transcribe,
        recorder: Recorder,
        read_object: Callable[[str], bytes],
        write_object: Callable[[str, bytes, str], None],
        *,
        script: Script,
    ) -> None:
        self._operations = operations
        self._transcribe = transcribe
        self._recorder = recorder
        self._read_object = read_object
        self._write_object = write_object
        self._script = script
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="speech-batch")

    def start(self, parent: str, request: cloud_speech.BatchRecognizeRequest) -> operations_pb2.Operation:
        """Queue a checked request as an operation of the location `parent`."""
        operation = self._operations.create(parent, _progress(request, 0))
        self._queue.submit(self._run, operation.name, request)
        return operation

    def shut_down(self) -> None:
        """Start no more batches, and cancel the queued ones."""
        self._queue.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait for the end of the running batch."""
        self._queue.shutdown()

    def _run(self, name: str, request: cloud_speech.BatchRecognizeRequest) -> None:
        try:
            self._run_files(name, request)
        except EngineStopped as error:
            self._operations.fail(name, grpc.StatusCode.UNAVAILABLE, str(error))
        except Exception as error:  # every operation must reach an end
            self._operations.fail(name, grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")

    def _run_files(self, name: str, request: cloud_speech.BatchRecognizeRequest) -> None:
        response = cloud_speech.BatchRecognizeResponse()
        for finished, file in enumerate(request.files):
            if self._cancelled(name):
                return
            self._operations.progress(name, _progress(request, finished))
            result = self._file(name, file.uri, request)
            response.results[file.uri] = result
            response.total_billed_duration += result.metadata.total_billed_duration
        self._record_cost(name, response.total_billed_duration)
        done = _progress(request, len(request.files))
        self._operations.succeed(name, cloud_speech.BatchRecognizeResponse.pb(response), done)

    def _file(
        self, name: str, uri: str, request: cloud_speech.BatchRecognizeRequest
    ) -> cloud_speech.BatchRecognizeFileResult:
        """The result of one file; the failure of a file is not a failure of the batch."""
        change = self._script.next()
        time.sleep(change.seconds)
        if change.error_code:
            return cloud_speech.BatchRecognizeFileResult(error={"code": change.error_code, "message": "planted"})
        try:
            transcript = self._transcribe(self._read_object(uri), request.config)
        except EngineStopped:
            raise
        except tuple(checks.FAILURES) as error:
            status = {"code": checks.status_of(error).value[0], "message": str(error)}
            return cloud_speech.BatchRecognizeFileResult(error=status)
        batch = results.batch_results(transcript, request.config)
        batch.results = change.apply(list(batch.results))
        result = cloud_speech.BatchRecognizeFileResult(metadata=batch.metadata)
        output = request.recognition_output_config
        if "inline_response_config" in output:
            result.inline_result = cloud_speech.InlineResult(transcript=batch)
        elif not self._cancelled(name):
            written = _result_uri(output.gcs_output_config.uri, uri)
            self._write_object(written, results.as_json(batch), "application/json")
            result.cloud_storage_result = cloud_speech.CloudStorageResult(uri=written)
        return result

    def _cancelled(self, name: str) -> bool:
        return bool(self._operations.get(name).done)

    def _record_cost(self, name: str, billed: dt.timedelta) -> None:
        with contextlib.suppress(AnswerLost):  # there is no caller, so no response to lose
            self._recorder.record(Call("speech", "billed", "", name, {"audio_seconds": round(billed.total_seconds())}))


def _result_uri(prefix: str, audio_uri: str) -> str:
    return f"{prefix.rstrip('/')}/{PurePosixPath(audio_uri).stem}_transcript_{uuid.uuid4().hex}.json"


def _progress(request: cloud_speech.BatchRecognizeRequest, finished: int) -> Any:
    """The operation's metadata when `finished` files are finished."""
    metadata = cloud_speech.OperationMetadata(
        resource=request.recognizer,
        method="google.cloud.speech.v2.Speech.BatchRecognize",
        update_time=dt.datetime.now(dt.UTC),
        batch_recognize_request=request,
        progress_percent=100 * finished // len(request.files),
    )
    return cloud_speech.OperationMetadata.pb(metadata)
