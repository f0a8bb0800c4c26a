"""The rules of links: what a passcode is, which forms count, and how far guessing gets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.links.form import TYPING_TAKES, VALID_FOR, Form, read_form
from shared.records.links.link import MOST_WRONG, Link, LinkState
from shared.records.links.passcode import CODE_DIGITS, PasscodeKind, as_passcode, new_code, read_passcode
from shared.records.links.token import is_token, new_token
from shared.records.record import Stamp
from shared.store.passcode_quota import MOST_IN_HOUR, SHARDS, PasscodeQuota
from tests.support.factories import report
from tools.openapi import link_factories

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOW.date()
BIRTH, CODE = PasscodeKind.DATE_OF_BIRTH, PasscodeKind.SENT_CODE
BIRTHDAYS = st.dates(date(1880, 1, 1), TODAY)
MAC = bytes(range(12))


def link(**values: object) -> Link:
    return link_factories.link(report(), Stamp("system", NOW), openings=[], **values)


def typed(day: str = "", month: str = "", year: str = "") -> str | None:
    return read_passcode(BIRTH, {"day": day, "month": month, "year": year}, TODAY)


def test_a_token_has_128_bits_and_another_form_is_not_looked_up() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(map(is_token, tokens))
    assert not any(map(is_token, ("", "x" * 21, "x" * 23, "../" + "x" * 19, "é" * 22, "x" * 22 + "\n")))


@given(BIRTHDAYS)
def test_a_date_of_birth_is_read_however_its_digits_are_written(born: date) -> None:
    hindi = str.maketrans("0123456789", "०१२३४५६७८९")
    padded = born.strftime("%d"), born.strftime("%m"), f"{born.year:04}"

    assert typed(*padded) == as_passcode(born)
    assert typed(*(part.translate(hindi) for part in padded)) == as_passcode(born)
    assert typed(f" {born.day} ", str(born.month), str(born.year)) == as_passcode(born)


@pytest.mark.parametrize(
    "parts",
    [
        ("", "", ""),
        ("1", "1", ""),
        ("31", "2", "1990"),
        ("0", "1", "1990"),
        ("1", "13", "1990"),
        ("1", "1", "90"),
        ("1", "1", "1879"),
        ("29", "11", "2026"),
        ("test", "test", "test"),
        ("1990-01-01", "1990-01-01", "1990-01-01"),
        ("1", "1", "1" * 39),
        ("1", "1", "²⁰⁰⁰"),
        ("-1", "1", "-"),
    ],
)
def test_what_is_no_day_of_the_calendar_is_no_passcode(parts: tuple[str, str, str]) -> None:
    assert typed(*parts) is None


@given(st.text(max_size=60))
def test_any_text_is_a_code_of_six_digits_or_none(text: str) -> None:
    found = read_passcode(CODE, {"code": text}, TODAY)

    assert found is None or (len(found) == CODE_DIGITS and found.isascii() and found.isdecimal())


def test_a_code_is_six_digits_and_may_be_typed_in_groups() -> None:
    code = new_code()

    assert len(code) == CODE_DIGITS
    assert read_passcode(CODE, {"code": f" {code[:3]}-{code[3:]}"}, TODAY) == code
    assert read_passcode(CODE, {"code": code + "0"}, TODAY) is None
    assert read_passcode(CODE, {}, TODAY) is None


@given(st.integers(0, 2**32), st.integers(0, 999_999), st.integers(-10, 4_000_000))
def test_a_form_fits_one_revision_and_half_an_hour_but_not_at_once(shown: int, revision: int, waited_ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=shown)
    found = read_form(Form.at(moment, revision).with_mac(MAC))
    assert found is not None
    form, mac = found
    waited = timedelta(milliseconds=waited_ms)

    assert mac == MAC
    assert form.fits(revision, moment + waited) == (TYPING_TAKES <= waited <= VALID_FOR)
    assert not form.fits(revision + 1, moment + TYPING_TAKES)


@given(st.text(max_size=80))
def test_any_text_is_a_form_or_none(text: str) -> None:
    found = read_form(text)

    assert found is None or found[0].with_mac(found[1]) == text


def test_the_states_of_a_link_in_their_order() -> None:
    stamp = Stamp("doctor", NOW)
    fresh = link(most_openings=1)
    locked = fresh
    for _ in range(MOST_WRONG):
        assert locked.state(NOW) == LinkState.OPEN
        locked = locked.guessed(stamp)

    assert locked.state(NOW) == LinkState.LOCKED
    assert fresh.opened("203.0.113.7", stamp).state(NOW) == LinkState.USED
    assert fresh.state(fresh.opens_until) == LinkState.EXPIRED
    assert locked.revoked(stamp).state(fresh.opens_until) == LinkState.REVOKED
    revoked = fresh.revoked(stamp)
    assert revoked.revoked(Stamp("admin", NOW + timedelta(1))) is revoked


def test_the_right_passcode_does_not_buy_more_guesses() -> None:
    stamp, guessed = Stamp("system", NOW), link()
    for _ in range(MOST_WRONG - 1):
        guessed = guessed.guessed(stamp).opened("203.0.113.7", stamp)

    assert guessed.guessed(stamp).state(NOW) == LinkState.LOCKED


def test_ten_thousand_guesses_at_one_link_and_at_many_are_limited() -> None:
    one, compared = link(), 0
    for _ in range(10_000):
        if one.state(NOW) == LinkState.OPEN:
            one, compared = one.guessed(Stamp("system", NOW)), compared + 1
    counters: dict[str, int] = {}
    for number in range(10_000):
        path = PasscodeQuota(f"{number:024x}", NOW).path
        counters[path] = min(MOST_IN_HOUR, counters.get(path, 0) + 1)

    assert compared == MOST_WRONG
    assert len(counters) == SHARDS
    assert sum(counters.values()) == SHARDS * MOST_IN_HOUR <= 200


@given(st.timedeltas(timedelta(0), timedelta(days=7_000)))
def test_a_quota_is_of_one_clock_hour(later: timedelta) -> None:
    now = NOW + later
    quota = PasscodeQuota("0" * 24, now)
    ends = now + timedelta(seconds=quota.seconds_left)

    assert 1 <= quota.seconds_left <= 3_600
    assert PasscodeQuota("0" * 24, ends).path != quota.path
    assert quota.expires_at > ends
