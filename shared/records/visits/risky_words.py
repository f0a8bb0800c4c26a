"""Words whose mishearing does harm: numbers, units, drugs, negations, and signs of danger. Pure, linear in the text.

A segment is flagged only where its engine was unsure, or gave no confidence at all. Numbers are found in every script;
the words are English, Hindi and Tamil, whose scripts keep them apart. Drugs are found by the stems of their
international non-proprietary names (WHO) and by the list of phrase hints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from shared.records.visits.phrases import DRUGS

LOW_CONFIDENCE = 0.6
"""Below this mean confidence, every word of a segment may be misheard. Chosen by hand."""

_SIGNS = r"\s\d.,;:!?()\[\]{}\"“”'‘’`´/\\|<>…«»।॥،؛؟。、·*+=—–-"  # noqa: RUF001
WORD = re.compile(rf"\d+(?:[.,]\d+)*|[^{_SIGNS}]+(?:['’][^{_SIGNS}]+)*")  # noqa: RUF001


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS = _set(
    """
    a an the and or but of to in on at by for from with into about as if then than so also very just
    i me my you your he him his she her it its we us our they them their this that these those there here who which
    am is are was were be been being do does did has have had will would shall should can could may might must
    oh um uh well okay ok yes yeah
    """
)
"""Words that carry no fact by themselves: hearing one of them uncertainly makes no statement doubtful."""


class Risk(StrEnum):
    """What may be misheard in a segment."""

    NUMBER = "number"
    UNIT = "unit"
    """A unit, a form or a frequency of a dose."""
    DRUG = "drug"
    NEGATION = "negation"
    DANGER = "danger"
    """A sign of danger, such as an allergy, chest pain or thoughts of suicide."""


_NUMBERS = _set(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand half quarter once twice
    दो तीन चार पाँच पांच छह छः सात आठ नौ दस बीस तीस चालीस पचास सौ हजार हज़ार आधा आधी डेढ़ ढाई
    இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து இருபது முப்பது நாற்பது ஐம்பது நூறு ஆயிரம் அரை
    """
)
_UNITS = _set(
    """
    mg mcg µg ug g kg ml l iu mmol mmhg bpm milligram milligrams microgram micrograms gram grams kilogram kilograms
    millilitre millilitres milliliter milliliters litre litres liter liters unit units percent % tablet tablets capsule
    capsules drop drops puff puffs dose doses daily weekly hourly nightly
    मिलीग्राम ग्राम मिलीलीटर गोली गोलियां गोलियाँ कैप्सूल बूंद बूँद चम्मच रोज रोज़ रोजाना
    மில்லிகிராம் கிராம் மில்லி மாத்திரை மாத்திரைகள் சொட்டு கரண்டி தினமும்
    """
)
_DRUGS = frozenset(DRUGS) | _set("acetaminophen aspirin heparin morphine penicillin phenytoin")
_DRUG_STEM = re.compile(
    r"\w{2,}(?:olol|pril|sartan|statin|dipine|thiazide|semide|azepam|zolam|oxetine|triptyline|pramine|citalopram|faxine"
    r"|peridone|apine|azole|prazole|tidine|cillin|mycin|micin|cycline|floxacin|formin|gliptin|gliflozin|glutide|gabalin"
    r"|triptan|setron|profen|coxib|fenac|caine|barbital|xaban|grel|afil|mab)"
)
_NEGATIONS = _set(
    """
    no not never none nor neither without cannot deny denies denied negative
    नहीं नही मत बिना इनकार இல்லை இல்ல கிடையாது இல்லாமல் மறுத்தார் வேண்டாம்
    """
)
_DANGERS = (
    "suicide|suicidal|overdose|allergy|allergic|allergies|anaphylaxis|seizure|seizures|bleeding|pregnant|unconscious"
    "|chest pain|short of breath|kill myself|end my life|harm myself|hurt myself|self harm|want to die"
    "|एलर्जी|आत्महत्या|खुदकुशी|मरना चाहता|मरना चाहती|जान देना|खुद को नुकसान|सीने में दर्द|छाती में दर्द|बेहोश|दौरा"
    "|ஒவ்வாமை|அலர்ஜி|தற்கொலை|சாக வேண்டும்|நெஞ்சு வலி|மார்பு வலி|மயக்கம்|வலிப்பு"
)
_DANGER = re.compile(rf"(?<!\S)(?:{_DANGERS})(?!\S)")
"""In words separated by spaces: a vowel sign at the end of a word is no character of a word to `\\b`."""


def words_of(text: str) -> list[str]:
    """Words and numbers in lower case, without punctuation: of "145/90 mmHg." they are 145, 90 and mmhg."""
    return [token.replace("\u2019", "'") for token in WORD.findall(text.casefold())]


def telling_words(texts: Iterable[str]) -> set[str]:
    """The words of the texts that carry facts."""
    return {word for text in texts for word in words_of(text)} - FUNCTION_WORDS


def risks_of(text: str, uncertain_words: Iterable[str], confidence: float | None) -> list[Risk]:
    """What may be misheard in a segment: in its uncertain words, or in all its words if its confidence is low or
    unknown."""
    all_words = words_of(text)
    unsure = confidence is None or confidence < LOW_CONFIDENCE
    doubtful = set(all_words) if unsure else telling_words(uncertain_words)
    found = {risk for word in doubtful if (risk := _risk_of(word))}
    dangers = {word for phrase in _DANGER.findall(" ".join(all_words)) for word in phrase.split()}
    if not doubtful.isdisjoint(dangers):
        found.add(Risk.DANGER)
    return [risk for risk in Risk if risk in found]


def _risk_of(word: str) -> Risk | None:
    if word[0].isdigit() or word in _NUMBERS:
        return Risk.NUMBER
    if word in _UNITS:
        return Risk.UNIT
    if word in _NEGATIONS or word.endswith("n't"):
        return Risk.NEGATION
    return Risk.DRUG if word in _DRUGS or _DRUG_STEM.fullmatch(word) else None
