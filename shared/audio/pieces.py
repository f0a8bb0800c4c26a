"""The exact length of a short, complete file: of its samples, packets or frames, whatever its header states.

Nothing is decoded, so that a function that only stores a piece needs no decoder. The frames are those that
`shared/audio/samples.py` decodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from shared.audio import contents, opus, wav, webm
from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem, Codec, Container

_ACCEPTED = frozenset(
    {
        (Container.WAV, Codec.PCM),
        (Container.FLAC, Codec.FLAC),
        (Container.OGG, Codec.OPUS),
        (Container.WEBM, Codec.OPUS),
    }
)
_OPUS_RATE = 48_000
_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, _OPUS_RATE)
"""At which Opus is decoded: the lowest that is not below the rate of what was recorded (RFC 7845, section 5.1)."""
_MOST_CHANNELS = 2


@dataclass(frozen=True)
class Piece:
    """What is in a piece."""

    container: Container
    channels: int
    rate: int
    """Frames per second, as a decoder gives them."""
    frames: int
    """Samples of each channel."""
    samples: bytes | None = None
    """The 16-bit samples of a WAV file; None for another one."""

    @property
    def media_type(self) -> str:
        return f"audio/{self.container}"

    @property
    def duration_ms(self) -> int:
        return round(1000 * self.frames / self.rate)


def measured(content: bytes) -> Piece:
    """What is in a piece. Raises AudioRefused for what is cut off, has another format, or no frame."""
    source = Source(BytesIO(content), len(content))
    found = contents.parsed(source)
    if (found.container, found.codec) not in _ACCEPTED or found.channels > _MOST_CHANNELS or len(found.streams) > 1:
        raise AudioRefused(AudioProblem.UNSUPPORTED)
    if found.cut_off:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    piece = _READERS[found.container](content, source, found)
    if piece.frames <= 0:
        raise AudioRefused(AudioProblem.EMPTY)
    return piece


def _wav(content: bytes, source: Source, found: Contents) -> Piece:
    begin, end = wav.samples_of(source)
    block = 2 * found.channels
    if (end - begin) % block:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    frames = (end - begin) // block
    return Piece(Container.WAV, found.channels, found.sample_rate, frames, content[begin:end])


def _webm(_content: bytes, source: Source, found: Contents) -> Piece:
    packets = webm.Reading(source).packets()
    length = sum(opus.nanoseconds(source.at(packet.begin, 2)) for packet in packets)
    return Piece(Container.WEBM, found.channels, _OPUS_RATE, length * 48 // 1_000_000)


def _ogg(content: bytes, _source: Source, found: Contents) -> Piece:
    """The last position says where the sound ends within the last packet; the packets must reach as far."""
    pages = [*_pages(content)]
    if [page.number for page in pages] != [*range(pages[0].number, pages[0].number + len(pages))]:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    packets = [packet for page in pages for packet in page.packets][2:]  # the header and the tags
    there = sum(opus.nanoseconds(packet) for packet in packets) * 48 // 1_000_000
    skipped = int.from_bytes(pages[0].packets[0][10:12], "little")
    last = pages[-1].position
    if not skipped <= last <= there:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=last > there)
    rate = next(rate for rate in _OPUS_RATES if rate >= min(found.sample_rate, _OPUS_RATE))
    return Piece(Container.OGG, found.channels, rate, (last - skipped) * rate // _OPUS_RATE)


@dataclass(frozen=True)
class _Page:
    number: int
    position: int
    packets: tuple[bytes, ...]
    """The first bytes of each packet that begins in it."""


def _pages(content: bytes) -> Iterator[_Page]:
    at, continued = 0, False
    while at < len(content):
        count = content[at + 26] if content[at : at + 4] == b"OggS" and at + 27 <= len(content) else None
        if count is None or at + 27 + count > len(content):
            raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
        packets, place, begins = [], at + 27 + count, not continued
        for size in content[at + 27 : at + 27 + count]:
            if begins:
                packets.append(content[place : place + 19])
            place, begins = place + size, size < 255
        number, position = content[at + 18 : at + 22], content[at + 6 : at + 14]
        yield _Page(int.from_bytes(number, "little"), int.from_bytes(position, "little"), tuple(packets))
        at, continued = place, not begins


def _flac(content: bytes, _source: Source, found: Contents) -> Piece:
    from shared.audio import flac_frames

    frames = flac_frames.frames_of(content)
    if found.seconds is not None and round(found.seconds * found.sample_rate) != frames:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    return Piece(Container.FLAC, found.channels, found.sample_rate, frames)


_READERS = {Container.WAV: _wav, Container.WEBM: _webm, Container.OGG: _ogg, Container.FLAC: _flac}
