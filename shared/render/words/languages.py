"""The language of the fixed words of a report."""

from __future__ import annotations

from collections.abc import Mapping

from shared.render.words.arabic import ARABIC
from shared.render.words.english import ENGLISH
from shared.render.words.hindi import HINDI
from shared.render.words.tamil import TAMIL
from shared.render.words.vocabulary import Words

LANGUAGES: Mapping[str, Words] = {words.code: words for words in (ENGLISH, HINDI, TAMIL, ARABIC)}


def words_of(language: str | None) -> Words:
    """The words for a report in this language (BCP 47); English if it is unknown or has no words here."""
    primary = (language or "").partition("-")[0].casefold()
    return LANGUAGES.get(primary, ENGLISH)
