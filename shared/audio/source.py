"""The bytes of a recording, read by ranges, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.records.visits.audio import RECOGNISED, AudioProblem, Codec, Container

_MOST_CHANNELS = 32
HIGHEST_RATE = 768_000
"""Samples per second; a header with more of either is damaged."""


class AudioRefused(Exception):
    """The content has no speech that can be recognised; `problem` is the reason."""

    def __init__(self, problem: AudioProblem, *, cut_off: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cut_off = cut_off


@dataclass(frozen=True)
class Stream:
    """A part of a file that is a file by itself."""

    begin: int
    end: int
    """Positions of its bytes."""
    start_ms: int
    """The time at which it begins in the recording."""


@dataclass(frozen=True)
class Contents:
    """The one audio track of a file."""

    container: Container
    codec: Codec
    channels: int
    sample_rate: int
    """Samples per second, as the header states."""
    seconds: float | None
    """Length of the audio that is there, from packets or tables; None if only decoding tells."""
    cut_off: bool = False
    """True if the file states or needs more than it has."""
    streams: Sequence[Stream] = ()
    """The streams of an Ogg file that follow each other; empty: it has one."""

    @property
    def recognised(self) -> bool:
        """True if Speech-to-Text decodes it by itself. Of several streams, a decoder may hear the first alone."""
        return len(self.streams) <= 1 and (self.container, self.codec) in RECOGNISED

    def __post_init__(self) -> None:
        if not (0 < self.channels <= _MOST_CHANNELS and 0 < self.sample_rate <= HIGHEST_RATE):
            raise AudioRefused(AudioProblem.NOT_READABLE)


class Source:
    """A seekable file of known size. No read is longer than its caller asks for."""

    def __init__(self, file: BinaryIO | Any, size: int) -> None:
        self.file = file
        self.size = size

    def at(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`; fewer at the end of the file."""
        if not 0 <= offset < self.size or length <= 0:
            return b""
        self.file.seek(offset)
        return bytes(self.file.read(min(length, self.size - offset)))


class Excerpt:
    """A stretch of a source, as a file of its own, with another beginning of the same length."""

    def __init__(self, source: Source, begin: int, end: int, head: bytes = b"") -> None:
        self._source, self._begin, self._end, self._head = source, begin, end, head
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        at, left = self._position, self._end - self._begin - self._position
        content = self._source.at(self._begin + at, left if size < 0 else min(size, left))
        changed = self._head[at : at + len(content)]
        self._position += len(content)
        return changed + content[len(changed) :]

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = max(0, offset + {0: 0, 1: self._position, 2: self._end - self._begin}[whence])
        return self._position

    def tell(self) -> int:
        return self._position
