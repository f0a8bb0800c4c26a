"""Money, dates and key names in documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.render.formats import (
    amount,
    key_and_version,
    long_date,
    minor_digits,
    money,
    plain_number,
    wall_clock,
)

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("minor", "currency", "printed"),
    [
        (0, "INR", "₹0.00"),
        (5, "INR", "₹0.05"),
        (99_999, "INR", "₹999.99"),
        (12_345_600, "INR", "₹1,23,456.00"),
        (100_000_000, "INR", "₹10,00,000.00"),
        (1_000_500_000_000, "INR", "₹10,00,50,00,000.00"),
        (-48_000, "INR", f"{MINUS}₹480.00"),
        (123_456_789, "USD", "$1,234,567.89"),
        (1500, "JPY", "¥1,500"),
        (1_250, "KWD", "KWD 1.250"),
        (-7, "CHF", f"{MINUS}CHF 0.07"),
    ],
)
def test_money_is_grouped_and_has_the_decimals_of_its_currency(minor: int, currency: str, printed: str) -> None:
    assert money(minor, currency) == printed


@given(st.integers(-(10**15), 10**15), st.sampled_from(["INR", "USD", "JPY", "KWD", "EUR"]))
def test_a_printed_amount_reads_back_as_the_same_minor_units(minor: int, currency: str) -> None:
    read = Decimal(amount(minor, currency).replace(",", "").replace(MINUS, "-"))
    assert read.scaleb(minor_digits(currency)) == minor


@given(st.integers(1000, 10**15))
def test_rupees_are_grouped_in_pairs_above_the_last_three_digits(rupees: int) -> None:
    first, *pairs, last = amount(rupees * 100, "INR").removesuffix(".00").split(",")
    assert 1 <= len(first) <= 2
    assert all(len(pair) == 2 for pair in pairs)
    assert len(last) == 3


@pytest.mark.parametrize(("value", "printed"), [("1", "1"), ("1.50", "1.5"), ("18.00", "18"), ("1E+2", "100")])
def test_quantities_have_no_trailing_zeros_and_no_exponent(value: str, printed: str) -> None:
    assert plain_number(Decimal(value)) == printed


def test_a_date_is_written_with_the_name_of_its_month() -> None:
    assert long_date(date(2026, 11, 4)) == "4 November 2026"


@pytest.mark.parametrize(
    ("zone", "printed"),
    [
        ("Asia/Kolkata", "5 November 2026, 00:30 IST"),
        ("America/New_York", "4 November 2026, 14:00 EST"),
        ("America/Sao_Paulo", "4 November 2026, 16:00 UTC-03"),
    ],
)
def test_times_are_those_of_the_clinics_clock_with_its_zone(zone: str, printed: str) -> None:
    assert wall_clock(datetime(2026, 11, 4, 19, 0, tzinfo=UTC), zone) == printed


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        wall_clock(datetime(2026, 11, 4, 19, 0), "Asia/Kolkata")  # noqa: DTZ001


def test_a_key_version_is_named_by_its_last_parts() -> None:
    resource = "projects/p/locations/asia-south1/keyRings/r/cryptoKeys/report-signing/cryptoKeyVersions/3"
    assert key_and_version(resource) == ("report-signing", "3")
    assert key_and_version("something else") is None
