"""Check of a statement against the patient's chart: allergies, and the medicines that the patient takes now. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from shared.records.claims.claim import Claim
from shared.records.claims.dosing import owner_of
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.quantities import quantities_of
from shared.records.claims.quantity import Quantity
from shared.records.claims.terms import Term, stem, terms_of
from shared.records.claims.tokens import sentence_around, tokens_of
from shared.records.drugs.classes import substances_in
from shared.records.drugs.names import drugs_in
from shared.records.languages.lexicon import lexicon

_ALLERGY = "allerg"
_BOUND = 6
"""Tokens between a drug and its dose."""


@dataclass(frozen=True)
class Chart:
    """What the chart has of a patient."""

    allergies: tuple[str, ...] = ()
    """Confirmed ones, and those that were reported to the clinic."""
    medications: tuple[str, ...] = ()
    """Entries such as "sertraline 50 mg"."""

    def differences(self, claim: Claim, kind: StatementKind | None) -> Iterator[Doubt]:
        """The doubts of a statement that the chart contradicts."""
        given = self._given(claim, kind) if self.allergies else {}
        if given:
            yield Doubt.of(DoubtKind.ALLERGY_IN_RECORD, words=list(given.values()), recorded=list(given))
        elif self.allergies and (denied := self._denied(claim)):
            yield Doubt.of(DoubtKind.ALLERGY_IN_RECORD, words=_words_of_denial(claim), recorded=denied)
        yield from self._doses(claim, kind)

    @cached_property
    def _allergens(self) -> list[tuple[str, set[str]]]:
        """The entries of allergies, with the drugs and the classes of drugs that they name."""
        return [(entry, set().union(*substances_in(tokens_of(entry)).values())) for entry in self.allergies]

    def _given(self, claim: Claim, kind: StatementKind | None) -> dict[str, str]:
        """By an entry of allergies: the word of the statement that gives the patient such a drug."""
        return {
            entry: claim.tokens[at]
            for at, substances in substances_in(claim.tokens).items()
            if at not in claim.denied and _is_given(claim, at, kind)
            for entry, allergens in self._allergens
            if substances & allergens
        }

    def _denied(self, claim: Claim) -> list[str]:
        """The recorded allergies that the statement denies: all, or those that it names."""
        text = " ".join(claim.tokens)
        if any(f" {one} " in f" {text} " for one in lexicon().medication.no_allergies):
            return list(self.allergies)
        if not any(term.key == _ALLERGY and term.start in claim.denied for term in claim.terms):
            return []
        named = _named(claim)
        if not named:
            return [] if lexicon().medication.other_than.intersection(claim.tokens) else list(self.allergies)
        return [entry for entry in self.allergies if named & {term.key for term in terms_of(tokens_of(entry))}]

    def _doses(self, claim: Claim, kind: StatementKind | None) -> Iterator[Doubt]:
        """A present dose that the chart has otherwise."""
        if kind in (StatementKind.PLANNED, StatementKind.ASSESSED):
            return
        for one in claim.quantities:
            drug = owner_of(one, claim.drugs, _BOUND) if one.is_dose else None
            entries = self._doses_of(drug) if drug and _is_present(claim, one) else {}
            if entries and not any(one.fits(other) for found in entries.values() for other in found):
                words = [str(drug).replace("_", " "), " ".join(claim.tokens[one.start : one.end])]
                yield Doubt.of(DoubtKind.MEDICATION_NOT_AS_IN_RECORD, words=words, recorded=list(entries))
                return

    def _doses_of(self, drug: str) -> dict[str, list[Quantity]]:
        """The entries that name the drug and a dose; none if an entry names it without a dose."""
        found = {}
        for entry in self.medications:
            tokens = tokens_of(entry)
            if drug in drugs_in(tokens).values():
                found[entry] = [one for one in quantities_of(tokens) if one.is_dose]
        return found if all(found.values()) else {}


def _named(claim: Claim) -> set[str]:
    """The allergens that a denial names."""
    return {term.key for term in claim.terms if term.key != _ALLERGY and _is_allergen(term, claim)}


def _is_allergen(term: Term, claim: Claim) -> bool:
    return term.start in claim.denied and term.key not in _no_allergens()


@cache
def _no_allergens() -> frozenset[str]:
    """Terms of a denial that names no allergen."""
    words = lexicon().medication.no_allergen
    return frozenset(key for word in words for key in (stem(word), *(one.key for one in terms_of([word]))))


def _words_of_denial(claim: Claim) -> list[str]:
    found = [term.word for term in claim.terms if term.key == _ALLERGY or _is_allergen(term, claim)]
    return found or claim.tokens[:1]


def _sentence(claim: Claim, at: int) -> set[str]:
    """The tokens of the sentence around a position."""
    start, end = sentence_around(claim.tokens, at, at)
    return set(claim.tokens[start:end])


def _is_given(claim: Claim, at: int, kind: StatementKind | None) -> bool:
    """True if the statement gives the drug: planned, or by its words."""
    around, words = _sentence(claim, at), lexicon().medication
    return not around & words.not_given and (kind is StatementKind.PLANNED or bool(around & words.given))


def _is_present(claim: Claim, one: Quantity) -> bool:
    """True for a dose that the patient takes now."""
    around, words = _sentence(claim, one.start), lexicon().medication
    return bool(around & words.now) and not around & words.changed and one.start not in claim.denied
