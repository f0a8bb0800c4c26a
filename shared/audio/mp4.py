"""MP4 and M4A: boxes; tables state where the samples are and how long they last (ISO 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

_LARGEST_TABLES = 32 << 20
"""Bytes of the tables of a file; those of 8 hours of AAC have 6 MiB."""
_MOST_BOXES = 200_000
_AUDIO_OBJECTS = {0x40: Codec.AAC, 0x66: Codec.AAC, 0x67: Codec.AAC, 0x69: Codec.MP3, 0x6B: Codec.MP3}
"""The object type of an `mp4a` entry (ISO 14496-1, section 7.2.6.6)."""
_CODECS = {b"Opus": Codec.OPUS, b"fLaC": Codec.FLAC}
_TFHD_DURATION = 0x08
_TFHD_SKIPPED = {0x01: 8, 0x02: 4}
"""Bytes of the fields before the default duration, by their flag."""
_TRUN_FIELDS = {0x100: 4, 0x200: 4, 0x400: 4, 0x800: 4}
_TRUN_HEAD = {0x01: 4, 0x04: 4}


@dataclass(frozen=True)
class _Track:
    codec: Codec
    channels: int
    rate: int
    timescale: int
    ticks: int
    last_chunk: int
    """Where the last chunk of samples begins."""


def is_mp4(source: Source) -> bool:
    return source.at(4, 4) in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def read(source: Source) -> Contents:
    """The contents of an MP4 file, also of a fragmented one. Raises AudioRefused."""
    track, fragments, cut_off = None, 0, False
    for name, begin, end in boxes(source):
        cut_off = cut_off or end > source.size
        if name == b"moov":
            track = track or _track(content_of(source, begin, end))
        elif name == b"moof" and track:
            fragments += _fragment_ticks(content_of(source, begin, end))
    if track is None:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=cut_off)
    seconds = (track.ticks + fragments) / track.timescale
    cut_off = cut_off or track.last_chunk >= source.size
    return Contents(Container.MP4, track.codec, track.channels, track.rate, seconds, cut_off)


def boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    """The outermost boxes: name, and bounds of the content."""
    offset = 0
    for _ in range(_MOST_BOXES):
        head = source.at(offset, 16)
        if len(head) < 8:
            return
        begin, end = _bounds(head, offset, source.size)
        if end < begin:
            return
        yield head[4:8], begin, end
        offset = end


def _bounds(head: bytes, offset: int, size: int) -> tuple[int, int]:
    length = int.from_bytes(head[:4], "big")
    if length == 1 and len(head) >= 16:
        return offset + 16, offset + int.from_bytes(head[8:16], "big")
    return offset + 8, size if length == 0 else offset + length


def content_of(source: Source, begin: int, end: int) -> bytes:
    """The content of a box of tables. Raises AudioRefused for one that is too large."""
    if end - begin > _LARGEST_TABLES:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return source.at(begin, end - begin)


def within(content: bytes, *path: bytes) -> Iterator[bytes]:
    """The contents of the boxes at this path."""
    offset = 0
    while offset + 8 <= len(content):
        begin, end = _bounds(content[offset : offset + 16], offset, len(content))
        if end < begin:
            return
        if content[offset + 4 : offset + 8] == path[0]:
            inner = content[begin:end]
            yield from within(inner, *path[1:]) if path[1:] else [inner]
        offset = end


def first_of(content: bytes, *path: bytes) -> bytes:
    """The content of the first box at this path; empty without one."""
    return next(within(content, *path), b"")


def _track(moov: bytes) -> _Track | None:
    """The first audio track. Raises AudioRefused for an encrypted one."""
    for media in within(moov, b"trak", b"mdia"):
        if first_of(media, b"hdlr")[8:12] == b"soun":
            return _audio_track(media)
    return None


def _audio_track(media: bytes) -> _Track:
    table = first_of(media, b"minf", b"stbl")
    entry = first_of(table, b"stsd")[8:]
    head = first_of(media, b"mdhd")
    at = 20 if head[:1] == b"\1" else 12
    codec = _codec(entry)
    return _Track(
        codec,
        channels=int.from_bytes(entry[24:26], "big"),
        rate=int.from_bytes(entry[32:34], "big"),
        timescale=max(1, int.from_bytes(head[at : at + 4], "big")),
        ticks=sum(count * delta for count, delta in pairs(first_of(table, b"stts"))),
        last_chunk=_last_chunk(table),
    )


def _codec(entry: bytes) -> Codec:
    """The codec of the first sample entry."""
    name = entry[4:8]
    if name == b"enca":
        raise AudioRefused(AudioProblem.ENCRYPTED)
    if name != b"mp4a":
        return _CODECS.get(name, Codec.OTHER)
    # The decoder's configuration: tag 4, its length in 1 or 4 bytes, the object type.
    description = entry[entry.find(b"esds") + 4 :] if b"esds" in entry else b""
    at = description.find(b"\x04", 4)
    kind = description[at + 1 :].lstrip(b"\x80")[1:2] if at >= 0 else b""
    return _AUDIO_OBJECTS.get(kind[0], Codec.OTHER) if kind else Codec.AAC


def pairs(box: bytes) -> Iterator[tuple[int, int]]:
    """The entries of a table of two numbers, such as `stts`."""
    count = int.from_bytes(box[4:8], "big")
    for at in range(8, min(len(box), 8 + 8 * count) - 7, 8):
        yield int.from_bytes(box[at : at + 4], "big"), int.from_bytes(box[at + 4 : at + 8], "big")


def _last_chunk(table: bytes) -> int:
    for name, width in ((b"stco", 4), (b"co64", 8)):
        box = first_of(table, name)
        if len(box) >= 8 + width:
            return int.from_bytes(box[8 + (len(box) - 8) // width * width - width :][:width], "big")
    return 0


def _fragment_ticks(moof: bytes) -> int:
    """The length of a fragment; it has one track, as recorders write it."""
    ticks = 0
    for traf in within(moof, b"traf"):
        head = first_of(traf, b"tfhd")
        flags = int.from_bytes(head[1:4], "big")
        at = 8 + sum(size for flag, size in _TFHD_SKIPPED.items() if flags & flag)
        default = int.from_bytes(head[at : at + 4], "big") if flags & _TFHD_DURATION else 0
        ticks += sum(_run_ticks(run, default) for run in within(traf, b"trun"))
    return ticks


def _run_ticks(run: bytes, default: int) -> int:
    flags, count = int.from_bytes(run[1:4], "big"), int.from_bytes(run[4:8], "big")
    if not flags & 0x100:
        return min(count, len(run) + 1_000_000) * default
    begin = 8 + sum(size for flag, size in _TRUN_HEAD.items() if flags & flag)
    step = sum(size for flag, size in _TRUN_FIELDS.items() if flags & flag)
    samples = range(begin, min(len(run), begin + step * count) - 3, step)
    return sum(int.from_bytes(run[at : at + 4], "big") for at in samples)
