"""Malformed recordings, each in its documented state (docs/operations.md)."""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from shared.audio.source import Source
from shared.records.visits.audio import AudioMark, AudioProblem
from shared.workflows.visits.audio_check import Checked, examine
from tests.support import audio_files as made

EMPTY, ENCRYPTED, UNREADABLE = AudioProblem.EMPTY, AudioProblem.ENCRYPTED, AudioProblem.NOT_READABLE
TOO_LONG, UNSUPPORTED = AudioProblem.TOO_LONG, AudioProblem.UNSUPPORTED
CUT_OFF, SILENT, NARROW = AudioMark.CUT_OFF, AudioMark.MOSTLY_SILENT, AudioMark.NARROW_BAND
TALK = made.tone(3)
DEEP = b"".join(b"\0" + TALK[at : at + 2] for at in range(0, len(TALK), 2))
SAMPLES = [value / 32_768 for value in array("h", TALK)]
SWAPPED = struct.pack(f">{len(TALK) // 2}h", *array("h", TALK))
FIRST, SECOND = made.page(made.opus_head(), 0, 2), made.page(made.opus_head(), 0, 2, serial=2)
FLOATS = struct.pack(f">{len(SAMPLES)}f", *SAMPLES)
BESIDE = FIRST + SECOND + made.page(b"\xff" * 300, 48_000, 4) + made.page(b"\xff" * 300, 48_000, 4, serial=2)
SWAPPED_DEEP = b"".join(SWAPPED[at : at + 2] + b"\0" for at in range(0, len(SWAPPED), 2))
HOURS = 3600


def zip_bomb() -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("visit.wav", bytes(10_000_000))
    return packed.getvalue()


def rf64(samples: bytes, stated: int) -> bytes:
    whole = made.wav(samples, stated=0xFFFFFFFF)
    sizes = struct.pack("<QQQI", 0, stated, 0, 0)
    return b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<I", len(sizes)) + sizes + whole[12:]


