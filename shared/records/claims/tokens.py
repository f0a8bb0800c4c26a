"""Tokens: words, numbers and the signs that matter, in lower case. Pure, linear in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from shared.records import digits
from shared.records.languages.lexicon import lexicon
from shared.records.visits.risky_words import WORD

_TOKEN = re.compile(rf"covid[ -]?19|x(?=\d)|[^\W\d_]+\d+(?!\d*[/.]\d)\w*|{WORD.pattern}|[/%.,;:?!+।॥()\n-]")
"""A name such as SpO2 or B12 is one token: its digits are no number."""
ENDS = frozenset(".?!;:।॥\n")
"""Signs at which a clause certainly ends."""
SIGNS = ENDS | frozenset(",/%+()-")


def tokens_of(text: str) -> list[str]:
    """The tokens of a text; digits of all scripts become European ones, and joined contractions stay words."""
    folded = unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'").replace(" n't", "n't")
    folded = _BARE_POINT.sub("0.", _FRACTION.sub(_decimal, folded))
    tokens = [digits.in_ascii(token[:_LONGEST]) for token in _TOKEN.findall(_YES.sub("yes", folded))]
    kept = [one for at, one in enumerate(tokens) if one != "-" or not _joins_words(tokens, at)]
    return list(_written_out(kept))


def _written_out(tokens: Sequence[str]) -> Iterator[str]:
    """The tokens with abbreviations such as "w/o" and "RLE" in words, and spoken letters such as "m g" as one."""
    known, lettered, at = _abbreviations(), lexicon().measures.lettered, 0
    while at < len(tokens):
        token = tokens[at]
        if len(token) == 1 and (joined := _of_letters(tokens, at)):
            yield joined
            at += len(joined)
        elif token in lettered and (name := _lettered(tokens, at)):
            yield name
            at += 2
        elif short := next(
            (one for one in known.get(token, ()) if tuple(tokens[at : at + len(one[0])]) == one[0]), None
        ):
            yield from short[1]
            at += len(short[0])
        else:
            yield token
            at += 1


def _of_letters(tokens: Sequence[str], at: int) -> str:
    """The longest known word that the single letters here spell; empty if they spell none."""
    end = at
    while end < len(tokens) and end < at + _MOST_LETTERS and len(tokens[end]) == 1 and tokens[end].isalpha():
        end += 1
    if end < at + 2:
        return ""
    joined = "".join(tokens[at:end])
    return next((joined[:most] for most in range(len(joined), 1, -1) if joined[:most] in _spelled()), "")


def _lettered(tokens: Sequence[str], at: int) -> str:
    """Of a letter as in "B twelve" B12; empty if no name stands here, as in "vitamin D three thousand"."""
    words = lexicon().numbers
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    number = {**words.ones, **words.teens}.get(following, 0)
    if not 0 < number <= _HIGHEST_OF_NAME:
        return ""
    return "" if words.scales.keys() & tokens[at + 2 : at + 3] else f"{tokens[at]}{number}"


_HIGHEST_OF_NAME = 12


@cache
def _spelled() -> frozenset[str]:
    """Units, symptoms, conditions, tests and treatments that people say letter by letter."""
    words = lexicon()
    units = (word for spellings in words.measures.units.values() for word in spellings.split())
    concepts = (phrase for line in words.vocabulary.concepts for phrase in line.split(", "))
    return frozenset(
        word for word in (*units, *concepts, *words.vocabulary.clinical) if word.isascii() and word.isalpha()
    )


_MOST_LETTERS = 6


@cache
def _abbreviations() -> Mapping[str, list[tuple[Sequence[str], Sequence[str]]]]:
    """By the first token: abbreviations and idioms, and their words, the longest first."""
    found: dict[str, list[tuple[Sequence[str], Sequence[str]]]] = {}
    vocabulary = lexicon().vocabulary
    for short, words in (*vocabulary.abbreviations.items(), *vocabulary.idioms.items()):
        tokens = tuple(_TOKEN.findall(short))
        found.setdefault(tokens[0], []).append((tokens, words.split()))
    for ones in found.values():
        ones.sort(key=lambda one: -len(one[0]))
    return found


_LONGEST = 60
"""Letters or digits of a token that are kept: no word and no number of a visit has more."""
_YES = re.compile(r"\b(?:mm-?hmm|uh-huh|mhm)\b")


_BARE_POINT = re.compile(r"(?<![^\s(/-])\.(?=\d)")
"""The point of .5, which is 0.5."""
_FRACTION = re.compile(r"(\d) ?([\u00bc-\u00be])|([\u00bc-\u00be])")


def _decimal(one: re.Match[str]) -> str:
    """Of 1½ 1.5, and of ½ 0.5."""
    return (one[1] or "0") + f"{unicodedata.numeric(one[2] or one[3]):g}".removeprefix("0")


def _joins_words(tokens: list[str], at: int) -> bool:
    """True for a hyphen beside a word, as in x-ray; not for that of a range, as in 15-20."""
    beside = tokens[max(0, at - 1) : at] + tokens[at + 1 : at + 2]
    return any(is_word(token) for token in beside)


def is_number(token: str) -> bool:
    """True for digits."""
    return token[0].isdigit()


def is_word(token: str) -> bool:
    """True for a word or a name."""
    return not is_number(token) and token not in SIGNS


def sentence_around(tokens: Sequence[str], start: int, end: int, *, ends: frozenset[str] = ENDS) -> tuple[int, int]:
    """Where the sentence of the tokens from `start` to `end` begins, and where one of the `ends` follows."""
    begin = max((at + 1 for at in range(start) if tokens[at] in ENDS), default=0)
    return begin, next((at for at in range(end, len(tokens)) if tokens[at] in ends), len(tokens))
