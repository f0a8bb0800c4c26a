"""How a name sounds: coarse codes that spellings of one name share, in any script.

A word is spelt in Latin letters in the ways that its script may be read (`spellings.py`), these are read as sounds
(`sounds.py`), and the sounds become classes of consonants. Vowels are dropped: scripts write them differently or not at
all. Short codes say besides whether the word ends in a vowel. docs/name-sounds.md has what each script's names are
found by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from shared.records.patients.pronunciation.sounds import readings
from shared.records.patients.pronunciation.spellings import spellings

LONGEST_CODE = 5
"""In classes of consonants. Longer codes find hardly fewer wrong names, and miss more right ones."""
MOST_CODES = 5
"""Codes of a word, the likeliest of them."""

_SHORT = 2
"""A code of so many classes or fewer says how the word ends: most of the wrong names share such a code."""
_VOWELS = "aeiouy"
_WITHOUT_VOWELS = re.compile("[\u0590-\u07ff\u0900-\u0dff]")
"""Letters of Semitic and Indian scripts, which do not write all vowels."""
_CLASSES: Mapping[str, str] = {
    **dict.fromkeys("bpfvw", "1"), **dict.fromkeys("gkq", "2"), **dict.fromkeys("dt", "3"), "l": "4", "n": "5",
    "r": "6", **dict.fromkeys("sjz", "7"), "m": "8",
}  # fmt: skip


def codes_of(word: str) -> tuple[str, ...]:
    """At most five codes of a normalised word, the likeliest first; none for a word without letters."""
    composed = unicodedata.normalize("NFC", word)
    heard = [sound for latin in spellings(composed) for sound in readings(latin, native=not composed.isascii())]
    ended = [(_endings(sound, composed), sound) for sound in heard]
    likely = [_code(sound, endings[0]) for endings, sound in ended]
    other = [_code(sound, ending) for endings, sound in ended for ending in endings[1:]]
    return tuple(dict.fromkeys([*likely, *other]))[:MOST_CODES]


def _endings(sound: str, word: str) -> tuple[str, ...]:
    """The marks of how a word ends, the likely one first: `v` after a vowel.

    The last vowel of another script may only carry the consonant before it, and a Latin e may be silent.
    """
    end = sound.rstrip("h")[-1:]
    if end not in (*_VOWELS, "w"):
        return ("", "v") if _WITHOUT_VOWELS.match(word) else ("",)
    if not word.isascii() or (end == "e" and len(sound) > 2 and sound[-2] not in _VOWELS):
        return ("v", "")
    return ("v",)


def _code(sound: str, ending: str) -> str:
    """The classes of the consonants, with a class once for neighbours that no vowel or h parts."""
    classes = ["a" if sound[0] in _VOWELS else "h"] if sound[0] in (*_VOWELS, "h") else []
    count, before = 0, ""
    for letter in sound:
        found = _CLASSES.get(letter, "")
        if found and found != before:
            classes.append(found)
            count += 1
        if found or letter in (*_VOWELS, "h"):
            before = found
    return "".join(("k", *classes[:LONGEST_CODE], ending if count <= _SHORT else ""))
