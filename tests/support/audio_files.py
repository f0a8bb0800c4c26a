"""Small audio files, made byte by byte: whole, damaged, and false ones."""

from __future__ import annotations

import struct
from io import BytesIO

RATE = 16_000


class Sink(BytesIO):
    """A file whose content survives its end."""

    content: bytes | None = None

    def close(self) -> None:
        self.content = self.getvalue()

    def abort(self) -> None:
        self.content = None


def tone(seconds: float, level: float = 0.2, channels: int = 1, rate: int = RATE) -> bytes:
    """Samples of 16 bits of a tone that is on for half of each second, the same on each channel."""
    import numpy as np

    at = np.arange(int(seconds * rate))
    on = at % rate < rate // 2
    return np.repeat(np.round(32767 * level * np.sin(at * 0.17)) * on, channels).astype("<i2").tobytes()


def wav(
    samples: bytes,
    channels: int = 1,
    rate: int = RATE,
    *,
    tag: int = 1,
    bits: int = 16,
    stated: int | None = None,
) -> bytes:
    """A WAV file; `stated` is the size of the samples in the header, if not their true one."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    size = len(samples) if stated is None else stated
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + samples
    return b"RIFF" + struct.pack("<I", (4 + len(body)) & 0xFFFFFFFF) + body


def aiff(
    samples: bytes, channels: int = 1, rate: int = RATE, *, bits: int = 16, compression: bytes = b"", stated: int = -1
) -> bytes:
    """An AIFF file of big-endian samples, AIFF-C with a compression; `stated` is the size of the chunk of samples in
    its header, if not the true one."""
    exponent = rate.bit_length() - 1
    extended = struct.pack(">HQ", 16_383 + exponent, rate << (63 - exponent)) if rate else bytes(10)
    frames = len(samples) // max(1, channels * bits // 8)
    form = struct.pack(">HIH", channels, frames, bits) + extended + (compression and compression + bytes(2))
    size = 8 + len(samples) if stated < 0 else stated
    head = (b"AIFC" if compression else b"AIFF") + b"COMM" + struct.pack(">I", len(form)) + form
    body = head + b"SSND" + struct.pack(">III", size, 0, 0) + samples
    return b"FORM" + struct.pack(">I", len(body)) + body


def encoded(seconds: float, kind: str, subtype: str, channels: int = 1, rate: int = RATE) -> bytes:
    """A tone in a format that libsndfile writes."""
    import numpy as np
    import soundfile

    samples = np.frombuffer(tone(seconds, channels=channels, rate=rate), dtype="int16").reshape(-1, channels)
    file = BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def box(name: bytes, *content: bytes) -> bytes:
    inner = b"".join(content)
    return struct.pack(">I", 8 + len(inner)) + name + inner


def mp4(
    seconds: int = 1, *, entry: bytes = b"mp4a", handler: bytes = b"soun", channels: int = 1, tables_first: bool = False
) -> bytes:
    """An MP4 file with one track, whose packets are no audio: parsed, and refused by every decoder."""
    packet = b"\xff" * 64
    count = seconds * 50
    head = bytes(6) + struct.pack(">H8xHH4xI", 1, channels, 16, RATE << 16)
    tables = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), box(entry, head)),
        box(b"stts", struct.pack(">IIII", 0, 1, count, RATE // 50)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1)),
        box(b"stsz", struct.pack(">III", 0, len(packet), count)),
        box(b"stco", struct.pack(">III", 0, 1, 32)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIII4x", 0, 0, 0, RATE, count * (RATE // 50))),
        box(b"hdlr", struct.pack(">II4s12xB", 0, 0, handler, 0)),
        box(b"minf", tables),
    )
    head_box = box(b"mvhd", struct.pack(">IIIII80x", 0, 0, 0, 1000, seconds * 1000))
    start = box(b"ftyp", b"M4A \0\0\0\0M4A isom")
    data, moov = box(b"mdat", packet * count), box(b"moov", head_box, box(b"trak", media))
    return start + (moov + data if tables_first else data + moov)


def fragmented(fragments: int, *, durations: bool = False) -> bytes:
    """An MP4 file as Safari records it: an empty track, then fragments of a second."""
    whole = mp4(0)
    head = whole[:24] + whole[32:]
    return head + b"".join(_fragment(durations=durations) for _ in range(fragments))


def _fragment(*, durations: bool) -> bytes:
    if durations:
        run = struct.pack(">II", 0x300, 50) + struct.pack(">II", RATE // 50, 64) * 50
        header = struct.pack(">II", 0, 1)
    else:
        run, header = struct.pack(">II", 0, 50), struct.pack(">III", 0x08, 1, RATE // 50)
    return box(b"moof", box(b"traf", box(b"tfhd", header), box(b"trun", run))) + box(b"mdat", b"\xff" * 3200)


def flac_header(samples: int, rate: int = RATE, channels: int = 1) -> bytes:
    """A FLAC file of a header alone."""
    packed = rate << 44 | (channels - 1) << 41 | 15 << 36 | samples
    return b"fLaC\x80\0\0\x22" + struct.pack(">HHII", 4096, 4096, 0, 0)[:10] + struct.pack(">Q", packed) + bytes(16)


def page(packet: bytes, granule: int, flags: int = 0, serial: int = 1) -> bytes:
    """A page of an Ogg file, without a checksum."""
    lacing = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, 0, 0, len(lacing))
    return head + lacing + packet


def opus_head(channels: int = 1, rate: int = RATE) -> bytes:
    return b"OpusHead\x01" + struct.pack("<BHIHB", channels, 0, rate, 0, 0)


def ogg(seconds: int, head: bytes = b"", *, ended: bool = True, serial: int = 1) -> bytes:
    """An Ogg file of pages of a second, whose packets are no audio."""
    heads = page(head or opus_head(), 0, 2, serial) + page(b"OpusTags" + bytes(8), 0, 0, serial)
    last = seconds if ended else 0
    times = range(1, seconds + 1)
    return heads + b"".join(page(b"\xff" * 300, at * 48_000, 4 if at == last else 0, serial) for at in times)


def element(id: int, *content: bytes, size: int | None = None) -> bytes:
    """An element of EBML; `size` is its stated size, if not the true one."""
    inner = b"".join(content)
    length = len(inner) if size is None else size
    return id.to_bytes((id.bit_length() + 7) // 8, "big") + (1 << 56 | length).to_bytes(8, "big") + inner


UNKNOWN_SIZE = (1 << 56) - 1


def webm(
    seconds: int,
    *,
    codec: bytes = b"A_OPUS",
    kind: int = 2,
    encoding: bytes = b"",
    stated: float | None = None,
    live: bool = True,
    channels: int = 1,
) -> bytes:
    """A WebM file of clusters of a second, whose packets are not audio; a live recorder knows no sizes."""
    size = UNKNOWN_SIZE if live else None
    audio = element(0xE1, element(0xB5, struct.pack(">d", 48_000.0)), element(0x9F, bytes([channels])))
    track = element(0xD7, b"\1") + element(0x83, bytes([kind])) + element(0x86, codec) + encoding + audio
    duration = b"" if stated is None else element(0x4489, struct.pack(">d", stated * 1000))
    head = element(0x1549A966, duration) + element(0x1654AE6B, element(0xAE, track))
    blocks = [b"".join(_block(at * 20) for at in range(50))] * seconds
    clusters = [
        element(0x1F43B675, element(0xE7, struct.pack(">I", at * 1000)), content, size=size)
        for at, content in enumerate(blocks)
    ]
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, head, *clusters, size=size)


def _block(milliseconds: int) -> bytes:
    """A block of one Opus packet of 20 ms."""
    return element(0xA3, b"\x81" + struct.pack(">hB", milliseconds, 0x80) + b"\x08" + b"\xff" * 20)


def mp3_frames(count: int, *, rate_index: int = 2, mono: bool = True) -> bytes:
    """Silent frames of MPEG 2, layer III, 8 kbit/s; the index 2 stands for 16,000 samples a second."""
    rate = (22_050, 24_000, 16_000)[rate_index]
    length = 72 * 8_000 // rate
    return (bytes([0xFF, 0xF3, 0x10 | rate_index << 2, 0xC0 if mono else 0]) + bytes(length - 4)) * count


def xing(frames: int) -> bytes:
    """A first frame that states the number of the frames."""
    frame = mp3_frames(1)
    return frame[:13] + b"Xing" + struct.pack(">II", 1, frames) + frame[25:]


UNDECODABLE = mp4()
"""Accepted by the check of the content, and refused by the decoder of the recogniser."""
