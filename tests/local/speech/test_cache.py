"""The cache of transcripts: its keys, its files, and processes that share its folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local.services.speech import cache
from local.services.speech.audio import SAMPLE_RATE, RawFormat, encode
from local.services.speech.cache import TranscriptCache, chosen_folder
from local.services.speech.transcript import Job, Transcript, Word
from local.services.speech.weights import BASE, TINY_EN

JOB = Job(b"recording", per_channel=True)
TRANSCRIPT = Transcript(((Word("Größe", 0.1, 0.4, 1 / 3), Word("ja", 0.4, 0.5, 0.9)), ()), 4.4)


def test_transcript_is_read_by_another_process(tmp_path: Path) -> None:
    TranscriptCache(TINY_EN, tmp_path / "new").put(JOB, TRANSCRIPT)

    assert TranscriptCache(TINY_EN, tmp_path / "new").get(JOB) == TRANSCRIPT


@pytest.mark.parametrize(
    "change",
    [
        {"audio": b"another recording"},
        {"per_channel": False},
        {"language": "de"},
        {"raw": RawFormat("s16le", 16_000, 2)},
        {"longest": 60.0},
    ],
)
def test_other_recording_or_parameter_is_another_transcript(tmp_path: Path, change: dict[str, Any]) -> None:
    stored = TranscriptCache(TINY_EN, tmp_path)
    stored.put(JOB, TRANSCRIPT)

    assert stored.get(replace(JOB, **change)) is None
    assert stored.get(replace(JOB)) == TRANSCRIPT


def test_other_model_is_another_transcript(tmp_path: Path) -> None:
    TranscriptCache(TINY_EN, tmp_path).put(JOB, TRANSCRIPT)
    files = {**TINY_EN.files, "model.bin": replace(TINY_EN.files["model.bin"], sha256="0" * 64)}

    for model in (BASE, replace(TINY_EN, files=files)):
        assert TranscriptCache(model, tmp_path).get(JOB) is None


def test_other_code_is_another_transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TranscriptCache(TINY_EN, tmp_path).put(JOB, TRANSCRIPT)
    before = cache._code()

    monkeypatch.setattr(cache, "_code", lambda: [*before[:-1], "tokenizers 999"])

    assert TranscriptCache(TINY_EN, tmp_path).get(JOB) is None


@pytest.mark.parametrize(
    "damage", [lambda content: b"", lambda content: content[:-9], lambda content: content.replace(b"ja", b"no")]
)
def test_damaged_file_is_ignored_and_replaced(tmp_path: Path, damage: Any) -> None:
    TranscriptCache(TINY_EN, tmp_path).put(JOB, TRANSCRIPT)
    [file] = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))

    damaged = TranscriptCache(TINY_EN, tmp_path)

    assert damaged.get(JOB) is None
    damaged.put(JOB, TRANSCRIPT)
    assert TranscriptCache(TINY_EN, tmp_path).get(JOB) == TRANSCRIPT


def test_concurrent_writers_leave_one_whole_file(tmp_path: Path) -> None:
    def write_and_read(_: int) -> Transcript | None:
        TranscriptCache(TINY_EN, tmp_path).put(JOB, TRANSCRIPT)
        return TranscriptCache(TINY_EN, tmp_path).get(JOB)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(write_and_read, range(200)))

    assert set(found) == {TRANSCRIPT}
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    memory = TranscriptCache(TINY_EN)

    memory.put(JOB, TRANSCRIPT)

    assert memory.get(JOB) == TRANSCRIPT
    assert list(tmp_path.iterdir()) == []


def test_only_the_variable_chooses_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_SPEECH_CACHE", raising=False)
    assert chosen_folder() is None
    monkeypatch.setenv("LOCAL_SPEECH_CACHE", "")
    assert chosen_folder() is None
    monkeypatch.setenv("LOCAL_SPEECH_CACHE", str(tmp_path))
    assert chosen_folder() == tmp_path


@pytest.mark.parametrize("suffix", [".ogg", ".webm", ".mp3", ".m4a", ".flac", ".wav"])
def test_same_samples_are_encoded_as_the_same_recording(tmp_path: Path, suffix: str) -> None:
    samples = np.linspace(-1, 1, 2 * SAMPLE_RATE, dtype=np.float32).reshape(2, -1)
    files = [tmp_path / f"{number}{suffix}" for number in range(2)]
    for file in files:
        encode(samples, file)

    assert files[0].read_bytes() == files[1].read_bytes()
