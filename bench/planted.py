"""Errors of one change each, planted into true sentences by a seed: what a writer gets wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.units import DOSED, kind_and_factor
from shared.records.drugs.names import medicines
from shared.records.languages.english.measured import NUMBERS

_NUMBER = re.compile(r"(?<![\w.,/])\d+(?:\.\d+)?(?![\w.,]*\d)")
_WORDS = [*list(NUMBERS.ones)[4:], *NUMBERS.teens, *NUMBERS.tens]
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_SIDE = re.compile(
    r"\b(left|right)(?=[ -]+(?:sided|side|knee|hip|shoulder|elbow|wrist|ankle|foot|hand|arm|leg|eye|ear|lower|upper|"
    r"index|ring|middle|great|breast|kidney|flank|lung|calf|thigh|heel|thumb|forearm|ventric\w+))",
    re.IGNORECASE,
)
_FLIPS: Sequence[tuple[str, str]] = (
    (r"\bdenies\b", "reports"), (r"\bdenied\b", "reported"), (r"\bNo\b", "There is"), (r"\bno\b", ""),
    (r"\bis not\b", "is"), (r"\bdoes not have\b", "has"), (r"\bdoes not\b", "does"), (r"\bhas not\b", "has"),
    (r"\bnot\b", ""), (r"\bwithout\b", "with"), (r"\bnever\b", "often"), (r"n't\b", ""),
    (r"\breports?\b", "denies"), (r"\breported\b", "denied"), (r"\bendorses\b", "denies"),
    (r"\bhas had\b", "has not had"),
    (r"\bhas\b", "does not have"), (r"\bhad\b", "did not have"), (r"\bis\b", "is not"), (r"\bare\b", "are not"),
    (r"\bwas\b", "was not"), (r"\bwere\b", "were not"), (r"\bwill\b", "will not"), (r"\bwith\b", "without"),
)  # fmt: skip
_POOL = (
    "warfarin", "digoxin", "clozapine", "lithium", "amiodarone", "methotrexate", "insulin", "prednisone", "morphine",
    "haloperidol", "carbamazepine", "glipizide", "propranolol", "furosemide", "rivaroxaban", "tramadol",
)  # fmt: skip
RIGHT: Mapping[str, frozenset[DoubtKind]] = {
    "dose": frozenset({DoubtKind.NUMBER_NOT_IN_EVIDENCE, DoubtKind.DOSE_NOT_OF_DRUG}),
    "drug": frozenset({DoubtKind.DRUG_NOT_IN_EVIDENCE, DoubtKind.DOSE_NOT_OF_DRUG}),
    "number": frozenset({DoubtKind.NUMBER_NOT_IN_EVIDENCE, DoubtKind.DOSE_NOT_OF_DRUG}),
    "side": frozenset({DoubtKind.SIDE_NOT_IN_EVIDENCE}),
    "negation": frozenset({DoubtKind.NEGATION_DIFFERS}),
    "invented": frozenset(DoubtKind),
}
"""By the kind of error: the doubts that are right."""


def planted(text: str, others: Sequence[str], random: Random) -> Iterator[tuple[str, str]]:
    """The kind and text of one error of each kind that the sentence can have; `others` are of other visits."""
    for kind, plant in _PLANTS.items():
        if (changed := plant(text, random)) and changed != text:
            yield kind, changed
    if others:
        yield "invented", random.choice(others)


def _other_number(number: str, random: Random) -> str:
    if not number.isascii() or not number[0].isdigit():
        return random.choice([word for word in _WORDS if word != number.casefold()])
    value = float(number)
    changed = random.choice([value * 2, value * 10, value + 3, value + 7, value * 3])
    return f"{changed:g}" if "." in number or value != changed else f"{value + 1:g}"


def _is_dose(text: str, end: int) -> bool:
    unit = re.match(r"[ -]*([^\W\d]+|%)", text[end:])
    return bool(unit) and kind_and_factor(unit[1].casefold())[0] in DOSED if unit else False


def _dose(text: str, random: Random) -> str | None:
    return _with_number(text, random, [one for one in _NUMBER.finditer(text) if _is_dose(text, one.end())])


def _number(text: str, random: Random) -> str | None:
    found = [*_NUMBER.finditer(text), *_NUMBER_WORD.finditer(text)]
    return _with_number(text, random, [one for one in found if not _is_dose(text, one.end())])


def _with_number(text: str, random: Random, found: Sequence[re.Match[str]]) -> str | None:
    if not found:
        return None
    one = random.choice(found)
    return text[: one.start()] + _other_number(one[0], random) + text[one.end() :]


def _drug(text: str, random: Random) -> str | None:
    found = [one for one in re.finditer(r"[A-Za-z]{4,}", text) if one[0].casefold() in medicines()]
    if not found:
        return None
    one = random.choice(found)
    own = medicines()[one[0].casefold()]
    other = random.choice([name for name in _POOL if medicines()[name] != own])
    return text[: one.start()] + other + text[one.end() :]


def _side(text: str, _random: Random) -> str | None:
    swapped = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    return _SIDE.sub(lambda one: swapped.get(one[0], one[0]), text, count=1)


def _negation(text: str, _random: Random) -> str | None:
    for pattern, other in _FLIPS:
        if re.search(pattern, text):
            return re.sub(r"  +", " ", re.sub(pattern, other, text, count=1)).strip()
    return None


_PLANTS: Mapping[str, Callable[[str, Random], str | None]] = {
    "dose": _dose, "drug": _drug, "number": _number, "side": _side, "negation": _negation,
}  # fmt: skip
