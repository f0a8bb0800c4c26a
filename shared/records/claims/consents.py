"""Recognition of statements about consent: to recording, to processing by models, to telehealth, to treatment. Pure.

Only a consent record says that somebody consented, so a statement of the writer about consent is recognised and
dropped, whether it says that the consent was given, refused or discussed. Rather one statement too many: the doctor
sees how many were dropped, and may write their own. Agreeing with a plan is no consent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from shared.records.clinic.consent_policy import ConsentPurpose

_VISIT = (
    r"(?:visit|session|encounter|consult(?:ation)?|conversation|appointment|interview|discussion|meeting|interaction)"
)
_RECORDED = (
    r"\b(?:being|be|been) (?:\w+ )?(?:audio-?|video-?|voice-?)?(?:recorded|transcribed|taped)\b"
    r"|\b(?:audio|video|voice|ambient|digital)[ -]?(?:recording|recorded|recorder|scribe|listening|taping|capture)\b"
    rf"|\brecording(?:s)? (?:of )?(?:(?:the|this|today's|our|their|all) )?(?:clinical )?{_VISIT}"
    r"|\b(?:to|for|of|with) (?:(?:the|this|audio|a) )*(?:recording|transcription)\b|\bto record\b"
    rf"|\b{_VISIT} (?:\w+ ){{0,3}}(?:recorded|transcribed|taped|captured)\b"
)
_AI = (
    r"\b(?:a\.?i\.?|artificial intelligence|machine learning|language model|automated (?:notes?|documentation)|"
    r"(?:ai|digital|virtual|ambient|medical) (?:scribe|assistant)|"
    r"(?:documentation|transcription|note[- ]taking|scribing) (?:software|tool|assistant|technology|system))"
    r"(?:\b|(?<=\.))"
)
_TELEHEALTH = (
    r"\btele-?(?:health|medicine|visit|consult\w*|psychiatry|therapy)\b"
    r"|\b(?:video|virtual|remote|online) (?:visit|consult\w*|session|care)\b"
)
_SHARING = (
    r"\brelease of (?:\w+ )?(?:information|records)\b"
    r"|\b(?:shar\w+|disclos\w+|releas\w+) (?:of )?(?:\w+ ){0,3}(?:information|records?|data|notes?|report)\b"
)
_TREATMENT = r"\b(?:treat(?:ment|ed)?s?|procedures?|to proceed|intervention|therapy|surgery|operation)\b"
_PURPOSES: Mapping[ConsentPurpose, re.Pattern[str]] = {
    ConsentPurpose.RECORDING: re.compile(rf"{_RECORDED}|रिकॉर्ड|रिकार्ड|ध्वनि|பதிவு|ரெக்கார்"),
    ConsentPurpose.AI_PROCESSING: re.compile(rf"{_AI}|एआई|कृत्रिम बुद्धि|ஏஐ|செயற்கை நுண்ணறிவு"),
    ConsentPurpose.TELEHEALTH: re.compile(rf"{_TELEHEALTH}|टेली|वीडियो|தொலை ?மருத்துவ|வீடியோ|காணொளி"),
    ConsentPurpose.DATA_SHARING: re.compile(rf"{_SHARING}|साझा|பகிர"),
    ConsentPurpose.TREATMENT: re.compile(rf"{_TREATMENT}|इलाज|उपचार|சிகிச்சை"),
}
_CONSENT = re.compile(
    r"(?<!age of )\bconsent(?:s|ed|ing)?\b|\bassent(?:s|ed|ing)?\b|सहमति|रज़ामंदी|रजामंदी|ஒப்புதல்|சம்மத|சம்மதி|இசைவு"
)
"""Words that speak of consent by themselves."""
_AGREED = re.compile(
    r"\b(?:agree(?:s|d|able|ment|ing)?|permission|permits?|permitted|allow(?:s|ed)?|authori[sz]\w+|approv(?:es|ed|al)|"
    r"accept(?:s|ed)?|willing(?:ness)?|okay|ok|opt(?:s|ed)? in|opted out|go-ahead|no objections?|not object\w*|"
    r"declin(?:es|ed)|refus(?:es|ed|al))\b|सहमत|अनुमति|इजाज़त|इजाजत|मंज़ूरी|मंजूरी|स्वीकृति|அனுமதி"
)
"""Words that speak of consent beside what it is to."""
_TOLD = re.compile(
    r"\b(?:aware|informed|advised|told|notified|understands?|explained|acknowledg\w+|knows?|comfortable|happy|fine)\b"
)
"""Words that speak of consent beside recording or models."""
_HISTORY = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:years?|months?|decades?) ago\b|\blast (?:year|month|spring|summer|autumn|fall|winter)\b"
    r"|\bback in\b|साल पहले|वर्ष पहले|ஆண்டுகளுக்கு முன்|வருடத்திற்கு முன்"
)
_REFUSED = re.compile(
    r"\b(?:no|not|never|without|declin\w+|refus\w+|withdr[ae]w\w*|revok\w+|den(?:y|ies|ied)|opted out)\b|n't\b"
    r"|नहीं|इनकार|इन्कार|இல்லை|மறுத்த"
)
_NO_OBJECTION = re.compile(r"\bno objections?\b|\bnot object\w*|n't object")
_OF_VISIT = frozenset({ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING, ConsentPurpose.TELEHEALTH})


def is_about_consent(text: str) -> bool:
    """True for a statement about a consent, given or not."""
    folded = _folded(text)
    if _CONSENT.search(folded):
        return True
    purposes = _purposes(folded)
    told = purposes & {ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING}
    return bool(_agreed(folded, purposes) or (told and _TOLD.search(folded)))


def is_history(text: str, evidence: str) -> bool:
    """True for a consent to something else in the past, such as an operation in 2019, of which the evidence speaks."""
    folded = _folded(text)
    return bool(_HISTORY.search(folded)) and not _purposes(folded) & _OF_VISIT and is_about_consent(evidence)


def purposes_in(text: str) -> set[ConsentPurpose]:
    """What a statement about consent says that the consent is to; empty if it does not say."""
    return _purposes(_folded(text))


def is_refusal(text: str) -> bool:
    """True for a statement that a consent is missing, was refused or withdrawn."""
    return bool(_REFUSED.search(_NO_OBJECTION.sub(" ", _folded(text))))


def _agreed(folded: str, purposes: set[ConsentPurpose]) -> bool:
    """True if somebody agrees to something that a consent is to; to a treatment only in the words "agrees to"."""
    if purposes - {ConsentPurpose.TREATMENT}:
        return bool(_AGREED.search(folded))
    return bool(_AGREES_TO_TREATMENT.search(folded))


_AGREES_TO_TREATMENT = re.compile(
    r"\b(?:agree(?:s|d|able)?|permission|authori[sz](?:es|ed|ation))\b (?:to|for|with) (?:\w+ ){0,4}?"
    r"(?:treat(?:ment|ed)s?|procedures?|proceed|intervention|surgery|operation)\b(?! (?:plan|goals?))"
    r"|\baccept(?:s|ed)? (?:\w+ )?risks?\b"
    r"|(?:सहमत|मंजूरी|मंज़ूरी|अनुमति).*(?:इलाज|उपचार)|(?:इलाज|उपचार).*(?:सहमत|मंजूरी|मंज़ूरी|अनुमति)"
)


def _purposes(folded: str) -> set[ConsentPurpose]:
    return {purpose for purpose, words in _PURPOSES.items() if words.search(folded)}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'").split())
