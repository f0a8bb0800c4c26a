"""Recordings whose format changes, as a recorder writes them that was paused and resumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local.services.speech.audio import SAMPLE_RATE, AudioError, Samples, decode, encode


def tone(seconds: float, channels: int = 1) -> Samples:
    one = 0.3 * np.sin(np.arange(int(seconds * SAMPLE_RATE)) * 0.17)
    return np.tile(one.astype(np.float32), (channels, 1))


def encoded(path: Path, samples: Samples) -> bytes:
    encode(samples, path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_joined_files_are_decoded_to_the_end(tmp_path: Path, suffix: str, channels: int) -> None:
    first, second = encoded(tmp_path / f"a{suffix}", tone(2)), encoded(tmp_path / f"b{suffix}", tone(3, channels))

    samples = decode(first + second)

    assert len(samples) == 1
    assert samples.shape[1] / SAMPLE_RATE == pytest.approx(5, abs=0.3)
    assert abs(samples[0, -SAMPLE_RATE:]).max() > 0.1


def test_first_format_decides_the_channels(tmp_path: Path) -> None:
    joined = encoded(tmp_path / "a.ogg", tone(1, 2)) + encoded(tmp_path / "b.ogg", tone(1))

    assert decode(joined).shape[0] == 2


@pytest.mark.parametrize("content", [b"", b"OggS", b"OggS" + bytes(23), b"no audio"])
def test_what_is_no_audio_is_refused(content: bytes) -> None:
    with pytest.raises(AudioError):
        decode(content)
