"""How a name sounds: coarse codes that spellings of one name share, in any script.

A name is romanised (anyascii, on top of the rules here), its letters become classes of consonants, and vowels are
dropped: scripts write them differently or not at all. docs/name-sounds.md has what each script's names are found by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

LONGEST_CODE = 5
"""In classes of consonants. Longer codes find hardly fewer wrong names, and miss more right ones."""
MOST_CODES = 3
"""Codes of a word. A query of two words has a term for each pair of codes, and Firestore accepts 30 values."""

_LETTERS: Mapping[str, str] = {
    **dict.fromkeys("אעأإآاٱعءئؤ", "a"), "ו": "w", "ב": "b", "ף": "p", "פ": "p", "ח": "h", "כ": "k", "ך": "k",
    "צ": "ts", "ץ": "ts", "ى": "y", "ة": "", "ه": "h", "ہ": "h", "ھ": "", "ں": "n",
    "ッ": "", "っ": "", "ஃ": "", "х": "kh", "ь": "", "ъ": "",
}  # fmt: skip
"""Letters that anyascii romanises by their shape or by another language's rule. The yah and waw of Arabic are consonant
or vowel; the small tsu doubles a consonant; the Tamil aytham only turns p into f."""
_NASAL_SIGNS = re.compile("[\u0901\u0902\u0981\u0982\u0a02\u0a70\u0a82\u0b02\u0c02\u0c82\u0d02\u0d82]")
"""Anusvara, candrabindu and tippi of the Indian scripts: the nasal of the next consonant."""
_FINAL_M = re.compile("[\u0c02\u0c82\u0d02\u0d82]$")
"""The anusvara at the end of a Telugu, Kannada, Malayalam or Sinhala word is m."""
_ONE_LIQUID = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
"""Kana and Hangul have one letter for l and r."""
_SPELT_OTHERWISE: Mapping[str, str] = {
    "이": "lee", "박": "park", "임": "lim", "류": "ryu", "유": "yoo", "노": "roh", "정": "chung",
    "李": "lee", "黃": "wong", "黄": "wong", "吳": "ng", "吴": "ng", "許": "hui", "许": "hui",
}  # fmt: skip
"""Family names whose usual Latin spelling differs from the romanisation: Korean in passports, Chinese in Hong Kong."""
_SEQUENCES = (
    ("tsch", "s"), ("tch", "s"), ("sch", "s"), ("dzh", "s"), ("dj", "s"), ("dz", "s"), ("tz", "s"), ("ts", "s"),
    ("tj", "s"), ("zh", "s"), ("sh", "s"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "j"),
    ("gh", "g"), ("ck", "k"), ("cz", "s"), ("cs", "s"), ("hs", "s"), ("ng", "n"),
    ("kshm", "sm"), ("ksm", "sm"), ("xm", "sm"),
)  # fmt: skip
"""Letters for one sound, in the spellings of English, German, Polish, French, Pinyin and Wade-Giles.
Lakshmi is Laxmi, and Latchumi in Tamil."""
_CLASSES: Mapping[str, str] = {
    **dict.fromkeys("bpfvw", "1"), **dict.fromkeys("gkq", "2"), **dict.fromkeys("dt", "3"), "l": "4", "n": "5",
    "r": "6", **dict.fromkeys("sjz", "7"), "m": "8",
}  # fmt: skip


def codes_of(word: str) -> tuple[str, ...]:
    """At most three codes of a normalised word; none for a word without letters."""
    composed = unicodedata.normalize("NFC", word)
    latin = _romanised(composed)
    if not latin:
        return ()
    sounds = list(_readings(latin, native=not composed.isascii()))
    if _ONE_LIQUID.search(composed) and re.search("[lr]", latin):
        sounds = list(_liquids(sounds[0]))
    if spelt := _SPELT_OTHERWISE.get(composed):
        sounds = [sounds[0], *_readings(spelt, native=False)]
    return tuple(dict.fromkeys(f"k{_code(one)}" for one in sounds))[:MOST_CODES]


def _romanised(word: str) -> str:
    from anyascii import anyascii

    word = _NASAL_SIGNS.sub("n", _FINAL_M.sub("m", "".join(_LETTERS.get(letter, letter) for letter in word)))
    return "".join(letter for letter in anyascii(word).lower() if "a" <= letter <= "z")


def _readings(latin: str, *, native: bool) -> Iterator[str]:
    """The two ways of reading the ambiguous letters, one letter for each sound.

    `native` is true for a word that was in another script: there c is the ch of Tamil and v may be a vowel.
    """
    if native:
        latin = re.sub("c(?!h)", "ch", latin)
    for letters, sound in _SEQUENCES:
        latin = latin.replace(letters, sound)
    latin = re.sub("^x", "s", latin).replace("x", "ks")
    latin = re.sub("n(?=[bp])", "m", latin)
    latin = re.sub("c(?!h)", "k", re.sub("c(?=[eiy])", "s", latin))
    latin = re.sub("ch(?=[rlnt])", "k", latin).replace("ch", "s")
    yield latin.replace("kh", "k")
    other = re.sub("(?<=[aeiou])j(?![aeiou])", "", latin.replace("kh", "h"))  # Ondrej is Ondrei
    other = other[0] + re.sub("[vw]" if native else "w", "", other[1:])  # Rav is Rao and Row, Dawud is Daud
    yield other if native else re.sub("^q(?=i)", "s", re.sub("g(?=[eiy])", "j", other))


def _liquids(sound: str) -> Iterator[str]:
    """A word with its l and r as r, as l, and as l at its beginning alone."""
    yield sound.replace("l", "r")
    yield sound.replace("r", "l")
    yield sound[0].replace("r", "l") + sound[1:].replace("l", "r")


def _code(sound: str) -> str:
    """The classes of the consonants, each once in a row: vowels between equal ones are not always written."""
    first = "a" if sound[0] in "aeiouy" else "h" if sound[0] == "h" else ""
    classes = [first] if first else []
    for letter in sound:
        found = _CLASSES.get(letter)
        if found and classes[-1:] != [found]:
            classes.append(found)
    return "".join(classes)[:LONGEST_CODE]
