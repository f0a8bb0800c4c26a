"""Doubts: what the checks could not confirm."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.lazily import lazily
from shared.records.record import Value
from shared.records.text import ShortText

with lazily(globals()):
    from shared.records.claims.coverage import covers
    from shared.records.languages.lexicon import language_of

CHECKS_VERSION = 5
"""Incremented by every change of the checks or of their word lists, so that scores are compared with their like."""
MOST_WORDS = 8
"""Words that one doubt names."""
MOST_SEGMENTS = 12
"""Segments that one doubt names."""
Position = Annotated[int, Field(ge=1, le=1_000_000)]


class DoubtKind(StrEnum):
    """A reason to check a statement carefully."""

    NUMBER_NOT_IN_EVIDENCE = "number_not_in_evidence"
    """A number, with its unit, is not in the cited segments or beside them."""
    DOSE_NOT_OF_DRUG = "dose_not_of_drug"
    """The dose was not said of this drug."""
    DRUG_NOT_IN_EVIDENCE = "drug_not_in_evidence"
    """Nobody named the drug there."""
    SIDE_NOT_IN_EVIDENCE = "side_not_in_evidence"
    """Left and right differ from what was said of this part of the body, or nobody said the side."""
    NEGATION_DIFFERS = "negation_differs"
    """What was denied is stated, or what was affirmed is denied, or only a question was asked."""
    SPEAKER_DIFFERS = "speaker_differs"
    """A symptom that only the practitioner spoke of, or a plan that only the patient spoke of."""
    TERM_NOT_SAID = "term_not_said"
    """A clinical term that nobody said."""
    WORDS_NOT_IN_EVIDENCE = "words_not_in_evidence"
    TOO_MANY_CITATIONS = "too_many_citations"
    """So many segments are cited that they support nothing in particular."""
    HEARD_UNCERTAINLY = "heard_uncertainly"
    OTHER_NAME_HEARD = "other_name_heard"
    """A cited segment has the name of a person who is neither the patient nor of the clinic's staff."""
    NORMAL_NOT_IN_EVIDENCE = "normal_not_in_evidence"
    """A normal finding is stated, and nobody said there that all is well."""
    CONSENT_NOT_IN_RECORD = "consent_not_in_record"
    """The statement is about a consent, and the consent records of the patient say otherwise, or nothing."""
    ALLERGY_IN_RECORD = "allergy_in_record"
    """The chart has an allergy to a drug that is planned, or to its class, or has allergies that are denied."""
    MEDICATION_NOT_AS_IN_RECORD = "medication_not_as_in_record"
    """The chart has another dose of a drug that the patient takes now."""
    SCORE_NOT_AS_RECORDED = "score_not_as_recorded"
    """The total of an instrument differs from that of its answers in the report, or an earlier one from that of the
    last signed report."""


class ClaimCheck(StrEnum):
    """How far the statements of a report were checked against what was said."""

    DONE = "done"
    WITHOUT_WORD_LISTS = "without_word_lists"
    """A language of the transcript lacks word lists that a check needs: only numbers, drugs and uncertain words were
    checked, not sides, negations, speakers, clinical terms, nor most omissions."""
    OWN_WORD = "own_word"
    """Of a statement that cites nothing, on its author's word: doses, numbers, sides, and what was affirmed or denied
    were compared wherever the same thing was said, and with the clinic's own record. What nobody said is no doubt."""
    RECORD_ONLY = "record_only"
    """There is no transcript to compare with: only the clinic's own record was compared, which is allergies,
    medication, last scores and consents."""
    NOT_DONE = "not_done"
    """No check ran: no draft was written, or the statement is made from a consent record."""

    @classmethod
    def of(cls, *languages: str) -> ClaimCheck:
        """The check of a transcript in these languages (BCP 47)."""
        known = all(covers(language_of(language)) for language in languages)
        return cls.DONE if known else cls.WITHOUT_WORD_LISTS


class Severity(StrEnum):
    """How much harm a wrong statement of this kind may do."""

    MAJOR = "major"
    """A dose, a drug, a negation, a side, a risk or a person."""
    MINOR = "minor"


MAJOR = frozenset(
    {
        DoubtKind.DOSE_NOT_OF_DRUG,
        DoubtKind.DRUG_NOT_IN_EVIDENCE,
        DoubtKind.SIDE_NOT_IN_EVIDENCE,
        DoubtKind.NEGATION_DIFFERS,
        DoubtKind.OTHER_NAME_HEARD,
        DoubtKind.NORMAL_NOT_IN_EVIDENCE,
        DoubtKind.CONSENT_NOT_IN_RECORD,
        DoubtKind.ALLERGY_IN_RECORD,
        DoubtKind.MEDICATION_NOT_AS_IN_RECORD,
        DoubtKind.SCORE_NOT_AS_RECORDED,
    }
)
"""The kinds that are always major; others are if they concern a dose, a drug or a risk."""


_OF_RECORD = frozenset(
    {
        DoubtKind.CONSENT_NOT_IN_RECORD,
        DoubtKind.ALLERGY_IN_RECORD,
        DoubtKind.MEDICATION_NOT_AS_IN_RECORD,
        DoubtKind.SCORE_NOT_AS_RECORDED,
    }
)


class Doubt(Value):
    """One reason to check a statement carefully, with the words and segments that it is about."""

    kind: DoubtKind
    severity: Severity
    words: list[ShortText] = Field(default=[], max_length=MOST_WORDS)
    """The words of the statement."""
    segments: list[Position] = Field(default=[], max_length=MOST_SEGMENTS)
    """The segments that differ, or that were searched; none if the statement differs from a record."""
    recorded: list[ShortText] = Field(default=[], max_length=MOST_WORDS)
    """What the clinic's own record, or the report, has instead."""

    @classmethod
    def of(
        cls,
        kind: DoubtKind,
        *,
        words: list[str] | None = None,
        segments: list[int] | None = None,
        recorded: list[str] | None = None,
        major: bool = False,
    ) -> Doubt:
        severity = Severity.MAJOR if major or kind in MAJOR else Severity.MINOR
        cited = sorted(set(segments or []))[:MOST_SEGMENTS]
        return cls(kind=kind, severity=severity, words=_named(words), segments=cited, recorded=_named(recorded))


def _named(words: list[str] | None) -> list[str]:
    return list(dict.fromkeys(word[:100] for word in words or []))[:MOST_WORDS]


def of_record(doubt: Doubt) -> bool:
    """True for a doubt that compares with the clinic's own record, and with nothing that was said."""
    return doubt.kind in _OF_RECORD


def other_name_doubt(segments: list[int]) -> Doubt:
    """The doubt of a statement that cites a segment with the name of another person."""
    return Doubt.of(DoubtKind.OTHER_NAME_HEARD, segments=segments)


def other_name_doubts(cited: Iterable[int], others: Iterable[int]) -> list[Doubt]:
    """The doubt of a statement that cites these segments, if any is among the `others`, which name another person."""
    named = sorted({*cited} & {*others})
    return [other_name_doubt(named)] if named else []
