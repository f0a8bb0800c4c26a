"""Where a spoken sentence ends: a full stop of an abbreviation, an initial, a number or an ellipsis ends none."""

from __future__ import annotations

import re

_ENDS = tuple(
    "?!\u0964\u0965\u3002\uff61\uff1f\uff01\u061f\u06d4\u0589\u1362\u1367\u104b\u17d4\u1c7e\u1c7f\uabeb\u203c\u2047\u2048\u2049"
)
"""Always an end: Latin, Devanagari, Chinese and Japanese, Arabic, Urdu, Armenian, Ethiopic, Burmese, Khmer, Santali,
Meitei."""
_QUOTES = "\"'()[]\u2018\u2019\u201c\u201d\u00ab\u00bb\u300c\u300d\u300e\u300f\uff08\uff09"
_ELLIPSIS = re.compile(r"\.\.+$|\u2026\.?$")
_INITIALS = re.compile(r"(?:[^\s\d.]{1,6}\.)+[^\s\d.]{1,6}\.|[^\W\d_]\.")
"""Dotted letters such as `a.m.`, `U.S.` and `मि.ग्रा.`, and one letter."""
_NUMBER = re.compile(r"\d+\.")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE_A_NAME = _listed(
    """
    mr. mrs. ms. dr. drs. st. prof. rev. hon. sr. smt. shri. sh. capt. col. lt.
    डॉ. डा. श्री. श्रीमती. प्रो. कु.
    """
)
_BEFORE_MORE = _BEFORE_A_NAME | frozenset(
    ("e.g.", "i.e.", "eg.", "approx.", "vs.", "cf.", "viz.", "ca.", "fig.", "incl.", "esp.")
)
"""Something always follows these."""
_BEFORE_A_NUMBER = frozenset(("no.", "nos.", "vol.", "age.", "wt.", "ht.", "bp.", "temp.", "max.", "min.", "नं."))
"""Abbreviations if a number follows; otherwise also words, as in `No.`"""
_WITHIN = _listed(
    """
    am. pm. etc. jr. mg. mcg. ml. kg. gm. gms. cm. mm. hr. hrs. mins. sec. secs. wk. wks. yr. yrs. tab. tabs. cap.
    caps. inj. syr. dept. hosp. govt. avg. resp. al. ft. मिग्रा.
    """
)
"""Abbreviations that may be the last word of a sentence: the case of the next word decides."""


def ends_sentence(word: str, following: str | None = None, before: str | None = None) -> bool:
    """True if a sentence ends with this word. `following` and `before` are the words beside it; None: there is none."""
    bare = word.strip(_QUOTES)
    if not bare.endswith((".", "\u2026")):
        return bare.endswith(_ENDS)
    known, next_letter = bare.casefold(), (following or "").lstrip(_QUOTES)[:1]
    if known in _BEFORE_MORE or _is_initial(bare, before):
        return False
    if known in _BEFORE_A_NUMBER or _NUMBER.fullmatch(bare):
        return not next_letter.isdecimal()
    undecided = known in _WITHIN or _ELLIPSIS.search(bare) or _INITIALS.fullmatch(bare)
    return not undecided or not next_letter or next_letter.isupper()


def _is_initial(bare: str, before: str | None) -> bool:
    """True for a letter after a title or another initial, as in `Dr. J. K. Rao`."""
    if len(bare) != 2 or before is None:
        return False
    other = before.strip(_QUOTES)
    return other.casefold() in _BEFORE_A_NAME or (len(other) == 2 and other[0].isupper() and other[1] == ".")
