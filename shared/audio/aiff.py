"""AIFF and AIFF-C: big-endian chunks of a header and samples of a fixed size (Apple, AIFF-C of 1991)."""

from __future__ import annotations

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = b"FORM"
_TYPES = (b"AIFF", b"AIFC")
_MOST_CHUNKS = 1_000
_CODECS = {
    **dict.fromkeys((b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32"), Codec.OTHER_PCM),
    **dict.fromkeys((b"fl32", b"FL32", b"fl64", b"FL64"), Codec.OTHER_PCM),
    **dict.fromkeys((b"alaw", b"ALAW"), Codec.ALAW),
    **dict.fromkeys((b"ulaw", b"ULAW"), Codec.MULAW),
}
_BITS = {b"in24": 24, b"in32": 32, b"fl32": 32, b"FL32": 32, b"fl64": 64, b"FL64": 64}
_OF_16_BITS = (b"NONE", b"twos", b"sowt")
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""Sizes of the samples that a recorder writes before it knows them."""
_SAMPLES_BEGIN = 8
"""Bytes of a chunk of samples before the first one."""


def read(source: Source) -> Contents:
    """The contents of an AIFF file. Raises AudioRefused."""
    form, data = b"", None
    offset = 12
    if source.at(8, 4) not in _TYPES:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    for _ in range(_MOST_CHUNKS):
        head = source.at(offset, 8)
        if len(head) < 8:
            break
        name, size = head[:4], int.from_bytes(head[4:], "big")
        if name == b"COMM":
            form = source.at(offset + 8, min(size, 22))
        elif name == b"SSND" and data is None:
            data = (offset + 8, size)
        offset += 8 + size + size % 2
    if len(form) < 18:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return _contents(form, data, source.size)


def _contents(form: bytes, data: tuple[int, int] | None, size: int) -> Contents:
    begin, stated = data or (size, 0)
    there = max(0, size - begin - _SAMPLES_BEGIN)
    audio = there if stated in _UNKNOWN_SIZES else min(there, max(0, stated - _SAMPLES_BEGIN))
    compression = form[18:22] if len(form) == 22 else b"NONE"
    channels, bits = int.from_bytes(form[:2], "big"), int.from_bytes(form[6:8], "big")
    codec = _CODECS.get(compression, Codec.OTHER)
    rate = _rate(form[8:18])
    block = channels * (1 if codec in (Codec.ALAW, Codec.MULAW) else (_BITS.get(compression, bits) + 7) // 8)
    if not block or not rate:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return Contents(
        Container.AIFF,
        Codec.PCM if bits == 16 and compression in _OF_16_BITS else codec,
        channels,
        rate,
        seconds=audio // block / rate,
        cut_off=stated not in _UNKNOWN_SIZES and stated - _SAMPLES_BEGIN > there,
    )


def _rate(extended: bytes) -> int:
    """Samples per second, from a floating-point number of 80 bits; 0 if there is none."""
    exponent, mantissa = int.from_bytes(extended[:2], "big"), int.from_bytes(extended[2:], "big")
    shift = 16_383 + 63 - exponent
    return mantissa >> shift if 0 <= shift < 64 else 0
