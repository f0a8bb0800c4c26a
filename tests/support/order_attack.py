"""An attack on stored arrays of search tokens: what their order and number reveal without the keys.

The attacker learns from half of the patients, whose terms are known, and guesses those of the other half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

Labels = Mapping[bytes, tuple[str, str, str]]
"""Scope, kind and value of each token; padding has none."""


@dataclass(frozen=True)
class Victim:
    """A patient's stored array, and the facts that the attacker guesses."""

    tokens: Sequence[bytes]
    labels: Labels
    letters: int
    """The length of the name."""


def kind_hits(victims: Sequence[Victim], kind: str) -> float:
    """The share of arrays in which the place that usually has a token of this kind has one."""
    known, others = _halves(victims)
    places = Counter(place for victim in known for place, label in _labelled(victim) if label[1] == kind)
    ((best, _),) = places.most_common(1)
    return sum(_label_at(victim, best)[1] == kind for victim in others) / len(others)


def scope_hits(victims: Sequence[Victim], scope: str) -> float:
    """The share of tokens whose scope is guessed rightly from their place."""
    known, others = _halves(victims)
    votes: dict[int, Counter[bool]] = {}
    for victim in known:
        for place, label in _labelled(victim):
            votes.setdefault(place, Counter())[label[0] == scope] += 1
    guesses = {place: count.most_common(1)[0][0] for place, count in votes.items()}
    asked = [(place, label) for victim in others for place, label in _labelled(victim)]
    return sum(guesses.get(place, True) == (label[0] == scope) for place, label in asked) / len(asked)


def alphabetical_hits(victims: Sequence[Victim], length: int = 3) -> float:
    """The share of pairs of beginnings of this length whose alphabetical order is that of their tokens."""
    votes: Counter[tuple[str, str]] = Counter()
    for victim in victims:
        beginnings = [v for _, (_, kind, v) in _labelled(victim) if kind == "name_prefix" and len(v) == length]
        for one, other in combinations(dict.fromkeys(beginnings), 2):
            votes[(min(one, other), max(one, other))] += 1 if one < other else -1
    decided = [vote for vote in votes.values() if vote]
    return sum(vote > 0 for vote in decided) / len(decided)


def neighbour_hits(victims: Sequence[Victim]) -> float:
    """The share of neighbouring tokens of which one is a longer beginning of the same word."""
    found = [nested(one, other) for victim in victims for one, other in pairwise(_values(victim))]
    return sum(found) / len(found)


def nested(one: str, other: str) -> bool:
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def length_gain(victims: Sequence[Victim]) -> float:
    """By how much the number of tokens improves the guess of the length of a name."""
    known, others = _halves(victims)
    usual = _most_common(victim.letters for victim in known)
    by_count = {
        count: _most_common(victim.letters for victim in known if len(victim.tokens) == count)
        for count in {len(victim.tokens) for victim in known}
    }
    informed = sum(by_count.get(len(victim.tokens), usual) == victim.letters for victim in others)
    blind = sum(usual == victim.letters for victim in others)
    return (informed - blind) / len(others)


def _values(victim: Victim) -> list[str]:
    labels = (victim.labels.get(token, ("", "", "")) for token in victim.tokens)
    return [value if kind == "name_prefix" else "" for _, kind, value in labels]


def _labelled(victim: Victim) -> list[tuple[int, tuple[str, str, str]]]:
    return [(place, victim.labels[token]) for place, token in enumerate(victim.tokens) if token in victim.labels]


def _label_at(victim: Victim, place: int) -> tuple[str, str, str]:
    known = place < len(victim.tokens)
    return victim.labels.get(victim.tokens[place], ("", "", "")) if known else ("", "", "")


def _halves(victims: Sequence[Victim]) -> tuple[Sequence[Victim], Sequence[Victim]]:
    middle = len(victims) // 2
    return victims[:middle], victims[middle:]


def _most_common(values: Iterable[int]) -> int:
    return Counter(values).most_common(1)[0][0]
