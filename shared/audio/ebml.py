"""EBML: elements of an id, a size and content (RFC 8794)."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from shared.audio.source import Source

_MOST_ELEMENTS = 5_000_000
"""In one file: a day of packets of 20 ms has 4.3 million."""
_LONGEST_HEAD = 12
"""Bytes of an id and a size."""


@dataclass(frozen=True)
class Element:
    id: int
    begin: int
    """Where the content begins."""
    length: int
    """Bytes of the content; 0 if the size is not known."""
    end: int | None
    """None if the size is not known: the content ends with the next element of its level."""

    def content(self, source: Source, most: int) -> bytes:
        """The content, cut to `most` bytes."""
        return source.at(self.begin, min(self.length, most))


def walk(source: Source, offset: int, masters: Collection[int]) -> Iterator[Element]:
    """All elements in the order of the file; of `masters`, the content follows."""
    for _ in range(_MOST_ELEMENTS):
        element = _element(source.at(offset, _LONGEST_HEAD), offset)
        if element is None:
            return
        yield element
        offset = element.begin if element.id in masters or element.end is None else element.end


def children(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements in the content of a master element that was read."""
    offset = 0
    while element := _element(content[offset : offset + _LONGEST_HEAD], offset):
        end = element.end if element.end is not None else len(content)
        yield element.id, content[element.begin : end]
        offset = end


def number(content: bytes) -> int:
    """An unsigned integer."""
    return int.from_bytes(content[:8], "big")


def real(content: bytes) -> float | None:
    """A floating-point number; None if it is none, or not finite."""
    form = {4: ">f", 8: ">d"}.get(len(content))
    value: float = struct.unpack(form, content)[0] if form else math.nan
    return value if math.isfinite(value) else None


def _element(head: bytes, offset: int) -> Element | None:
    """The element whose id and size are at the beginning of `head`."""
    id_length = _vint_length(head, 4)
    size_length = _vint_length(head[id_length:], 8) if id_length else 0
    if not size_length:
        return None
    found = int.from_bytes(head[:id_length], "big")
    size = int.from_bytes(head[id_length : id_length + size_length], "big") & (1 << 7 * size_length) - 1
    begin = offset + id_length + size_length
    if size == (1 << 7 * size_length) - 1:
        return Element(found, begin, 0, None)
    return Element(found, begin, size, begin + size)


def _vint_length(head: bytes, most: int) -> int:
    """Bytes of a number of variable size; 0 if there is none."""
    length = 9 - head[0].bit_length() if head else 9
    return length if length <= most and len(head) >= length else 0
