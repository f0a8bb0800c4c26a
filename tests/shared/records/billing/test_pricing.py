"""Prices, discounts, taxes and totals, compared with exact fractions."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.billing.lines import MOST_LINES, MOST_QUANTITY, Discount, NewLine
from shared.records.billing.pricing import Priced, PricingRules, priced
from shared.records.money import MOST_PRICE
from shared.records.taxes.treatment import Supply, TaxTreatment, amount_of, taxes_on, taxes_within
from shared.render.formats import amount, minor_digits
from tests.support.thorough import THOROUGH

EXEMPT = TaxTreatment(exemption_reason="Entry 74, Notification 12/2017")
TREATMENTS = st.one_of(
    st.builds(TaxTreatment, rate_percent=st.decimals(0, 100, places=4), label=st.just("GST")), st.just(EXEMPT)
)
DISCOUNTS = st.none() | st.one_of(
    st.builds(Discount, amount=st.integers(0, 10**9), reason=st.just("Hardship")),
    st.builds(Discount, percent=st.decimals("0.0001", 100, places=4), reason=st.just("Hardship")),
)
SERVICES = st.lists(
    st.builds(
        NewLine,
        description=st.just("Visit"),
        quantity=st.integers(1, MOST_QUANTITY),
        unit_price=st.integers(0, 10**9),
        discount=DISCOUNTS,
        tax=st.none() | TREATMENTS,
    ),
    max_size=6,
)
RULES = st.builds(
    PricingRules,
    tax=TREATMENTS,
    supply=st.sampled_from(Supply),
    prices_include_tax=st.booleans(),
    round_total_to=st.sampled_from([1, 5, 10, 100, 1_000]),
)
GST_RATES = ["0.25", "1.5", "3", "5", "12", "18", "28", "40"]


def gst(rate: str) -> TaxTreatment:
    return TaxTreatment(rate_percent=Decimal(rate), label="GST", code="999312")


def one(price: int, treatment: TaxTreatment, supply: Supply, *, round_total_to: int = 1) -> Priced:
    rules = PricingRules(tax=treatment, supply=supply, round_total_to=round_total_to)
    return priced([NewLine(description="Visit", unit_price=price)], None, rules)


@given(SERVICES, DISCOUNTS, RULES)
def test_lines_add_up_to_the_totals(services: list[NewLine], discount: Discount | None, rules: PricingRules) -> None:
    bill = priced(services, discount, rules)

    assert bill.subtotal == sum(service.quantity * service.unit_price for service in services)
    assert (
        bill.taxable + bill.tax + bill.round_off
        == bill.total
        == sum(line.total for line in bill.lines) + bill.round_off
    )
    assert bill.tax == sum(part.amount for part in bill.taxes) == sum(p.amount for one in bill.lines for p in one.taxes)
    assert all(0 <= line.discount_amount <= line.amount for line in bill.lines)
    within = bill.tax if rules.prices_include_tax else 0
    assert bill.subtotal - bill.discount == bill.taxable + within
    assert bill.total % rules.round_total_to == 0
    assert abs(bill.round_off) * 2 <= rules.round_total_to


@pytest.mark.parametrize("currency", ["INR", "USD", "JPY", "KWD"])
@given(services=SERVICES.filter(len), discount=DISCOUNTS, rules=RULES)
def test_what_is_printed_adds_up_in_every_currency(
    currency: str, services: list[NewLine], discount: Discount | None, rules: PricingRules
) -> None:
    """As a patient adds up the paper: what is printed is read back as a decimal number of the currency."""

    def read(minor: int) -> Decimal:
        return Decimal(amount(minor, currency).replace(",", "").replace("\u2212", "-"))

    bill = priced(services, discount, rules)
    lines, taxes = [read(line.amount) for line in bill.lines], [read(part.amount) for part in bill.taxes]

    assert sum(lines) == read(bill.subtotal)
    added = [] if rules.prices_include_tax else taxes
    assert sum([read(bill.subtotal), -read(bill.discount), *added, read(bill.round_off)]) == read(bill.total)
    assert all(line * 10 ** minor_digits(currency) % 1 == 0 for line in lines)


@given(SERVICES, DISCOUNTS, RULES)
def test_every_part_of_a_tax_is_its_rate_to_half_a_unit(
    services: list[NewLine], discount: Discount | None, rules: PricingRules
) -> None:
    for line in priced(services, discount, rules).lines:
        for part in line.taxes:
            whole = 100 + line.tax.rate_percent if rules.prices_include_tax else 100
            base = line.amount - line.discount_amount
            exact = Fraction(base) * Fraction(part.rate_percent) / Fraction(whole)
            assert part.amount == math.floor(exact + Fraction(1, 2))
        assert len({part.amount for part in line.taxes}) <= 1, "central and state tax differ"


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("rate", GST_RATES)
def test_central_and_state_tax_are_halves_of_the_tax(rate: str, within: bool) -> None:
    """The first thousand amounts in paise, and every 499th to 10^6."""
    treatment, (part, whole) = gst(rate), half_of_the_tax(rate, within=within)
    for taxed in {*range(1_000), *range(0, 10**6 + 1, 499)}:
        taxes = (taxes_within if within else taxes_on)(taxed, treatment, Supply.WITHIN_STATE)
        central, state = (one.amount for one in taxes)
        assert central == state == (2 * taxed * part + whole) // (2 * whole)
        assert central + state <= taxed or not within


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("rate", GST_RATES)
def test_half_a_tax_is_exact_for_each_amount_to_ten_thousand_rupees(rate: str, within: bool) -> None:
    """Each amount from 0 to 10^6 paise with THOROUGH, else every 499th. Without the parts, which take minutes."""
    half, all_of_it = Decimal(rate) / 2, Decimal(100) + (Decimal(rate) if within else 0)
    part, whole = half_of_the_tax(rate, within=within)
    for taxed in range(0, 10**6 + 1, 1 if THOROUGH else 499):
        amount = amount_of(taxed, half, all_of_it)
        assert amount == (2 * taxed * part + whole) // (2 * whole), "half a paisa rounds up"
        assert 2 * amount <= taxed or not within


def half_of_the_tax(rate: str, *, within: bool) -> tuple[int, int]:
    """Half of the tax as a part of the amount, exactly: a numerator and a denominator."""
    part = Fraction(rate) / 2 / (100 + (Fraction(rate) if within else 0))
    return part.as_integer_ratio()


@given(st.integers(0, 10**6), st.sampled_from(["0.25", "3", "5", "12", "18", "28", "40"]))
def test_two_halves_are_the_tax_of_the_line(price: int, rate: str) -> None:
    line = one(price, gst(rate), Supply.WITHIN_STATE).lines[0]

    central, state = (part.amount for part in line.taxes)
    assert central == state
    assert central + state == line.total - line.taxable_amount


@given(SERVICES, st.integers(0, 10**12), RULES)
def test_a_discount_of_the_bill_is_on_its_lines(services: list[NewLine], amount: int, rules: PricingRules) -> None:
    without = priced(services, None, rules)
    bill = priced(services, Discount(amount=amount, reason="Hardship"), rules)

    assert bill.discount == min(without.discount + amount, bill.subtotal)


@pytest.mark.parametrize(
    ("price", "rate", "supply", "parts", "total"),
    [
        (99_950, "18", Supply.WITHIN_STATE, [("CGST", 8_996), ("SGST", 8_996)], 117_942),
        (99_950, "18", Supply.WITHIN_UNION_TERRITORY, [("CGST", 8_996), ("UTGST", 8_996)], 117_942),
        (99_950, "18", Supply.BETWEEN_STATES, [("IGST", 17_991)], 117_941),
        (99_950, "18", Supply.PLAIN, [("GST", 17_991)], 117_941),
        (50, "1", Supply.PLAIN, [("GST", 1)], 51),
        (49, "1", Supply.PLAIN, [("GST", 0)], 49),
        (120_000, "0", Supply.WITHIN_STATE, [], 120_000),
    ],
)
def test_tax_by_hand(price: int, rate: str, supply: Supply, parts: list[tuple[str, int]], total: int) -> None:
    bill = one(price, gst(rate), supply)

    assert [(part.label, part.amount) for part in bill.taxes] == parts
    assert bill.total == total


def test_an_inclusive_price_is_what_the_patient_pays() -> None:
    rules = PricingRules(tax=gst("18"), supply=Supply.WITHIN_STATE, prices_include_tax=True)

    bill = priced([NewLine(description="Visit", unit_price=100_000)], None, rules)

    assert (bill.taxable, bill.tax, bill.total) == (84_746, 15_254, 100_000)


def test_exempt_and_taxed_services_stand_on_one_bill() -> None:
    rules = PricingRules(tax=EXEMPT, supply=Supply.WITHIN_STATE)
    services = [
        NewLine(description="Visit", unit_price=100_000),
        NewLine(description="Certificate", unit_price=10_000, tax=gst("18")),
    ]

    bill = priced(services, Discount(percent=Decimal(10), reason="Staff"), rules)

    assert [line.taxable_amount for line in bill.lines] == [90_000, 9_000]
    assert [part.amount for part in bill.taxes] == [810, 810]


def test_a_total_is_rounded_to_whole_rupees() -> None:
    assert (one(99_950, gst("18"), Supply.WITHIN_STATE, round_total_to=100).round_off) == -42
    assert (one(99_958, gst("18"), Supply.WITHIN_STATE, round_total_to=100).total) == 118_000


def test_the_largest_bill_is_an_integer_that_every_reader_keeps() -> None:
    services = [NewLine(description="All", unit_price=MOST_PRICE, quantity=MOST_QUANTITY)] * MOST_LINES

    bill = priced(services, None, PricingRules(tax=gst("100"), supply=Supply.PLAIN))

    assert bill.total == 2 * MOST_LINES * MOST_QUANTITY * MOST_PRICE < 2**53


@pytest.mark.parametrize("rate", ["-1", "100.01", "NaN", "Infinity", "16.66667"])
def test_a_rate_is_between_nothing_and_everything_with_four_decimals_at_most(rate: str) -> None:
    with pytest.raises(ValidationError):
        TaxTreatment(rate_percent=Decimal(rate))


def test_a_service_is_not_exempt_and_taxed() -> None:
    with pytest.raises(ValidationError, match="either exempt or taxed"):
        TaxTreatment(rate_percent=Decimal(5), exemption_reason="Entry 74")


@pytest.mark.parametrize("discount", [{}, {"amount": 1, "percent": 1}, {"amount": -1}, {"percent": 101}])
def test_a_discount_is_an_amount_or_a_percentage(discount: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Discount(**discount, reason="Hardship")


def test_no_tax_leaves_no_row() -> None:
    assert taxes_on(100, TaxTreatment(), Supply.WITHIN_STATE) == []
    assert taxes_on(100, EXEMPT, Supply.PLAIN) == []
