"""The fixed words of reports: every language has all of them, with the same slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import OmissionKind
from shared.records.partial_date import PartialDate
from shared.records.patients.age import EstimatedAge, span_of
from shared.records.report_type import ReportType
from shared.records.reports.resolutions import ResolutionKind
from shared.records.reports.signed import Meaning
from shared.records.templates.fixed_texts import language_of_texts
from shared.records.visits.session import SessionType
from shared.render.words.english import ENGLISH
from shared.render.words.languages import LANGUAGES, words_of
from shared.render.words.vocabulary import Counted, Words
from tests.support import fixed_texts
from tests.support.fixed_texts import missing, slots

TERMS: tuple[type[StrEnum], ...] = (
    DoubtKind, StatementKind, OmissionKind, ResolutionKind, Meaning, ReportType, SessionType,
)  # fmt: skip
SAME_EVERYWHERE = {"SHA-256", "{how}: {reason} ({author}, {when})"}
ISOLATES = str.maketrans("", "", "\u2068\u2069")
INVISIBLE = "\u2068\u2069\u200d"


def texts(words: Words) -> Iterator[tuple[str, str]]:
    """Every text with its place."""
    return fixed_texts.texts(words, without=("code", "right_to_left", "months", "listed"))


def counts(value: Any) -> Iterator[Counted]:
    if isinstance(value, Counted):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from counts(getattr(value, each.name))


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_has_every_text_with_the_slots_of_english(words: Words) -> None:
    english, translated = dict(texts(ENGLISH)), dict(texts(words))

    assert translated.keys() == english.keys()
    assert {place for place, text in translated.items() if not text.strip()} == set()
    assert {place: slots(text) for place, text in translated.items()} == {
        place: slots(text) for place, text in english.items()
    }
    assert len(set(words.months)) == 12


@pytest.mark.parametrize("words", [words for words in LANGUAGES.values() if words is not ENGLISH])
def test_no_text_was_left_in_english(words: Words) -> None:
    english = dict(texts(ENGLISH))
    left = {text for place, text in texts(words) if text.translate(ISOLATES) == english[place]}

    assert left <= SAME_EVERYWHERE


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_every_term_of_the_records_has_a_text(words: Words) -> None:
    named = {place.rpartition(".")[2] for place, _ in texts(words)}

    assert {term for terms in TERMS for term in terms} <= named


def test_the_fixed_texts_of_the_records_have_the_same_languages() -> None:
    assert {language_of_texts(code) for code in LANGUAGES} == LANGUAGES.keys()


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_the_words_are_of_scripts_that_have_a_font(words: Words) -> None:
    assert {place: missing(text, INVISIBLE) for place, text in texts(words) if missing(text, INVISIBLE)} == {}


@pytest.mark.parametrize(
    ("language", "code"),
    [("en-IN", "en"), ("hi", "hi"), ("HI-Latn", "hi"), ("ta-LK", "ta"), ("ar-EG", "ar"), ("de", "en"), ("", "en")],
)
def test_the_words_are_those_of_the_language_or_english(language: str, code: str) -> None:
    assert words_of(language).code == code
    assert words_of(None) is ENGLISH


@given(st.sampled_from(list(LANGUAGES.values())), st.integers(0, 100_000))
def test_every_count_has_a_text(words: Words, count: int) -> None:
    for counted in counts(words):
        printed = counted.of(count)
        assert "{" not in printed
        assert str(count) in printed or count in (1, 2)


@pytest.mark.parametrize(
    ("count", "printed"),
    [(1, "دقيقة واحدة"), (2, "دقيقتان"), (3, "3 دقائق"), (10, "10 دقائق"), (11, "11 دقيقة"), (34, "34 دقيقة"),
     (103, "103 دقائق"), (111, "111 دقيقة")],
)  # fmt: skip
def test_arabic_counts_have_their_forms(count: int, printed: str) -> None:
    assert words_of("ar").minutes.of(count) == printed


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1991, 3, 7), date(2026, 3, 6), "34 years"),
        (date(1991, 3, 7), date(2026, 3, 7), "35 years"),
        (date(2024, 9, 14), date(2026, 9, 14), "2 years"),
        (date(2024, 9, 15), date(2026, 9, 14), "23 months"),
        (date(2026, 8, 14), date(2026, 9, 14), "1 month"),
        (date(2026, 8, 15), date(2026, 9, 14), "30 days"),
        (date(2026, 9, 13), date(2026, 9, 14), "1 day"),
        (date(2026, 9, 14), date(2026, 9, 14), "0 days"),
        (date(2026, 9, 15), date(2026, 9, 14), ""),
        (date(2024, 2, 29), date(2026, 2, 28), "23 months"),
    ],
)
def test_ages_are_in_the_unit_that_clinicians_use(born: date, day: date, age: str) -> None:
    assert ENGLISH.age(span_of(PartialDate.of(born), day)) == age


@pytest.mark.parametrize(
    ("language", "year", "day", "about"),
    [
        ("en", "75 or 76 years", "0 to 10 months", "about 40 years"),
        ("hi", "75 या 76 वर्ष", "0 से 10 माह", "लगभग 40 वर्ष"),
        ("ta", "75 அல்லது 76 வயது", "0 முதல் 10 மாதங்கள்", "சுமார் 40 வயது"),
        ("ar", "75 أو 76 سنة", "من 0 إلى 10 أشهر", "حوالي 40 سنة"),
    ],
)
def test_an_age_that_is_not_certain_says_so_in_every_language(language: str, year: str, day: str, about: str) -> None:
    words, today = words_of(language), date(2026, 11, 29)

    assert words.age(span_of(PartialDate("1950"), today)) == year
    assert words.age(span_of(PartialDate("2026"), today)) == day
    assert words.age(EstimatedAge(years=40, as_of=today).on(today)) == about
    assert words.age(None) == ""


@pytest.mark.parametrize(
    ("born", "printed"),
    [("1950-06-08", "8 June 1950"), ("1950-06", "June 1950"), ("1950", "1950"), (None, "")],
)
def test_no_more_of_a_birth_date_is_printed_than_is_known(born: str | None, printed: str) -> None:
    assert ENGLISH.partial_date(PartialDate(born) if born else None) == printed
