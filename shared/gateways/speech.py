"""Speech-to-Text v2: recognises short audio at once; starts, polls and cancels recognitions of recordings, whose
results the service writes to Storage."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared import settings
from shared.gateways.speech_models import Model, code_of, models, unsuited
from shared.records.visits.failure import TranscriptionFailure
from shared.singleton import singleton

if TYPE_CHECKING:
    from google.cloud.speech_v2.types import cloud_speech as speech

    from shared.gateways.speech_result import Heard

MOST_FILES = 15
"""Of one operation (BatchRecognizeRequest.files, read November 2026)."""

MOST_SECONDS = 60
MOST_BYTES = 10_000_000
"""Of the audio of one `recognize` (docs.cloud.google.com/speech-to-text/docs/quotas, read November 2026)."""

_log = logging.getLogger("synapse.speech")


class SpeechRefused(Exception):
    """The service rejects the request permanently; a retry does not help."""


class RecognitionFailed(Exception):
    """Short audio was not recognised. It carries a reason and nothing that was said."""

    def __init__(self, reason: TranscriptionFailure) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Outcome:
    """The status of a recognition."""

    done: bool
    error: str | None = None
    """An error code such as `audio_missing`; never the service's message."""
    results: Mapping[str, str] = field(default_factory=dict)
    """For the URI of each file the URI of its result."""


def begin(
    audio_uris: Sequence[str],
    output_uri: str,
    *,
    model: str,
    languages: Sequence[str],
    channels: int | None,
    phrases: Collection[str] = (),
) -> str:
    """Start the recognition of at most `MOST_FILES` files of one recording, beside each other, and return the
    operation's name. Each call is a new, billed recognition.

    `channels` is the number of channels of each file; None: not known. The engine transcribes each, or tells the voices
    of a single one apart, if the model can. Of several `languages` it chooses the most likely one for each result.
    `phrases` are likely words of any language, such as names. Raises SpeechRefused.
    """
    from google.api_core.exceptions import InvalidArgument
    from google.cloud.speech_v2.types import cloud_speech as speech

    request = speech.BatchRecognizeRequest(
        recognizer=_recognizer(),
        config=_config(model, languages, phrases, _features(models()[model], languages, channels)),
        files=[{"uri": uri} for uri in audio_uris],
        recognition_output_config={"gcs_output_config": {"uri": output_uri}},
    )
    try:
        operation = _client().batch_recognize(request=request, retry=None, timeout=60)
    except InvalidArgument:
        raise SpeechRefused from None
    return str(operation.operation.name)


def recognize(
    audio: bytes,
    *,
    model: str,
    languages: Sequence[str],
    channels: int,
    phrases: Collection[str] = (),
    deadline_seconds: float,
) -> Heard:
    """What is said in a piece of audio of at most `MOST_SECONDS` and `MOST_BYTES`, in a container that the engine
    decodes. Each call is billed; one that did not reach the service is made again until the deadline.

    The arguments are those of `begin`. Voices are not told apart: their labels would mean nothing in the next piece.
    Raises RecognitionFailed, without a call if the model does not suit.
    """
    from google.api_core import exceptions, retry
    from google.cloud.speech_v2.types import cloud_speech as speech

    from shared.gateways.speech_result import UnreadableResult, parse

    known = models()[model]
    if failure := unsuited(model, channels, languages) if known.recognize else TranscriptionFailure.SPEECH_REFUSED:
        raise RecognitionFailed(failure)
    config = _config(model, languages, phrases, _features(known, languages, channels, voices=False))
    request = speech.RecognizeRequest(recognizer=_recognizer(), config=config, content=audio)
    again = retry.Retry(
        retry.if_exception_type(exceptions.ServiceUnavailable), initial=0.2, maximum=2, timeout=deadline_seconds
    )
    try:
        response = _client().recognize(request=request, retry=again, timeout=deadline_seconds)
        content = speech.RecognizeResponse.to_json(response, including_default_value_fields=False)
        return parse(content.encode(), (), confidences=known.word_confidence, languages=languages)
    except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
        raise RecognitionFailed(_reason_of_call(error)) from None
    except UnreadableResult:
        raise RecognitionFailed(TranscriptionFailure.RESULT_UNREADABLE) from None


def _recognizer() -> str:
    """The recogniser without a configuration of its own: each request has it."""
    configured = settings.load(settings.Speech)
    return f"projects/{configured.google_cloud_project}/locations/{configured.speech_location}/recognizers/_"


