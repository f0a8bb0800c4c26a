"""Ogg: pages of one stream, or of streams one after the other, as a recorder writes that was paused (RFC 3533)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = b"OggS"
_NO_GRANULE = (1 << 64) - 1
_BEGIN, _END = 2, 4
"""Flags of the first and the last page of a stream."""
_LARGEST_PAGE = 65_307
_OPUS_RATE = 48_000
"""The unit of the positions in Opus (RFC 7845, section 4)."""


@dataclass(frozen=True)
class _Page:
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
    last: int = 0
    ended: bool = False

    @property
    def seconds(self) -> float:
        return max(0, self.last - self.skipped) / self.unit


def read(source: Source) -> Contents:
    """The contents of an Ogg file; the length is that of all streams together. Raises AudioRefused."""
    streams: list[_Stream] = []
    current: dict[int, _Stream] = {}
    whole = True
    for page in _pages(source):
        if page.flags & _BEGIN:
            found = _stream(source.at(page.begin, min(page.length, 64)))
            current.pop(page.serial, None)
            if found:
                current[page.serial] = found
                streams.append(found)
        link = current.get(page.serial)
        whole = page.begin + page.length <= source.size
        if link and whole:
            link.last = page.granule if page.granule != _NO_GRANULE else link.last
            link.ended = bool(page.flags & _END)
    return _contents(streams, whole=whole)


def _contents(streams: list[_Stream], *, whole: bool) -> Contents:
    if not streams:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    first = streams[0]
    seconds = sum(link.seconds for link in streams)
    cut_off = not whole or not streams[-1].ended
    return Contents(Container.OGG, first.codec, first.channels, first.rate, seconds, cut_off)


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
        yield _Page(head[5], granule, serial, begin, length)
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
