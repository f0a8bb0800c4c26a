"""MP3 (MPEG audio, layers I to III): frames whose headers state their length (ISO 11172-3, 13818-3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

_BLOCK = 1 << 16
_PROOF = 3
"""Frames one after the other at the beginning that make a file an MP3: two bytes of anything look like a header."""
_VERSIONS = {0: 3, 2: 2, 3: 1}
"""MPEG 2.5, 2 and 1, by the bits of the header."""
_RATES = {1: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 3: (11_025, 12_000, 8_000)}
_MONO = 3
_BITRATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second, by version (2 stands for 2.5 too) and layer."""


@dataclass(frozen=True)
class _Frame:
    length: int
    samples: int
    rate: int
    channels: int


def read(source: Source) -> Contents:
    """The contents of an MP3 file; frames of another rate count by their own. Raises AudioRefused."""
    begin = _tag_length(source.at(0, 10))
    first = _first_frame(source, begin)
    if first is None:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    begin, frame = first
    stated = _stated_frames(source.at(begin, frame.length))
    count, seconds, end = 0, 0.0, begin + (frame.length if stated is not None else 0)
    for found in _frames(source, end):
        end += found.length
        if end <= source.size:
            count, seconds = count + 1, seconds + found.samples / found.rate
    cut_off = end > source.size or bool(stated and count < 0.98 * stated)
    return Contents(Container.MP3, Codec.MP3, frame.channels, frame.rate, seconds, cut_off)


def is_mp3(source: Source) -> bool:
    return _first_frame(source, _tag_length(source.at(0, 10))) is not None


def _tag_length(head: bytes) -> int:
    """Bytes of the ID3v2 tag that begins here; 0 if there is none."""
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def _first_frame(source: Source, begin: int) -> tuple[int, _Frame] | None:
    head = source.at(begin, 4)
    frame, offset = _frame(head), begin
    for _ in range(_PROOF - 1):
        if frame is None:
            return None
        offset += frame.length
        following = source.at(offset, 4)
        if not following:  # a file of one or two frames
            break
        frame = _frame(following)
    known = _frame(head)
    return (begin, known) if frame and known else None


def _frames(source: Source, begin: int) -> Iterator[_Frame]:
    """The frames, read by blocks, up to bytes that no frame follows, such as a tag at the end."""
    offset, block, base = begin, b"", begin
    while True:
        if offset + 4 > base + len(block):
            base, block = offset, source.at(offset, _BLOCK)
        frame = _frame(block[offset - base : offset - base + 4])
        if frame is not None:
            yield frame
            offset += frame.length
        elif (following := _next_frame(source, offset)) is not None:
            offset = following
        else:
            return


def _next_frame(source: Source, offset: int) -> int | None:
    """The next frame after a tag or damaged bytes, if it is near: two frames one after the other."""
    tag = _tag_length(source.at(offset, 10))
    if tag:
        return offset + tag
    block = source.at(offset, _BLOCK)
    at = block.find(b"\xff", 1)
    while at >= 0:
        frame = _frame(block[at : at + 4])
        if frame and _frame(block[at + frame.length : at + frame.length + 4]):
            return offset + at
        at = block.find(b"\xff", at + 1)
    return None


def _frame(head: bytes) -> _Frame | None:
    """The frame that begins with these four bytes."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = _VERSIONS.get(head[1] >> 3 & 3), 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version is None or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    hertz = _RATES[version][rate]
    bits = _BITRATES[min(version, 2), layer][bitrate - 1] * 1000
    samples = 384 if layer == 1 else 1152 if layer == 2 or version == 1 else 576
    unit, padding = (4, head[2] >> 1 & 1) if layer == 1 else (1, head[2] >> 1 & 1)
    length = (samples // 8 * bits // hertz // unit + padding) * unit
    return _Frame(length, samples, hertz, 1 if head[3] >> 6 == _MONO else 2)


def _stated_frames(frame: bytes) -> int | None:
    """The number of frames in a first frame that holds it instead of audio (Xing, Info); 0 if it does not say."""
    for name in (b"Xing", b"Info"):
        at = frame.find(name, 4, 64)
        if at >= 0:
            flags = int.from_bytes(frame[at + 4 : at + 8], "big")
            return int.from_bytes(frame[at + 8 : at + 12], "big") if flags & 1 else 0
    return None