def _config(
    model: str, languages: Sequence[str], phrases: Collection[str], features: dict[str, Any]
) -> speech.RecognitionConfig:
    from google.cloud.speech_v2.types import cloud_speech as speech

    return speech.RecognitionConfig(
        auto_decoding_config={},
        model=model,
        language_codes=[code_of(language) for language in languages],
        features=features,
        adaptation=_adaptation(phrases),
    )


def _features(model: Model, languages: Sequence[str], channels: int | None, *, voices: bool = True) -> dict[str, Any]:
    """Without a multi-channel mode the engine hears only the first channel. `voices`: tell those of one apart."""
    features: dict[str, Any] = {
        "enable_word_time_offsets": True,
        "enable_word_confidence": model.word_confidence,
        "enable_automatic_punctuation": True,
    }
    if channels != 1 and model.separate_channels:
        features["multi_channel_mode"] = "SEPARATE_RECOGNITION_PER_CHANNEL"
    if voices and channels in (None, 1) and model.diarizes(languages):
        features["diarization_config"] = {}
    return features


def _adaptation(phrases: Collection[str]) -> dict[str, Any] | None:
    """Likely words as an inline phrase set: nothing is stored in the project."""
    inline = {"inline_phrase_set": {"phrases": [{"value": phrase} for phrase in phrases]}}
    return {"phrase_sets": [inline]} if phrases else None


def outcome(operation_name: str) -> Outcome:
    """Get the status of a recognition, which fails with its first failed file. An operation that the service no longer
    knows is reported as lost."""
    from google.api_core.exceptions import NotFound
    from google.cloud.speech_v2.types import cloud_speech as speech

    try:
        operation = _client().transport.operations_client.get_operation(operation_name, timeout=30)
    except NotFound:
        return Outcome(done=True, error="operation_lost")
    if not operation.done:
        return Outcome(done=False)
    if operation.error.code:
        return Outcome(done=True, error=_reason(operation.error.code))
    response = speech.BatchRecognizeResponse.deserialize(operation.response.value)
    failed = [file.error.code for file in response.results.values() if file.error.code]
    if failed:
        return Outcome(done=True, error=_reason(failed[0]))
    results = {uri: str(file.cloud_storage_result.uri) for uri, file in response.results.items()}
    return Outcome(done=True, error=None if results else "no_result", results=results)


def cancel(operation_name: str) -> None:
    """Cancel a recognition; do nothing if it is finished or unknown. Google promises a best effort only, so a result
    may still come."""
    from google.api_core.exceptions import FailedPrecondition, NotFound

    with suppress(FailedPrecondition, NotFound):
        _client().transport.operations_client.cancel_operation(operation_name, retry=None, timeout=30)


def _reason(code: int) -> str:
    """Map a google.rpc.Code to an error code."""
    _log.warning("a recognition failed", extra={"status": code})
    known = {3: "audio_not_readable", 5: "audio_missing", 8: "speech_quota", 14: "speech_unavailable"}
    return known.get(code, "speech_error")


def _reason_of_call(error: Exception) -> TranscriptionFailure:
    """Map the failure of a call, or what it was at the last attempt, to an error code."""
    from google.api_core import exceptions

    cause = error.cause if isinstance(error, exceptions.RetryError) else error
    known: dict[type[Exception] | None, TranscriptionFailure] = {
        exceptions.InvalidArgument: TranscriptionFailure.SPEECH_REFUSED,
        exceptions.ResourceExhausted: TranscriptionFailure.SPEECH_QUOTA,
        exceptions.ServiceUnavailable: TranscriptionFailure.SPEECH_UNAVAILABLE,
        exceptions.DeadlineExceeded: TranscriptionFailure.DEADLINE_EXCEEDED,
    }
    reason = known.get(type(cause), TranscriptionFailure.SPEECH_ERROR)
    _log.warning("short audio was not recognised", extra={"reason": reason})
    return reason


@singleton
def _client() -> Any:
    from google.cloud import speech_v2

    endpoint = settings.load(settings.Speech).speech_endpoint or _regional_endpoint()
    return speech_v2.SpeechClient(client_options={"api_endpoint": endpoint})


def _regional_endpoint() -> str:
    location = settings.load(settings.Speech).speech_location
    return "speech.googleapis.com" if location == "global" else f"{location}-speech.googleapis.com"
