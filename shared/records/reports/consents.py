"""Statements about consent: made by code from the consent records of a patient, and nobody else's. Pure.

Each statement cites its record, in the section of the template that is about consent, or in one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from shared.records.claims.consents import is_about_consent, is_refusal, purposes_in
from shared.records.claims.doubt import ClaimCheck, Doubt, DoubtKind
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.languages.language import ConsentTexts
from shared.records.languages.lexicon import consent_texts
from shared.records.patients.consent import Consent, PatientConsents
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, leaves_of

_IDS = ("consent", "consent_record", "recorded_consent")
_DEFAULT = "en"
"""The language of the texts of a report in a language without texts of its own."""


@dataclass(frozen=True)
class VisitConsents:
    """The consents that are live for a visit: of each purpose the newest."""

    by_purpose: Mapping[ConsentPurpose, Consent]

    @classmethod
    def of(cls, consents: PatientConsents | None, session_id: str, now: datetime) -> VisitConsents:
        """The live consents; none if no consent was ever recorded."""
        return cls(consents.live_by_purpose(session_id, now) if consents else {})

    def without(self, *purposes: ConsentPurpose) -> VisitConsents:
        """The consents but those to these purposes."""
        return VisitConsents({purpose: one for purpose, one in self.by_purpose.items() if purpose not in purposes})

    def doubts(self, text: str) -> list[Doubt]:
        """The doubt of a person's statement about consent that the records do not have."""
        if not is_about_consent(text):
            return []
        named = purposes_in(text) or set(ConsentPurpose)
        live = [purpose for purpose in ConsentPurpose if purpose in named and purpose in self.by_purpose]
        agrees = not live if is_refusal(text) else bool(live) and (named == set(ConsentPurpose) or named == set(live))
        if agrees:
            return []
        return [Doubt.of(DoubtKind.CONSENT_NOT_IN_RECORD, recorded=[purpose.value for purpose in live])]


def with_consents(
    sections: Sequence[Section],
    statements: Iterable[Statement],
    consents: VisitConsents,
    *,
    language: str | None,
    zone: str,
) -> tuple[list[Section], list[Statement]]:
    """The sections and statements of a draft, with one statement for each live consent of the visit that
    has none yet."""
    by_code = consent_texts()
    texts = by_code.get((language or "").partition("-")[0].casefold(), by_code[_DEFAULT])
    given = list(statements)
    stated = {one.consent_id for one in given}
    grouped: dict[str, list[ConsentPurpose]] = {}
    for purpose in ConsentPurpose:
        if purpose in consents.by_purpose and consents.by_purpose[purpose].id not in stated:
            grouped.setdefault(consents.by_purpose[purpose].id, []).append(purpose)
    if not grouped:
        return list(sections), given
    taken = {one.id for one in given}
    free = (id for id in map("r{}".format, count(1)) if id not in taken)
    all_sections, place = _place(sections, texts.title)
    made = [
        Statement(
            id=next(free),
            section=place,
            text=_text(texts, purposes, consents.by_purpose[purposes[0]], zone),
            consent_id=id,
            claim_check=ClaimCheck.NOT_DONE,
        )
        for id, purposes in grouped.items()
    ]
    order = {leaf.id: at for at, leaf in enumerate(leaves_of(all_sections))}
    return all_sections, sorted([*given, *made], key=lambda one: order[one.section])


def _place(sections: Sequence[Section], title: str) -> tuple[list[Section], str]:
    """The sections, and the id of the place for consents: the template's, or a section of its own at the end."""
    names = [name for texts in consent_texts().values() for name in texts.names]
    for leaf in leaves_of(sections):
        if not leaf.choices and any(name in f"{leaf.id} {leaf.title}".casefold() for name in names):
            return list(sections), leaf.id
    taken = {section.id for section in sections}
    id = next(id for id in _IDS if id not in taken)
    return [*sections, Section(id=id, title=title)], id


def _text(texts: ConsentTexts, purposes: Sequence[ConsentPurpose], consent: Consent, zone: str) -> str:
    return texts.statement.format(
        purposes=texts.joined.join(texts.purposes[purpose.value] for purpose in purposes),
        method=texts.methods[consent.method.value],
        giver=texts.givers[consent.given_by.value],
        when=f"{consent.given_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
    )
