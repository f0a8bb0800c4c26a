"""Postings: which documents have which element in an indexed array.

A posting is a head (see indexes) and a document. A row packs the postings of 256 consecutive documents whose heads have
the same first byte, four bytes each. So a commit of many documents changes few rows: one index entry for each element
took eight times the writes and five times the space. A lookup reads a 256th of all postings, in one range of the table.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator

_BLOCK = 256
"""Documents of a row."""
_SIZE = 4
"""Bytes of a posting: the head without its first byte, and the document's place in the block."""

Place = tuple[int, int]
"""The key of a row: the first byte of the heads, and the block."""


def partition(head: int) -> tuple[int, bytes]:
    """The first byte of a head, and the others."""
    raw = head.to_bytes(4)
    return raw[0], raw[1:]


def documents(block: int, packed: bytes, head: bytes) -> Iterator[int]:
    """The documents that a row contains for a head, given without its first byte."""
    at = packed.find(head)
    while at >= 0:
        if at % _SIZE == 0:
            yield block * _BLOCK + packed[at + _SIZE - 1]
        at = packed.find(head, at + 1)


class PostingChanges:
    """Postings to add and to remove."""

    def __init__(self) -> None:
        self._added: defaultdict[Place, list[int]] = defaultdict(list)
        self._removed: defaultdict[Place, list[int]] = defaultdict(list)

    def note(self, document: int, removed: Iterable[int], added: Iterable[int]) -> None:
        """Change the heads of a document, at most once."""
        block, low = divmod(document, _BLOCK)
        for changes, heads in ((self._removed, removed), (self._added, added)):
            for head in heads:
                changes[head >> 24, block].append((head & 0xFFFFFF) << 8 | low)

    def places(self) -> list[Place]:
        """The rows that change, in the order of the table."""
        return sorted({*self._added, *self._removed})

    def applied(self, place: Place, packed: bytes) -> bytes:
        """The content of a row after the changes; empty if no posting is left."""
        if removed := set(self._removed.get(place, ())):
            packed = _packed([posting for (posting,) in struct.iter_unpack(">I", packed) if posting not in removed])
        return packed + _packed(self._added.get(place, []))


def _packed(postings: list[int]) -> bytes:
    return struct.pack(f">{len(postings)}I", *postings)
