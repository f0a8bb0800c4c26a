"""Totals of a bill, compared with exact fractions."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.money import LineItem, TaxTreatment, line, totals_of

LINES = st.lists(
    st.builds(line, st.just("Visit"), st.integers(0, 10**9), quantity=st.integers(1, 100)), min_size=0, max_size=8
)
RATES = st.decimals(0, 100, places=4)


@given(LINES, st.integers(0, 10**10), RATES)
def test_subtotal_less_discount_plus_tax_is_the_total(lines: list[LineItem], discount: int, rate: Decimal) -> None:
    totals = totals_of(lines, discount, TaxTreatment(rate_percent=rate))

    assert totals.subtotal == sum(item.quantity * item.unit_price for item in lines)
    assert totals.subtotal - totals.discount + totals.tax == totals.total
    assert totals.discount == min(discount, totals.subtotal)


@given(LINES, st.integers(0, 10**10), RATES)
def test_half_a_unit_of_tax_rounds_up(lines: list[LineItem], discount: int, rate: Decimal) -> None:
    totals = totals_of(lines, discount, TaxTreatment(rate_percent=rate))

    exact = Fraction(totals.subtotal - totals.discount) * Fraction(rate) / 100
    assert totals.tax == math.floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("price", "rate", "tax"),
    [(50, "1", 1), (49, "1", 0), (150, "1", 2), (250, "1", 3), (1, "50", 1), (120_000, "18", 21_600), (99_999, "0", 0)],
)
def test_tax_by_hand(price: int, rate: str, tax: int) -> None:
    assert totals_of([line("Visit", price)], 0, TaxTreatment(rate_percent=Decimal(rate))).tax == tax


@pytest.mark.parametrize("rate", ["-1", "100.01", "NaN", "Infinity", "16.66667"])
def test_a_rate_is_between_nothing_and_everything_with_four_decimals_at_most(rate: str) -> None:
    with pytest.raises(ValidationError):
        TaxTreatment(rate_percent=Decimal(rate))


def test_a_discount_cannot_be_negative() -> None:
    with pytest.raises(ValidationError):
        totals_of([line("Visit", 100)], -1, TaxTreatment())
