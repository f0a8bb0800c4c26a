"""Changes of a patient's chart that a signed report suggests: offered with their evidence, made by a person only.

Pure and careful: English phrases only, and nothing that is denied, uncertain or of a relative. A missed change costs a
line of typing; a wrong one harms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records.patients.chart import has_entry, with_entry
from shared.records.patients.patient import Patient
from shared.records.privacy import Clinical, Encrypted
from shared.records.record import Record, Stamp, Value
from shared.records.reports.notes import NoteNumber
from shared.records.reports.statements import SegmentNumber, Statement
from shared.records.templates.sections import Section, leaves_of
from shared.records.text import ShortText
from shared.records.types import Id, Moment

MOST_OFFERS = 100
"""Maximum number of changes that one report offers."""
_LONGEST = 100
"""Characters of an offered entry; a longer one is a sentence."""


class ChartField(StrEnum):
    """A list of the patient's chart."""

    ALLERGIES = "allergies"
    CURRENT_MEDICATIONS = "current_medications"
    DIAGNOSES = "diagnoses"


class Verdict(StrEnum):
    """What a person decided about an offer."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class ChartDecision(Value):
    """What a person decided about one offer."""

    offer_id: Id
    field: ChartField
    entry: ShortText
    verdict: Verdict
    by: Id
    at: Moment


class ChartDecisions(Record):
    """What was decided about the offers of a report."""

    kind: ClassVar[str] = "ChartDecisions"
    collection: ClassVar[str] = "bodies"

    decisions: Clinical[Encrypted[list[ChartDecision]]] = []

    @classmethod
    def path_of(cls, id: str) -> str:
        return f"reports/{id}/bodies/chart"

    def with_decision(self, offer: ChartOffer, verdict: Verdict, stamp: Stamp) -> Self:
        """The decisions with one more; a later one about the same offer replaces the earlier."""
        others = [decision for decision in self.decisions if decision.offer_id != offer.id]
        made = ChartDecision(
            offer_id=offer.id, field=offer.field, entry=offer.value, verdict=verdict, by=stamp.by, at=stamp.at
        )
        return self.revised(stamp, decisions=[*others, made])


class ChartOffer(Value):
    """One offered change, with its evidence."""

    id: Id
    field: ChartField
    value: ShortText
    """The entry that the list gets."""
    replaces: ShortText | None
    """The present entry of the same drug, which the new one replaces."""
    statement_id: Id
    segments: list[SegmentNumber]
    notes: list[NoteNumber]
    in_chart: bool
    """True if the chart has this entry already."""
    decision: ChartDecision | None = None


class DecideChartChange(Value):
    """One decision about one offer."""

    offer_id: Id = Field(min_length=1)
    verdict: Verdict


def offers_of(
    sections: Sequence[Section], statements: Iterable[Statement], patient: Patient, decisions: Iterable[ChartDecision]
) -> list[ChartOffer]:
    """The changes that the statements of a report suggest; the same ones for the same signed report."""
    decided = {decision.offer_id: decision for decision in decisions}
    titles = {leaf.id: f"{leaf.id} {leaf.title}" for leaf in leaves_of(sections)}
    found: list[ChartOffer] = []
    seen: set[tuple[ChartField, str]] = set()
    for statement in statements:
        for count, (field, value) in enumerate(_suggested(statement.text, titles.get(statement.section, "")), start=1):
            if len(value) > _LONGEST or (field, value.casefold()) in seen or len(found) == MOST_OFFERS:
                continue
            seen.add((field, value.casefold()))
            offer_id = f"{statement.id}-{count}"
            present = getattr(patient, field)
            found.append(
                ChartOffer(
                    id=offer_id,
                    field=field,
                    value=value,
                    replaces=_replaced(field, value, present),
                    statement_id=statement.id,
                    segments=statement.segments,
                    notes=statement.notes,
                    in_chart=has_entry(present, value),
                    decision=decided.get(offer_id),
                )
            )
    return found


def accepted(offer: ChartOffer, patient: Patient, stamp: Stamp) -> Patient:
    """The patient with the offered entry; the same object if the chart has it. Raises Conflict for a full list."""
    entries: list[str] = getattr(patient, offer.field)
    if has_entry(entries, offer.value):
        return patient
    kept = [entry for entry in entries if entry != offer.replaces]
    changes: Mapping[str, Any] = {offer.field.value: with_entry(kept, offer.value)}
    return patient.revised(stamp, **changes)


_UNCERTAIN = re.compile(
    r"\b(?:no|not|never|none|denie[sd]|deny|without|unlikely|possibl[ey]|probabl[ey]|perhaps|maybe|might|may|could|if|"
    r"suspect\w*|query|differential|whether|asked|unsure|unclear|ruled? out|versus|vs)\b|n't\b|\?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:mother|father|parents?|mum|mom|dad|brother|sister|siblings?|son|daughter|child(?:ren)?|husband|wife|partner|"
    r"uncle|aunt|cousin|grand\w+|family|friend)(?:'s)?\b",
    re.IGNORECASE,
)
_ALLERGY = re.compile(r"\b(?:allergic|allergy) to (?P<what>[^.;:()]{2,200})", re.IGNORECASE)
_LIST = re.compile(r",\s*(?:and |or )?|\s+(?:and|or)\s+")
_AFTER_ALLERGEN = re.compile(
    r"\s+(?:which|that|with|since|as|because|when|but|from|in|on|he|she|they|it|causing|gets?)\b.*"
)
_ARTICLE = re.compile(r"^(?:the|a|an|any|some|both)\s+", re.IGNORECASE)
_DOSE = r"\d{1,5}(?:[.,]\d{1,3})? ?(?:mg|mcg|µg|micrograms?|milligrams?|grams?|g|ml|units?|iu)"
_DRUG = re.compile(
    rf"\b(?P<drug>[A-Za-z][A-Za-z-]{{3,39}})(?: (?:tablets?|capsules?|syrup|dose))?,?(?: from {_DOSE})?(?: (?:to|at))? "
    rf"(?P<dose>{_DOSE})\b",
    re.IGNORECASE,
)
_BEFORE_A_DOSE = """
about another around current daily dose doses from increase increased medication prescribed reduce start tablet tablets
take takes taking than then total weight with
"""
_NO_DRUGS = frozenset(_BEFORE_A_DOSE.split())
_STOPPED = re.compile(
    r"\b(?:stop\w*|discontinu\w+|cease\w*|withdr[ae]w\w*|avoid\w*|allerg\w+|previous\w*|past)\b", re.IGNORECASE
)
_MEDICATIONS = re.compile(r"medication|medicine|prescri|pharmac", re.IGNORECASE)
_ASSESSMENT = re.compile(r"assessment|diagnos|impression", re.IGNORECASE)
_DIAGNOSIS = re.compile(
    r"\b(?:(?:diagnosis|impression)(?: is|:)|diagnosed with|diagnosis of) *"
    r"(?:this is |of |that of )?(?P<what>[^.;:()?]{3,200})",
    re.IGNORECASE,
)


def _suggested(text: str, title: str) -> Iterator[tuple[ChartField, str]]:
    """The entries that one statement suggests."""
    if _UNCERTAIN.search(text) or _RELATIVE.search(text):
        return
    for match in _ALLERGY.finditer(text):
        for what in _LIST.split(_AFTER_ALLERGEN.sub("", match["what"])):
            if entry := _entry(what):
                yield ChartField.ALLERGIES, entry
    if _MEDICATIONS.search(title) and not _STOPPED.search(text):
        for match in _DRUG.finditer(text):
            if match["drug"].lower() not in _NO_DRUGS:
                yield ChartField.CURRENT_MEDICATIONS, f"{match['drug'].lower()} {match['dose'].lower()}"
    if _ASSESSMENT.search(title) and (found := _DIAGNOSIS.search(text)) and (entry := _entry(found["what"])):
        yield ChartField.DIAGNOSES, entry


def _entry(text: str) -> str:
    """The text without article and spaces at the ends; empty without a letter."""
    entry = _ARTICLE.sub("", text.strip(" ,'\"")).strip()
    return entry if any(map(str.isalpha, entry)) else ""


def _replaced(field: ChartField, value: str, entries: Iterable[str]) -> str | None:
    """The first entry of the same drug with another text."""
    if field != ChartField.CURRENT_MEDICATIONS:
        return None
    drug = value.casefold().split()[0]
    others = (entry for entry in entries if entry.casefold() != value.casefold())
    return next((entry for entry in others if entry.casefold().split()[:1] == [drug]), None)
