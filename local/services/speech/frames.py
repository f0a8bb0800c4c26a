"""Short frames of a channel in which a voice sounds, with what tells voices apart: pitch and timbre."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from local.services.speech.audio import SAMPLE_RATE

Floats = NDArray[np.float64]

_FRAME, _HOP = SAMPLE_RATE // 25, SAMPLE_RATE // 100
OVERLAP = _FRAME / _HOP
"""How many frames share a sample, so that their features are not independent."""
_BLOCK = 6_000
"""Frames at a time: a minute."""
_SHORTEST, _LONGEST = SAMPLE_RATE // 350, SAMPLE_RATE // 65
"""Periods of 350 to 65 Hz, in samples."""
_OCTAVE_COST = 0.1
"""What a period of twice the length must correlate better."""
_VOICED = 0.55
"""Autocorrelation from which a frame has a pitch."""
_FAINT = 0.01
"""Share of the energy of loud frames below which a frame is not speech of these voices."""
_BANDS, _CEPSTRA, _LOW, _HIGH = 24, 12, 100, 4_500
"""Mel bands from 100 to 4500 Hz, and the coefficients of their shape; the level is left out."""
_WINDOW = np.hanning(_FRAME)


@dataclass(frozen=True)
class Frames:
    """The frames of a channel, every 10 ms."""

    features: Floats
    """Logarithm of the pitch in Hz, and the cepstrum; one row a frame."""
    voiced: NDArray[np.bool_]

    def between(self, start: float, end: float) -> NDArray[np.intp]:
        """The numbers of the voiced frames from one second to another."""
        first, last = (round(second * SAMPLE_RATE / _HOP) for second in (start, end))
        return np.flatnonzero(self.voiced[max(first, 0) : max(last, 0)]) + max(first, 0)


def frames_of(channel: NDArray[np.float32]) -> Frames:
    """The frames of a channel; none of one shorter than a frame."""
    if len(channel) < _FRAME:
        return Frames(np.zeros((0, 1 + _CEPSTRA)), np.zeros(0, bool))
    pitch, periodic, energy, cepstrum = (np.concatenate(parts) for parts in zip(*_blocks(channel), strict=True))
    voiced = (periodic > _VOICED) & (energy > _FAINT * np.percentile(energy, 95))
    return Frames(np.column_stack([pitch, cepstrum]), voiced)


def _blocks(channel: NDArray[np.float32]) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """Pitch, periodicity, energy and cepstrum of each frame."""
    frames = np.lib.stride_tricks.sliding_window_view(channel, _FRAME)[::_HOP]
    for at in range(0, len(frames), _BLOCK):
        block = frames[at : at + _BLOCK]
        spectrum = np.abs(np.fft.rfft((block - block.mean(axis=1, keepdims=True)) * _WINDOW, 2 * _FRAME)) ** 2
        yield *_pitch(spectrum), (block**2).mean(axis=1), np.log(spectrum @ _MEL.T + 1e-8) @ _COSINES.T


def _pitch(spectrum: Floats) -> tuple[Floats, Floats]:
    """The logarithm of the pitch, and the autocorrelation at its period, 0 if no period stands out."""
    correlation = np.fft.irfft(spectrum)[:, :_FRAME]
    correlation /= (correlation[:, :1] + 1e-9) * _OF_WINDOW
    near = correlation[:, _SHORTEST - 1 : _LONGEST + 1]
    middle, periods = near[:, 1:-1], np.arange(_SHORTEST, _LONGEST)
    peaks = (middle > near[:, :-2]) & (middle >= near[:, 2:])
    weighed = np.where(peaks, middle - _OCTAVE_COST * np.log2(periods / _SHORTEST), -1.0)
    best = weighed.argmax(axis=1)
    found = middle[np.arange(len(best)), best] * (weighed.max(axis=1) > 0)
    return np.log(SAMPLE_RATE / periods[best]), found


def _mel_filters() -> Floats:
    """Triangles of equal width on the mel scale, over the bins of the spectrum."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOW, _HIGH))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1) * 2 * _FRAME / SAMPLE_RATE
    bins = np.arange(_FRAME + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    filters: Floats = np.clip(np.minimum(rising, falling), 0, None)
    return filters


def _cosines() -> Floats:
    """The cosine transform of the bands, without its constant."""
    bands, orders = np.arange(_BANDS) + 0.5, np.arange(1, _CEPSTRA + 1)
    cosines: Floats = np.cos(np.pi / _BANDS * np.outer(orders, bands)) * np.sqrt(2 / _BANDS)
    return cosines


def _autocorrelation_of_window() -> Floats:
    correlation = np.fft.irfft(np.abs(np.fft.rfft(_WINDOW, 2 * _FRAME)) ** 2)[:_FRAME]
    relative: Floats = correlation / correlation[0]
    return relative


_MEL, _COSINES, _OF_WINDOW = _mel_filters(), _cosines(), _autocorrelation_of_window() + 1e-9
