"""Check of who said what: the kind of a statement against the speakers of what it cites."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.claims.claim import Claim
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.languages.lexicon import lexicon
from shared.records.visits.speech import Speaker

_SAID = frozenset({StatementKind.SAID_BY_PATIENT, StatementKind.SAID_BY_OTHERS})
_ANSWERED = 3
"""Segments behind a question in which its answer is looked for."""


def words_differ(claim: Claim) -> Iterator[Doubt]:
    """A symptom comes from the patient or who speaks for them, a plan from the practitioner."""
    near = {claim.said.lines[at].speaker for at in claim.said.near(claim.cited, 1, _ANSWERED)}
    if not claim.cited or Speaker.UNKNOWN in near:
        return
    text = " ".join(claim.tokens)
    only_practitioner = near == {Speaker.PRACTITIONER}
    if only_practitioner and any(f" {phrase} " in f" {text} " for phrase in lexicon().speech.reported):
        yield Doubt.of(DoubtKind.SPEAKER_DIFFERS, segments=claim.numbers(claim.cited))
    if Speaker.PRACTITIONER not in near and any(f" {phrase} " in f" {text} " for phrase in lexicon().speech.planned):
        yield Doubt.of(DoubtKind.SPEAKER_DIFFERS, segments=claim.numbers(claim.cited))


def kind_differs(claim: Claim, kind: StatementKind | None) -> Iterator[Doubt]:
    """The practitioner alone is cited for what somebody else said, or not at all for what the practitioner observed,
    assessed or planned.

    Where a speaker is unknown nothing is checked. A typed note is the practitioner's, also of what the patient said.
    """
    if kind is None or not claim.cited:
        return
    cited = {claim.said.lines[at].speaker for at in claim.cited}
    if Speaker.UNKNOWN in cited or any(at >= claim.said.spoken for at in claim.cited):
        return
    lacking = cited == {Speaker.PRACTITIONER} if kind in _SAID else Speaker.PRACTITIONER not in cited
    if kind is StatementKind.SAID_BY_OTHERS and Speaker.OTHER not in cited:
        lacking = lacking or not _names_another(claim)
    if lacking:
        yield Doubt.of(DoubtKind.SPEAKER_DIFFERS, segments=claim.numbers(claim.cited))


def _names_another(claim: Claim) -> bool:
    """True if a cited line says who said it: recognition often gives two speakers where three spoke."""
    return any(lexicon().speech.people.intersection(claim.said.lines[at].tokens) for at in claim.cited)
