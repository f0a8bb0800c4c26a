"""Media types of recordings: every usual spelling, and the one that is stored."""

from __future__ import annotations

import re

SPELLINGS = {
    "audio/aiff": "audio/aiff",
    "audio/x-aiff": "audio/aiff",
    "audio/flac": "audio/flac",
    "audio/x-flac": "audio/flac",
    "audio/mp4": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/mp4a-latm": "audio/mp4",
    "audio/mpeg": "audio/mpeg",
    "audio/mp3": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
    "audio/x-ogg": "audio/ogg",
    "audio/wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/webm": "audio/webm",
}
"""What recorders, browsers and operating systems call the formats that Speech-to-Text decodes, or that are converted →
the type that is stored. `audio/aac` is not among them: it means ADTS, which Speech-to-Text does not list (v2,
AutoDetectDecodingConfig).
"""
AUDIO_TYPES = sorted(set(SPELLINGS.values()))
"""The types that are stored."""

_MEDIA_TYPE = re.compile(r"[ \t]*([A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+)[ \t]*(?:;[ -~\t]*)?", re.ASCII)
"""Type and subtype (RFC 9110, section 8.3.1); parameters such as `codecs=opus` are dropped."""


def audio_type(content_type: str) -> str | None:
    """The stored spelling of a Content-Type; None for a type that is not accepted."""
    match = _MEDIA_TYPE.fullmatch(content_type)
    return SPELLINGS.get(match[1].lower()) if match else None
