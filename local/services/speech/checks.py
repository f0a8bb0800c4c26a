"""Validation of requests: errors of Speech-to-Text v2, and features that this endpoint does not implement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

import grpc
from google.cloud.speech_v2.types import cloud_speech

from local.services.kit.rpc import refuse
from local.services.speech.audio import AudioError, RawFormat
from local.services.speech.engine import EngineStopped
from local.services.speech.weights import Model, WeightsError

FAILURES: dict[type[Exception], grpc.StatusCode] = {
    FileNotFoundError: grpc.StatusCode.NOT_FOUND,
    AudioError: grpc.StatusCode.INVALID_ARGUMENT,
    WeightsError: grpc.StatusCode.FAILED_PRECONDITION,
    EngineStopped: grpc.StatusCode.UNAVAILABLE,
}
"""The status of a call whose recording cannot be transcribed."""

MAX_BATCH_FILES = 15
LANGUAGES_OF_MODEL = {
    **dict.fromkeys(("long", "short", "telephony"), (3, ("eu", "global", "us"))),
    "chirp_3": (2, None),
}
"""The most languages of a request, and where it may have several (docs.cloud.google.com/speech-to-text/docs/
multiple-languages and …/models/chirp-3, November 2026; the page of chirp_3 shows two, and developers saw three
refused)."""

_RECOGNIZER = re.compile(r"(projects/[^/]+/locations/[^/]+)/recognizers/([^/]+)")
_ENCODINGS = cloud_speech.ExplicitDecodingConfig.AudioEncoding
_HEADERLESS = {_ENCODINGS.LINEAR16: "s16le", _ENCODINGS.MULAW: "mulaw", _ENCODINGS.ALAW: "alaw"}


def status_of(failure: Exception) -> grpc.StatusCode:
    """The status of an exception in `FAILURES`, or of a subclass of one."""
    return next(status for kind, status in FAILURES.items() if isinstance(failure, kind))


def location(recognizer: str) -> str:
    """`projects/P/locations/L` of the recogniser; only the implicit recogniser `_` exists."""
    match = _RECOGNIZER.fullmatch(recognizer)
    if match is None:
        refuse(grpc.StatusCode.INVALID_ARGUMENT, f"{recognizer!r} is not the name of a recognizer.")
    if match[2] != "_":
        refuse(grpc.StatusCode.NOT_FOUND, f"There is no recognizer {recognizer}.")
    return match[1]


def languages(config: cloud_speech.RecognitionConfig, parent: str) -> None:
    """Raises StatusError for more languages than the model takes in the location `projects/P/locations/L`."""
    if not config.language_codes:
        _invalid("language_codes is empty.")
    place = parent.rpartition("/")[2]
    most, places = LANGUAGES_OF_MODEL.get(config.model, (1, None))
    if len(config.language_codes) > most:
        _invalid(f"{config.model} takes at most {most} language_codes; there are {len(config.language_codes)}.")
    if len(config.language_codes) > 1 and places and place not in places:
        _invalid(f"{config.model} takes several language_codes only in {', '.join(places)}, not in {place}.")


def whisper_languages(config: cloud_speech.RecognitionConfig, model: Model) -> list[str]:
    """Whisper's names for the languages. The model must support all."""
    names = [code.partition("-")[0].lower() for code in config.language_codes]
    if not model.languages.issuperset(names):
        _invalid(
            f"The local speech model {model.name} understands {', '.join(sorted(model.languages))}, "
            f"not {', '.join(config.language_codes)}. LOCAL_SPEECH_MODEL=base understands more than tiny.en."
        )
    return names


def raw_format(config: cloud_speech.RecognitionConfig) -> RawFormat | None:
    """The format of headerless audio; None for audio with a header."""
    if "auto_decoding_config" in config:
        return None
    if "explicit_decoding_config" not in config:
        _invalid("The configuration has neither auto_decoding_config nor explicit_decoding_config.")
    explicit = config.explicit_decoding_config
    if explicit.encoding == _ENCODINGS.AUDIO_ENCODING_UNSPECIFIED:
        _invalid("explicit_decoding_config has no encoding.")
    if explicit.encoding not in _HEADERLESS:
        return None
    if not 8000 <= explicit.sample_rate_hertz <= 48000:
        _invalid("sample_rate_hertz must be from 8000 to 48000.")
    if not 0 <= explicit.audio_channel_count <= 8:
        _invalid("audio_channel_count must be from 1 to 8.")
    return RawFormat(_HEADERLESS[explicit.encoding], explicit.sample_rate_hertz, explicit.audio_channel_count or 1)


def batch(request: cloud_speech.BatchRecognizeRequest) -> None:
    """Raises StatusError for a batch with invalid files or an invalid output."""
    if not 1 <= len(request.files) <= MAX_BATCH_FILES:
        _invalid(f"A batch has from 1 to {MAX_BATCH_FILES} files; this one has {len(request.files)}.")
    _gcs_uris([file.uri for file in request.files])
    if any("config" in file for file in request.files):
        refuse(grpc.StatusCode.UNIMPLEMENTED, "The local endpoint takes one configuration a batch, not one a file.")
    output = request.recognition_output_config
    if "gcs_output_config" in output:
        _gcs_uris([output.gcs_output_config.uri])
    elif "inline_response_config" not in output:
        _invalid("recognition_output_config names no output.")
    elif len(request.files) > 1:
        _invalid("An inline response takes only one file.")
    formats = output.output_format_config
    if "vtt" in formats or "srt" in formats:
        refuse(grpc.StatusCode.UNIMPLEMENTED, "The local endpoint writes only the native format.")


def _gcs_uris(uris: Sequence[str]) -> None:
    for uri in uris:
        if not re.fullmatch(r"gs://[^/]+/.*", uri):
            _invalid(f"{uri!r} is not the URI of a Cloud Storage object.")


def _invalid(message: str) -> NoReturn:
    refuse(grpc.StatusCode.INVALID_ARGUMENT, message)
