"""FLAC: a header with the number of samples, and frames whose bounds only decoding finds."""

from __future__ import annotations

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = b"fLaC"
_SMALLEST_FRAME = 10
"""Bytes of a frame of one constant block: frame header, subframe and checksum (RFC 9639, section 9)."""
_LARGEST_BLOCK = 65_535
"""Samples in a frame."""


def read(source: Source) -> Contents:
    """The contents of a FLAC file, with the length that the header states. Raises AudioRefused.

    A header that states more samples than the bytes can hold is cut off.
    """
    info = source.at(8, 34)
    if len(info) < 34 or source.at(4, 1)[0] & 0x7F:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    packed = int.from_bytes(info[10:18], "big")
    rate, samples = packed >> 44, packed & (1 << 36) - 1
    frames = (source.size - 42) // _SMALLEST_FRAME
    if frames <= 0:
        raise AudioRefused(AudioProblem.EMPTY)
    return Contents(
        Container.FLAC,
        Codec.FLAC,
        channels=(packed >> 41 & 7) + 1,
        sample_rate=rate,
        seconds=samples / rate if samples and rate else None,
        cut_off=samples > frames * _LARGEST_BLOCK,
    )
