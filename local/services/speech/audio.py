"""Decodes recordings into samples for the engine, and encodes samples as recordings."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from local.services.speech import ogg

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
        blocks: list[Samples] = []
        for link in ogg.links(audio):
            with av.open(io.BytesIO(link), format=raw.container if raw else None, options=options) as container:
                blocks += _resampled(container)
        return _joined(blocks)
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


def _joined(blocks: Sequence[Samples]) -> Samples:
    if not blocks:
        raise ValueError("it has no samples")
    samples: Samples = np.concatenate([_with_channels(block, len(blocks[0])) for block in blocks], axis=1)
    return samples


def _resampled(container: Any) -> Iterator[Samples]:
    """Blocks at `SAMPLE_RATE`. A recording that was paused and resumed may change its format: a resampler for each."""
    if not container.streams.audio:
        raise ValueError("it has no audio stream")
    for _, frames in groupby(_frames(container), key=_format):
        resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)
        for frame in (*frames, None):  # None: flush the resampler
            for block in resampler.resample(frame):
                samples: Any = block.to_ndarray()
                yield samples


def _format(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.rate


def _frames(container: Any) -> Iterator[Any]:
    """The frames of the first audio stream. A packet that cannot be decoded, as at a seam, is left out."""
    for packet in container.demux(container.streams.audio[0]):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from packet.decode()


def _with_channels(block: Samples, count: int) -> Samples:
    """The block with so many channels: a change mixes them down, or repeats the mixture."""
    return block if len(block) == count else np.repeat(block.mean(axis=0, keepdims=True), count, axis=0)
