"""Recognition of statements about consent: to recording, to processing by models, to telehealth, to treatment. Pure.

Only a consent record says that somebody consented, so a statement of the writer about consent is recognised and
dropped, whether it says that the consent was given, refused or discussed. Rather one statement too many: the doctor
sees how many were dropped, and may write their own. Agreeing with a plan is no consent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.languages.lexicon import lexicon

_OF_VISIT = frozenset({ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING, ConsentPurpose.TELEHEALTH})


def is_about_consent(text: str) -> bool:
    """True for a statement about a consent, given or not."""
    folded = _folded(text)
    if _any_of("consent").search(folded):
        return True
    purposes = _purposes(folded)
    told = purposes & {ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING}
    return bool(_agreed(folded, purposes) or (told and _any_of("told").search(folded)))


def is_history(text: str, evidence: str) -> bool:
    """True for a consent to something else in the past, such as an operation in 2019, of which the evidence speaks."""
    folded = _folded(text)
    return bool(_any_of("history").search(folded)) and not _purposes(folded) & _OF_VISIT and is_about_consent(evidence)


def purposes_in(text: str) -> set[ConsentPurpose]:
    """What a statement about consent says that the consent is to; empty if it does not say."""
    return _purposes(_folded(text))


def is_refusal(text: str) -> bool:
    """True for a statement that a consent is missing, was refused or withdrawn."""
    return bool(_any_of("refused").search(_any_of("no_objection").sub(" ", _folded(text))))


def _agreed(folded: str, purposes: set[ConsentPurpose]) -> bool:
    """True if somebody agrees to something that a consent is to; to a treatment only in the words "agrees to"."""
    if purposes - {ConsentPurpose.TREATMENT}:
        return bool(_any_of("agreed").search(folded))
    return bool(_any_of("agreed_to_treatment").search(folded))


def _purposes(folded: str) -> set[ConsentPurpose]:
    return {purpose for purpose, words in _of_purposes().items() if words.search(folded)}


@cache
def _of_purposes() -> Mapping[ConsentPurpose, re.Pattern[str]]:
    return {ConsentPurpose(name): _joined(patterns) for name, patterns in lexicon().consents.purposes.items()}


@cache
def _any_of(name: str) -> re.Pattern[str]:
    return _joined(getattr(lexicon().consents, name))


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'").split())
