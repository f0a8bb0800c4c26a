"""Numbers with units are compared by value, however they are written or said."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.hearing import heard_too
from shared.records.claims.quantities import claimed, quantities_of
from shared.records.claims.quantity import Quantity
from shared.records.claims.tokens import tokens_of
from shared.records.languages.english.measured import NUMBERS


def quantities(text: str) -> list[Quantity]:
    return quantities_of(tokens_of(text))


def words_of(number: int) -> str:
    """The number in English words, below a million."""
    if number >= 1_000:
        return f"{words_of(number // 1_000)} thousand" + (f" {words_of(number % 1_000)}" if number % 1_000 else "")
    if number >= 100:
        return f"{words_of(number // 100)} hundred" + (f" and {words_of(number % 100)}" if number % 100 else "")
    names: dict[int, str] = {
        value: word for table in (NUMBERS.ones, NUMBERS.teens, NUMBERS.tens) for word, value in table.items()
    }
    if number in names:
        return names[number]
    return f"{names[number - number % 10]} {names[number % 10]}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one forty five over ninety two", "145/92"),
        ("five hundred milligrams", "500 mg"),
        ("0.5 g", "500 milligrams"),
        ("a thousand micrograms", "1 mg"),
        ("point five", "0.5"),
        ("half", "0.5"),
        ("two and a half years", "30 months"),
        ("twice a day", "bid"),
        ("three times daily", "TID"),
        ("every 12 hours", "2 times a day"),
        ("q8h", "three times a day"),
        ("1,00,000", "one lakh"),
        ("60,000 units", "sixty thousand IU"),
        ("a couple of weeks", "14 days"),
        ("seven point two", "7.2"),
        ("fifty-nine year old", "59-year-old"),
        ("twenty twenty one", "2021"),
        ("nineteen eighty five", "1985"),
        ("3/7 of fever", "three days of fever"),
        ("type two diabetes", "type 2 diabetes"),
        ("५०० मिलीग्राम", "500 mg"),
        ("पांच सौ मिलीग्राम", "500 mg"),
        ("दो हफ्ते", "two weeks"),
        ("ஐந்நூறு மில்லிகிராம்", "500 mg"),
        ("இரண்டு வாரங்கள்", "2 weeks"),
        ("98 percent", "98%"),
        ("a pack and a half", "1.5 packs"),
        ("half a tablet", "1/2 tablet"),
        ("one and a half tablets", "1½ tablets"),
        ("eight thirty", "8:30 pm"),
        ("half past eight", "8:30"),
        ("quarter to nine", "8:45"),
        ("eight in the morning", "8:00 am"),
        ("two to three days", "2-3 days"),
        ("fifteen to twenty pounds", "15-20 pounds"),
        ("twenty to thirty percent", "20-30%"),
        ("98 point 6", "98.6"),
        ("1 000 mg", "1 g"),
        ("three days", "x3 days"),
        ("every other day", "qod"),
        ("seven", "7/10 pain"),
        ("seven out of ten", "7/10"),
    ],
)
def test_the_same_quantity_in_other_words(one: str, other: str) -> None:
    said = quantities(other)

    assert said
    assert all(any(a.fits(b) for b in quantities(one)) for a in said if not a.vague)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("50 mg", "50 mcg"),
        ("6 weeks", "two weeks"),
        ("145/90", "145 over 92"),
        ("bid", "once a day"),
        ("5 mg", "50 mg"),
        ("1/2 tablet", "one tablet or two"),
        ("2 mg of lorazepam", "two to three hours"),
        ("6/7 of diarrhoea", "six or seven times a day"),
        ("8:30", "8:45"),
        ("every other day", "every day"),
    ],
)
def test_other_quantities_differ(one: str, other: str) -> None:
    assert not all(any(a.fits(b) for b in quantities(other)) for a in quantities(one))


@pytest.mark.parametrize("name", ["SpO2", "B12", "HbA1c", "L4", "T3", "COVID-19", "H1N1"])
def test_digits_of_a_name_are_no_number(name: str) -> None:
    assert quantities(f"the {name} was checked") == []


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("it is ninety eight six", Fraction("98.6")),
        ("thirty eight five", Fraction("38.5")),
        ("seven . four", Fraction("7.4")),
        ("morning and evening", 2),
    ],
)
def test_numbers_are_heard_as_they_are_spoken_and_never_claimed_so(said: str, number: Fraction | int) -> None:
    tokens = tokens_of(said)
    found = quantities_of(tokens)

    assert number in {one.value for one in [*found, *heard_too(tokens, found)]}
    assert number not in {one.value for one in claimed(found)}


@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["days", "mg", "percent", "times a day"]))
def test_both_numbers_of_a_range_have_its_unit(low: int, high: int, unit: str) -> None:
    first, last = quantities(f"{low} to {high} {unit}")

    assert first.kind == last.kind
    assert [first.said, last.said] == [Fraction(low), Fraction(high)]
    assert first.value * high == last.value * low


@given(st.integers(2, 999_999))
def test_words_and_digits_and_groups_have_one_value(number: int) -> None:
    written = (str(number), words_of(number), f"{number:,}")

    assert {quantities(text)[0].value for text in written} == {Fraction(number)}


@given(st.integers(0, 9_999), st.sampled_from(["mg", "milligrams", "मिलीग्राम"]))
def test_a_unit_has_one_value_in_all_spellings(number: int, unit: str) -> None:
    (one,) = quantities(f"{number} {unit}")

    assert (one.value, one.kind) == (Fraction(number * 1_000), "mass")


@given(st.text(alphabet="0123456789.,/- anhdoeftwivxgmqk\n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    for one in quantities(text):
        assert 0 <= one.start < one.end <= len(tokens_of(text)) + 1
