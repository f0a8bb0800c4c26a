"""What is read from whole, joined and damaged files."""

from __future__ import annotations

from array import array
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audio.source import Source
from shared.records.visits.audio import AudioMark, Codec, Container
from shared.workflows.visits.audio_check import Checked, examine
from tests.support import audio_files as made

FILES = {
    "wav": made.wav(made.tone(1)),
    "aiff": made.aiff(array("h", [0, 9_000, 0, -9_000] * 12_000).tobytes()),
    "ogg": made.ogg(3),
    "ogg of two streams": made.encoded(1.5, "OGG", "OPUS") + made.encoded(1.5, "OGG", "OPUS"),
    "webm": made.webm(3),
    "webm with sizes": made.webm(3, live=False, stated=3),
    "mp4": made.mp4(3),
    "mp4 fragments": made.fragmented(3),
    "mp4 fragments with times": made.fragmented(3, durations=True),
    "mp3": made.xing(84) + made.mp3_frames(84),
}


def checked(content: bytes, channels: int = 1) -> Checked:
    return examine(Source(BytesIO(content), len(content)), channels)


@pytest.mark.parametrize("name", FILES)
def test_length_comes_from_the_audio_that_is_there(name: str) -> None:
    facts = checked(FILES[name]).facts

    assert facts["duration_seconds"] == (1.0 if name == "wav" else 3.0)
    assert facts["channels"] == 1


@pytest.mark.parametrize("name", FILES)
def test_first_two_thirds_are_two_thirds_of_the_length(name: str) -> None:
    content = FILES[name][: len(FILES[name]) * 2 // 3]

    found = checked(content)

    if name == "mp4":  # its tables are at the end
        assert found.problem == "audio_not_readable"
    else:
        whole = checked(FILES[name]).facts["duration_seconds"]
        assert 0.3 * whole <= found.facts["duration_seconds"] <= 0.75 * whole
        assert AudioMark.CUT_OFF in found.facts["marks"]


def test_streams_one_after_the_other_add_up() -> None:
    found = checked(made.encoded(3, "OGG", "VORBIS") + made.encoded(2, "OGG", "VORBIS"))

    assert found.facts["duration_seconds"] == 5.0
    assert (found.convert, found.facts["peak_dbfs"] is not None) == (True, True)


def test_frames_of_another_rate_count_by_their_own_rate() -> None:
    tag = b"ID3\4\0\0\0\0\0\x0a" + bytes(10)
    joined = made.mp3_frames(28, rate_index=2) + tag + made.mp3_frames(42, rate_index=1)

    found = checked(joined).facts

    assert found["duration_seconds"] == pytest.approx(28 * 576 / 16_000 + 42 * 576 / 24_000, abs=0.06)


def test_stereo_counts_two_channels() -> None:
    for content in (made.wav(made.tone(1, channels=2), channels=2), made.mp4(channels=2), made.webm(1, channels=2)):
        assert checked(content, 2).facts["channels"] == 2


def test_levels_are_measured() -> None:
    facts = checked(made.wav(made.tone(4, level=0.5)), 2).facts

    assert (facts["container"], facts["codec"]) == (Container.WAV, Codec.PCM)
    assert facts["peak_dbfs"] == pytest.approx(-6, abs=0.1)
    assert (facts["noise_dbfs"], facts["silence_share"]) == (-100.0, 0.5)
    assert (facts["clipped_share"], facts["audio_quality_score"]) == (0.0, 1.0)
    assert facts["marks"] == [AudioMark.CHANNELS_DIFFER]


@pytest.mark.parametrize(
    ("level", "mark"), [(0.002, AudioMark.MOSTLY_SILENT), (0.008, AudioMark.QUIET), (3.0, AudioMark.CLIPPED)]
)
def test_bad_levels_are_marked(level: float, mark: AudioMark) -> None:
    samples = made.tone(2, min(level, 1.0))
    if level > 1:
        samples = b"\xff\x7f\x01\x80" * 32_000

    assert mark in checked(made.wav(samples)).facts["marks"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_ends_anywhere_in_its_first_bytes_raises_nothing(name: str) -> None:
    """The stored size is that of the announcement, or that of what is there."""
    for end in range(1, min(200, len(FILES[name]))):
        for size in (end, len(FILES[name])):
            examine(Source(BytesIO(FILES[name][:end]), size), 1)


@given(st.sampled_from(sorted(FILES)), st.integers(0, 10**9), st.binary(max_size=16), st.integers(0, 10**9))
def test_no_damage_raises(name: str, at: int, patch: bytes, cut: int) -> None:
    content = bytearray(FILES[name])
    at %= len(content)
    content[at : at + len(patch)] = patch

    examine(Source(BytesIO(content[: cut % (len(content) + 1) or len(content)]), len(content)), 1)


@given(st.binary(max_size=300), st.sampled_from([b"RIFF", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3", b"\xff\xf3", b"ID3"]))
def test_nothing_that_begins_like_audio_raises(rest: bytes, magic: bytes) -> None:
    checked(magic + rest)
