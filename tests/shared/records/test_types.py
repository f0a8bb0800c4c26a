"""Field types: input is checked against registries and normalised; stored values always open."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.records.types import Day, Email, Language, Moment, Phone, TypedPhone, Zone, country_of

SHAPES = st.text(max_size=60) | st.from_regex(r"\+[0-9 ().-]{1,30}") | st.from_regex(r"[a-z]{1,9}(-[a-z0-9]{1,9}){0,4}")
"""Arbitrary text, often similar to a number or a tag."""


def came_in(kind: Any, value: object) -> Any:
    """Validate a value of a request. Raises ValidationError."""
    return TypeAdapter(kind).validate_json(json.dumps(value))


def read_back(kind: Any, value: object) -> Any:
    """Validate a stored value. Raises ValidationError."""
    return TypeAdapter(kind).validate_python(value)


def refusal_of(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        came_in(kind, value)
    return str(refusal.value.errors()[0]["msg"])


def assert_settled(kind: Any, value: str) -> None:
    """Accepted input is stored, read back and sent again without a change."""
    try:
        kept = came_in(kind, value)
    except ValidationError:
        return
    assert read_back(kind, kept) == kept == came_in(kind, kept)


# Telephone numbers


def test_a_kept_number_opens_even_if_its_country_no_longer_has_it() -> None:
    assert read_back(Phone, "+999123456789") == "+999123456789"
    for damaged in ("+91 98450 12345", "9845012345", "+0123456789", ""):
        with pytest.raises(ValidationError):
            read_back(Phone, damaged)


# E-mail addresses


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("doctor@clinic.example", "doctor@clinic.example"),
        (" Asha.Rao+visits@Clinic.EXAMPLE ", "Asha.Rao+visits@clinic.example"),
        ("zoe\u0308@mail.example", "zoë@mail.example"),
        ("a@xn--exmple-cua.com", "a@exämple.com"),
        ("d'souza@mail.example", "d'souza@mail.example"),
        ("d’souza@mail.example", "d’souza@mail.example"),
        ("a!#$%&*/=?^_`{|}~@mail.example", "a!#$%&*/=?^_`{|}~@mail.example"),
        ('"asha"@mail.example', "asha@mail.example"),
        ('"asha rao"@mail.example', '"asha rao"@mail.example'),
        ('"asha@home"@mail.example', '"asha@home"@mail.example'),
        ("आशा@डाक.भारत", "आशा@डाक.भारत"),
        ("\u202aasha@mail.example\u202c", "asha@mail.example"),
        ("\u00a0asha@mail.example\u00a0", "asha@mail.example"),
    ],
)
def test_an_address_is_kept_in_its_standard_form(written: str, kept: str) -> None:
    assert came_in(Email, written) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "asha",
        "asha@localhost",
        "asha@clinic.test",
        "asha@clinic.local",
        "asha@clinic.invalid",
        "asha..rao@mail.example",
        "asha@mail..example",
        "asha@-mail.example",
        "asha@[192.0.2.1]",
        "Asha <asha@mail.example>",
        "asha rao@mail.example",
        '"asha@mail.example',
        '"asha"rao@mail.example',
        "a@b@mail.example",
        f"{'a' * 65}@mail.example",
        f"a@{'b' * 64}.example",
        "",
        7,
    ],
)
def test_what_can_receive_no_mail_is_refused(wrong: object) -> None:
    assert "asha" not in refusal_of(Email, wrong)


@given(st.emails(domains=st.just("mail.example")) | SHAPES)
def test_an_address_is_settled_when_it_came_in(text: str) -> None:
    assert_settled(Email, text)


# Languages and zones


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("en-in", "en-IN"),
        ("EN", "en"),
        ("kn-IN", "kn-IN"),
        ("hi-deva-in", "hi-IN"),
        ("sr-latn", "sr-Latn"),
        ("iw", "he"),
        ("es-419", "es-419"),
    ],
)
def test_a_language_is_kept_as_the_registry_has_it(written: str, kept: str) -> None:
    assert came_in(Language, written) == kept


@pytest.mark.parametrize("wrong", ["zz", "en-YY", "english", "English please", "en_IN", "e", "", "en-IN-posix", 7])
def test_a_language_that_is_not_registered_is_refused(wrong: object) -> None:
    assert refusal_of(Language, wrong)


@given(SHAPES)
def test_a_language_is_settled_when_it_came_in(text: str) -> None:
    assert_settled(Language, text)


def test_a_zone_is_one_of_iana() -> None:
    for zone in ("Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires"):
        assert came_in(Zone, zone) == zone
    for wrong in ("Asia/Bengaluru", "IST+5:30", "asia/kolkata", "../Asia/Kolkata", ""):
        assert refusal_of(Zone, wrong)


# Days and moments


@given(st.dates())
def test_a_day_comes_in_as_it_was_written(day: date) -> None:
    assert came_in(Day, day.isoformat()) == read_back(Day, day) == day


@pytest.mark.parametrize("wrong", [0, 86_400, 1.5, True, "86400", "1984-2-9", "1984-02-30", "1984-02-29T00:00:00Z", ""])
def test_what_is_not_written_as_a_day_is_refused(wrong: object) -> None:
    assert refusal_of(Day, wrong)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_a_moment_is_kept_in_utc(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        assert refusal_of(Moment, moment.isoformat())
        return

    kept = came_in(Moment, moment.isoformat())

    assert (kept, kept.utcoffset()) == (expected, timedelta(0))


@pytest.mark.parametrize(
    "wrong",
    [
        0,
        1_700_000_000,
        "1700000000",
        "2026-09-14",
        "2026-09-14T12:00:00",
        "2026-09-14T12:00Z",
        "2026-09-14 12:00:00Z",
        "2026-09-14T25:00:00Z",
        "0001-01-01T00:00:00+05:30",
        "9999-12-31T23:59:59-05:30",
        "",
    ],
)
def test_what_is_not_written_as_a_moment_is_refused(wrong: object) -> None:
    assert refusal_of(Moment, wrong)


@pytest.mark.parametrize("kind", [TypedPhone, Email, Language, Zone])
def test_no_form_of_unicode_gets_two_values_past_a_check(kind: Any) -> None:
    """Full-width and composed letters are refused, or normalised to the common form."""
    for text in ("+９１９８４５０１２３４５", "ａ@mail.example", "ｅｎ-IN", "Asia/Ｋolkata"):
        try:
            kept = came_in(kind, text)
        except ValidationError:
            continue
        assert kept == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Asia/Kolkata", "IN"), ("Europe/Berlin", "DE"), ("America/New_York", "US"), ("UTC", None), ("Etc/GMT+5", None)],
)
def test_a_time_zone_is_of_a_country(zone: str, country: str | None) -> None:
    assert country_of(zone) == country
