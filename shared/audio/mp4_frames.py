"""Where the packets of the audio track of an MP4 file are, by its tables or its fragments (ISO 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.audio import mp4
from shared.audio.mp4 import content_of, first_of, within
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import AudioProblem

_BASE_OFFSET, _DESCRIPTION, _DURATION, _SIZE = 0x01, 0x02, 0x08, 0x10
"""Flags of a `tfhd` box, in the order of their fields."""
_DATA_OFFSET, _FIRST_FLAGS = 0x01, 0x04
_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_SHIFT = 0x100, 0x200, 0x400, 0x800
"""Flags of a `trun` box."""
_MOST_FRAMES = 6_000_000
"""200 a second for 8 hours: AAC has 94 at most, 188 with low delay. Damaged tables may state any number."""


@dataclass(frozen=True)
class Frame:
    """One packet."""

    begin: int
    length: int
    """Bytes in the file."""
    start: int
    ticks: int
    """Time and duration, in the track's time scale."""


@dataclass(frozen=True)
class Track:
    """The audio track."""

    timescale: int
    """Ticks per second."""
    description: bytes
    """The content of `stsd`: how to decode the packets."""
    table: bytes
    """The content of `stbl`."""
    duration: int
    size: int
    """Of a packet of a fragment that states none."""


def track_of(source: Source) -> Track:
    """The first audio track. Raises AudioRefused without one."""
    for name, begin, end in mp4.boxes(source):
        if name == b"moov":
            moov = content_of(source, begin, end)
            for media in within(moov, b"trak", b"mdia"):
                if first_of(media, b"hdlr")[8:12] == b"soun":
                    return _track(media, first_of(moov, b"mvex", b"trex"))
    raise AudioRefused(AudioProblem.NOT_READABLE)


def frames(source: Source, track: Track) -> Iterator[Frame]:
    """The packets that are in the file, in their order. Raises AudioRefused for more than there can be."""
    time = 0
    for number, (begin, length, ticks) in enumerate(_packets(source, track)):
        if number == _MOST_FRAMES:
            raise AudioRefused(AudioProblem.NOT_READABLE)
        if begin + length > source.size:
            return
        yield Frame(begin, length, time, ticks)
        time += ticks


def _track(media: bytes, extends: bytes) -> Track:
    table, head = first_of(media, b"minf", b"stbl"), first_of(media, b"mdhd")
    at = 20 if head[:1] == b"\1" else 12
    timescale = max(1, _number(head, at))
    return Track(timescale, first_of(table, b"stsd"), table, _number(extends, 12), _number(extends, 16))


def _packets(source: Source, track: Track) -> Iterator[tuple[int, int, int]]:
    yield from _of_table(track.table)
    start = 0
    for name, begin, end in mp4.boxes(source):
        if name == b"moof":
            for fragment in within(content_of(source, begin, end), b"traf"):
                yield from _of_fragment(fragment, track, start)
        start = end


def _of_table(table: bytes) -> Iterator[tuple[int, int, int]]:
    """Begin, length and duration of the packets of a file with tables."""
    sizes, chunks = first_of(table, b"stsz"), first_of(table, b"stsc")
    same, count = _number(sizes, 4), _number(sizes, 8)
    durations = (ticks for many, ticks in mp4.pairs(first_of(table, b"stts")) for _ in range(many))
    runs = [(_number(chunks, at), _number(chunks, at + 4)) for at in range(8, len(chunks) - 11, 12)]
    number, many = 0, 0
    for chunk, begin in enumerate(_offsets(table), start=1):
        while runs and runs[0][0] <= chunk:
            many = runs.pop(0)[1]
        offset = begin
        for _ in range(many):
            if number >= count:
                return
            length = same or _number(sizes, 12 + 4 * number)
            yield offset, length, next(durations, 0)
            offset, number = offset + length, number + 1


def _offsets(table: bytes) -> Iterator[int]:
    for name, width in ((b"stco", 4), (b"co64", 8)):
        box = first_of(table, name)
        for at in range(8, len(box) - width + 1, width):
            yield int.from_bytes(box[at : at + width], "big")


def _of_fragment(fragment: bytes, track: Track, start: int) -> Iterator[tuple[int, int, int]]:
    """The packets of a fragment, whose `moof` box is at `start`."""
    head = first_of(fragment, b"tfhd")
    flags, at = _number(head, 0) & 0xFFFFFF, 8
    base, duration, size = start, track.duration, track.size
    if flags & _BASE_OFFSET:
        base, at = int.from_bytes(head[at : at + 8], "big"), at + 8
    at += 4 if flags & _DESCRIPTION else 0
    if flags & _DURATION:
        duration, at = _number(head, at), at + 4
    if flags & _SIZE:
        size = _number(head, at)
    offset = base
    for run in within(fragment, b"trun"):
        flags, count, at = _number(run, 0) & 0xFFFFFF, _number(run, 4), 8
        if flags & _DATA_OFFSET:
            offset, at = base + int.from_bytes(run[at : at + 4], "big", signed=True), at + 4
        at += 4 if flags & _FIRST_FLAGS else 0
        for _ in range(count):
            ticks, at = (_number(run, at), at + 4) if flags & _RUN_DURATION else (duration, at)
            length, at = (_number(run, at), at + 4) if flags & _RUN_SIZE else (size, at)
            at += (4 if flags & _RUN_FLAGS else 0) + (4 if flags & _RUN_SHIFT else 0)
            if not length:
                return
            yield offset, length, ticks
            offset += length


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "big")
