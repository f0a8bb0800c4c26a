"""Names as they are compared: the same person's name, however it is typed, written or heard."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_MARKS = ((0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670))
"""Accents, and the points of Hebrew and Arabic, which are rarely typed. Vowel signs of Indian scripts are letters."""
_JOINING = "'’‘ʼʻʾʿ`′׳.ـ"  # noqa: RUF001 - apostrophes as they are typed, the dots of initials, the Arabic kashida
_ACUTE = " \u0301"
"""What NFKC makes of an acute accent that stands alone: typed so, it is an apostrophe."""
_FIRST_LETTERS = 3


def normalised(text: str) -> str:
    """Case, accents, widths, punctuation and spacing folded away."""
    return " ".join("".join(map(_folded, _decomposed(text).replace(_ACUTE, ""))).split())


def labelled(text: str) -> str:
    """A tag as it is compared: as a name, but that signs count, for "HIV+" is not "HIV-"."""
    return " ".join("".join(map(_folded_unless_sign, _decomposed(text))).split())


def words(text: str) -> list[str]:
    """The words of a name; hyphens part them."""
    return normalised(text).split()


def full_name(text: str) -> str:
    """A name as it is compared: its words in no particular order."""
    return " ".join(sorted(words(text)))


def squeezed(text: str) -> str:
    """A name with its spaces gone: "de Souza" is "Desouza", and Chinese names are often written so."""
    return "".join(words(text))


def runs(words: list[str]) -> list[str]:
    """What stands from each word to the end, without spaces: "D Souza" begins with "dso", as "D'Souza" does."""
    return ["".join(words[position:]) for position in range(len(words))]


def heads(run: str) -> str:
    """The beginning that a pair of words is found by."""
    return run[:_FIRST_LETTERS]


@lru_cache(maxsize=4096)
def sounds(word: str) -> tuple[str, ...]:
    """How a word sounds, coarsely: Metaphone and Soundex of it in Latin letters, each of which misses other pairs.

    Empty for what has no letters.
    """
    import jellyfish
    from anyascii import anyascii

    latin = "".join(letter for letter in anyascii(word).lower() if "a" <= letter <= "z")
    if not latin:
        return ()
    codes = (("m", jellyfish.metaphone(latin)), ("s", jellyfish.soundex(latin)))
    return tuple(f"{kind}{code}" for kind, code in codes if code)


def pairs(items: list[str]) -> Iterator[tuple[str, str]]:
    """Every two of the items, in an order that does not depend on theirs."""
    for position, one in enumerate(items):
        for other in items[position + 1 :]:
            yield (one, other) if one <= other else (other, one)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())


def _folded_unless_sign(character: str) -> str:
    return character if unicodedata.category(character)[0] in "PS" else _folded(character)


def _folded(character: str) -> str:
    """What remains of a letter, a mark or a sign."""
    if character.isascii():
        return "" if character in _JOINING else character if character.isalnum() else " "
    if character in _JOINING or unicodedata.category(character) == "Cf" or _is_folded_mark(character):
        return ""
    if unicodedata.category(character)[0] in "PZS":
        return " "
    return _in_latin(character) if unicodedata.name(character, "").startswith("LATIN") else character


def _is_folded_mark(character: str) -> bool:
    # Among the points of Hebrew stand signs that part words, such as its hyphen.
    return unicodedata.category(character) == "Mn" and any(first <= ord(character) <= last for first, last in _MARKS)


def _in_latin(letter: str) -> str:
    """A letter that Unicode does not take apart, such as ł and ø, in plain letters."""
    from anyascii import anyascii

    return "".join(filter(str.isalnum, anyascii(letter))).lower()
