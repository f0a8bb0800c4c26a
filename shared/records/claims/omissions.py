"""Search for what was said and is in no statement: drugs, doses, allergies, risks, diagnoses, follow-up and orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile

from shared.records.claims.claim import Claim
from shared.records.claims.dosing import owner_of
from shared.records.claims.doubt import Severity
from shared.records.claims.line import Line
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.claims.polarity import Polarity
from shared.records.claims.said import Said
from shared.records.claims.terms import stem, terms_of
from shared.records.claims.tokens import ENDS, tokens_of
from shared.records.languages.lexicon import lexicon

_DOSE_WITHIN = 6
"""Tokens between a drug and its dose."""
_ALLERGY = "allerg"


def omissions(said: Said, statements: Iterable[str], *, words: bool = True) -> list[Omission]:
    """What the statements leave out, the major first; without word lists (`words`) only drugs and doses."""
    noted = _Noted([Claim(text, said, ()) for text in statements])
    searches = (_drugs, _doses, _allergies, _risks, _diagnoses, _plans) if words else (_drugs, _doses)
    found = (omission for search in searches for omission in search(said, noted))
    return sorted(found, key=lambda one: one.severity is not Severity.MAJOR)


class _Noted:
    """The drugs, terms and numbers of all statements."""

    def __init__(self, claims: list[Claim]) -> None:
        self.drugs = {drug for claim in claims for drug in claim.drugs.values()}
        self.terms = {term.key for claim in claims for term in terms_of(claim.tokens)}
        self.quantities = [one for claim in claims for one in claim.quantities]
        self.allergies = [claim for claim in claims if any(term.key == _ALLERGY for term in claim.terms)]
        self.text = " ".join(" ".join(claim.tokens) for claim in claims)


def _spoken(said: Said) -> list[Line]:
    return said.lines[: said.spoken]


def _drugs(said: Said, noted: _Noted) -> Iterator[Omission]:
    """Drugs that were affirmed, or named without a question."""
    seen = set(noted.drugs)
    for line in _spoken(said):
        polarities = {one.term.start: one.polarity for one in line.mentions} if line.drugs else {}
        for at, drug in line.drugs.items():
            polarity = polarities.get(at, Polarity.AFFIRMED)
            if polarity is Polarity.DENIED or polarity is Polarity.ASKED or _is_rejected(line, at):
                continue
            if drug not in seen:
                seen.add(drug)
                yield Omission.of(OmissionKind.DRUG, line.number, line.tokens[at])


def _is_rejected(line: Line, at: int) -> bool:
    """True for a drug that the practitioner speaks of and does not give: "paracetamol wouldn't help"."""
    following = takewhile(lambda token: token not in ENDS, line.tokens[at + 1 : at + 1 + _REJECTED_WITHIN])
    return line.is_from_practitioner and not lexicon().speech.rejecting.isdisjoint(following)


_REJECTED_WITHIN = 6
"""Tokens."""


def _doses(said: Said, noted: _Noted) -> Iterator[Omission]:
    """Doses of drugs that the statements name without them."""
    seen = set()
    for line in _spoken(said):
        for one in line.quantities:
            drug = owner_of(one, line.drugs, _DOSE_WITHIN) if one.is_dose and not one.vague else None
            if drug is None or drug not in noted.drugs or (drug, one.value) in seen:
                continue
            seen.add((drug, one.value))
            if not any(one.fits(other) for other in noted.quantities):
                words = " ".join(line.tokens[one.start : one.end])
                yield Omission.of(OmissionKind.DOSE, line.number, drug.replace("_", " "), words)


def _allergies(said: Said, noted: _Noted) -> Iterator[Omission]:
    """Allergies that were affirmed, or named in answer to the question for them."""
    allergens = {key for claim in noted.allergies for term in claim.terms for key in (term.key,)}
    for at, line in enumerate(_spoken(said)):
        for one in line.mentions:
            if one.term.key != _ALLERGY or one.polarity is Polarity.DENIED:
                continue
            named = _named_after(said, at, one.term.end) if one.polarity is Polarity.AFFIRMED else _answered(said, at)
            if not named and Polarity.DENIED in line.polarities[_ALLERGY]:
                continue
            if named is not None and not (noted.allergies and (not named or named & allergens)):
                yield Omission.of(OmissionKind.ALLERGY, line.number, one.term.word, *sorted(named)[:2])
                return


def _named_after(said: Said, at: int, end: int) -> set[str] | None:
    """What the allergy is to, in a patient's or unknown speaker's line: the terms behind "to", or else the drugs."""
    line = said.lines[at]
    if line.is_from_practitioner:
        return set(line.drugs.values()) or None
    if lexicon().medication.allergic_to.isdisjoint(line.tokens[end : end + 3]):
        return set(line.drugs.values())
    return {one.term.key for one in line.mentions if end <= one.term.start <= end + 4}


def _answered(said: Said, at: int) -> set[str] | None:
    """The drugs that the answer to a question for allergies names; None if it names none."""
    following = said.lines[at + 1 : min(at + 2, said.spoken)]
    return {drug for line in following for drug in line.drugs.values()} or None


@cache
def _risk_keys() -> frozenset[str]:
    return frozenset(stem(phrase) for phrase in lexicon().vocabulary.risks) | {
        term.key
        for phrase in lexicon().vocabulary.risks
        for term in terms_of(tokens_of(phrase))
        if " " in term.word or term.clinical
    }


def _risks(said: Said, noted: _Noted) -> Iterator[Omission]:
    yield from _affirmed(said, noted, _risk_keys() - {"pain", "dyspnea", "faint", "dizz"}, OmissionKind.RISK)


def _diagnoses(said: Said, noted: _Noted) -> Iterator[Omission]:
    keys = frozenset(stem(one) for one in lexicon().vocabulary.conditions)
    yield from _affirmed(said, noted, keys, OmissionKind.DIAGNOSIS)


@cache
def _family() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().speech.family)


def _affirmed(said: Said, noted: _Noted, keys: frozenset[str], kind: OmissionKind) -> Iterator[Omission]:
    """Terms that somebody affirmed, not of the family."""
    seen = set(noted.terms)
    for line in _spoken(said):
        if any(one.term.key in _family() for one in line.mentions) or _is_list_of_questions(line):
            continue
        for one in line.mentions:
            if kind is OmissionKind.RISK and line.is_from_practitioner and not _asks(line):
                continue
            if one.term.word in lexicon().vocabulary.analytes or _is_possible(line, one.term.start):
                continue
            if one.term.key in keys and one.term.key not in seen and one.polarity is Polarity.AFFIRMED:
                seen.add(one.term.key)
                yield Omission.of(kind, line.number, one.term.word)


def _is_possible(line: Line, start: int) -> bool:
    """True for what the practitioner says that something leads to, in this patient or another: "can cause a stroke"."""
    before = " ".join(line.tokens[max(0, start - _POSSIBLE_WITHIN) : start])
    return line.is_from_practitioner and any(f" {one} " in f" {before} " for one in lexicon().speech.possible)


_POSSIBLE_WITHIN = 8
"""Tokens."""


def _asks(line: Line) -> bool:
    return any(one.asks for one in line.sentences)


def _is_list_of_questions(line: Line) -> bool:
    """True for "do you have this, that or anything?": a yes affirms none of them for certain."""
    return _asks(line) and not lexicon().questions.alternatives.isdisjoint(line.tokens)


def _plans(said: Said, noted: _Noted) -> Iterator[Omission]:
    """Follow-up, and orders of tests, in what the practitioner said."""
    yield from _follow_up(said, noted)
    seen = set(noted.terms)
    for line in _spoken(said):
        if line.speaker == "patient" or not _is_plan(line):
            continue
        for one in line.mentions:
            if one.term.start in line.asked or _is_result(line, one.term.end):
                continue
            if one.term.key in _orders() and one.term.key not in seen and one.polarity is Polarity.AFFIRMED:
                seen.add(one.term.key)
                yield Omission.of(OmissionKind.ORDER, line.number, one.term.word)


def _follow_up(said: Said, noted: _Noted) -> Iterator[Omission]:
    if any(phrase in noted.text for phrase in lexicon().speech.noted_visits):
        return
    for line in _spoken(said):
        text = _without_past_visits(" ".join("" if at in line.asked else one for at, one in enumerate(line.tokens)))
        phrase = next((one for one in lexicon().speech.visits if one in text), None)
        if phrase and line.speaker != "patient":
            yield Omission.of(OmissionKind.FOLLOW_UP, line.number, phrase)
            return


def _without_past_visits(text: str) -> str:
    """The text without phrases such as "here for a follow up", which plan nothing."""
    for phrase in lexicon().speech.past_visits:
        text = text.replace(phrase, "")
    return text


def _is_result(line: Line, end: int) -> bool:
    """True for a test that was made: "your x-ray looks fine"."""
    return not lexicon().speech.results.isdisjoint(line.tokens[end : end + _RESULT_WITHIN])


_RESULT_WITHIN = 3
"""Tokens."""


def _is_plan(line: Line) -> bool:
    return not lexicon().speech.planning.isdisjoint(line.tokens) or not line.text.isascii()


@cache
def _orders() -> frozenset[str]:
    return frozenset(stem(one) for one in lexicon().speech.orders)
