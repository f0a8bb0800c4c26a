"""Joins what was recognised in overlapping parts of a recording: no word lost or doubled, voices matched, times rising.

Both parts heard the words of their overlap. They are aligned by text and time; the join is at an aligned word near the
middle, since words at the edges of a part are cut. Words aligned across the seam vote which voice is which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from shared.records.visits.audio_parts import OVERLAP_MS, AudioPart
from shared.records.visits.segments import Utterance, Word, word_key

_SLACK_MS = 2_000
"""Words that begin or end so much outside the overlap are compared too: the engine's times are not exact."""
_MOST_COMPARED = 300
"""Words of each part."""


@dataclass(frozen=True)
class _Spoken:
    """A word in the recording's time, with the utterance that it is of."""

    word: Word
    utterance: Utterance
    turn: int
    """Distinguishes the utterances of a channel."""

    @property
    def key(self) -> str:
        return word_key(self.word.text)


_Pair = tuple[int, int]
"""The positions of one word in two lists."""


def joined(parts: Sequence[tuple[AudioPart, Sequence[Utterance]]]) -> list[Utterance]:
    """The utterances of the whole recording, from those of its parts, whose times count from the part's beginning."""
    channels = sorted({utterance.channel for _, utterances in parts for utterance in utterances})
    return [utterance for channel in channels for utterance in _channel(parts, channel)]


def _channel(parts: Sequence[tuple[AudioPart, Sequence[Utterance]]], channel: int) -> Iterator[Utterance]:
    whole: list[_Spoken] = []
    end_ms, turns = 0, 0
    for number, (part, utterances) in enumerate(parts):
        spoken = list(_shifted(part, [one for one in utterances if one.channel == channel], number, turns))
        turns += len(utterances)
        whole = _with_part(whole, spoken, part.start_ms, end_ms) if number else spoken
        end_ms = part.end_ms
    return _utterances(_rising(whole))


def _shifted(part: AudioPart, utterances: Iterable[Utterance], number: int, turns: int) -> Iterator[_Spoken]:
    """The words in the recording's time. Labels of voices get the part's number: those of two parts are unrelated."""
    for turn, utterance in enumerate(utterances, start=turns):
        owned = replace(utterance, voice=utterance.voice and f"{number}/{utterance.voice}")
        for word in utterance.words:
            start, end = word.start_ms + part.start_ms, word.end_ms + part.start_ms
            yield _Spoken(replace(word, start_ms=start, end_ms=end), owned, turn)


def _with_part(whole: list[_Spoken], part: list[_Spoken], start_ms: int, end_ms: int) -> list[_Spoken]:
    """The words so far, and those of the next part, which overlaps from `start_ms` to `end_ms`."""
    tail = _first(len(whole), (at for at, one in enumerate(whole) if one.word.end_ms >= start_ms - _SLACK_MS))
    tail = max(tail, len(whole) - _MOST_COMPARED)
    head = _first(len(part), (at for at, one in enumerate(part) if one.word.start_ms > end_ms + _SLACK_MS))
    before, after = whole[tail:], part[: min(head, _MOST_COMPARED)]
    pairs = _aligned(before, after)
    part = _with_voices(part, _same_voices(whole, part, [(before[i], after[j]) for i, j in pairs]))
    middle = (start_ms + end_ms) // 2
    if not pairs:
        kept = [one for one in whole if _middle(one) < middle]
        return kept + [one for one in part if _middle(one) >= middle]
    last, first = _seam(before, pairs, middle)
    seam_turn = whole[tail + last].turn
    rest = part[first + 1 :]
    same = [replace(one, turn=seam_turn) if one.turn == part[first].turn else one for one in rest]
    return whole[: tail + last + 1] + same


def _first(default: int, positions: Iterable[int]) -> int:
    return next(iter(positions), default)


def _middle(one: _Spoken) -> int:
    return (one.word.start_ms + one.word.end_ms) // 2


def _aligned(before: Sequence[_Spoken], after: Sequence[_Spoken]) -> list[_Pair]:
    """The pairs of equal words, in order, that together are most and nearest in time (a longest common subsequence)."""
    likeness = _likenesses(before, after)
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in reversed(range(len(before))):
        row, below = best[i], best[i + 1]
        for j in reversed(range(len(after))):
            row[j] = max(below[j], row[j + 1], below[j + 1] + likeness.get((i, j), 0.0))
    pairs, i, j = [], 0, 0
    while i < len(before) and j < len(after):
        alike = likeness.get((i, j))
        if alike and best[i][j] == best[i + 1][j + 1] + alike:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likenesses(before: Sequence[_Spoken], after: Sequence[_Spoken]) -> dict[_Pair, float]:
    """For each pair of equal words 1 to 2, more the nearer they are."""
    positions: dict[str, list[int]] = {}
    for j, one in enumerate(after):
        positions.setdefault(one.key, []).append(j)
    alike = {}
    for i, one in enumerate(before):
        for j in positions.get(one.key, ()):
            apart = abs(one.word.start_ms - after[j].word.start_ms)
            if apart < OVERLAP_MS:
                alike[i, j] = 2 - apart / OVERLAP_MS
    return alike


def _seam(before: Sequence[_Spoken], pairs: Sequence[_Pair], middle_ms: int) -> _Pair:
    """The aligned word to join at: one whose neighbours are aligned too, else any, nearest to the middle."""
    known = set(pairs)
    sure = [(i, j) for i, j in pairs if (i - 1, j - 1) in known and (i + 1, j + 1) in known]
    return min(sure or pairs, key=lambda pair: abs(_middle(before[pair[0]]) - middle_ms))


def _same_voices(
    whole: Sequence[_Spoken], part: Sequence[_Spoken], pairs: Sequence[tuple[_Spoken, _Spoken]]
) -> Mapping[str, str]:
    """For labels of the part, the label of the same voice so far: most votes first. The last of each are the same."""
    votes = Counter((old.utterance.voice, new.utterance.voice) for old, new in pairs)
    same: dict[str, str] = {}
    for (old_label, new_label), _ in sorted(votes.items(), key=lambda vote: (-vote[1], str(vote[0]))):
        if old_label and new_label and new_label not in same and old_label not in same.values():
            same[new_label] = old_label
    missing = sorted(_voices(part) - set(same))
    free = sorted(_voices(whole) - set(same.values()))
    if same and len(missing) == len(free) == 1:
        same[missing[0]] = free[0]
    return same


def _voices(spoken: Iterable[_Spoken]) -> set[str]:
    return {one.utterance.voice for one in spoken if one.utterance.voice is not None}


def _with_voices(part: Iterable[_Spoken], same: Mapping[str, str]) -> list[_Spoken]:
    return [
        replace(one, utterance=replace(one.utterance, voice=same.get(one.utterance.voice or "", one.utterance.voice)))
        for one in part
    ]


def _rising(spoken: Iterable[_Spoken]) -> Iterator[_Spoken]:
    """No word begins before the one before it."""
    earliest = 0
    for one in spoken:
        earliest = max(earliest, one.word.start_ms)
        yield replace(one, word=replace(one.word, start_ms=earliest, end_ms=max(earliest, one.word.end_ms)))


def _utterances(spoken: Iterable[_Spoken]) -> Iterator[Utterance]:
    for _, turn in groupby(spoken, key=_turn):
        words = list(turn)
        yield replace(words[0].utterance, words=tuple(one.word for one in words))


def _turn(one: _Spoken) -> tuple[object, ...]:
    """What the words of one utterance share."""
    return one.turn, one.utterance.voice, one.utterance.speaker, one.utterance.language
