"""Ogg: pages of one stream, or of streams one after the other, as a recorder writes that was paused (RFC 3533)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from shared.audio.source import AudioRefused, Contents, Source, Stream
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = b"OggS"
_NO_GRANULE = (1 << 64) - 1
_BEGIN, _END = 2, 4
"""Flags of the first and the last page of a stream."""
_LARGEST_PAGE = 65_307
_MOST_STREAMS = 1_000
"""One after the other: pauses of a recorder."""
_OPUS_RATE = 48_000
"""The unit of the positions in Opus (RFC 7845, section 4)."""


@dataclass(frozen=True)
class _Page:
    at: int
    flags: int
    granule: int
    serial: int
    begin: int
    length: int


@dataclass
class _Stream:
    codec: Codec
    channels: int
    rate: int
    unit: int
    """Positions a second."""
    skipped: int = 0
    """Positions before the first sample."""
    begin: int = 0
    """Where its first page begins."""
    last: int = 0
    ended: bool = False

    @property
    def seconds(self) -> float:
        return max(0, self.last - self.skipped) / self.unit


def read(source: Source) -> Contents:
    """The contents of an Ogg file; the length is that of all streams together.

    Streams of other numbers of channels are one channel together. Raises AudioRefused, also for streams beside each
    other, and for those whose codecs, or rates of another codec than Opus, differ.
    """
    streams: list[_Stream] = []
    current: dict[int, _Stream] = {}
    whole = True
    for page in _pages(source):
        if page.flags & _BEGIN:
            found = _stream(source.at(page.begin, min(page.length, 64)))
            current.pop(page.serial, None)
            if found:
                streams.append(replace(found, begin=page.at))
                current[page.serial] = streams[-1]
                if len(streams) > _MOST_STREAMS:
                    raise AudioRefused(AudioProblem.UNSUPPORTED)
        link = current.get(page.serial)
        if link and link is not streams[-1]:
            raise AudioRefused(AudioProblem.UNSUPPORTED)
        whole = page.begin + page.length <= source.size
        if link and whole:
            link.last = page.granule if page.granule != _NO_GRANULE else link.last
            link.ended = bool(page.flags & _END)
    return _contents(streams, source.size, whole=whole)


def _contents(found: list[_Stream], size: int, *, whole: bool) -> Contents:
    if not found:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    first, form = found[0], _form(found[0])
    if any(_form(one) != form for one in found):
        raise AudioRefused(AudioProblem.UNSUPPORTED)
    ends = [one.begin for one in found[1:]] + [size]
    starts = accumulate((one.seconds for one in found), initial=0.0)
    streams = [
        Stream(one.begin, end, round(1000 * start)) for one, end, start in zip(found, ends, starts, strict=False)
    ]
    cut_off = not whole or not found[-1].ended
    seconds = sum(one.seconds for one in found)
    channels = first.channels if all(one.channels == first.channels for one in found) else 1
    return Contents(Container.OGG, first.codec, channels, first.rate, seconds, cut_off, streams)


def _form(link: _Stream) -> tuple[Codec, int]:
    """What streams of one recording share. Opus is decoded at any rate."""
    return link.codec, link.unit


def _pages(source: Source) -> Iterator[_Page]:
    offset = 0
    while offset < source.size:
        head = source.at(offset, 27 + 255)
        if len(head) < 27 or head[:4] != MAGIC:
            found = _next_page(source, offset)
            if found is None:
                return
            offset = found
            continue
        begin = offset + 27 + head[26]
        length = sum(head[27 : 27 + head[26]])
        granule, serial = int.from_bytes(head[6:14], "little"), int.from_bytes(head[14:18], "little")
        yield _Page(offset, head[5], granule, serial, begin, length)
        offset = begin + length


def _next_page(source: Source, offset: int) -> int | None:
    """The next page after damaged bytes, if it is near."""
    found = source.at(offset + 1, 2 * _LARGEST_PAGE).find(MAGIC)
    return None if found < 0 else offset + 1 + found


def _stream(packet: bytes) -> _Stream | None:
    """The stream that a first packet introduces; None if it is no audio."""
    if packet.startswith(b"OpusHead") and len(packet) >= 19:
        skipped = int.from_bytes(packet[10:12], "little")
        rate = int.from_bytes(packet[12:16], "little") or _OPUS_RATE
        return _Stream(Codec.OPUS, packet[9], rate, _OPUS_RATE, skipped)
    if packet.startswith(b"\x01vorbis") and len(packet) >= 30:
        rate = int.from_bytes(packet[12:16], "little")
        return _Stream(Codec.VORBIS, packet[11], rate, max(1, rate))
    if packet.startswith(b"\x7fFLAC") and len(packet) >= 35:
        packed = int.from_bytes(packet[27:35], "big")
        return _Stream(Codec.FLAC, (packed >> 41 & 7) + 1, packed >> 44, max(1, packed >> 44))
    return None
