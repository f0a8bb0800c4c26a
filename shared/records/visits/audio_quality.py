"""The quality of a recording, from its levels: a score and marks with advice."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shared.records.visits.audio import AudioMark

_MOSTLY = 0.95
"""Share of silence from which a recording is mostly silent."""
_CLIPPED = 0.001
"""Share of samples at the end of the scale; a single pop has far fewer."""
_QUIET = -36.0
"""dBFS of the voices."""
_CLEAR = 10.0
"""dB of the voices above the background."""
_WIDE_BAND = 16_000
"""Samples per second that Speech-to-Text advises."""


@dataclass(frozen=True)
class Levels:
    """Amplitudes, from 0 to 1, of what was decoded. None: not enough audio to tell."""

    seconds: float
    """How much was decoded."""
    peak: float
    noise: float | None = None
    """Root mean square of the quietest tenth."""
    voice: float | None = None
    """Root mean square of the loudest twentieth."""
    clipped_share: float | None = None
    silence_share: float | None = None


def decibels(amplitude: float | None) -> float | None:
    """The level in dBFS, at least -100; None if it is unknown."""
    return None if amplitude is None else round(20 * math.log10(max(amplitude, 1e-5)), 1)


def score_of(levels: Levels | None) -> float | None:
    """From 0 to 1: the worst of level, distance of voice and background, and clipping. None if one is unknown."""
    if levels is None or levels.voice is None or levels.noise is None or levels.clipped_share is None:
        return None
    voice, noise = decibels(levels.voice) or 0.0, decibels(levels.noise) or 0.0
    level = (voice + 60) / 35  # 1 from -25 dBFS
    distance = (voice - noise) / 25  # 1 from 25 dB
    clipping = 1 - levels.clipped_share / 0.02  # 0 from 2 % of the samples
    return round(min(1.0, max(0.0, min(level, distance, clipping))), 2)


def marks_of(levels: Levels | None, sample_rate: int) -> list[AudioMark]:
    """What is wrong with the sound, as far as it is known."""
    narrow = [AudioMark.NARROW_BAND] if sample_rate < _WIDE_BAND else []
    if levels is None or levels.voice is None or levels.noise is None:
        return narrow
    if (levels.silence_share or 0.0) >= _MOSTLY:
        return [AudioMark.MOSTLY_SILENT, *narrow]
    voice, noise = decibels(levels.voice) or 0.0, decibels(levels.noise) or 0.0
    found = {
        AudioMark.CLIPPED: (levels.clipped_share or 0.0) > _CLIPPED,
        AudioMark.NOISY: voice - noise < _CLEAR,
        AudioMark.QUIET: voice < _QUIET,
    }
    return [*(mark for mark, holds in found.items() if holds), *narrow]
