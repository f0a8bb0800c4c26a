"""The frames of a FLAC file, found by their headers (RFC 9639, section 9): nothing is decoded.

The sync code may appear within a frame. A header is one only if its checksum is right, and if its number is the one
that follows; the checksum of the last frame says that its end is there.
"""

from __future__ import annotations

from functools import cache

from shared.audio.source import AudioRefused
from shared.records.visits.audio import AudioProblem

_SYNC = (b"\xff\xf8", b"\xff\xf9")
"""Frames of one size, and of several."""
_LONGEST_HEADER = 16
_FIXED_SIZES = {1: 192, **{code: 144 << code for code in range(2, 6)}, **{code: 1 << code for code in range(8, 16)}}
"""Samples of each channel in a frame, by the code in its header."""


def frames_of(content: bytes) -> int:
    """The samples of each channel in all frames. Raises AudioRefused for a file that is damaged or cut off."""
    at = _audio(content)
    sync = content[at : at + 2]
    if sync not in _SYNC:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    total = count = 0
    begin = at
    while (header := _next(content, at, sync, total if sync == _SYNC[1] else count)) is not None:
        begin, size, length = header
        total, count, at = total + size, count + 1, begin + length
    if not count or _crc16(content[begin:]):
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    return total


def _audio(content: bytes) -> int:
    """Where the frames begin, after the blocks of metadata."""
    at = 4
    while at + 4 <= len(content):
        last, size = content[at] & 0x80, int.from_bytes(content[at + 1 : at + 4], "big")
        at += 4 + size
        if last:
            return at
    raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)


def _next(content: bytes, at: int, sync: bytes, number: int) -> tuple[int, int, int] | None:
    """The place, samples and length of the header of the next frame, which has this number."""
    while (at := content.find(sync, at)) >= 0:
        found = _header(content[at : at + _LONGEST_HEADER])
        if found is not None and found[0] == number:
            return at, found[1], found[2]
        at += 1
    return None


def _header(head: bytes) -> tuple[int, int, int] | None:
    """The number, samples and length of a header; None if this is none."""
    if len(head) < 6 or head[3] & 1:
        return None
    length = 4 + _coded_length(head[4])
    coded = head[4:length]
    size_code, rate_code = head[2] >> 4, head[2] & 15
    extra = {6: 1, 7: 2}.get(size_code, 0)
    size = int.from_bytes(head[length : length + extra], "big") + 1 if extra else _FIXED_SIZES.get(size_code, 0)
    length += extra + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if not size or length >= len(head) or _crc8(head[:length]) != head[length]:
        return None
    return _coded(coded), size, length + 1


def _coded_length(first: int) -> int:
    """The bytes of a number that is coded as in UTF-8, with up to seven."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return max(1, ones)


def _coded(coded: bytes) -> int:
    if len(coded) == 1:
        return coded[0]
    value = coded[0] & (0x7F >> len(coded))
    for byte in coded[1:]:
        value = value << 6 | byte & 0x3F
    return value


def _crc8(content: bytes) -> int:
    value = 0
    for byte in content:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (0x07 if value & 0x80 else 0)) & 0xFF
    return value


@cache
def _crc16_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x8005 if value & 0x8000 else 0)) & 0xFFFF
        table.append(value)
    return table


def _crc16(content: bytes) -> int:
    """The checksum of a frame; 0 for one with its own checksum at its end."""
    value, table = 0, _crc16_table()
    for byte in content:
        value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
    return value
