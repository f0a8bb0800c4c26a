"""Words whose mishearing does harm: numbers, units, drugs, negations, and signs of danger. Pure, linear in the text.

A segment is flagged only where its engine was unsure, or gave no confidence at all. Numbers are found in every script;
the words are those of the languages with word lists. Drugs are found by the list of their names and by the stems of
international non-proprietary names (WHO).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from shared.lazily import lazily

with lazily(globals()):
    from shared.records.drugs import names as drugs
    from shared.records.languages import lexicon as languages

LOW_CONFIDENCE = 0.6
"""Below this mean confidence, every word of a segment may be misheard. Chosen by hand."""

_SIGNS = r"\s\d.,;:!?()\[\]{}\"“”'‘’`´/\\|<>…«»।॥،؛؟。、·*+=—–-"  # noqa: RUF001
WORD = re.compile(rf"\d+(?:[.,]\d+)*|[^{_SIGNS}]+(?:['’][^{_SIGNS}]+)*")  # noqa: RUF001


class Risk(StrEnum):
    """What may be misheard in a segment."""

    NUMBER = "number"
    UNIT = "unit"
    """A unit, a form or a frequency of a dose."""
    DRUG = "drug"
    NEGATION = "negation"
    DANGER = "danger"
    """A sign of danger, such as an allergy, chest pain or thoughts of suicide."""


_DRUG_STEM = re.compile(
    r"\w{2,}(?:olol|pril|sartan|statin|dipine|thiazide|semide|azepam|zolam|oxetine|triptyline|pramine|citalopram|faxine"
    r"|peridone|apine|azole|prazole|tidine|cillin|mycin|micin|cycline|floxacin|formin|gliptin|gliflozin|glutide|gabalin"
    r"|triptan|setron|profen|coxib|fenac|caine|barbital|xaban|grel|afil|mab)"
)


def words_of(text: str) -> list[str]:
    """Words and numbers in lower case, without punctuation: of "145/90 mmHg." they are 145, 90 and mmhg."""
    return [token.replace("\u2019", "'") for token in WORD.findall(text.casefold())]


def telling_words(texts: Iterable[str]) -> set[str]:
    """The words of the texts that carry facts: hearing a filler uncertainly makes no statement doubtful."""
    return {word for text in texts for word in words_of(text)} - languages.lexicon().vocabulary.fillers


def risks_of(text: str, uncertain_words: Iterable[str], confidence: float | None) -> list[Risk]:
    """What may be misheard in a segment: in its uncertain words, or in all its words if its confidence is low or
    unknown."""
    all_words = words_of(text)
    unsure = confidence is None or confidence < LOW_CONFIDENCE
    doubtful = set(all_words) if unsure else telling_words(uncertain_words)
    found = {risk for word in doubtful if (risk := _risk_of(word))}
    dangers = {word for phrase in _danger().findall(" ".join(all_words)) for word in phrase.split()}
    if not doubtful.isdisjoint(dangers):
        found.add(Risk.DANGER)
    return [risk for risk in Risk if risk in found]


def _risk_of(word: str) -> Risk | None:
    if word[0].isdigit():
        return Risk.NUMBER
    if word.endswith(languages.lexicon().negations.contracted):
        return Risk.NEGATION
    if (risk := _risky().get(word)) is not None:
        return risk
    return Risk.DRUG if word in drugs.medicines() or _DRUG_STEM.fullmatch(word) else None


@cache
def _danger() -> re.Pattern[str]:
    """In words separated by spaces: a vowel sign at the end of a word is no character of a word to `\\b`."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, languages.lexicon().vocabulary.dangers))})(?!\S)")


@cache
def _risky() -> Mapping[str, Risk]:
    """The risk of a word: a number rather than a unit, and a unit rather than a negation."""
    words = languages.lexicon()
    numbers = words.numbers
    counted = {
        *numbers.ones,
        *numbers.teens,
        *numbers.tens,
        *numbers.scales,
        *numbers.fixed,
        *numbers.whole,
        *numbers.added,
    }
    dosed = {spelling for unit in _DOSED for spelling in words.measures.units.get(unit, "").split()}
    by_risk = {
        Risk.NEGATION: words.negations.before | words.negations.after,
        Risk.UNIT: dosed | words.measures.forms,
        Risk.NUMBER: counted - _NO_NUMBERS,
    }
    return {word: risk for risk, listed in by_risk.items() for word in listed}


_DOSED = (
    "microgram", "milligram", "gram", "kilogram", "millilitre", "litre", "unit", "tablet", "puff", "drop", "percent",
    "millimetre of mercury", "beat",
)  # fmt: skip
_NO_NUMBERS = frozenset({"oh"})
"""A number word that is an exclamation far more often."""
