"""The samples of pieces in a recording: exact for whatever keeps 16 bits, and behind a header that readers know."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from shared.audio import contents, pcm
from shared.audio.samples import Samples as Decoder
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import Codec, Container
from shared.records.visits.join_plan import JoinedPiece, JoinPlan, SampleForm, plan_of
from tests.support import audio_files

RATE = 16_000
AT = datetime(2026, 11, 29, tzinfo=UTC)
Samples = NDArray[np.int16]


def noise(seconds: float, channels: int = 1, seed: int = 1) -> Samples:
    """Every value of 16 bits may occur, also the ends of the scale."""
    drawn = np.random.default_rng(seed).integers(-32_768, 32_768, (int(seconds * RATE), channels), dtype=np.int16)
    drawn[:2] = [[-32_768] * channels, [32_767] * channels]
    return drawn


def file_of(samples: Samples, kind: str, subtype: str) -> bytes:
    file = BytesIO()
    written = samples / 32_768 if subtype == "FLOAT" else samples
    soundfile.write(file, written, RATE, format=kind, subtype=subtype)
    return file.getvalue()


def piece(
    number: int, start_ms: int, samples: Samples, *, rate: int = RATE, bare: bool = True, frames: int | None = None
) -> JoinedPiece:
    form = SampleForm(rate, samples.shape[1])
    return JoinedPiece(number, start_ms, len(samples) if frames is None else frames, form, AT, bare)


def recording_of(plan: JoinPlan, pieces: list[bytes]) -> bytes:
    parts = zip(pieces, plan.parts, strict=True)
    return pcm.wav_header(plan.form, plan.data_bytes) + b"".join(
        pcm.bytes_of(one, part, plan.form) for one, part in parts
    )


@pytest.mark.parametrize(
    ("kind", "subtype"), [("FLAC", "PCM_16"), ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT")]
)
@pytest.mark.parametrize("channels", [1, 2])
def test_overlapping_pieces_are_joined_sample_by_sample(kind: str, subtype: str, channels: int) -> None:
    captured = noise(9, channels)
    spans = [(0, 3), (2, 5), (2.5, 4), (5, 9)]
    stretches = [captured[int(begin * RATE) : int(end * RATE)] for begin, end in spans]
    plan = plan_of(
        piece(number, int(1000 * span[0]), samples, bare=False)
        for number, (span, samples) in enumerate(zip(spans, stretches, strict=True), start=1)
    )

    whole = recording_of(plan, [file_of(samples, kind, subtype) for samples in stretches])

    found, rate = soundfile.read(BytesIO(whole), dtype="int16", always_2d=True)
    assert rate == RATE
    assert np.array_equal(found, captured)


def test_bare_samples_are_not_touched() -> None:
    captured = noise(3, 2).astype("<i2").tobytes()
    plan = plan_of([piece(1, 0, noise(2, 2)), piece(2, 1_000, noise(2, 2))])

    whole = recording_of(plan, [captured[: 8 * RATE], captured[4 * RATE :]])

    assert whole.endswith(captured)
    assert len(whole) == 44 + len(captured)


def test_pieces_of_other_rates_and_channels_keep_their_length_and_their_tone() -> None:
    times = np.arange(2 * RATE) / RATE
    tone = np.round(8_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)[:, None]
    both = np.repeat(tone, 2, axis=1)
    plan = plan_of([piece(1, 0, tone), piece(2, 2_000, both, rate=RATE // 2), piece(3, 6_000, both)])

    whole = recording_of(plan, [tone.tobytes(), both.tobytes(), both.tobytes()])

    found, rate = soundfile.read(BytesIO(whole), dtype="int16")
    assert (rate, len(found)) == (RATE, 8 * RATE)
    assert np.array_equal(found[: 2 * RATE], tone[:, 0])
    assert np.array_equal(found[6 * RATE :], tone[:, 0])
    slow = np.abs(np.fft.rfft(found[2 * RATE : 6 * RATE].astype(float)))
    assert slow.argmax() == 220 * 4


@pytest.mark.parametrize(
    "content", [audio_files.encoded(3, "OGG", "OPUS"), audio_files.encoded(3, "OGG", "VORBIS"), audio_files.webm(3)]
)
def test_lossy_pieces_give_the_frames_that_were_counted(content: bytes) -> None:
    source = Source(BytesIO(content), len(content))
    blocks = list(Decoder(source, contents.read(source)).since())
    form = SampleForm(blocks[0].rate, blocks[0].samples.shape[1])
    plan = plan_of([JoinedPiece(1, 0, blocks[-1].end, form, AT, bare=False)])

    assert len(pcm.bytes_of(content, plan.parts[0], plan.form)) == blocks[-1].end * form.frame_bytes > 0


@pytest.mark.parametrize("bare", [True, False])
def test_a_piece_without_its_frames_is_refused(bare: bool) -> None:
    samples = noise(1)
    plan = plan_of([piece(1, 0, samples, bare=bare, frames=len(samples) + 1)])
    content = samples.tobytes() if bare else file_of(samples, "FLAC", "PCM_16")

    with pytest.raises(AudioRefused):
        pcm.bytes_of(content, plan.parts[0], plan.form)


@pytest.mark.parametrize("data_bytes", [0, 4, 2**32 - 40, 2**32 - 36, 2**33])
def test_headers_of_any_size_are_read_as_they_are(data_bytes: int) -> None:
    header = pcm.wav_header(SampleForm(48_000, 2), data_bytes)

    found = contents.parsed(Source(BytesIO(header), len(header) + data_bytes))

    assert (found.container, found.codec, found.channels, found.sample_rate) == (Container.WAV, Codec.PCM, 2, 48_000)
    assert (found.seconds, found.cut_off) == (data_bytes // 4 * 4 / 192_000, False)
    assert header[:4] == (b"RIFF" if data_bytes <= 2**32 - 1 - 36 else b"RF64")
