"""Thai and Lao words in Latin letters. Vowels stand before, behind or over a consonant, or are not written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from shared.records.patients.pronunciation.rules import applied

_VOWEL_BEFORE = re.compile("([เแโใไ])([ก-ฮ])")
_RULES = (
    ("ํา", "ัม"),
    ("(?:[ดตท]ร|[ก-ฮ])[ิีุู]?์", ""),
    ("รร(?=[ก-ฮ](?:[ก-ฮ]|$))", "ั"),
    ("รร", "ัน"),
    ("ห(?=[งญนมยรลว])", ""),
    ("^ทร", "ซ"),
    ("(?<=[สศ])ร(?=[ิี])|(?<=^[สศ])ร|(?<=ซ)ร", ""),
    ("(?<=ต)ร$|(?<=ัท)ร$", ""),
)
"""Letters that are silent, with the mark for it or beside certain letters; a double r is a vowel."""
_ALIKE = re.compile(
    "(?<![ัิึุ็])([บปผฝพฟภว](?=[บปผฝพฟภว])|[กขคฆ](?=[กขคฆ])|[ดตถทธฎฏฐฑฒ](?=[ดตถทธฎฏฐฑฒ])|[จชซศษส](?=[จชซศษส])|[นณง](?=[นณง])|ล(?=ล))"
)
"""A consonant before one of its class: an unwritten vowel may part them."""
_N_AT_END, _T_AT_END = "ญณรลฬ", "จชซฌฎฏฐฑฒดตถทธศษส"
"""Letters that sound otherwise at the end of a syllable."""

_LAO_VOWEL_BEFORE = re.compile("([ເແໂໃໄ])([ກ-ຮໜໝ])")
_LAO: Mapping[str, str] = {
    "ຍ": "y", "ຢ": "y", "ຽ": "ia", "ຊ": "s", "ວ": "v", "ຣ": "r", "ລ": "l", "ຝ": "f", "ຟ": "f", "ອ": "o",
    **dict.fromkeys("\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u0ecd", ""),
}  # fmt: skip


def spellings(word: str) -> Iterator[str]:
    """As it is written, and with the last consonants of the word and of each syllable as they are spoken."""
    word = applied(_RULES, _VOWEL_BEFORE.sub(r"\2\1", word))
    apart = _ALIKE.sub(r"\1ะ", word)
    ended = re.sub(f"[{_T_AT_END}]$", "ต", re.sub(f"[{_N_AT_END}]$", "น", apart))
    yield re.sub("ญ(?=[ก-ฮ])", "น", apart)
    yield re.sub("ญ(?=[ก-ฮ])", "น", ended)
    yield re.sub(f"[{_N_AT_END}](?=[ก-ฮ])", "น", ended)
    yield re.sub(f"[{_T_AT_END}](?=[ก-ฮ]|$)", "ต", re.sub(f"[{_N_AT_END}](?=[ก-ฮ]|$)", "น", word))


def spellings_of_lao(word: str) -> Iterator[str]:
    """With ຣ and ລ as they are written, and both as either: they are one sound. A last ວ is l in foreign names."""
    word = word.replace("ໍາ", "ັມ")
    word = re.sub("ຫ(?=[ງຍນມລຣວ])", "", _LAO_VOWEL_BEFORE.sub(r"\2\1", word))
    spelt = "".join(_LAO.get(letter, letter) for letter in word)
    yield spelt
    if re.search("[rl]", spelt):
        yield spelt.replace("r", "l")
        yield spelt.replace("l", "r")
    if re.search("v(?![aeiou])", spelt):
        yield re.sub("v(?![aeiou])", "l", spelt)
