"""Normalisation of names: variants in spelling, script and sound compare equal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_MARKS = ((0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670))
"""Accents, and the vowel points of Hebrew and Arabic, which people rarely type. Vowel signs of Indian scripts count as
letters and are kept."""
_JOINING = "'’‘ʼʻʾʿ`′׳.ـ"
"""Apostrophes in all typed variants, the dots of initials, and the Arabic kashida."""
_ACUTE = " \u0301"
"""The NFKC form of a standalone acute accent, which people type as an apostrophe."""
_FOLDED = {
    ord(character): "" if character in _JOINING else character if character.isalnum() else " "
    for character in map(chr, range(128))
}
"""The folded form of each character of ASCII."""
_FIRST_LETTERS = 3


def normalised(text: str) -> str:
    """Fold case, accents, widths, punctuation and spacing."""
    plain = _decomposed(text).replace(_ACUTE, "")
    return " ".join((plain.translate(_FOLDED) if plain.isascii() else "".join(map(_folded, plain))).split())


def labelled(text: str) -> str:
    """Normalise a tag: as a name, but keep symbols and punctuation, because "HIV+" is not "HIV-"."""
    return " ".join("".join(map(_folded_unless_sign, _decomposed(text))).split())


def words(text: str) -> list[str]:
    """The words of a normalised name; hyphens separate words."""
    return normalised(text).split()


def full_name(text: str) -> str:
    """Normalise a name independently of word order: its words, sorted."""
    return " ".join(sorted(words(text)))


def squeezed(text: str) -> str:
    """A name without spaces: "de Souza" equals "Desouza". Chinese names are often written without spaces."""
    return "".join(words(text))


def runs(words: list[str]) -> list[str]:
    """The suffix from each word to the end, without spaces: "D Souza" begins with "dso", as does "D'Souza"."""
    return ["".join(words[position:]) for position in range(len(words))]


def heads(run: str) -> str:
    """The prefix that represents a word in a search term for word pairs."""
    return run[:_FIRST_LETTERS]


@lru_cache(maxsize=4096)
def sounds(word: str) -> tuple[str, ...]:
    """Codes of how a normalised word sounds, in any script. Words that share one sound alike.

    Empty for a word without letters.
    """
    from shared.records.patients.pronunciation import codes_of

    return codes_of(word)


def pairs(items: list[str]) -> Iterator[tuple[str, str]]:
    """All pairs of items; the order within a pair does not depend on the order of the items."""
    for position, one in enumerate(items):
        for other in items[position + 1 :]:
            yield (one, other) if one <= other else (other, one)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())


def _folded_unless_sign(character: str) -> str:
    return character if unicodedata.category(character)[0] in "PS" else _folded(character)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """The folded form of one character; may be empty or a space."""
    if character.isascii():
        return _FOLDED[ord(character)]
    if character in _JOINING or unicodedata.category(character) == "Cf" or _is_folded_mark(character):
        return ""
    if unicodedata.category(character)[0] in "PZS":
        return " "
    return _in_latin(character) if unicodedata.name(character, "").startswith("LATIN") else character


def _is_folded_mark(character: str) -> bool:
    # The Hebrew range also contains word separators, such as the Hebrew hyphen; their category is not Mn.
    return unicodedata.category(character) == "Mn" and any(first <= ord(character) <= last for first, last in _MARKS)


def _in_latin(letter: str) -> str:
    """Transliterate a letter that has no Unicode decomposition, such as ł and ø."""
    from anyascii import anyascii

    return "".join(filter(str.isalnum, anyascii(letter))).lower()
