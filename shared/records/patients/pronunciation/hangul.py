"""Korean words in Latin letters: syllables, with the sounds that change where they meet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from shared.records.patients.pronunciation.rules import applied

_FIRST, _LAST = 0xAC00, 0xD7A3
_VOWELS_OF_ALL, _TAILS_OF_ALL = 21, 28
_SILENT_LEAD = 11
_LEADS = ("g", "k", "n", "d", "t", "R", "m", "b", "p", "s", "s", "", "j", "j", "ch", "k", "t", "p", "h")
"""R and L stand for ㄹ at the beginning and at the end of a syllable."""
_VOWELS = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
)  # fmt: skip
_TAILS = (
    "", "k", "k", "k", "n", "n", "n", "t", "L", "k", "m", "L", "L", "L", "p", "L", "m", "p", "p", "t", "t", "ng", "t",
    "t", "k", "t", "p", "t",
)  # fmt: skip
_LINKED = (
    "", "g", "k", "ks", "n", "nj", "n", "d", "R", "Rg", "Rm", "Rb", "Rs", "Rt", "Rp", "R", "m", "b", "bs", "s", "s",
    "ng", "j", "ch", "k", "t", "p", "",
)  # fmt: skip
"""The last consonants of a syllable before one that begins with a vowel."""
_NASALS = (
    ("(ng|m)R", r"\1n"), ("k(?=[nmR])", "ng"), ("t(?=[nmR])", "n"), ("p(?=[nmR])", "m"), ("(ng|m|n)R", r"\1n"),
)  # fmt: skip
"""Consonants that become nasal beside one."""
_SURNAMES: Mapping[str, str] = {
    "이": "lee", "박": "park", "임": "lim", "류": "ryu", "유": "yoo", "노": "roh", "정": "chung", "나": "ra",
    "양": "yang", "여": "ryeo", "염": "ryeom", "우": "woo", "오": "oh",
}  # fmt: skip
"""Family names whose usual Latin spelling in passports differs from the romanisation."""


def spellings(word: str) -> Iterator[str]:
    """ㄹ is r between vowels and l elsewhere. In foreign names it is l or r anywhere, and hu and hw are fu and wh."""
    spelt = "".join(_romanised(word))
    yield _liquids(spelt, first="r")
    if word in _SURNAMES:
        yield _SURNAMES[word]
    if re.search("[RL]", spelt):
        yield re.sub("[RL]+", "l", spelt)
        yield re.sub("[RL]+", "r", spelt)
        yield _liquids(spelt, first="l")
    if spelt.startswith(("hu", "hw")):
        yield _liquids(("f" if spelt[1] == "u" else "") + spelt[1:], first="r")
    if (nasal := applied(_NASALS, spelt)) != spelt:
        yield _liquids(nasal, first="r")


def _liquids(spelt: str, first: str) -> str:
    spelt = re.sub("^R", first, re.sub("[RL]{2}", "l", spelt))
    return spelt.replace("R", "r").replace("L", "l")


def _romanised(word: str) -> Iterator[str]:
    for letter, following in zip(word, word[1:] + " ", strict=True):
        if not _is_syllable(letter):
            yield letter
            continue
        lead, vowel, tail = _parts(letter)
        linked = _is_syllable(following) and _parts(following)[0] == _SILENT_LEAD
        yield _LEADS[lead] + _VOWELS[vowel] + (_LINKED if linked else _TAILS)[tail]


def _is_syllable(letter: str) -> bool:
    return _FIRST <= ord(letter) <= _LAST


def _parts(syllable: str) -> tuple[int, int, int]:
    rest, tail = divmod(ord(syllable) - _FIRST, _TAILS_OF_ALL)
    return rest // _VOWELS_OF_ALL, rest % _VOWELS_OF_ALL, tail
