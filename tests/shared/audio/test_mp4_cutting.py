"""Parts of AAC in MP4, cut between packets: a decoder hears in each what it hears there in the whole."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray

from local.services.speech.audio import SAMPLE_RATE, decode
from shared.audio import contents, cutting
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import Codec, Container
from shared.records.visits.audio_parts import AudioPart
from tests.support import audio_files
from tests.support.aac_files import aac
from tests.support.audio_files import Sink

Samples = NDArray[np.float32]
SECONDS = 12
FORMS = {
    "tables at the end": {},
    "tables first": {"movflags": "faststart"},
    "fragments": {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"},
    "fragments with offsets in the file": {"movflags": "frag_keyframe+empty_moov", "frag_duration": "700000"},
}


def recording(form: str, channels: int = 1) -> bytes:
    """Twelve seconds of different sounds."""
    times = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    sound = 0.4 * np.sin(2 * np.pi * (200 * times + 60 * times**2)) * (np.sin(2 * np.pi * 1.7 * times) > -0.3)
    return aac(np.repeat(sound[None], channels, axis=0).astype(np.float32), FORMS[form])


def written(content: bytes, parts: list[AudioPart]) -> list[bytes]:
    source = Source(BytesIO(content), len(content))
    sinks: dict[str, Sink] = {}
    cutting.write(source, contents.read(source), parts, lambda one: sinks.setdefault(one.name, Sink()))
    return [sinks[one.name].content or b"" for one in parts]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_a_part_sounds_as_in_the_whole(form: str, channels: int) -> None:
    content = recording(form, channels)
    whole = decode(content)
    parts = [AudioPart(start_ms=start, end_ms=end) for start, end in ((0, 5_000), (3_000, 8_500), (6_500, 12_050))]

    for part, file in zip(parts, written(content, parts), strict=True):
        found = contents.read(Source(BytesIO(file), len(file)))
        length = min(part.end_ms, SECONDS * 1000) - part.start_ms
        assert (found.container, found.codec, found.channels) == (Container.MP4, Codec.AAC, channels)
        assert found.seconds == pytest.approx(length / 1000, abs=0.2)
        heard = decode(file)
        assert len(heard) == channels
        delay = best_delay(whole, heard, part.start_ms)
        assert abs(delay) <= 0.13 * SAMPLE_RATE


def best_delay(whole: Samples, heard: Samples, start_ms: int) -> int:
    """By how many samples the sound of a part is late; it must be the same sound."""
    middle = heard.shape[1] // 2
    piece = heard[0, middle : middle + SAMPLE_RATE]
    at = start_ms * SAMPLE_RATE // 1000 + middle
    around = whole[0, at - SAMPLE_RATE // 4 : at + SAMPLE_RATE + SAMPLE_RATE // 4]
    likeness = np.correlate(around, piece, "valid")
    best = int(likeness.argmax())
    same = around[best : best + len(piece)]
    assert np.corrcoef(same, piece)[0, 1] > 0.98
    return SAMPLE_RATE // 4 - best


def test_cut_off_file_gives_what_is_there() -> None:
    content = recording("tables first")
    short = content[: len(content) * 2 // 3]
    first, second = written(short, [AudioPart(start_ms=0, end_ms=6_000), AudioPart(start_ms=4_000, end_ms=12_050)])

    assert decode(first).shape[1] == pytest.approx(6 * SAMPLE_RATE, abs=SAMPLE_RATE)
    assert decode(second).shape[1] < 6 * SAMPLE_RATE
    with pytest.raises(AudioRefused):
        written(short, [AudioPart(start_ms=11_500, end_ms=12_050)])


@pytest.mark.parametrize("content", [audio_files.mp4(3), audio_files.fragmented(3, durations=True)])
def test_damaged_tables_raise_only_refusals(content: bytes) -> None:
    for at in range(0, len(content), 37):
        damaged = content[:at] + b"\xff\xff" + content[at + 2 :]
        try:
            written(damaged, [AudioPart(start_ms=0, end_ms=2_000)])
        except AudioRefused:
            continue
