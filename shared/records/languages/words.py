"""The word lists that a language may have, by subject, and how they are written.

Words are in lower case, as `claims.tokens` has them. A language leaves out what it does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.records.languages.grammar import Answers, Clauses, Negations, Questions
from shared.records.languages.measured import Measures, Numbers

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vocabulary:
    """Words by what they tell."""

    function: frozenset[str] = _NONE
    """Words without content."""
    fillers: frozenset[str] = _NONE
    """Function words that carry no fact at all, not even a negation: hearing one uncertainly is no harm."""
    between: frozenset[str] = _NONE
    """Words that stand between others without changing what is said: "I", "the", "um"."""
    frame: frozenset[str] = _NONE
    """Words of a note that nobody needs to have said."""
    clinical: frozenset[str] = _NONE
    """Stems of symptoms, findings, conditions and procedures."""
    courses: frozenset[str] = _NONE
    """Stems of how things go: their polarity matters as that of a finding."""
    concepts: tuple[str, ...] = ()
    """Lines of lay and clinical words for the same, separated by commas; the first one names the concept."""
    analytes: frozenset[str] = _NONE
    """Words that are no condition by themselves: what a laboratory measures, as in "on simvastatin for your lipids",
    and moods."""
    conditions: frozenset[str] = _NONE
    """Concepts that are diagnoses."""
    habits: tuple[str, ...] = ()
    """Concepts of what people give up: smoking."""
    ever: frozenset[str] = _NONE
    """Words of a denial that something ever was: "never"."""
    past: frozenset[str] = _NONE
    """Words of a statement about the past."""
    risks: tuple[str, ...] = ()
    """Concepts, or phrases, of danger."""
    dangers: tuple[str, ...] = ()
    """The same as whole words, and other signs of danger: mishearing them does harm."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """By an abbreviation that clinicians write: its words. Left out are those that are also other words."""
    idioms: Mapping[str, str] = field(default_factory=dict)
    """By a phrase that does not mean what its words say: words that do."""
    endings: tuple[str, ...] = ()
    """Of words, which a stem does not have; the first that fits is taken off."""
    clinical_endings: tuple[str, ...] = ()
    """Of stems that are clinical, such as "itis"."""


@dataclass(frozen=True)
class Sides:
    """Left and right."""

    left: frozenset[str] = _NONE
    right: frozenset[str] = _NONE
    both: frozenset[str] = _NONE
    body: frozenset[str] = _NONE
    """Parts of the body that have a left and a right."""
    regions: tuple[str, ...] = ()
    """Lines of parts of one limb."""
    any_part: frozenset[str] = _NONE
    """Those of `body` that name no part of their own: "side"."""
    no_side_before: frozenset[str] = _NONE
    """Behind a side they make it none: "left the house", "right now"."""
    determiners: frozenset[str] = _NONE
    """Before "right" they make it a side though no part follows."""
    which: frozenset[str] = _NONE
    """Before a part of the body they ask for its side."""
    compared: frozenset[str] = _NONE
    """Between the two sides of one part: "than"."""
    leaving: frozenset[str] = _NONE
    """Before "left" they make it a verb unless a part of the body follows."""
    also_good: frozenset[str] = _NONE
    """Sides that also mean something else, and need a part of the body or a determiner: "right"."""


@dataclass(frozen=True)
class Findings:
    """Words of normal findings."""

    normal: frozenset[str] = _NONE
    phrases: tuple[str, ...] = ()
    all_well: frozenset[str] = _NONE
    """Further words of somebody who found nothing wrong."""
    casual: frozenset[str] = _NONE
    """Those of `all_well` that every conversation has: they count beside what the finding is about only."""
    compared: frozenset[str] = _NONE
    """Behind one "normal" compares: "more than normal"."""
    reassuring: frozenset[str] = _NONE
    """Words of a normal finding, or of a consent: a reader who believes it looks no further."""
    neutral: frozenset[str] = _NONE
    """Words that are said beside a negation as well as without it."""
    functions: frozenset[str] = _NONE
    """What the body does, and whose trouble has the same word: "bowels"; beside `well` they affirm no trouble."""
    well: frozenset[str] = _NONE


@dataclass(frozen=True)
class Medication:
    """Words about a drug or an allergy in a statement."""

    given: frozenset[str] = _NONE
    not_given: frozenset[str] = _NONE
    """Words of a sentence that gives no drug."""
    now: frozenset[str] = _NONE
    """Words of what the patient takes now."""
    changed: frozenset[str] = _NONE
    """Words of a dose that is not the present one, or not for long."""
    no_allergies: tuple[str, ...] = ()
    """Phrases that deny all allergies."""
    allergic_to: frozenset[str] = _NONE
    """Between an allergy and what it is to."""
    no_allergen: frozenset[str] = _NONE
    """Words of a denial of allergies that name none."""
    other_than: frozenset[str] = _NONE
    """Words of a denial that leaves some out: "other"."""


@dataclass(frozen=True)
class Speech:
    """Words that tell who said something, and what was planned."""

    people: frozenset[str] = _NONE
    """People who may speak for the patient, and pronouns of them."""
    family: frozenset[str] = _NONE
    reported: tuple[str, ...] = ()
    """Phrases that say that the patient said something."""
    planned: tuple[str, ...] = ()
    """Phrases that only a practitioner's plan has."""
    planning: frozenset[str] = _NONE
    """Words of a practitioner who plans."""
    orders: tuple[str, ...] = ()
    """Tests and treatments that are ordered."""
    results: frozenset[str] = _NONE
    """Behind a test they say that it was made: "shows"."""
    rejecting: frozenset[str] = _NONE
    """Behind a drug they say that the practitioner does not give it: "wouldn't"."""
    possible: tuple[str, ...] = ()
    """Phrases before a condition that nobody has yet: "can cause"."""
    visits: tuple[str, ...] = ()
    """Phrases of a follow-up that was said."""
    past_visits: tuple[str, ...] = ()
    """Phrases with one of `visits` that plan none: "here for a follow up"."""
    noted_visits: tuple[str, ...] = ()
    """Phrases of a follow-up in a note."""


Patterns = tuple[str, ...]
"""Regular expressions of folded text, any of which counts."""


@dataclass(frozen=True)
class ConsentPatterns:
    """How consents are spoken of."""

    purposes: Mapping[str, Patterns] = field(default_factory=dict)
    """By the purpose of a consent."""
    consent: Patterns = ()
    """Words that speak of consent by themselves."""
    agreed: Patterns = ()
    """Words that speak of consent beside what it is to."""
    agreed_to_treatment: Patterns = ()
    told: Patterns = ()
    """Words that speak of consent beside recording or models."""
    history: Patterns = ()
    """Times long ago."""
    refused: Patterns = ()
    no_objection: Patterns = ()


@dataclass(frozen=True)
class Words:
    """The word lists of one language, or of several together."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    negations: Negations = field(default_factory=Negations)
    clauses: Clauses = field(default_factory=Clauses)
    questions: Questions = field(default_factory=Questions)
    answers: Answers = field(default_factory=Answers)
    numbers: Numbers = field(default_factory=Numbers)
    measures: Measures = field(default_factory=Measures)
    sides: Sides = field(default_factory=Sides)
    findings: Findings = field(default_factory=Findings)
    medication: Medication = field(default_factory=Medication)
    speech: Speech = field(default_factory=Speech)
    consents: ConsentPatterns = field(default_factory=ConsentPatterns)
