"""Texts of a report that code writes and no model, in English, Hindi, Tamil and Arabic; in English for others."""

from __future__ import annotations

from collections.abc import Mapping

NOT_DISCUSSED = "Not discussed"
NOT_ASSESSED = "Not assessed"
_UNFILLED: Mapping[str, tuple[str, str]] = {
    "en": (NOT_DISCUSSED, NOT_ASSESSED),
    "hi": ("चर्चा नहीं हुई", "आकलन नहीं किया गया"),
    "ta": ("பேசப்படவில்லை", "மதிப்பிடப்படவில்லை"),
    "ar": ("لم يُناقش", "لم يُقيَّم"),
}


def not_discussed(language: str | None) -> str:
    """What a section reads about which nothing was said; `language` is BCP 47, None if it is unknown."""
    return _UNFILLED[language_of_texts(language)][0]


def not_assessed(language: str | None) -> str:
    """What an examination or a mental-state area reads about which nothing was said: never a normal finding."""
    return _UNFILLED[language_of_texts(language)][1]


def language_of_texts(language: str | None) -> str:
    """The language of the fixed texts of a report in this one: `en`, `hi`, `ta` or `ar`."""
    primary = (language or "").partition("-")[0].casefold()
    return primary if primary in _UNFILLED else "en"
