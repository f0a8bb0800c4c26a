"""Ogg files of several streams one after the other, which FFmpeg does not open: they are decoded one by one."""

from __future__ import annotations

from collections.abc import Iterator

_MAGIC = b"OggS"
_BEGIN = 2
"""The flag of the first page of a stream."""


def links(audio: bytes) -> Iterator[bytes]:
    """The parts of a chained Ogg file (RFC 3533, section 4); any other file as it is."""
    begin = offset = 0
    beginning = True
    while audio.startswith(_MAGIC, offset) and len(audio) > offset + 27:
        first = bool(audio[offset + 5] & _BEGIN)
        if first and not beginning:
            yield audio[begin:offset]
            begin = offset
        beginning = first
        segments = audio[offset + 26]
        offset += 27 + segments + sum(audio[offset + 27 : offset + 27 + segments])
    yield audio[begin:]
