"""Whether names are found by their sound in another script, and how many others are found with them.

`names.tsv` has pairs of a name in its script and in Latin letters. A pair that shares no code is missed. Wrong names
are counted among the names of the pairs, or among 100,000 of a list of the form `form, form => item`, one item a line.
Both are measured for the first codes of this project too: Metaphone and Soundex of the word in Latin letters.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.measure import Comparison
from shared.records.patients.names import normalised, sounds

_PAIRS = Path(__file__).with_name("names.tsv")
_MISSED = 0.10
"""The acceptable share of pairs that share no code."""
_MISSED_IN = {"Han, Japanese": 0.47, "Han, foreign": 0.22, "Burmese": 0.18, "Khmer": 0.14}
"""The same where docs/name-sounds.md says why it is more."""
_WRONG = 2.0
"""The most wrong names of a search, compared with the codes before."""
_LATIN, _OTHER = 70_000, 30_000
"""Names in Latin letters and in other scripts among which wrong ones are counted."""
_SEARCHES = 1_500

Codes = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class Pair:
    """A name in its script and in Latin letters, both normalised. `kind` is `names` of people, or `places`."""

    script: str
    kind: str
    native: str
    latin: str


@dataclass(frozen=True)
class Recall:
    """The shares of the pairs of a script that share a code, before and now."""

    script: str
    kind: str
    pairs: int
    before: float
    now: float

    @property
    def group(self) -> str:
        """The script, and whether its pairs are names of people or of places."""
        return f"{self.script}, {self.kind}"

    @property
    def wanted(self) -> float:
        """The least acceptable recall."""
        return 1 - _MISSED_IN.get(self.script, _MISSED)


def pairs() -> list[Pair]:
    """The pairs of this project."""
    lines = _PAIRS.read_text(encoding="utf-8").splitlines()
    fields = (line.split("\t") for line in lines if not line.startswith("#"))
    return [Pair(script, kind, normalised(native), normalised(latin)) for script, kind, native, latin in fields]


def recalls() -> list[Recall]:
    """The recall of each script and kind."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs():
        groups[pair.script, pair.kind].append(pair)
    return [
        Recall(*group, len(found), _shared(found, before), _shared(found, sounds)) for group, found in groups.items()
    ]


def comparisons(recalled: Sequence[Recall], listed: Path | None) -> list[Comparison]:
    """The pairs that are missed in each script, and the wrong names of a search among those of the list, or the pairs.

    Raises OSError for a list that cannot be read.
    """
    missed = [
        Comparison(f"{one.group}: missed of {one.pairs}", one.pairs * (1 - one.now), one.pairs, 1 - one.wanted)
        for one in recalled
    ]
    people = listed_names(listed) if listed else paired_names()
    wrong = Comparison(
        f"wrong names of a search of {len(people):,}", _wrong(people, sounds), _wrong(people, before), _WRONG
    )
    return [*missed, wrong]


@cache
def before(word: str) -> tuple[str, ...]:
    """The codes before: Metaphone and Soundex, which expect English."""
    import jellyfish
    from anyascii import anyascii

    latin = "".join(letter for letter in anyascii(word).lower() if "a" <= letter <= "z")
    return (f"m{jellyfish.metaphone(latin)}", f"s{jellyfish.soundex(latin)}") if latin else ()


def paired_names() -> list[str]:
    """The Latin names of all pairs, and as many of the others as stand in `_OTHER` to `_LATIN`."""
    found = pairs()
    others = random.Random(1).sample(found, len(found) * _OTHER // _LATIN)
    return [*(pair.latin for pair in found), *(pair.native for pair in others)]


def listed_names(listed: Path) -> list[str]:
    """One word of each item of a list, of another item for each script."""
    latin: list[str] = []
    other: list[str] = []
    generator = random.Random(1)
    lines = listed.read_text(encoding="utf-8").splitlines()
    for line in generator.sample(lines, len(lines)):
        words = [word for form in line.partition("=>")[0].split(",") if " " not in (word := normalised(form))]
        mine = [word for word in words if _is_latin(word)]
        theirs = [word for word in words if word and not _is_latin(word)]
        if theirs and len(other) < _OTHER:
            other.append(generator.choice(theirs))
        elif mine and len(latin) < _LATIN:
            latin.append(generator.choice(mine))
    return [*latin, *other]


def _is_latin(word: str) -> bool:
    first = next((letter for letter in word if letter.isalpha()), "")
    return bool(first) and unicodedata.name(first, "").startswith("LATIN")


def _shared(found: Sequence[Pair], codes: Codes) -> float:
    return sum(not set(codes(pair.native)).isdisjoint(codes(pair.latin)) for pair in found) / len(found)


def _wrong(people: Sequence[str], codes: Codes) -> float:
    """The mean of other names that share a code with a searched one."""
    holders: dict[str, set[str]] = defaultdict(set)
    for name in people:
        for code in codes(name):
            holders[code].add(name)
    searched = random.Random(1).sample(people, min(_SEARCHES, len(people)))
    return sum(len(set(_found(holders, codes(name))) - {name}) for name in searched) / len(searched)


def _found(holders: dict[str, set[str]], codes: tuple[str, ...]) -> Iterator[str]:
    for code in codes:
        yield from holders[code]
