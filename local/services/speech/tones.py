"""A recogniser of words that are tones: hours of speech with known words are made, and recognised, in seconds.

A voice has a band, and each of its words a frequency in it, so audio can be cut, resampled and encoded anywhere. A word
of which less than half is left is not heard. Labels of voices are permuted from file to file, as an engine does that
knows nothing of the other files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from local.services.speech.audio import SAMPLE_RATE, Samples, decode
from local.services.speech.engine import AudioTooLong
from local.services.speech.transcript import Job, Transcript, Word
from local.services.speech.voices import LabelledWord

ENCODED_RATE = 8_000
"""Samples per second of `encode`."""
WORDS = 48
"""The vocabulary."""
WORD_SECONDS = 0.32
_SHORTEST = 0.16
_LEVEL = 0.3
_HEARD = 0.05
_WINDOW = SAMPLE_RATE // 200
_STEP = 25.0
"""Hertz between two words."""
_BANDS = (500.0, 2_000.0)
"""The frequency of the first word of each voice."""


@dataclass(frozen=True)
class Spoken:
    """A word to encode."""

    word: int
    voice: int
    """0 or 1."""
    start: float
    """Seconds."""

    @property
    def text(self) -> str:
        return _text(self.word)


@dataclass(frozen=True)
class ToneWord(Word):
    """A word that was heard."""

    voice: int = 0


def encode(spoken: Sequence[Spoken], seconds: float) -> NDArray[np.float32]:
    """One channel at `ENCODED_RATE`."""
    samples = np.zeros(round(seconds * ENCODED_RATE), dtype=np.float32)
    length = round(WORD_SECONDS * ENCODED_RATE)
    times = np.arange(length) / ENCODED_RATE
    tones = {
        (word, voice): (_LEVEL * np.sin(2 * np.pi * _frequency(word, voice) * times)).astype(np.float32)
        for word in range(WORDS)
        for voice in range(len(_BANDS))
    }
    for one in spoken:
        at = round(one.start * ENCODED_RATE)
        samples[at : at + length] = tones[one.word, one.voice][: len(samples) - at]
    return samples


class ToneRecogniser:
    """Stands for the engine, with the same methods."""

    def transcribe(self, job: Job) -> Transcript:
        """The words of each channel. Raises AudioError."""
        samples = decode(job.audio, job.raw)
        seconds = samples.shape[1] / SAMPLE_RATE
        if seconds > job.longest:
            raise AudioTooLong(f"The audio has {seconds:.0f} s; at most {job.longest:.0f} s are allowed.")
        return Transcript(tuple(tuple(_words(channel)) for channel in samples), seconds)

    def labelled(self, words: Sequence[Word]) -> tuple[LabelledWord, ...]:
        """The words with labels of their voices."""
        permuted = crc32(" ".join(word.text for word in words).encode()) % len(_BANDS)
        return tuple(
            LabelledWord(one.text, one.start, one.end, one.confidence, str((one.voice + permuted) % len(_BANDS) + 1))
            for one in words
            if isinstance(one, ToneWord)
        )


def _words(channel: Samples) -> Iterator[ToneWord]:
    loud = np.abs(channel[: len(channel) // _WINDOW * _WINDOW]).reshape(-1, _WINDOW).max(axis=1) > _HEARD
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    for begin, end in zip(edges[::2] * _WINDOW, edges[1::2] * _WINDOW, strict=True):
        if end - begin >= _SHORTEST * SAMPLE_RATE:
            word, voice = _heard(channel[begin:end])
            yield ToneWord(_text(word), begin / SAMPLE_RATE, end / SAMPLE_RATE, 0.9, voice)


def _heard(tone: NDArray[np.float32]) -> tuple[int, int]:
    """The word and its voice."""
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 4 * SAMPLE_RATE // 8))
    frequency = float(spectrum.argmax()) * SAMPLE_RATE / (4 * SAMPLE_RATE // 8)
    voice = int(frequency >= (_BANDS[0] + WORDS * _STEP + _BANDS[1]) / 2)
    return min(max(round((frequency - _BANDS[voice]) / _STEP), 0), WORDS - 1), voice


def _frequency(word: int, voice: int) -> float:
    return _BANDS[voice] + word * _STEP


def _text(word: int) -> str:
    return f"word{word:02}"
