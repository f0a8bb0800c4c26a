"""Synthesises a dialogue as a two-channel recording, with Debian's speech synthesisers."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from local.samples import Turn
from local.services.speech.audio import SAMPLE_RATE, Samples, decode

SPEAKERS = ("doctor", "patient")
"""By channel: the doctor on the first (left), the patient on the second."""

PAUSE_SECONDS = 0.45
"""Between two turns."""

_SPOKEN = {"Ms.": "Miz", "PHQ-9": "P H Q 9", "sertraline": "sirtra leen"}
"""Spellings that the synthesisers pronounce correctly."""

_FLITE = {"doctor": "rms", "patient": "slt"}
_ESPEAK = {"doctor": "en-us+m3", "patient": "en-us+f3"}


class NoSynthesiser(Exception):
    """Neither flite nor espeak-ng is installed."""


def record(turns: Sequence[tuple[str, str]]) -> tuple[Samples, list[Turn]]:
    """The recording of a dialogue of (speaker, text), and the times of its turns. Raises NoSynthesiser."""
    spoken = [speak(speaker, text) for speaker, text in turns]
    pause = round(PAUSE_SECONDS * SAMPLE_RATE)
    samples = np.zeros((len(SPEAKERS), sum(len(voice) + pause for voice in spoken) + pause), np.float32)
    timed, position = [], pause
    for (speaker, text), voice in zip(turns, spoken, strict=True):
        end = position + len(voice)
        samples[SPEAKERS.index(speaker), position:end] = voice
        timed.append(Turn(speaker, round(position / SAMPLE_RATE, 2), round(end / SAMPLE_RATE, 2), text))
        position = end + pause
    return samples, timed


def speak(speaker: str, text: str) -> Samples:
    """One turn as a one-dimensional array, without leading and trailing silence."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "turn.wav")
        subprocess.run(_command(speaker, _as_spoken(text), wav), check=True, capture_output=True)
        voice: Samples = decode(wav.read_bytes())[0]
    loud = np.flatnonzero(np.abs(voice) > 0.01)
    trimmed: Samples = voice[loud[0] : loud[-1] + 1]
    return trimmed


def _as_spoken(text: str) -> str:
    for written, said in _SPOKEN.items():
        text = text.replace(written, said)
    return text


def _command(speaker: str, text: str, wav: Path) -> list[str]:
    if shutil.which("flite"):
        return ["flite", "-voice", _FLITE[speaker], "-t", text, "-o", str(wav)]
    if shutil.which("espeak-ng"):
        return ["espeak-ng", "-v", _ESPEAK[speaker], "-s", "160", "-w", str(wav), text]
    raise NoSynthesiser("No speech synthesiser is installed. Install one with: apt-get install flite")
