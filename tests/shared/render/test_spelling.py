"""Amounts in words, read back by another grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.render.spelling import amount_in_words, number_in_words

_WORDS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SIZES = {"hundred": 100, "thousand": 10**3, "lakh": 10**5, "crore": 10**7}


def read(words: str) -> int:
    """The number that words say. A size multiplies all smaller parts before it."""
    parts: list[int] = []
    for word in words.lower().replace("-", " ").split():
        if word in _SIZES:
            size, group = _SIZES[word], 0
            while parts and parts[-1] < size:
                group += parts.pop()
            parts.append(group * size)
        else:
            parts.append(_WORDS[word])
    return sum(parts)


@given(st.integers(0, 10**14 - 1))
def test_the_words_of_a_number_say_it(number: int) -> None:
    assert read(number_in_words(number)) == number


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (0, "INR", "Rupees Zero Only"),
        (1_234_567_50, "INR", "Rupees Twelve Lakh Thirty-Four Thousand Five Hundred Sixty-Seven and Fifty Paise Only"),
        (105, "USD", "US Dollars One and Five Cents Only"),
        (1_250_000_00, "USD", "US Dollars One Million Two Hundred Fifty Thousand Only"),
        (1_500, "JPY", "Yen One Thousand Five Hundred Only"),
        (1_250, "KWD", "Kuwaiti Dinars One and Two Hundred Fifty Fils Only"),
        (101, "CHF", "CHF One and One Hundredths Only"),
        (1_250, "BHD", "BHD One and Two Hundred Fifty Thousandths Only"),
        (1_250, "KRW", "KRW One Thousand Two Hundred Fifty Only"),
    ],
)
def test_amounts_by_hand(minor: int, currency: str, words: str) -> None:
    assert amount_in_words(minor, currency) == words
