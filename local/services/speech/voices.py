"""Tells two voices on one channel apart by pitch and timbre: a stand-in for diarization, not a good one.

Stretches of low and of high pitch begin two groups. Then words change groups by the pitch and timbre of their voiced
frames (linear discriminant), where a change of the voice within a stretch is unlikely, until nothing changes. Voices
that are not clearly apart get one label: a wrong label would be worse than none. Further voices get the label that
they resemble more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from local.services.speech.frames import OVERLAP, Floats, Frames, frames_of
from local.services.speech.transcript import Word

_PAUSE = 0.3
"""Seconds between two words of different stretches."""
_MARGIN = 0.02
"""Seconds by which a recogniser cuts words too short."""
_FEW = 8
"""Voiced frames below which a stretch has no pitch of its own."""
_LEAST = 20
"""Voiced frames below which a group is no voice."""
_CHANGE_BETWEEN, _CHANGE_WITHIN = 1.5, 8.0
"""What a change of the voice between two stretches, and within one, costs in log-likelihood."""
_LOUDEST = 6.0
"""The most that one frame says for a voice, in log-likelihood: some frames are noise."""
_RIDGE = 0.05
_ROUNDS = 10
_APART = 0.25
"""Difference of two voices in the logarithm of the pitch: 4 to 5 semitones."""
_FRAMES_APART = 1.4
"""Distance of two voices in standard deviations of their frames; halves of one voice have 1."""
_SUDDEN = 0.5
"""Share of the distance of two voices that lies between neighbouring stretches of them; a voice that rises slowly
crosses it in small steps."""

Group = NDArray[np.intp]


@dataclass(frozen=True)
class LabelledWord(Word):
    """A word with the label of its voice."""

    label: str = "1"


@dataclass(frozen=True)
class Discriminant:
    """The direction that separates two groups of frames."""

    weights: Floats
    middle: float
    distance: float
    """Of the groups, in standard deviations of their frames."""


def labelled(words: Sequence[Word], channel: NDArray[np.float32]) -> tuple[LabelledWord, ...]:
    """The words of a channel with labels "1" and "2", in the order of first words."""
    high = _high(words, frames_of(channel)) if words else []
    return tuple(
        LabelledWord(word.text, word.start, word.end, word.confidence, "1" if side == high[0] else "2")
        for word, side in zip(words, high, strict=True)
    )


def _high(words: Sequence[Word], frames: Frames) -> Sequence[int]:
    """1 for the words of the higher voice, else 0; all 0 if there is only one voice."""
    heard = [frames.between(word.start - _MARGIN, word.end + _MARGIN) for word in words]
    begins = _begins(words)
    stretches = np.cumsum(begins) - 1
    features = _normalised(frames, np.concatenate(heard))
    sides = _by_pitch(frames, heard, stretches)
    for _ in range(_ROUNDS):
        found = _discriminant(features, *_groups(heard, sides))
        if found is None:
            return [0] * len(words)
        moved = _most_likely([_evidence(features[one], found) for one in heard], begins)
        if (moved == sides).all():
            break
        sides = moved
    apart = found is not None and _are_apart(frames, heard, stretches, sides, found)
    return [int(side) for side in sides] if apart else [0] * len(words)


def _begins(words: Sequence[Word]) -> list[bool]:
    """Whether a pause or the end of a sentence is before each word."""
    pairs = pairwise(words)
    return [True, *(last.text.endswith((".", "?", "!")) or word.start - last.end > _PAUSE for last, word in pairs)]


def _normalised(frames: Frames, heard: Group) -> Floats:
    """The features with a mean of 0 and a deviation of 1 over the frames that are heard."""
    if not len(heard):
        return frames.features
    known = frames.features[heard]
    normalised: Floats = (frames.features - known.mean(axis=0)) / (known.std(axis=0) + 1e-6)
    return normalised


def _by_pitch(frames: Frames, heard: Sequence[Group], stretches: Group) -> Group:
    """The words in stretches of a high median pitch: 1; all others: 0."""
    joined = _joined(heard, stretches)
    median = np.array([np.median(frames.features[one, 0]) if len(one) >= _FEW else -np.inf for one in joined])
    return (median > _threshold(median[np.isfinite(median)])).astype(np.intp)[stretches]


def _threshold(pitches: Floats) -> float:
    """The pitch between two groups (k-means in one dimension); above all if there are no two."""
    if len(pitches) < 2:
        return np.inf
    values = np.sort(pitches)
    spreads = [values[:at].var() * at + values[at:].var() * (len(values) - at) for at in range(1, len(values))]
    at = int(np.argmin(spreads)) + 1
    return float((values[:at].mean() + values[at:].mean()) / 2)


def _joined(heard: Sequence[Group], stretches: Group) -> list[Group]:
    """The frames of each stretch."""
    members = [np.flatnonzero(stretches == one) for one in range(int(stretches[-1]) + 1)]
    return [np.concatenate([heard[int(at)] for at in words]) for words in members]


def _groups(heard: Sequence[Group], sides: Group) -> tuple[Group, Group]:
    """The frames of the words on each side."""
    low, high = ([one for one, side in zip(heard, sides, strict=True) if side == wanted] for wanted in (0, 1))
    return np.concatenate([*low, np.zeros(0, np.intp)]), np.concatenate([*high, np.zeros(0, np.intp)])


def _discriminant(features: Floats, low: Group, high: Group) -> Discriminant | None:
    """Fisher's linear discriminant; None if one group has too few frames."""
    if min(len(low), len(high)) < _LEAST:
        return None
    groups = [features[low], features[high]]
    first, second = (group.mean(axis=0) for group in groups)
    spread = np.concatenate([groups[0] - first, groups[1] - second])
    covariance = spread.T @ spread / len(spread) + _RIDGE * np.eye(spread.shape[1])
    weights = np.linalg.solve(covariance, second - first)
    return Discriminant(weights, float(weights @ (first + second) / 2), float(np.sqrt((second - first) @ weights)))


def _evidence(features: Floats, found: Discriminant) -> float:
    """How much more likely these frames of a word are of the higher voice, in log-likelihood."""
    each = np.clip(features @ found.weights - found.middle, -_LOUDEST, _LOUDEST)
    return float(each.sum() / OVERLAP)


def _most_likely(evidence: Sequence[float], begins: Sequence[bool]) -> Group:
    """The most likely voice of each word (Viterbi)."""
    best, came = np.array([0.0, evidence[0]]), []
    for more, begin in zip(evidence[1:], begins[1:], strict=True):
        cost = _CHANGE_BETWEEN if begin else _CHANGE_WITHIN
        options = best[None, :] - cost * (1 - np.eye(2))
        came.append(options.argmax(axis=1))
        best = options.max(axis=1) + np.array([0.0, more])
    path = [int(best.argmax())]
    for step in reversed(came):
        path.append(int(step[path[-1]]))
    return np.array(path[::-1])


def _are_apart(frames: Frames, heard: Sequence[Group], stretches: Group, sides: Group, found: Discriminant) -> bool:
    """True if the groups are two voices: apart in pitch and in their frames, with sudden changes between them."""
    low, high = (frames.features[group, 0].mean() for group in _groups(heard, sides))
    if high - low < _APART or found.distance < _FRAMES_APART:
        return False
    joined = [one for one in _joined(heard, stretches) if len(one) >= _FEW]
    pitches = np.array([np.median(frames.features[one, 0]) for one in joined])
    changes = np.diff(pitches > (low + high) / 2)
    return bool(np.abs(np.diff(pitches))[changes].mean() >= _SUDDEN * (high - low)) if changes.any() else False
