"""The bytes of a recording, read by ranges, and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.records.visits.audio import RECOGNISED, AudioProblem, Codec, Container

MOST_CHANNELS = 32
HIGHEST_RATE = 768_000
"""Samples per second; a header with more is damaged."""


class AudioRefused(Exception):
    """The content has no speech that can be recognised; `problem` is the reason."""

    def __init__(self, problem: AudioProblem, *, cut_off: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cut_off = cut_off


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

    @property
    def recognised(self) -> bool:
        """True if Speech-to-Text decodes it by itself."""
        return (self.container, self.codec) in RECOGNISED

    def __post_init__(self) -> None:
        if not (0 < self.channels <= MOST_CHANNELS and 0 < self.sample_rate <= HIGHEST_RATE):
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
