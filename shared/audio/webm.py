"""WebM and Matroska: nested elements, whose blocks have times (RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.audio import opus
from shared.audio.ebml import Element, children, number, real, walk
from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

MAGIC = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER, _GROUP = 0x18538067, 0x1F43B675, 0xA0
_INFO, _TRACKS, _TIME, _SIMPLE_BLOCK, _BLOCK = 0x1549A966, 0x1654AE6B, 0xE7, 0xA3, 0xA1
_SCALE, _DURATION, _TRACK = 0x2AD7B1, 0x4489, 0xAE
_TRACK_NUMBER, _TRACK_TYPE, _CODEC, _AUDIO, _RATE, _CHANNELS = 0xD7, 0x83, 0x86, 0xE1, 0xB5, 0x9F
_ENCODINGS, _ENCODING, _ENCRYPTION = 0x6D80, 0x6240, 0x5035
_PRIVATE = 0x63A2
_AUDIO_TRACK = 2
_CODECS = {b"A_OPUS": Codec.OPUS, b"A_VORBIS": Codec.VORBIS, b"A_AAC": Codec.AAC, b"A_FLAC": Codec.FLAC}
_LARGEST_HEADER = 1 << 20
"""Bytes of the elements that describe the file and its tracks."""


@dataclass(frozen=True)
class _Track:
    number: int
    codec: Codec
    channels: int
    rate: int
    private: bytes
    """The codec's own header."""


@dataclass(frozen=True)
class Packet:
    """One packet of the audio track."""

    nanoseconds: int
    begin: int
    length: int


@dataclass
class Reading:
    """A file while it is read: `packets` fills in the rest."""

    source: Source
    scale: int = 1_000_000
    """Nanoseconds of one tick."""
    stated: float | None = None
    """The length in ticks, if the header states it."""
    track: _Track | None = None
    cut_off: bool = False
    _time: int = field(default=0)

    def packets(self) -> Iterator[Packet]:
        """The packets of the first audio track, in their order in the file. Raises AudioRefused."""
        for element in walk(self.source, 0, {_SEGMENT, _CLUSTER, _GROUP}):
            complete = element.end is None or element.end <= self.source.size
            self.cut_off = self.cut_off or not complete
            if element.id in (_INFO, _TRACKS):
                self._read_header(element)
            elif element.id == _TIME:
                self._time = number(element.content(self.source, 8))
            elif element.id in (_SIMPLE_BLOCK, _BLOCK) and complete and (packet := self._packet(element)):
                yield packet

    def _read_header(self, element: Element) -> None:
        content = element.content(self.source, _LARGEST_HEADER)
        for child, value in children(content):
            if child == _SCALE:
                self.scale = number(value) or self.scale
            elif child == _DURATION:
                self.stated = real(value)
            elif child == _TRACK and self.track is None:
                self.track = _track(value)

    def _packet(self, element: Element) -> Packet | None:
        """The packet in a block: after the track's number, a time relative to the cluster's, and flags."""
        head = element.content(self.source, 4)
        if self.track is None or len(head) < 4 or head[0] != 0x80 | self.track.number:
            return None
        time = self._time + int.from_bytes(head[1:3], "big", signed=True)
        return Packet(time * self.scale, element.begin + 4, element.length - 4)


def read(source: Source) -> Contents:
    """The contents of a WebM or Matroska file. Raises AudioRefused."""
    reading = Reading(source)
    first = last = None
    for packet in reading.packets():
        first, last = first or packet, packet
    track = reading.track
    if track is None:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=reading.cut_off)
    end = 0 if last is None else last.nanoseconds + _length(source, last, track)
    seconds = (end - first.nanoseconds) / 1e9 if first else 0.0
    stated = (reading.stated or 0) * reading.scale / 1e9
    cut_off = reading.cut_off or stated > end / 1e9 + 1
    return Contents(Container.WEBM, track.codec, track.channels, track.rate, max(0.0, seconds), cut_off)


def _length(source: Source, packet: Packet, track: _Track) -> int:
    """Nanoseconds of the last packet, as far as its codec says."""
    return opus.nanoseconds(source.at(packet.begin, 2)) if track.codec == Codec.OPUS else 0


def _track(content: bytes) -> _Track | None:
    """The track, if it is audio. Raises AudioRefused for an encrypted one."""
    entries = dict(children(content))
    if number(entries.get(_TRACK_TYPE, b"")) != _AUDIO_TRACK:
        return None
    for encoding, value in children(entries.get(_ENCODINGS, b"")):
        if encoding == _ENCODING and _ENCRYPTION in dict(children(value)):
            raise AudioRefused(AudioProblem.ENCRYPTED)
    audio = dict(children(entries.get(_AUDIO, b"")))
    codec = _CODECS.get(entries.get(_CODEC, b"").rstrip(b"\0").partition(b"/")[0], Codec.OTHER)
    rate = round(real(audio.get(_RATE, b"")) or 8_000)
    channels, private = number(audio.get(_CHANNELS, b"\1")), entries.get(_PRIVATE, b"")
    return _Track(number(entries.get(_TRACK_NUMBER, b"")), codec, channels, rate, private)
