"""The pages of appointments as HTML: complete in each language, escaped, and labelled."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.records.links.visit import AgreedVisit
from shared.records.scheduling.other_time import PartOfDay
from shared.records.scheduling.wall_clock import Occurrence
from shared.web.link_pages.texts import PageLanguage
from shared.web.link_pages.visit_page import STATUS, html
from shared.web.link_pages.visit_texts import VISIT_TEXTS
from shared.workflows.scheduling.visit_pages import Answer, Facts, VisitPage, VisitState

LANGUAGES = pytest.mark.parametrize("language", PageLanguage)
FACTS = Facts(
    clinic="Aster & Co",
    visit=AgreedVisit(
        local_time="2027-03-15T09:00:00", occurrence=Occurrence.EARLIER, time_zone="America/New_York", doctor_id="d"
    ),
    starts_at=datetime(2027, 3, 15, 13, tzinfo=UTC),
    doctor="<Dr> Rao",
    phone="+912245670000",
    confirmed=False,
    asked=False,
)
FIRST = VisitPage(VisitState.ASKS, FACTS, open=tuple(Answer), form="1.2.3")


def terms(page: str) -> list[str]:
    return re.findall("<dd>(.*)</dd>", page)


@LANGUAGES
def test_every_state_and_answer_has_its_text(language: PageLanguage) -> None:
    texts = VISIT_TEXTS[language]

    assert set(texts.said) == set(STATUS) == set(VisitState)
    assert set(texts.buttons) == set(texts.sure) == set(texts.done) == set(Answer)
    assert set(texts.parts) == set(PartOfDay)
    assert (len(texts.weekdays), len(texts.months)) == (7, 12)


@LANGUAGES
def test_the_first_page_tells_time_and_zone_and_has_a_button_for_each_answer(language: PageLanguage) -> None:
    page = html(FIRST, language)

    assert re.findall('name="answer" value="([a-z_]+)"', page) == list(Answer)
    clinic, doctor, day, time = terms(page)
    assert (clinic, doctor) == ("Aster &amp; Co", "&lt;Dr&gt; Rao")
    assert time == "09:00 (America/New_York, UTC-04:00)"
    assert {"en": "Monday, 15 March 2027", "hi": "सोमवार, 15 मार्च 2027"}[language] == day
    assert not re.search(r"<script|src=|url\(|https?:|javascript:", page)


@LANGUAGES
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("state", [VisitState.SURE, VisitState.INCOMPLETE, VisitState.WRONG, VisitState.AGAIN])
def test_a_second_page_asks_for_the_year_and_labels_every_field(
    language: PageLanguage, answer: Answer, state: VisitState
) -> None:
    typed = {"day1": "2027-03-16", "part1": "evening", "wish": "</textarea><b>"}
    page = html(VisitPage(state, FACTS, answer, form="1.2.3", typed=typed), language)

    labels = re.findall(r'<label for="(\w+)">', page)
    fields = re.findall(r'<(?:input|select|textarea) id="(\w+)"', page)
    assert labels == fields == (["day1", "part1", "day2", "part2", "wish"] if answer == "other_time" else []) + ["year"]
    assert ('role="alert"' in page) == (state != VisitState.SURE)
    assert "<b>" not in page
    assert ('value="2027-03-16"' in page) == (answer == "other_time")
    described = re.findall(r'aria-describedby="([^"]+)"', page)
    assert all(f'id="{name}"' in page for names in described for name in names.split())


@pytest.mark.parametrize("state", [VisitState.CHANGED, VisitState.CANCELLED, VisitState.OVER])
def test_a_page_of_what_is_gone_tells_no_time_and_whom_to_call(state: VisitState) -> None:
    page = html(VisitPage(state, FACTS), PageLanguage.ENGLISH)

    assert terms(page) == ["Aster &amp; Co"]
    assert '<a href="tel:+912245670000">' in page
    assert "<form" not in page
    assert "tel:" not in html(VisitPage(state, replace(FACTS, phone=None)), PageLanguage.ENGLISH)