LONG_TABLES = made.mp4(9).replace(struct.pack(">II", 450, 320), struct.pack(">II", 450, 320 * 9_000))
LOCKED = made.element(0x6D80, made.element(0x6240, made.element(0x5035, b"\0")))
FILES: Mapping[str, tuple[bytes, AudioProblem | None, list[AudioMark]]] = {
    # No audio at all
    "empty": (b"", EMPTY, []),
    "one byte": (b"R", UNREADABLE, []),
    "text": (b"Patient slept badly. " * 100, UNREADABLE, []),
    "zeros": (bytes(10_000), UNREADABLE, []),
    "encrypted by another program": (random.Random(7).randbytes(50_000), UNREADABLE, []),
    "zip bomb": (zip_bomb(), UNREADABLE, []),
    "PDF": (b"%PDF-1.7\n" + bytes(500), UNREADABLE, []),
    "AAC in ADTS": (b"\xff\xf1\x50\x80\x02\x1f\xfc" * 100, UNREADABLE, []),
    # WAV
    "WAV header alone": (made.wav(b"")[:20], UNREADABLE, []),
    "WAV without samples": (made.wav(b""), EMPTY, []),
    "WAV cut off": (made.wav(TALK, stated=len(TALK) * 2), None, [CUT_OFF]),
    "WAV of unknown size": (made.wav(TALK, stated=0), None, []),
    "WAV of unknown size, all ones": (made.wav(TALK, stated=0xFFFFFFFF), None, []),
    "WAV of half a sample": (made.wav(b"\1"), EMPTY, []),
    "WAV without channels": (made.wav(TALK, channels=0), UNREADABLE, []),
    "WAV of 60,000 channels": (made.wav(TALK)[:22] + b"\x60\xea" + made.wav(TALK)[24:], UNREADABLE, []),
    "WAV without a rate": (made.wav(TALK, rate=0), UNREADABLE, []),
    "WAV of 24 bits": (made.wav(DEEP, bits=24), None, []),
    "WAV of floating point": (made.wav(array("f", SAMPLES).tobytes(), tag=3, bits=32), None, []),
    "WAV of floating point, all NaN": (made.wav(b"\xff" * 64_000, tag=3, bits=32), None, [SILENT]),
    "WAV of ADPCM without its tables": (made.wav(TALK, tag=2, bits=8), UNSUPPORTED, []),
    "WAV with MP3 inside": (made.wav(TALK, tag=0x55), UNSUPPORTED, []),
    "WAV of silence": (made.wav(bytes(len(TALK))), None, [SILENT]),
    "WAV of the telephone": (made.wav(made.tone(3, rate=8_000), rate=8_000), None, [NARROW]),
    "text in a WAV": (made.wav(b"Patient slept badly. " * 4_000), None, [AudioMark.NOISY]),
    "WAV of 20 hours by its header": (rf64(TALK, 20 * HOURS * 32_000), None, [CUT_OFF]),
    "WAV of nine channels": (made.wav(made.tone(1, channels=9), channels=9), UNSUPPORTED, []),
    # AIFF
    "AIFF": (made.aiff(SWAPPED), None, []),
    "AIFF of 24 bits": (made.aiff(SWAPPED_DEEP, bits=24), None, []),
    "AIFF-C, little-endian": (made.aiff(TALK, compression=b"sowt"), None, []),
    "AIFF-C of floating point": (made.aiff(FLOATS, bits=32, compression=b"fl32"), None, []),
    "AIFF-C of mu-law": (made.aiff(bytes(48_000), bits=8, compression=b"ulaw"), None, []),
    "AIFF-C of ADPCM": (made.aiff(TALK, compression=b"ima4"), UNSUPPORTED, []),
    "AIFF header alone": (made.aiff(SWAPPED)[:20], UNREADABLE, []),
    "AIFF without samples": (made.aiff(b""), EMPTY, []),
    "AIFF cut off": (made.aiff(SWAPPED)[:-40_000], None, [CUT_OFF]),
    "AIFF of unknown size": (made.aiff(SWAPPED, stated=0), None, []),
    "AIFF without a rate": (made.aiff(SWAPPED, rate=0), UNREADABLE, []),
    "AIFF of 20 hours by its header": (made.aiff(SWAPPED, stated=20 * HOURS * 32_000), None, [CUT_OFF]),
    "IFF of a picture": (b"FORM\0\0\1\0ILBM" + bytes(256), UNREADABLE, []),
    # FLAC
    "FLAC header alone": (made.flac_header(48_000), EMPTY, []),
    "FLAC with other bytes": (made.flac_header(48_000) + b"\x55" * 500, UNREADABLE, []),
    "FLAC of 20 hours by its header": (made.flac_header(20 * HOURS * made.RATE) + bytes(900), TOO_LONG, []),
    # Ogg
    "Ogg header alone": (made.ogg(0), EMPTY, [CUT_OFF]),
    "Ogg without its last page": (made.ogg(3, ended=False), None, [CUT_OFF]),
    "Ogg cut off in a page": (made.ogg(3)[:-100], None, [CUT_OFF]),
    "Ogg of 20 hours by its times": (made.ogg(1) + made.page(b"\0", 20 * HOURS * 48_000, 4), TOO_LONG, []),
    "Ogg Vorbis": (
        made.ogg(1, b"\x01vorbis" + struct.pack("<IBIIII", 0, 1, 44_100, 0, 0, 0) + bytes(4)),
        UNSUPPORTED,
        [],
    ),
    "Ogg of two streams one after the other": (
        made.encoded(2, "OGG", "OPUS") + made.encoded(1, "OGG", "OPUS"),
        None,
        [],
    ),
    "Ogg of two streams, the second cut off": (
        made.encoded(2, "OGG", "OPUS") + made.encoded(2, "OGG", "OPUS")[:-900],
        None,
        [CUT_OFF],
    ),
    "Ogg of two streams that no decoder reads": (made.ogg(2) + made.ogg(1, serial=2), UNSUPPORTED, []),
    "Ogg of two streams of Opus of other rates": (
        made.encoded(2, "OGG", "OPUS") + made.encoded(1, "OGG", "OPUS", rate=48_000),
        None,
        [],
    ),
    "Ogg of two streams of Vorbis of other rates": (
        made.encoded(1, "OGG", "VORBIS") + made.encoded(1, "OGG", "VORBIS", rate=48_000),
        UNSUPPORTED,
        [],
    ),
    "Ogg of a mono and a stereo stream": (
        made.encoded(2, "OGG", "OPUS") + made.encoded(1, "OGG", "OPUS", channels=2),
        None,
        [],
    ),
    "Ogg of two streams beside each other": (BESIDE, UNSUPPORTED, []),
    "Ogg Opus of six channels": (made.encoded(2, "OGG", "OPUS", channels=6), None, []),
    "Ogg Opus of nine channels": (made.encoded(1, "OGG", "OPUS", channels=9), UNSUPPORTED, []),
    "Ogg of video": (made.ogg(1, b"\x80theora" + bytes(40)), UNREADABLE, []),
    # MP3
    "MP3 tag alone": (b"ID3\4\0\0\0\0\0\x7f" + bytes(127), UNREADABLE, []),
    "MP3 tag that never ends": (b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(127), UNREADABLE, []),
    "MP3 cut off": (made.xing(200) + made.mp3_frames(100), None, [CUT_OFF, SILENT]),
    "MP3 cut off in a frame": (made.mp3_frames(100)[:-7], None, [CUT_OFF, SILENT]),
    # WebM
    "WebM header alone": (made.webm(0), EMPTY, []),
    "WebM cut off": (made.webm(3)[:-5], None, [CUT_OFF]),
    "WebM shorter than it states": (made.webm(3, stated=10, live=False), None, [CUT_OFF]),
    "WebM of video alone": (made.webm(3, kind=1, codec=b"V_VP9"), UNREADABLE, []),
    "WebM Opus of three channels": (made.webm(3, channels=3), None, []),
    "WebM encrypted": (made.webm(3, encoding=LOCKED), ENCRYPTED, []),
    "WebM Vorbis": (made.webm(3, codec=b"A_VORBIS"), UNSUPPORTED, []),
    # MP4
    "MP4 without tables, as an app leaves it that was killed": (made.mp4()[:1_000], UNREADABLE, [CUT_OFF]),
    "MP4 cut off": (made.mp4(3, tables_first=True)[:-50], None, [CUT_OFF]),
    "MP4 without packets": (made.mp4(0), EMPTY, []),
    "MP4 encrypted": (made.mp4(entry=b"enca"), ENCRYPTED, []),
    "MP4 of another codec": (made.mp4(entry=b"ac-3"), UNSUPPORTED, []),
    "MP4 of video alone": (made.mp4(handler=b"vide"), UNREADABLE, []),
    "MP4 fragments, cut off": (made.fragmented(3)[:-9], None, [CUT_OFF]),
    "MP4 of 20 hours by its tables": (LONG_TABLES, TOO_LONG, []),
}


def checked(content: bytes, channels: int = 1) -> Checked:
    return examine(Source(BytesIO(content), len(content)), channels)


@pytest.mark.parametrize("name", FILES)
def test_state_is_the_documented_one(name: str) -> None:
    content, problem, marks = FILES[name]

    found = checked(content)

    loudness = {AudioMark.QUIET, AudioMark.NOISY} if problem is None and "WAV" not in name else set()
    assert found.problem == problem
    assert [mark for mark in found.facts["marks"] if mark not in loudness] == marks


def test_there_are_more_than_forty() -> None:
    assert len(FILES) >= 40
