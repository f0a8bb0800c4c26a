"""The samples of a recording, decoded block by block, so that memory stays flat.

libsndfile decodes WAV, AIFF, FLAC, MP3 and the first stream of an Ogg file, so that each stream is decoded as a file of
its own; Opus packets of WebM are decoded as Ogg. Nothing here decodes AAC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, BinaryIO, cast

from shared.audio import remux
from shared.audio.remux import OpusPart
from shared.audio.source import Contents, Excerpt, Source, Stream
from shared.records.visits.audio import MOST_CHANNELS, Codec, Container

BLOCKS_A_SECOND = 10
"""A block is a whole number of tenths of a second."""
_LARGEST_BLOCK = 48_000
"""Samples of each channel that are decoded at a time."""


@dataclass(frozen=True)
class Block:
    """One second or less."""

    rate: int
    """Samples per second."""
    begin: int
    """The position of the first sample in the recording."""
    samples: Any
    """An array of samples and channels, from -1 to 1."""

    @property
    def end(self) -> int:
        return self.begin + len(self.samples)

    def mixed(self) -> Block:
        """All channels as one."""
        return replace(self, samples=self.samples.mean(axis=1, keepdims=True))


class Samples:
    """Reads stretches of a recording, one after the other: none begins before the one before it."""

    def __init__(self, source: Source, contents: Contents) -> None:
        self._source, self._contents = source, contents
        self._parts: Iterator[OpusPart] | None = None
        self._part: OpusPart | None = None

    def since(self, start_ms: int = 0) -> Iterator[Block]:
        """The blocks from a time on, up to the first that cannot be decoded; of a file without a way to seek, all."""
        if self._contents.container == Container.WEBM:
            return self._of_webm(start_ms)
        if len(self._contents.streams) > 1:
            return self._of_streams(start_ms)
        return _decoded(self._source.file, start_ms)

    def _of_streams(self, start_ms: int) -> Iterator[Block]:
        for link, following in pairwise([*self._contents.streams, None]):
            if link is not None and (following is None or following.start_ms > start_ms):
                file = Excerpt(self._source, link.begin, link.end, self._head(link))
                for block in _decoded(file, max(0, start_ms - link.start_ms), link.start_ms):
                    yield block if block.samples.shape[1] == self._contents.channels else block.mixed()

    def _head(self, link: Stream) -> bytes:
        """The first page of a stream of Opus, which is decoded at the rate of the first stream; nothing for others."""
        if self._contents.codec != Codec.OPUS:
            return b""
        lacing = self._source.at(link.begin + 26, 256)
        page = self._source.at(link.begin, 27 + lacing[0] + sum(lacing[1 : 1 + lacing[0]]))
        return remux.head_page(page, self._contents.sample_rate)

    def _of_webm(self, start_ms: int) -> Iterator[Block]:
        if self._contents.codec != Codec.OPUS:
            return
        if self._parts is None:
            self._parts = remux.opus_parts(self._source, self._contents.channels)
            self._part = next(self._parts, None)
        while self._part is not None:
            if self._part.end_ms > start_ms:
                yield from _decoded(self._part.file(), max(0, start_ms - self._part.start_ms), self._part.start_ms)
            self._part = next(self._parts, None)


def readable(contents: Contents) -> bool:
    """True if the samples can be decoded here."""
    if contents.container == Container.WEBM:
        return contents.codec == Codec.OPUS and contents.channels <= MOST_CHANNELS
    return contents.container != Container.MP4


def _decoded(file: Any, start_ms: int, offset_ms: int = 0) -> Iterator[Block]:
    """The blocks of a file whose first sample is `offset_ms` from the beginning of the recording."""
    import numpy as np
    import soundfile

    read = _Readable(file)
    try:
        with soundfile.SoundFile(cast(BinaryIO, read)) as decoder:
            rate = decoder.samplerate
            at = _at(decoder, min(start_ms * rate // 1000, decoder.frames))
            size = min(rate, _LARGEST_BLOCK) // BLOCKS_A_SECOND * BLOCKS_A_SECOND
            for block in decoder.blocks(size or 1, dtype="float32", always_2d=True):
                # Damaged packets may decode to no numbers, and floating point has no bounds.
                yield Block(rate, offset_ms * rate // 1000 + at, np.clip(np.nan_to_num(block), -1, 1))
                at += len(block)
    except soundfile.SoundFileError:
        pass
    if read.error is not None:
        raise read.error


def _at(decoder: Any, position: int) -> int:
    """Seek to a position; returns where the decoder is."""
    import soundfile

    try:
        return int(decoder.seek(position)) if position else 0
    except soundfile.SoundFileError:
        return 0


class _Readable:
    """A file for libsndfile, whose callbacks cannot raise: the error of a read is kept instead."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: Exception | None = None
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._file.read(size))
        except Exception as error:
            self.error = error
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return int(self._file.seek(offset, whence))
        except ValueError:  # before the beginning, where a damaged header leads
            return -1

    def tell(self) -> int:
        return int(self._file.tell())
