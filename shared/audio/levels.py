"""How loud a recording is: its samples are decoded block by block, so that memory stays flat.

libsndfile decodes WAV, FLAC, Ogg and MP3; Opus packets of WebM are decoded as Ogg. Nothing here decodes AAC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from shared.audio import remux
from shared.audio.source import Contents, Source
from shared.records.visits.audio import Codec, Container
from shared.records.visits.audio_quality import Levels

LONGEST_MEASURED = 2 * 3600
"""Seconds from the beginning; a minute of audio takes a tenth of a second or less."""
_WINDOWS_A_SECOND = 10
_LARGEST_BLOCK = 48_000
"""Samples of each channel that are decoded at a time."""
_CLIPPED = 0.999
"""Amplitude of a sample at the end of the scale, which is 1."""
_SILENCE = 10 ** (-55 / 20)
"""Amplitude (root mean square) below which a window is silent: a quiet room is at about -50 dBFS or above."""
_FLOOR = 1e-5
"""-100 dBFS: digital silence has no level."""


@dataclass
class _Sums:
    """What is kept of the samples."""

    rate: int
    samples: int = 0
    peak: float = 0.0
    clipped: int = 0
    values: int = 0
    windows: list[float] = field(default_factory=list)
    """The level of the loudest channel in each tenth of a second."""

    def add(self, block: Any) -> None:
        """Add one second or less, as an array of samples and channels."""
        import numpy as np

        size = max(1, self.rate // _WINDOWS_A_SECOND)
        block = np.nan_to_num(block)  # damaged packets may decode to no numbers
        loud = np.abs(block)
        self.samples += len(block)
        self.values += loud.size
        self.peak = max(self.peak, float(loud.max(initial=0)))
        self.clipped += int((loud >= _CLIPPED).sum())
        whole = block[: len(block) // size * size]
        powers = np.square(whole, dtype=np.float64).reshape(-1, size, block.shape[1]).mean(axis=1)
        self.windows += np.sqrt(powers.max(axis=1)).tolist()


def measure(source: Source, contents: Contents) -> Levels | None:
    """The levels of the first two hours; None for what cannot be decoded here."""
    if contents.container == Container.MP4:
        return None
    sums = _Sums(contents.sample_rate)
    for rate, block in _blocks(source, contents):
        sums.rate = rate
        sums.add(block)
        if sums.samples >= LONGEST_MEASURED * rate:
            break
    return _levels(sums) if sums.samples else None


def _levels(sums: _Sums) -> Levels:
    seconds = sums.samples / sums.rate
    if not sums.windows:
        return Levels(seconds=seconds, peak=sums.peak)
    ranked = sorted(sums.windows)
    silent = sum(level < _SILENCE for level in ranked)
    return Levels(
        seconds=seconds,
        peak=sums.peak,
        noise=max(_FLOOR, ranked[len(ranked) // 10]),
        voice=max(_FLOOR, ranked[len(ranked) * 19 // 20]),
        clipped_share=sums.clipped / sums.values,
        silence_share=silent / len(ranked),
    )


def _blocks(source: Source, contents: Contents) -> Iterator[tuple[int, Any]]:
    if contents.container == Container.WEBM:
        if contents.codec == Codec.OPUS:
            for part in remux.opus_parts(source, contents.channels):
                yield from _decoded(part)
        return
    yield from _decoded(source.file)


def _decoded(file: Any) -> Iterator[tuple[int, Any]]:
    """Blocks of a second with their rate, up to the first that cannot be decoded."""
    import soundfile

    read = _Readable(file)
    try:
        with soundfile.SoundFile(cast(BinaryIO, read)) as decoder:
            size = min(decoder.samplerate, _LARGEST_BLOCK) // _WINDOWS_A_SECOND * _WINDOWS_A_SECOND
            for block in decoder.blocks(size or 1, dtype="float32", always_2d=True):
                yield decoder.samplerate, block
    except soundfile.SoundFileError:
        pass
    if read.error is not None:
        raise read.error


class _Readable:
    """A file for libsndfile, whose callbacks cannot raise: the error of a read is kept instead."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: OSError | None = None
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._file.read(size))
        except OSError as error:
            self.error = error
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())
