"""The language of the fixed words of a document of account."""

from __future__ import annotations

from collections.abc import Mapping

from shared.render.words.bills.arabic import ARABIC
from shared.render.words.bills.english import ENGLISH
from shared.render.words.bills.hindi import HINDI
from shared.render.words.bills.tamil import TAMIL
from shared.render.words.bills.vocabulary import BillWords, PaperKind
from shared.render.words.languages import words_of

BILL_WORDS: Mapping[str, BillWords] = {"en": ENGLISH, "hi": HINDI, "ta": TAMIL, "ar": ARABIC}


def bill_words_of(language: str | None) -> BillWords:
    """The words for a document in this language (BCP 47); English if it is unknown or has no words here."""
    return BILL_WORDS[words_of(language).code]


def title_of(kind: PaperKind, language: str | None) -> str:
    """The title of a document, with the English one behind it: insurers and tax offices read that."""
    title, english = bill_words_of(language).titles[kind], ENGLISH.titles[kind]
    return title if title == english else f"{title} ({english})"
