"""WAV (RIFF, RF64): a header and samples of a fixed size."""

from __future__ import annotations

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = (b"RIFF", b"RF64")
_MOST_CHUNKS = 1_000
_EXTENSIBLE = 0xFFFE
_CODECS = {1: Codec.OTHER_PCM, 3: Codec.OTHER_PCM, 6: Codec.ALAW, 7: Codec.MULAW}
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""Sizes of the samples that a recorder writes before it knows them."""


def read(source: Source) -> Contents:
    """The contents of a WAV file. Raises AudioRefused."""
    form, data = _chunks(source)
    if len(form) < 16:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return _contents(form, data, source.size)


def samples_of(source: Source) -> tuple[int, int]:
    """Where the samples that are there begin and end."""
    _, data = _chunks(source)
    return _there(data, source.size)


def _chunks(source: Source) -> tuple[bytes, tuple[int, int] | None]:
    """The format, and where the samples begin with their size, as the header states it."""
    form, data = b"", None
    offset, long_size = 12, None
    for _ in range(_MOST_CHUNKS):
        head = source.at(offset, 8)
        if len(head) < 8 or data is not None:
            break
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"fmt ":
            form = source.at(offset + 8, min(size, 40))
        elif name == b"ds64":
            long_size = int.from_bytes(source.at(offset + 16, 8), "little")
        elif name == b"data":
            data = (offset + 8, long_size if long_size and size == 0xFFFFFFFF else size)
        offset += 8 + size + size % 2
    return form, data


def _there(data: tuple[int, int] | None, size: int) -> tuple[int, int]:
    begin, stated = data or (size, 0)
    there = max(0, size - begin)
    return begin, begin + (there if stated in _UNKNOWN_SIZES else min(there, stated))


def _contents(form: bytes, data: tuple[int, int] | None, size: int) -> Contents:
    begin, end = _there(data, size)
    stated = data[1] if data else 0
    bytes_a_second = int.from_bytes(form[8:12], "little")
    block = int.from_bytes(form[12:14], "little")
    if not bytes_a_second or not block:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return Contents(
        Container.WAV,
        _codec(form),
        channels=int.from_bytes(form[2:4], "little"),
        sample_rate=int.from_bytes(form[4:8], "little"),
        seconds=(end - begin) // block * block / bytes_a_second,
        cut_off=stated not in _UNKNOWN_SIZES and stated > max(0, size - begin),
    )


def _codec(form: bytes) -> Codec:
    tag = int.from_bytes(form[:2], "little")
    if tag == _EXTENSIBLE and len(form) >= 26:
        tag = int.from_bytes(form[24:26], "little")
    bits = int.from_bytes(form[14:16], "little")
    return Codec.PCM if (tag, bits) == (1, 16) else _CODECS.get(tag, Codec.OTHER)
