"""Parts of recordings: every sample is in its place, whatever the container, and memory does not grow."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile

from shared.audio import contents, cutting, remux
from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import AudioProblem
from shared.records.visits.audio_parts import AudioPart
from tests.support import audio_files
from tests.support.audio_files import Sink
from tests.support.thorough import THOROUGH

RATE = 16_000


def part(start_ms: int, end_ms: int) -> AudioPart:
    return AudioPart(start_ms=start_ms, end_ms=end_ms)


def noise(seconds: float, channels: int = 1) -> Any:
    """Different samples everywhere, silent in the second half of each third second."""
    random = np.random.default_rng(7)
    samples = 0.3 * random.standard_normal((int(seconds * RATE), channels))
    position = np.arange(len(samples)) % (3 * RATE)
    samples[(position > 2 * RATE) & (position < 2.5 * RATE)] = 0
    return samples.clip(-1, 1).astype("float32")


def encoded(samples: Any, kind: str, subtype: str, rate: int = RATE) -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def opened(content: bytes) -> tuple[Source, Contents]:
    source = Source(BytesIO(content), len(content))
    return source, contents.parsed(source)


def written(content: bytes, parts: list[AudioPart]) -> list[Any]:
    sinks: dict[str, Sink] = {}
    cutting.write(*opened(content), parts, lambda one: sinks.setdefault(one.name, Sink()))
    return [sinks[one.name].content for one in parts]


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "ULAW"),
        ("FLAC", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AIFF", "PCM_24"),
        ("AIFF", "FLOAT"),
    ],
)
def test_parts_have_the_samples_of_the_recording(kind: str, subtype: str) -> None:
    samples = noise(9.3, channels=2)
    content = encoded(samples, kind, subtype)
    heard, _ = soundfile.read(BytesIO(content), dtype="float32", always_2d=True)
    parts = [part(0, 4_250), part(2_250, 7_001), part(5_001, 9_300)]

    for one, file in zip(parts, written(content, parts), strict=True):
        cut, rate = soundfile.read(BytesIO(file), dtype="float32", always_2d=True)
        expected = heard[one.start_ms * 16 : one.end_ms * 16]
        assert (rate, cut.shape) == (RATE, expected.shape)
        assert np.abs(cut - expected).max() < 2 / 32_767


@pytest.mark.parametrize(("kind", "subtype"), [("OGG", "OPUS"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_parts_of_compressed_audio_begin_where_they_should(kind: str, subtype: str) -> None:
    content = encoded(noise(9), kind, subtype)
    whole, rate = soundfile.read(BytesIO(content), dtype="float32")
    [file] = written(content, [part(4_000, 8_000)])
    cut, _ = soundfile.read(BytesIO(file), dtype="float32")

    assert len(cut) == 4 * rate
    expected = whole[4 * rate : 8 * rate]
    assert np.corrcoef(cut[rate:], expected[rate:])[0, 1] > 0.99


def test_header_states_the_number_of_samples() -> None:
    [file] = written(encoded(noise(3), "WAV", "PCM_16"), [part(0, 2_000)])
    source = Source(BytesIO(file), len(file))

    assert contents.parsed(source).seconds == 2.0


def test_missing_end_is_silent_and_a_missing_half_is_refused() -> None:
    content = encoded(noise(10), "WAV", "PCM_16")
    [file] = written(content, [part(0, 10_100)])
    assert soundfile.info(BytesIO(file)).frames == 10.1 * RATE
    assert not soundfile.read(BytesIO(file))[0][10 * RATE :].any()

    with pytest.raises(AudioRefused) as refused:
        written(content, [part(0, 20_000)])
    assert refused.value.problem == AudioProblem.NOT_READABLE


def test_aborted_part_leaves_nothing() -> None:
    sinks: list[Sink] = []

    class Full(Sink):
        def write(self, content: Any) -> int:
            if self.tell() > 40_000:
                raise OSError("no room")
            return super().write(content)

    def opens(_part: AudioPart) -> Sink:
        sinks.append(Full())
        return sinks[-1]

    with pytest.raises(OSError, match="no room"):
        cutting.write(*opened(encoded(noise(9), "WAV", "PCM_16")), [part(0, 9_000)], opens)
    assert [sink.content for sink in sinks] == [None]


def test_silences_are_found_also_in_a_noisy_room() -> None:
    samples = noise(9) + 0.01 * np.random.default_rng(1).standard_normal((9 * RATE, 1))
    found = list(cutting.silences(*opened(encoded(samples.astype("float32"), "FLAC", "PCM_16")))(3_000, 9_000))

    assert [(start + end) // 2_000 for start, end in found] == [5, 8]
    assert all(400 <= end - start <= 500 for start, end in found)


@pytest.mark.parametrize("subtype", ["OPUS", "VORBIS"])
def test_streams_one_after_the_other_are_one_recording(subtype: str) -> None:
    streams = [encoded(noise(seconds), "OGG", subtype) for seconds in (4, 3, 2)]
    decoded = [soundfile.read(BytesIO(one), dtype="float32")[0] for one in streams]
    whole = np.concatenate(decoded).clip(-1, 1)

    files = written(b"".join(streams), [part(0, 5_000), part(3_500, 8_000), part(7_500, 9_000)])

    for file, (start, end) in zip(files, ((0, 5_000), (3_500, 8_000), (7_500, 9_000)), strict=True):
        heard, _ = soundfile.read(BytesIO(file), dtype="float32")
        expected = whole[start * RATE // 1000 : end * RATE // 1000]
        assert len(heard) == len(expected)
        assert np.abs(heard - expected).max() < 1e-3


@pytest.mark.parametrize("rates", [(16_000, 48_000), (48_000, 8_000), (44_100, 16_000)])
def test_streams_of_opus_of_other_rates_have_the_rate_of_the_first(rates: tuple[int, int]) -> None:
    if 44_100 in rates:  # what a recorder says; libsndfile writes no such file
        streams = [audio_files.encoded(2, "OGG", "OPUS", rate=48_000), audio_files.encoded(2, "OGG", "OPUS")]
        streams[0] = remux.head_page(streams[0][:47], 44_100) + streams[0][47:]
    else:
        streams = [audio_files.encoded(2, "OGG", "OPUS", rate=rate) for rate in rates]

    [file] = written(b"".join(streams), [part(0, 4_000)])

    heard, rate = soundfile.read(BytesIO(file), dtype="float32")
    assert (rate, len(heard)) == (48_000 if rates[0] == 44_100 else rates[0], 4 * rate)
    assert np.abs(heard[2 * rate : 5 * rate // 2]).max() > 0.1
    assert np.abs(heard[-rate // 3 :]).max() < 0.01


def test_streams_of_one_and_of_two_channels_are_one_channel_together() -> None:
    tone = audio_files.encoded(2, "OGG", "OPUS"), audio_files.encoded(2, "OGG", "OPUS", channels=2)

    [file] = written(b"".join(tone), [part(0, 4_000)])

    heard, _ = soundfile.read(BytesIO(file), dtype="float32", always_2d=True)
    first, second = heard[: 2 * RATE], heard[2 * RATE :]
    assert heard.shape == (4 * RATE, 1)
    assert np.abs(second).max() == pytest.approx(np.abs(first).max(), rel=0.1)


def test_an_error_in_a_later_stream_is_not_taken_for_its_end() -> None:
    streams = [encoded(noise(seconds), "OGG", "OPUS") for seconds in (2, 2)]

    with pytest.raises(AudioRefused):
        written(streams[0] + streams[1][:2_000], [part(0, 4_000)])


def test_all_channels_of_opus_in_webm_are_decoded() -> None:
    samples = noise(2, channels=1) * np.array([[1, 0, 0.5, 0.25, 0.125, 0]], dtype="float32")

    [file] = written(webm_of(samples), [part(0, 1_900)])

    heard, _ = soundfile.read(BytesIO(file), dtype="float32", always_2d=True)
    levels = np.sqrt(np.square(heard).mean(axis=0))
    assert levels.shape == (6,)
    assert sorted(range(6), key=lambda at: -levels[at])[:3] == [0, 2, 3]


def webm_of(samples: Any) -> bytes:
    """Opus of six channels in a WebM file."""
    import av

    file = BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="5.1", options={"mapping_family": "255"})
        loud = np.repeat(samples, 3, axis=0)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(loud.reshape(1, -1)), format="flt", layout="5.1")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()


def test_opus_of_three_channels_without_their_places_cannot_be_cut() -> None:
    with pytest.raises(AudioRefused):
        written(audio_files.webm(2, channels=3), [part(0, 2_000)])


def test_nine_channels_cannot_be_cut() -> None:
    _, found = opened(audio_files.wav(audio_files.tone(1, channels=9), channels=9))

    with pytest.raises(AudioRefused):
        cutting.require(found)


@pytest.mark.parametrize("seconds", [60, 8 * 3600 if THOROUGH else 1800])
def test_memory_does_not_grow_with_the_length(seconds: int) -> None:
    """A file that is made while it is read, and parts that are thrown away."""
    rate = 8_000
    header = audio_files.wav(b"", rate=rate, stated=seconds * rate * 2)
    second: bytes = (noise(0.5)[:rate, 0] * 32_767).astype("<i2").tobytes()

    class Endless(BytesIO):
        at = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = offset + {0: 0, 1: self.at, 2: len(header) + seconds * rate * 2}[whence]
            return self.at

        def tell(self) -> int:
            return self.at

        def read(self, size: int | None = -1) -> bytes:
            size = min(size or 0, len(header) + seconds * rate * 2 - self.at)
            found: bytes = header[self.at : self.at + size]
            phase = max(0, self.at - len(header)) % len(second)
            found += (second * (2 + size // len(second)))[phase : phase + size - len(found)]
            self.at += len(found)
            return found

    class Nothing(Sink):
        def write(self, content: Any) -> int:
            return len(content)

    source = Source(Endless(), len(header) + seconds * rate * 2)
    parts = [part(at, min(at + 320_000, seconds * 1000)) for at in range(0, seconds * 1000 - 20_000, 300_000)]
    cutting.write(*opened(encoded(noise(1), "WAV", "PCM_16")), [part(0, 500)], lambda _: Sink())  # imports
    tracemalloc.start()
    cutting.write(source, contents.parsed(source), parts, lambda _: Nothing())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 << 20
