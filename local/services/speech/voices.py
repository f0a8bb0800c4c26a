"""Tells two voices on one channel apart by their pitch: a stand-in for diarization, not a good one.

Voices of nearly the same pitch get one label: a wrong label would be worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.services.speech.audio import SAMPLE_RATE
from local.services.speech.transcript import Word

_PAUSE = 0.3
"""Seconds between two words of different stretches; a stretch has one voice."""
_FRAME, _HOP = SAMPLE_RATE // 25, SAMPLE_RATE // 100
_LAGS = slice(SAMPLE_RATE // 400, SAMPLE_RATE // 60)
"""Periods of 400 to 60 Hz."""
_VOICED = 0.45
"""Autocorrelation from which a frame has a pitch."""
_APART = 0.25
"""Difference of two voices, in the logarithm of the pitch: 4 to 5 semitones."""
_CLEARLY = 5.0
"""The same in standard deviations of the voices: one voice with an even spread of pitches has 3.5."""


@dataclass(frozen=True)
class LabelledWord(Word):
    """A word with the label of its voice."""

    label: str = "1"


def labelled(words: Sequence[Word], channel: NDArray[np.float32]) -> tuple[LabelledWord, ...]:
    """The words of a channel with labels "1" and "2", in the order of first words."""
    stretches = _stretches(words)
    pitches = [_pitch(channel, stretch) for stretch in stretches]
    threshold = _threshold([pitch for pitch in pitches if pitch is not None])
    high = [pitch is not None and threshold is not None and pitch > threshold for pitch in pitches]
    return tuple(
        LabelledWord(word.text, word.start, word.end, word.confidence, "1" if side == high[0] else "2")
        for stretch, side in zip(stretches, high, strict=True)
        for word in stretch
    )


def _stretches(words: Sequence[Word]) -> list[list[Word]]:
    """Words without a pause or the end of a sentence between them."""
    found: list[list[Word]] = []
    for word in words:
        last = found[-1][-1] if found else None
        if last is None or word.start - last.end > _PAUSE or last.text.endswith((".", "?", "!")):
            found.append([])
        found[-1].append(word)
    return found


def _pitch(channel: NDArray[np.float32], stretch: Sequence[Word]) -> float | None:
    """The logarithm of the median pitch of the voiced frames; None without any."""
    samples = channel[round(stretch[0].start * SAMPLE_RATE) : round(stretch[-1].end * SAMPLE_RATE)]
    if len(samples) < _FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    spectrum = np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), 2 * _FRAME)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)
    energy = correlation[:, :1] + 1e-9
    periodic = (correlation / energy)[:, _LAGS]
    voiced = (periodic.max(axis=1) > _VOICED) & (periodic.argmax(axis=1) > 0)
    if not voiced.any():
        return None
    periods = periodic[voiced].argmax(axis=1) + _LAGS.start
    return float(np.log(SAMPLE_RATE / np.median(periods)))


def _threshold(pitches: Sequence[float]) -> float | None:
    """The pitch between two groups (k-means in one dimension); None if there is only one voice."""
    if len(pitches) < 2:
        return None
    values = np.sort(np.array(pitches))
    splits = [(values[:at].var() * at + values[at:].var() * (len(values) - at), at) for at in range(1, len(values))]
    spread, at = min(splits)
    low, high = values[:at].mean(), values[at:].mean()
    clear = max(_APART, _CLEARLY * float(np.sqrt(spread / len(values))))
    return float((low + high) / 2) if high - low >= clear else None
