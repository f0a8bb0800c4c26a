"""How Latin letters are read: a word as sounds, one letter for each."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SEQUENCES = (
    ("tsch", "s"), ("tch", "s"), ("sch", "s"), ("dzh", "s"), ("dj", "s"), ("dz", "s"), ("tz", "s"), ("ts", "s"),
    ("tj", "s"), ("zh", "s"), ("sh", "s"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "j"),
    ("gh", "g"), ("ck", "k"), ("cz", "s"), ("cs", "s"), ("hs", "s"),
    ("kshm", "sm"), ("ksm", "sm"), ("xm", "sm"),
)  # fmt: skip
"""Letters for one sound, in the spellings of English, German, Polish, French, Pinyin and Wade-Giles.
Lakshmi is Laxmi, and Latchumi in Tamil."""
_MUTE_R = re.compile("(?<=[aeiouy])r(?![aeiouyr])")
"""The r that English, Japanese and Thai do not pronounce, behind a vowel: Parker, Porn."""


def readings(latin: str, *, native: bool) -> Iterator[str]:
    """The two ways of reading the ambiguous letters, one letter for each sound; none without letters.

    `native` is true for a word that was in another script: there c is the ch of Tamil and v may be a vowel.
    """
    if not latin:
        return
    if native:
        latin = re.sub("c(?!h)", "ch", latin)
    for letters, sound in _SEQUENCES:
        latin = latin.replace(letters, sound)
    latin = re.sub("^x", "s", latin)
    latin = re.sub("n(?=[bpf])", "m", latin)
    latin = re.sub("c(?!h)", "k", re.sub("c(?=[eiy])", "s", latin))
    if not native:
        latin = re.sub("ch(?=[rlnt])", "k", latin)
    plain = latin.replace("ng", "n").replace("x", "ks").replace("ch", "s").replace("kh", "k")
    yield plain
    if native:
        latin = latin.replace("ng", "n").replace("x", "ks").replace("ch", "s")
        for kh in "hk" if "kh" in latin else "k":
            read = latin.replace("kh", kh)
            yield read[0] + re.sub("[vw]", "u", read[1:])  # Rav is Rao and Row, Dawud is Daud
        yield latin.replace("kh", "h")
    else:
        yield _otherwise(latin)
        if (mute := _MUTE_R.sub("", plain)) != plain:
            yield mute


def _otherwise(latin: str) -> str:
    """A word that was typed in Latin letters, with its ambiguous letters as they are less often."""
    latin = re.sub("j", "y", latin)  # Jan is Yan, Ondrej is Ondrei
    latin = re.sub("g(?=[eiy])", "j", latin.replace("kh", "h"))
    latin = re.sub("ng(?![aeiouy])", "n", latin).replace("x", "k").replace("ch", "k")
    latin = re.sub("^q(?=i)", "s", latin)
    return latin[0] + latin[1:].replace("w", "u")
