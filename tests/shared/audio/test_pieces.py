"""The exact length of pieces, compared with what a decoder makes of them; and what is no complete piece."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.audio import contents
from shared.audio.pieces import measured
from shared.audio.samples import Samples
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import AudioProblem, Container
from tests.support.audio_files import encoded, tone, wav


def decoded(content: bytes) -> tuple[int, int]:
    """Frames and rate as a decoder gives them."""
    source = Source(BytesIO(content), len(content))
    blocks = [*Samples(source, contents.parsed(source)).since()]
    return sum(len(block.samples) for block in blocks), blocks[0].rate


def refusal(content: bytes) -> AudioProblem:
    with pytest.raises(AudioRefused) as refused:
        measured(content)
    return refused.value.problem


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("kind", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16")])
def test_frames_are_those_that_a_decoder_gives(kind: str, subtype: str, channels: int, rate: int) -> None:
    content = encoded(3.17, kind, subtype, channels, rate)

    piece = measured(content)

    assert (piece.frames, piece.rate) == decoded(content)
    assert (piece.channels, piece.rate) == (channels, rate)
    assert piece.duration_ms == 3_170


@pytest.mark.parametrize("seconds", [2.0, 2.345, 10.01, 54.9])
@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_frames_of_opus_in_ogg_are_those_that_a_decoder_gives(seconds: float, rate: int) -> None:
    content = encoded(seconds, "OGG", "OPUS", 1, rate)

    piece = measured(content)

    assert (piece.frames, piece.rate) == decoded(content)
    assert piece.container == Container.OGG


def test_samples_of_a_wav_file_are_given_as_they_are() -> None:
    samples = tone(2.5, channels=2)

    assert measured(wav(samples, 2)).samples == samples
    assert measured(wav(samples, 2, stated=0)).samples == samples  # a recorder that never came back to the header


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_a_file_that_is_cut_anywhere_is_refused(kind: str) -> None:
    content = encoded(2.5, kind, "OPUS" if kind == "OGG" else "PCM_16")

    for share in (0.1, 0.5, 0.9, 0.999):
        assert refusal(content[: int(len(content) * share)])
    assert refusal(content[:-1])


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_the_second_half_of_a_file_is_refused(kind: str) -> None:
    content = encoded(4, kind, "OPUS" if kind == "OGG" else "PCM_16")

    assert refusal(content[len(content) // 2 :])


def test_a_file_without_its_middle_is_refused() -> None:
    content = encoded(8, "OGG", "OPUS")
    pages = [at for at in range(len(content)) if content.startswith(b"OggS", at)]
    (begin, end) = [*pairwise(pages)][-2]

    assert refusal(content[:begin] + content[end:]) == AudioProblem.NOT_READABLE
    flac = encoded(8, "FLAC", "PCM_16")
    assert refusal(flac[: len(flac) // 3] + flac[len(flac) // 2 :]) == AudioProblem.NOT_READABLE


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", AudioProblem.EMPTY),
        (wav(b""), AudioProblem.EMPTY),
        (b"no audio at all", AudioProblem.NOT_READABLE),
        (wav(tone(3), bits=8), AudioProblem.UNSUPPORTED),
        (wav(tone(3, channels=3), 3), AudioProblem.UNSUPPORTED),
    ],
    ids=["nothing", "no samples", "text", "8 bits", "three channels"],
)
def test_what_is_no_piece_is_refused(content: bytes, problem: AudioProblem) -> None:
    assert refusal(content) == problem


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["WAV", "FLAC", "OGG"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=6))
def test_damage_raises_nothing_else(kind: str, place: int, noise: bytes) -> None:
    content = bytearray(_SMALL[kind])
    at = place % len(content)
    content[at : at + len(noise)] = noise
    try:
        assert measured(bytes(content)).frames > 0
    except AudioRefused as refused:
        assert refused.problem in AudioProblem


_SMALL = {"WAV": encoded(2, "WAV", "PCM_16"), "FLAC": encoded(2, "FLAC", "PCM_16"), "OGG": encoded(2, "OGG", "OPUS")}


def test_noise_in_a_flac_file_is_not_taken_for_a_frame() -> None:
    import soundfile

    noise = np.random.default_rng(7).integers(-32_768, 32_767, 160_000, dtype="int16")
    file = BytesIO()
    soundfile.write(file, noise, 16_000, format="FLAC", subtype="PCM_16")

    assert measured(file.getvalue()).frames == 160_000


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_frames_of_opus_in_webm_are_those_that_a_decoder_gives(layout: str) -> None:
    content = webm(3, layout)

    piece = measured(content)

    assert (piece.frames, piece.rate) == decoded(content)
    assert abs(piece.duration_ms - 3_000) <= 40
    assert refusal(content[: len(content) // 2]) == AudioProblem.NOT_READABLE
    assert refusal(content[len(content) // 2 :]) == AudioProblem.NOT_READABLE


def webm(seconds: int, layout: str) -> bytes:
    """A tone as Opus in WebM, as a browser records it."""
    import av

    channels = 1 if layout == "mono" else 2
    samples = np.frombuffer(tone(seconds, channels=channels, rate=48_000), dtype="int16").reshape(1, -1)
    file = BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()
