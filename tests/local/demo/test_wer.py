"""The word error rate, on pairs whose errors can be counted by hand."""

from __future__ import annotations

import pytest

from local.demo.wer import normalise, word_error_rate


def test_case_and_punctuation_are_no_errors() -> None:
    assert word_error_rate("I'm fine. Thank you!", "im fine, thank you") == 0


@pytest.mark.parametrize(
    ("hypothesis", "errors"),
    [
        ("she sleeps five hours", 1),  # deletion
        ("she sleeps only about five hours", 1),  # insertion
        ("she sleeps about nine hours", 1),  # substitution
        ("he sleeps nine", 4),
        ("", 5),
    ],
)
def test_each_wrong_word_counts_once(hypothesis: str, errors: int) -> None:
    assert word_error_rate("she sleeps about five hours", hypothesis) == pytest.approx(errors / 5)


def test_the_rate_can_exceed_one() -> None:
    assert word_error_rate("hello", "hello and welcome to our clinic") == 5


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("50 mg", "fifty milligrams"),
        ("50mg", "fifty milligrams"),
        ("25 patients", "twenty-five patients"),
        ("PHQ-9", "PHQ 9"),
        ("PHQ9", "phq9"),
        ("118 over 76", "118 over seventy six"),
        ("at 5", "at five"),
        ("all right", "alright"),
    ],
)
def test_a_number_is_the_same_in_digits_and_in_words(written: str, spoken: str) -> None:
    assert normalise(written) == normalise(spoken)


def test_different_numbers_are_different() -> None:
    assert normalise("fifteen") != normalise("fifty")
    assert normalise("twenty ten") == ["20", "10"]


def test_a_reference_without_words_has_no_error_rate() -> None:
    with pytest.raises(ValueError, match="no words"):
        word_error_rate("...", "hello")
