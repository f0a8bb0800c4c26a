"""Statements about consent are made from consent records, cite them, and are in the language of the report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.records.claims.doubt import DoubtKind, Severity
from shared.records.patients.consent import Consent, PatientConsents
from shared.records.patients.new_consent import ConsentGiver, NewWithdrawal
from shared.records.reports.consents import VisitConsents, with_consents
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, Subsection
from tests.support.factories import BY_SYSTEM, NOON, after, patient, statement
from tools.openapi import factories

VISIT, ZONE = "patient-visit", "Asia/Kolkata"
SECTIONS = [Section(id="assessment", title="Assessment")]
SOON = after(hours=1)


def given(**values: Any) -> Consent:
    return factories.consent(BY_SYSTEM, **values)


def consents(*ones: Consent) -> PatientConsents:
    return factories.consents(patient(), BY_SYSTEM, *ones)


def made(
    *ones: Consent, language: str | None = "en-IN", sections: list[Section] = SECTIONS
) -> tuple[list[Section], list[Statement]]:
    """The sections and statements of a draft with one statement of the writer."""
    live = VisitConsents.of(consents(*ones), VISIT, SOON)
    return with_consents(sections, [statement()], live, language=language, zone=ZONE)


def test_a_consent_is_stated_from_its_record_in_a_section_of_its_own() -> None:
    consent = given()

    sections, (drafted, stated) = made(consent)

    when = f"{NOON + timedelta(hours=5, minutes=30):%Y-%m-%d %H:%M}"
    assert [section.id for section in sections] == ["assessment", "consent"]
    assert drafted == statement()
    assert stated.text == (
        f"Consent to recording and processing by AI models: given verbally by the patient on {when}."
    )
    assert (stated.section, stated.kind, stated.consent_id) == ("consent", None, consent.id)
    assert (stated.segments, stated.doubts, stated.author_id) == ([], [], None)


def test_the_template_may_have_a_place_for_consents() -> None:
    place = Section(id="intake", title="Intake", type="structured", subsections=[Subsection(id="c", title="Consent")])
    chosen = Section(id="consent", title="Consent", type="choice", choices=["Yes", "No"])

    assert made(given(), sections=[place, *SECTIONS])[1][0].section == "intake.c"
    sections, statements = made(given(), sections=[chosen, *SECTIONS])
    assert (sections[-1].id, statements[-1].section) == ("consent_record", "consent_record")


@pytest.mark.parametrize(
    ("language", "beginning", "title"),
    [
        ("hi-IN", "सहमति (रिकॉर्डिंग, ", "सहमति"),
        ("ta", "ஒப்புதல் (ஒலிப்பதிவு, ", "ஒப்புதல்"),
        ("de", "Consent to ", "Consent"),
    ],
)
def test_the_statement_is_in_the_language_of_the_report(language: str, beginning: str, title: str) -> None:
    sections, statements = made(given(), language=language)

    assert statements[-1].text.startswith(beginning)
    assert sections[-1].title == title


def test_each_purpose_is_stated_once_from_its_newest_live_consent() -> None:
    older = given(id="older", given_at=NOON - timedelta(days=9), purposes=["recording", "treatment"])
    newer = given(id="newer", given_by=ConsentGiver.GUARDIAN, method="written")

    stated = {one.consent_id: one.text for one in made(older, newer)[1] if one.consent_id}

    assert stated["older"].startswith("Consent to treatment: ")
    assert stated["newer"].startswith(
        "Consent to recording and processing by AI models: given in writing by a guardian"
    )


def test_what_is_not_live_for_the_visit_is_not_stated() -> None:
    of_another = given(session_id="patient-other")
    expired = given(expires_at=NOON + timedelta(minutes=1))
    withdrawn = consents(given(id="withdrawn")).with_withdrawal("withdrawn", NewWithdrawal(), BY_SYSTEM)

    assert made(of_another, expired) == (SECTIONS, [statement()])
    assert VisitConsents.of(withdrawn, VISIT, SOON).by_purpose == {}
    assert VisitConsents.of(None, VISIT, SOON).by_purpose == {}


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("Patient consented to the recording.", False),
        ("Verbal consent obtained.", False),
        ("Patient consented to treatment.", True),
        ("Patient consented to recording and to telehealth.", True),
        ("Patient declined consent for recording.", True),
        ("Patient declined consent for telehealth.", False),
        ("Sleeps badly.", False),
    ],
)
def test_a_persons_statement_that_the_records_do_not_have_is_a_major_doubt(text: str, doubted: bool) -> None:
    found = VisitConsents.of(consents(), VISIT, SOON).doubts(text)

    assert [(one.kind, one.severity) for one in found] == (
        [(DoubtKind.CONSENT_NOT_IN_RECORD, Severity.MAJOR)] if doubted else []
    )


def test_without_any_record_every_consent_is_doubted() -> None:
    nothing = VisitConsents.of(None, VISIT, SOON)

    assert nothing.doubts("Verbal consent obtained.")
    assert nothing.doubts("Patient declined consent for recording.") == []
