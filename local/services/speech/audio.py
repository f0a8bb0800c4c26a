"""Decodes recordings into samples for the engine, and encodes samples as recordings."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second, in every array of this module."""

Samples = NDArray[np.float32]
"""Amplitudes from -1 to 1, shaped (channels, samples)."""

_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    ".ogg": ("libopus", {"b": "76k"}),
    ".webm": ("libopus", {"b": "76k"}),
    ".mp3": ("libmp3lame", {}),
    ".m4a": ("aac", {}),
    ".flac": ("flac", {}),
    ".wav": ("pcm_s16le", {}),
}


class AudioError(Exception):
    """The bytes are not a recording that can be decoded."""


@dataclass(frozen=True)
class RawFormat:
    """The format of headerless audio."""

    container: str
    """FFmpeg's name: `s16le`, `mulaw` or `alaw`."""
    sample_rate: int
    channels: int


def decode(audio: bytes, raw: RawFormat | None = None) -> Samples:
    """All channels of `audio` at `SAMPLE_RATE`. Raises AudioError."""
    options = {"sample_rate": str(raw.sample_rate), "ch_layout": f"{raw.channels}c"} if raw else {}
    try:
        with av.open(io.BytesIO(audio), format=raw.container if raw else None, options=options) as container:
            return _read(container)
    except (av.FFmpegError, ValueError) as error:
        raise AudioError(f"The audio cannot be decoded: {error}") from error


def encode(samples: Samples, path: Path) -> None:
    """Write one or two channels; the suffix of `path` selects .ogg or .webm (Opus), .mp3, .m4a, .flac or .wav."""
    codec, options = _CODECS[path.suffix]
    layout = {1: "mono", 2: "stereo"}[len(samples)]
    pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(pcm.T.reshape(1, -1), format="s16", layout=layout)
    frame.sample_rate = SAMPLE_RATE
    # bitexact: the same samples are always the same bytes
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(codec, rate=SAMPLE_RATE, options=options)
        stream.layout = layout
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def _read(container: Any) -> Samples:
    if not container.streams.audio:
        raise ValueError("it has no audio stream")
    resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
    blocks = [
        block.to_ndarray()
        for frame in (*container.decode(audio=0), None)  # None: flush the resampler
        for block in resampler.resample(frame)
    ]
    if not blocks:
        raise ValueError("it has no samples")
    samples: Samples = np.concatenate(blocks, axis=1)
    return samples
