"""Speech-to-Text v2 on this machine: Recognize, StreamingRecognize, BatchRecognize and its operations.

A real model transcribes the recording (see `engine`), one recording at a time. Speakers are distinguished by channel
or, if diarization is asked for, by pitch (see `voices`). Without a multi-channel mode, the first channel alone is
transcribed, as by Google. The model's name limits the length of a file of a batch and the languages of a request (see
`languages`), and has no other effect; nor have adaptation, punctuation settings and interim results.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import grpc
from google.cloud.speech_v2.types import cloud_speech
from google.longrunning import operations_pb2

from local.services.kit import rpc
from local.services.kit.recorder import Recorder
from local.services.speech import checks, languages, results, voices
from local.services.speech.audio import AudioError, decode
from local.services.speech.batch import Batches
from local.services.speech.cache import chosen_folder
from local.services.speech.engine import Engine
from local.services.speech.operations import Operations
from local.services.speech.script import Script
from local.services.speech.transcript import Job, Transcript

SYNC_SECONDS = 60.0
SYNC_BYTES = 10 * 1000 * 1000
"""The longest and largest audio of Recognize."""

STREAM_SECONDS = 300.0
STREAM_MESSAGE_BYTES = 25_600
"""The longest stream, and the largest piece of audio in one of its messages."""

BATCH_SECONDS = 8 * 3600.0
"""The longest file of a batch, unless the model takes less."""
LONGEST_OF_MODEL = {"chirp_3": (3600.0, 1200.0)}
"""Seconds without and with word times (docs.cloud.google.com/speech-to-text/docs/models/chirp-3, November 2026)."""


class SpeechEndpoint:
    """The services google.cloud.speech.v2.Speech and google.longrunning.Operations."""

    def __init__(
        self,
        state: Path,
        recorder: Recorder,
        read_object: Callable[[str], bytes],
        write_object: Callable[[str, bytes, str], None],
        engine: Engine | None = None,
        *,
        script: Script | None = None,
    ) -> None:
        """Store operations in the folder `state`. `script` changes results of batches and of Recognize.

        `read_object` takes a gs:// URI and raises FileNotFoundError if the object does not exist; `write_object` takes
        the URI, the content and its type.
        """
        self._recorder = recorder
        self._read_object = read_object
        self._engine = engine or Engine(cache_folder=chosen_folder())
        self._script = script or Script()
        self._operations = Operations(state)
        self._batches = Batches(
            self._operations,
            self._transcribe_batch_file,
            recorder,
            read_object,
            write_object,
            script=self._script,
        )

    @property
    def model(self) -> str:
        """The name of the speech model."""
        return self._engine.model.name

    def warm_up(self) -> None:
        """Load the model now, not at first use. Raises WeightsError."""
        self._engine.warm_up()

    def idle(self) -> bool:
        """True if every batch is finished."""
        return self._operations.all_done()

    def stop(self) -> None:
        """Stop at once. Unfinished batches fail with UNAVAILABLE, at the latest after a restart."""
        self._batches.shut_down()
        self._engine.stop()
        self._batches.join()

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        speech = rpc.service(
            "google.cloud.speech.v2.Speech",
            Recognize=rpc.unary(self._recognize, cloud_speech.RecognizeRequest, cloud_speech.RecognizeResponse),
            StreamingRecognize=rpc.streams(
                self._stream, cloud_speech.StreamingRecognizeRequest, cloud_speech.StreamingRecognizeResponse
            ),
            BatchRecognize=rpc.unary(
                self._batch_recognize, cloud_speech.BatchRecognizeRequest, operations_pb2.Operation
            ),
        )
        return [speech, self._operations.handlers(self._recorder)]

    def _recognize(
        self, request: cloud_speech.RecognizeRequest, context: grpc.ServicerContext
    ) -> cloud_speech.RecognizeResponse:
        checks.languages(request.config, checks.location(request.recognizer))
        change = self._script.next_call()
        time.sleep(change.seconds)
        if change.error_code:
            rpc.refuse(rpc.status(change.error_code), "planted")
        with _status_errors():
            audio = self._read_object(request.uri) if request.uri else request.content
            if len(audio) > SYNC_BYTES:
                raise AudioError(f"The audio has {len(audio)} bytes; at most {SYNC_BYTES} are allowed here.")
            transcript = self._transcribe(audio, request.config, SYNC_SECONDS)
        billed = results.billed_seconds(transcript)
        rpc.record_call(self._recorder, context, "speech", "Recognize", request.uri, audio_seconds=billed)
        return cloud_speech.RecognizeResponse(
            results=change.apply(results.results(transcript, request.config)), metadata=results.metadata(transcript)
        )

    def _stream(
        self, requests: Iterator[cloud_speech.StreamingRecognizeRequest], context: grpc.ServicerContext
    ) -> Iterator[cloud_speech.StreamingRecognizeResponse]:
        """All results are final and follow the end of the caller's stream."""
        first = next(requests, None)
        if first is None or "streaming_config" not in first:
            rpc.refuse(grpc.StatusCode.INVALID_ARGUMENT, "The first message must have a streaming_config.")
        config = first.streaming_config.config
        checks.languages(config, checks.location(first.recognizer))
        with _status_errors():
            audio = b"".join(_piece(message) for message in requests)
            transcript = self._transcribe(audio, config, STREAM_SECONDS)
        billed = results.billed_seconds(transcript)
        rpc.record_call(self._recorder, context, "speech", "StreamingRecognize", audio_seconds=billed)
        for result in results.results(transcript, config):
            yield cloud_speech.StreamingRecognizeResponse(
                results=[
                    cloud_speech.StreamingRecognitionResult(
                        alternatives=result.alternatives,
                        is_final=True,
                        result_end_offset=result.result_end_offset,
                        channel_tag=result.channel_tag,
                        language_code=result.language_code,
                    )
                ]
            )
        yield cloud_speech.StreamingRecognizeResponse(metadata=results.metadata(transcript))

    def _batch_recognize(
        self, request: cloud_speech.BatchRecognizeRequest, context: grpc.ServicerContext
    ) -> operations_pb2.Operation:
        parent = checks.location(request.recognizer)
        checks.batch(request)
        checks.languages(request.config, parent)
        self._whisper_languages(request.config)
        self._job(b"", request.config, BATCH_SECONDS)  # an invalid configuration fails now, not in the operation
        operation = self._batches.start(parent, request)
        rpc.record_call(self._recorder, context, "speech", "BatchRecognize", request.files[0].uri)
        return operation

    def _transcribe_batch_file(self, audio: bytes, config: cloud_speech.RecognitionConfig) -> Transcript:
        return self._transcribe(audio, config, _longest(config))

    def _transcribe(self, audio: bytes, config: cloud_speech.RecognitionConfig, longest: float) -> Transcript:
        """Without a multi-channel mode, only the first channel is transcribed."""
        job = self._job(audio, config, longest)
        tones = self._script.tones
        names = self._whisper_languages(config)
        transcript = tones.transcribe(job) if tones else languages.transcribed(self._engine.transcribe, job, names)
        if results.separates_channels(config):
            return transcript
        first = transcript.channels[0]
        if "diarization_config" in config.features:
            first = tones.labelled(first) if tones else voices.labelled(first, decode(audio, job.raw)[0])
        return replace(transcript, channels=(first,))

    def _whisper_languages(self, config: cloud_speech.RecognitionConfig) -> list[str]:
        """Whisper's names for the languages; a tone has none."""
        return [] if self._script.tones else checks.whisper_languages(config, self._engine.model)

    def _job(self, audio: bytes, config: cloud_speech.RecognitionConfig, longest: float) -> Job:
        return Job(
            audio,
            per_channel=True,
            raw=checks.raw_format(config),
            longest=longest,
        )


def _longest(config: cloud_speech.RecognitionConfig) -> float:
    """The longest file that the model takes, in seconds; a longer one is an INVALID_ARGUMENT of this file."""
    limits = LONGEST_OF_MODEL.get(config.model, (BATCH_SECONDS, BATCH_SECONDS))
    return limits[bool(config.features.enable_word_time_offsets)]


@contextlib.contextmanager
def _status_errors() -> Iterator[None]:
    """Raise StatusError when the audio cannot be transcribed."""
    try:
        yield
    except tuple(checks.FAILURES) as error:
        rpc.refuse(checks.status_of(error), str(error))


def _piece(message: cloud_speech.StreamingRecognizeRequest) -> bytes:
    if len(message.audio) > STREAM_MESSAGE_BYTES:
        raise AudioError(
            f"A message has {len(message.audio)} bytes of audio; at most {STREAM_MESSAGE_BYTES} are allowed."
        )
    audio: bytes = message.audio
    return audio
