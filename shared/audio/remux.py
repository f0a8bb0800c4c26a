"""Opus packets of a WebM file as Ogg files of a minute, for a decoder that opens no WebM (RFC 7845, RFC 3533)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from shared.audio import opus, webm
from shared.audio.source import Source

_PART = 60_000_000_000
"""Nanoseconds."""
_LARGEST_PACKET = 61_440
"""Bytes of a packet that fits in one page; Opus packets have at most 1,275 bytes a frame."""
_MOST_PACKETS = 24_000
"""In one part: a minute of the shortest packets."""
_SKIP = slice(10, 12)
"""The bytes of an Opus header that say how many samples to skip."""
_MAPPING = 21
"""Bytes before the channels' places."""
_POLYNOMIAL = 0x04C11DB7


@dataclass(frozen=True)
class OpusPart:
    """A minute of the audio track."""

    packets: Sequence[bytes]
    head: bytes
    """The first packet of an Ogg file."""
    begin: int
    end: int
    """Nanoseconds from the beginning of the track."""

    @property
    def start_ms(self) -> int:
        return self.begin // 1_000_000

    @property
    def end_ms(self) -> int:
        return self.end // 1_000_000

    def file(self) -> BytesIO:
        """The part as an Ogg file."""
        return _ogg(self.packets, self.head)


def opus_parts(source: Source, channels: int) -> Iterator[OpusPart]:
    """The audio track in parts, one after the other; none if it lacks the header that tells more than two channels
    apart."""
    packets: list[bytes] = []
    head: bytes | None = None
    begin = end = 0
    reading = webm.Reading(source)
    for packet in reading.packets():
        head = _head(channels, reading.track.private if reading.track else b"")
        if head is None:
            return
        if not 0 < packet.length <= _LARGEST_PACKET:
            continue
        packets.append(source.at(packet.begin, packet.length))
        end += opus.nanoseconds(packets[-1][:2])
        if end - begin >= _PART or len(packets) >= _MOST_PACKETS:
            yield OpusPart(packets, head, begin, end)
            packets, begin = [], end
    if packets and head is not None:
        yield OpusPart(packets, head, begin, end)


def _head(channels: int, private: bytes) -> bytes | None:
    """The header of a part, which skips no samples; for more than two channels, that of the track, which says where
    each channel is (RFC 7845, section 5.1.1)."""
    if channels <= 2:
        return b"OpusHead\x01" + bytes([channels]) + bytes(2) + (48_000).to_bytes(4, "little") + bytes(3)
    mapped = private.startswith(b"OpusHead") and len(private) >= _MAPPING + channels and private[9] == channels
    return private[: _SKIP.start] + bytes(2) + private[_SKIP.stop :] if mapped else None


def head_page(page: bytes, rate: int) -> bytes:
    """The first page of a stream of Opus in Ogg, with another sample rate: of what was recorded, at which libsndfile
    decodes."""
    begin = 27 + page[26]
    said = page[: begin + 12] + rate.to_bytes(4, "little") + page[begin + 16 :]
    return said[:22] + _checksum(said[:22] + bytes(4) + said[26:]).to_bytes(4, "little") + said[26:]


def _ogg(packets: Sequence[bytes], head: bytes) -> BytesIO:
    """One Ogg file, with a page for each packet."""
    file = BytesIO()
    file.write(_page(head, 0, 0, 2))
    file.write(_page(b"OpusTags" + bytes(8), 0, 1, 0))
    granule = 0
    for number, packet in enumerate(packets, start=2):
        granule += opus.nanoseconds(packet[:2]) * 48 // 1_000_000
        file.write(_page(packet, granule, number, 4 if number == len(packets) + 1 else 0))
    return file


def _page(packet: bytes, granule: int, number: int, flags: int) -> bytes:
    lacing = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    head = b"OggS\x00" + bytes([flags]) + granule.to_bytes(8, "little") + bytes(4) + number.to_bytes(4, "little")
    rest = bytes([len(lacing)]) + lacing + packet
    return head + _checksum(head + bytes(4) + rest).to_bytes(4, "little") + rest


@cache
def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (_POLYNOMIAL if value & 1 << 31 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


def _checksum(page: bytes) -> int:
    """The checksum of a page (RFC 3533, section 6): CRC-32 without reflection."""
    value, table = 0, _table()
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
