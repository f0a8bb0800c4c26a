"""The media types of recordings."""

from __future__ import annotations

import pytest

from shared.records.visits.audio_types import AUDIO_TYPES, SPELLINGS, audio_type


@pytest.mark.parametrize(
    ("spelling", "stored"),
    [
        *SPELLINGS.items(),
        ("audio/webm;codecs=opus", "audio/webm"),  # MediaRecorder.mimeType in Chrome and Firefox
        ("audio/mp4; codecs=mp4a.40.2", "audio/mp4"),  # in Safari
        ("audio/ogg; codecs=opus", "audio/ogg"),
        ('audio/webm;codecs="opus"', "audio/webm"),
        (" AUDIO/WebM ; ", "audio/webm"),
    ],
)
def test_every_usual_spelling_is_taken(spelling: str, stored: str) -> None:
    assert audio_type(spelling) == stored
    assert audio_type(stored) == stored


@pytest.mark.parametrize(
    "spelling",
    [
        *(
            "",
            ";",
            "audio",
            "audio/",
            "/webm",
            "audio/*",
            "*/*",
            "audio/basic",
            "audio/aac",
            "text/html",
            "video/x-msvideo",
        ),
        *(
            "audio/webm, text/html",
            "audio/webm\r\nX-Goog-Acl: public-read",
            "audio/webm;\nx",
            "audio/webm\x00",
            "аudio/webm",
        ),
        *("codecs=opus;audio/webm", "audio/we bm", "audio/webm/opus"),
    ],
)
def test_other_types_are_refused(spelling: str) -> None:
    assert audio_type(spelling) is None


def test_one_type_a_format_is_stored() -> None:
    assert AUDIO_TYPES == [
        "audio/aiff",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
    ]
