"""Checks of numbers, doses and drugs of a claim."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise

from shared.records.claims.claim import Claim
from shared.records.claims.combining import joined_as_range
from shared.records.claims.dates import other_dates
from shared.records.claims.dosing import FAR, owner_of
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.line import Line
from shared.records.claims.quantity import Heard, Quantity
from shared.records.claims.wording import Pair
from shared.records.drugs.names import is_misspelt
from shared.records.languages.lexicon import lexicon

_BOUND = 6
"""Tokens between a drug and its dose."""
_MOST_NAMES = 50
"""Names of drugs of one claim that nobody said: each is compared with every word."""


def numbers(claim: Claim) -> Iterator[Doubt]:
    """Numbers that were not said near the cited segments; with their unit, as one doubt."""
    missing = _unheard(claim) if claim.quantities else []
    missing = missing or _no_range(claim) or other_dates(claim) or _reworded(claim)
    if missing:
        dosed = any(one.is_dose or _drug_of(claim, one) for one in missing)
        words = [" ".join(claim.tokens[one.start : one.end]) for one in missing]
        segments = claim.numbers(claim.cited)
        yield Doubt.of(DoubtKind.NUMBER_NOT_IN_EVIDENCE, words=words, segments=segments, major=dosed)


def _unheard(claim: Claim) -> list[Quantity]:
    """The numbers that were not said near the cited segments."""
    if claim.said.long_lines.isdisjoint(claim.near):
        heard = claim.numbers_near
        return [one for one in claim.quantities if not heard.fits(one)]
    cited = frozenset(claim.cited)
    heard = Heard.together(_heard_beside_terms(claim, claim.said.lines[at], cited=at in cited) for at in claim.near)
    return [one for one in claim.quantities if not heard.fits(one)]


def _no_range(claim: Claim) -> list[Quantity]:
    """Numbers of a range that is none: "2-2 weeks", "7-5 days"."""
    wrong: list[Quantity] = []
    for one, other in pairwise(claim.quantities):
        sign = joined_as_range(claim.tokens, one, other)
        falls = sign == "-" and one.value > other.value and one.kind == other.kind not in ("", "pressure")
        if (sign and one.said == other.said and (sign != "-" or other.kind)) or falls:
            wrong += [one, other]
    return wrong


def _reworded(claim: Claim) -> list[Quantity]:
    """Numbers between two words that the cited lines have with other numbers between them only."""
    said: dict[Pair, set[tuple[Fraction, ...]]] = {}
    for pair, found in claim.repeated.items():
        for _, between in found:
            if between.numbers or between.single:
                said.setdefault(pair, set()).add(_short_years(between.numbers or (Fraction(1),)))
    numbered = [(pair, one.at, _short_years(one.numbers)) for pair, one in claim.pairs if one.numbers]
    places = [at for pair, at, stated in numbered if stated not in said.get(pair, {stated})]
    starts = [one.start for one in claim.quantities]
    before = [bisect_left(starts, at) for at in places]
    return [claim.quantities[count - 1] for count in before if count]


def _short_years(numbers: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return tuple(one % 100 if _CENTURIES[0] <= one < _CENTURIES[1] else one for one in numbers)


_CENTURIES = (1900, 2100)


def _heard_beside_terms(claim: Claim, line: Line, *, cited: bool) -> Heard:
    """The quantities of a line; of a long one, those near a term of the claim, and those that stand alone for their
    kind in a line that is cited."""
    if not line.is_long:
        return line.heard
    sides = (lexicon().sides.left | lexicon().sides.right) & set(claim.tokens)
    places = [one.term.start for one in line.mentions if one.term.key in claim.keys]
    places += [at for at, token in enumerate(line.tokens) if token in sides]
    reached = _Reached(places)
    near = [one for one in line.quantities if reached.within(one.start, _REACH_OF_UNIT if one.kind else _REACH)]
    return Heard([*near, *_alone(line.quantities)] if cited else near)


def _alone(quantities: list[Quantity]) -> Iterator[Quantity]:
    """The quantities with a unit of whose kind no others are there, but for those of one range."""
    kinds: dict[str, list[Quantity]] = {}
    for one in quantities:
        if one.kind:
            kinds.setdefault(one.kind, []).append(one)
    for found in kinds.values():
        if all(other.start - one.end <= 1 or one.value == other.value for one, other in pairwise(found)):
            yield from found


class _Reached:
    """Whether one of some places, in any order, is near a position."""

    def __init__(self, places: list[int]) -> None:
        self._places = sorted(places)

    def within(self, at: int, most: int) -> bool:
        following = bisect_left(self._places, at - most)
        return following < len(self._places) and self._places[following] <= at + most


_REACH = 12
"""Tokens between a number and a term of the claim in such a line."""
_REACH_OF_UNIT = 30
"""The same for a number with a unit, which is confused less."""


def doses(claim: Claim) -> Iterator[Doubt]:
    """Doses that were said, but of another drug, or far from this one."""
    words, segments = [], []
    for one in claim.quantities:
        drug = _drug_of(claim, one)
        if drug is None or not (one.is_dose or one.kind in ("", "frequency", "percent")):
            continue
        places = claim.said.places_of_drugs.get(drug, [])
        if places and claim.numbers_near.fits(one) and not claim.said.said_of(drug).fits(one):
            words += [drug.replace("_", " "), " ".join(claim.tokens[one.start : one.end])]
            segments += claim.numbers(places)
    if words:
        yield Doubt.of(DoubtKind.DOSE_NOT_OF_DRUG, words=words, segments=segments)


def drugs(claim: Claim) -> Iterator[Doubt]:
    """Drugs that nobody named near the cited segments; a word that differs in a letter or two may be misheard."""
    if not claim.drugs:
        return
    around = claim.said.near(claim.cited, 3, 3)
    named = {drug for at in around for drug in claim.said.lines[at].drugs.values()}
    missing = dict.fromkeys(claim.tokens[at] for at, drug in claim.drugs.items() if drug not in named)
    heard = set[str]().union(*(claim.said.lines[at].names for at in around)) if missing else set[str]()
    words = [
        word
        for word in islice(missing, _MOST_NAMES)
        if word not in heard and not any(is_misspelt(word, token) for token in heard)
    ]
    if words:
        yield Doubt.of(DoubtKind.DRUG_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(claim.cited))


def _drug_of(claim: Claim, one: Quantity) -> str | None:
    return owner_of(one, claim.drugs, _BOUND)


def other_doses(claim: Claim) -> Iterator[Doubt]:
    """Of a claim that cites nothing: doses that were never said of their drug, while others were."""
    stated = [(drug, one) for one in claim.quantities if one.is_dose and (drug := _drug_of(claim, one))]
    words: list[str] = []
    places: list[int] = []
    for drug in dict.fromkeys(drug for drug, _ in stated):
        said = _doses_of(claim, drug)
        heard = Heard(other for found in said.values() for other in found)
        wrong = [one for other, one in stated if other == drug and said and not heard.fits(one)]
        if wrong:
            words += [drug.replace("_", " "), *(" ".join(claim.tokens[one.start : one.end]) for one in wrong)]
            places += said
    if words:
        yield Doubt.of(DoubtKind.DOSE_NOT_OF_DRUG, words=words, segments=claim.numbers(places))


def _doses_of(claim: Claim, drug: str) -> dict[int, list[Quantity]]:
    """The doses that were said of a drug, by the positions of their lines."""
    lines = ((at, claim.said.lines[at]) for at in claim.said.places_of_drugs.get(drug, []))
    found = {
        at: [one for one in line.quantities if one.is_dose and owner_of(one, line.drugs, FAR) == drug]
        for at, line in lines
    }
    return {at: doses for at, doses in found.items() if doses}


def other_numbers(claim: Claim) -> Iterator[Doubt]:
    """Of a claim that cites nothing: numbers that nobody said, while others of their kind were said of the same
    clinical term."""
    measured = [one for one in claim.quantities if one.kind and not _drug_of(claim, one)]
    heard = Heard(other for line in claim.said.lines for other in line.quantities) if measured else Heard([])
    words: list[str] = []
    places: list[int] = []
    for one in measured:
        keys = {term.key for term in claim.terms if term.clinical and abs(term.start - one.start) <= _BOUND}
        found = [] if heard.fits(one) else [at for key in keys for at in claim.said.places.get(key, ())]
        found = [at for at in found if any(other.kind == one.kind for other in claim.said.lines[at].quantities)]
        if found:
            words.append(" ".join(claim.tokens[one.start : one.end]))
            places += found
    if words:
        yield Doubt.of(DoubtKind.NUMBER_NOT_IN_EVIDENCE, words=words, segments=claim.numbers(sorted(places)))
