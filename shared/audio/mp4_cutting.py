"""Parts of an MP4 file, cut between packets without decoding: small MP4 files with one track (ISO 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from shared.audio.mp4_frames import Frame, Track, frames, track_of
from shared.audio.sink import Sink
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import AudioProblem
from shared.records.visits.audio_parts import AudioPart

_RANGE = 1 << 20
"""Bytes that are copied at a time."""
_LARGEST = 0xFFFFFFFF - _RANGE
"""Bytes, and ticks, of a part."""
_MOST_A_SECOND = 200
"""Packets; see `mp4_frames`."""
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def write(source: Source, parts: Sequence[AudioPart], open_sink: Callable[[AudioPart], Sink]) -> None:
    """Write the parts, which are sorted. Raises AudioRefused for a part without packets."""
    track = track_of(source)
    for part, found in _by_part(source, track, parts):
        sink = open_sink(part)
        try:
            sink.write(_head(track, found))
            for begin, end in _ranges(found):
                for at in range(begin, end, _RANGE):
                    sink.write(source.at(at, min(_RANGE, end - at)))
        except BaseException:
            sink.abort()
            raise
        sink.close()


def _by_part(source: Source, track: Track, parts: Sequence[AudioPart]) -> Iterator[tuple[AudioPart, Sequence[Frame]]]:
    """The packets of each part, which is complete when the first packet behind it comes."""
    waiting = [(part, list[Frame]()) for part in parts]
    for frame in frames(source, track):
        while waiting and frame.start * 1000 >= waiting[0][0].end_ms * track.timescale:
            yield _complete(*waiting.pop(0))
        for part, found in waiting:
            if (frame.start + frame.ticks) * 1000 <= part.start_ms * track.timescale:
                break
            found.append(frame)
            _require_plausible(part, found)
    for part, found in waiting:
        yield _complete(part, found)


def _require_plausible(part: AudioPart, found: Sequence[Frame]) -> None:
    """Raises AudioRefused for more packets than a part can have: damaged tables may name a packet many times."""
    if len(found) > _MOST_A_SECOND * ((part.end_ms - part.start_ms) // 1000 + 2):
        raise AudioRefused(AudioProblem.NOT_READABLE)


def _complete(part: AudioPart, found: Sequence[Frame]) -> tuple[AudioPart, Sequence[Frame]]:
    if not found or sum(frame.length for frame in found) > _LARGEST or sum(frame.ticks for frame in found) > _LARGEST:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return part, found


def _ranges(found: Sequence[Frame]) -> Iterator[tuple[int, int]]:
    """Where the packets are, neighbours together."""
    begin = end = found[0].begin
    for frame in found:
        if frame.begin != end:
            yield begin, end
            begin = frame.begin
        end = frame.begin + frame.length
    yield begin, end


def _head(track: Track, found: Sequence[Frame]) -> bytes:
    """The file up to its first packet."""
    start = _box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom")
    size = sum(frame.length for frame in found)
    length = len(start) + len(_movie(track, found, 0)) + 8
    return start + _movie(track, found, length) + struct.pack(">I4s", 8 + size, b"mdat")


def _movie(track: Track, found: Sequence[Frame], offset: int) -> bytes:
    """The `moov` box of packets that begin at `offset`."""
    ticks = sum(frame.ticks for frame in found)
    times = struct.pack(">IIII", 0, 0, track.timescale, ticks)
    movie = bytes(4) + times + struct.pack(">IH10x", 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    header = struct.pack(">IIIIII8xHHHxx", 7, 0, 0, 1, 0, ticks, 0, 0, 0x100) + _MATRIX + bytes(8)
    media = _box(
        b"mdia",
        _box(b"mdhd", bytes(4), times, struct.pack(">HH", 0x55C4, 0)),
        _box(b"hdlr", bytes(8), b"soun", bytes(12), b"sound\0"),
        _box(
            b"minf",
            _box(b"smhd", bytes(8)),
            _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", struct.pack(">I", 1)))),
            _table(track, found, offset),
        ),
    )
    return _box(b"moov", _box(b"mvhd", movie), _box(b"trak", _box(b"tkhd", header), media))


def _table(track: Track, found: Sequence[Frame], offset: int) -> bytes:
    """All packets in one chunk."""
    durations = [(len(list(run)), ticks) for ticks, run in groupby(frame.ticks for frame in found)]
    sizes = struct.pack(f">{len(found)}I", *(frame.length for frame in found))
    return _box(
        b"stbl",
        _box(b"stsd", track.description),
        _box(b"stts", struct.pack(">II", 0, len(durations)), *(struct.pack(">II", *one) for one in durations)),
        _box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(found), 1)),
        _box(b"stsz", struct.pack(">III", 0, 0, len(found)), sizes),
        _box(b"stco", struct.pack(">III", 0, 1, offset)),
    )


def _box(name: bytes, *content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, content)), name) + b"".join(content)
