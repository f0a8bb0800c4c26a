"""Repetition loops of a model are found, and no honest repetition is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.repetition import (
    LEAST_LOOP,
    LEAST_MONOTONY,
    MOST_COPIES,
    MOST_PHRASE_COPIES,
    MOST_READINGS,
    has_copies,
    is_monotonous,
    normalized,
    repeats_phrase,
)

HONEST = [
    "",
    "Denies chest pain. Denies fever. Denies cough. Denies nausea. Denies vomiting. Denies chills. Denies weight loss.",
    "No headache, no nausea, no vomiting, no fever, no chills, no cough, no rash, no pain, no swelling, no bleeding.",
    "Patient said: no, no, no, no, no, no.",
    "Blood pressure 120/80, then 130/85, then 120/80, then 130/85, then 120/80 and 130/85.",
    "1 tablet in the morning, 1 tablet at noon, 1 tablet in the evening, 1 tablet at night, 1 tablet if needed.",
    "Very, very, very tired.",
    "Sugar: " + ", ".join(f"{reading} mg/dL" for reading in range(120, 160)) + ".",
    " ".join(f"{day} March {reading} mg/dL fasting." for day, reading in enumerate(range(120, 134), start=1)),
    "1. Sertraline 50 mg. 2. Clonazepam 0.5 mg. 3. Propranolol 10 mg. 4. Zinc 20 mg. 5. Iron 60 mg. 6. Folate 5 mg.",
    "Week 1: 25 mg. Week 2: 50 mg. Week 3: 75 mg. Week 4: 100 mg. Week 5: 125 mg. Week 6: 150 mg. Week 7: 175 mg.",
    " ".join(map(str, range(300))),
    "x" * 1_000,
    "-" * 200,
    "睡眠不足で頭痛があり食欲がなく体重が三か月で五キロ減り夜は眠れず朝は起きられず仕事にも行けない日が続いている" * 2,
]
LOOPING = [
    "The patient denies " * 6,
    "Chest pain. " * 12,
    "Chest pain and " + "pain " * 20,
    "Sleeps badly since May, and wakes at four. " * 6,
    "睡眠不足です。" * 20,
    "A. Chest pain, CHEST PAIN; chest pain. Chest  pain chest pain: chest pain",
    " ".join(f"{number}. The patient sleeps badly." for number in range(1, 30)),
    "\n".join(f"({number}) The patient sleeps badly" for number in range(1, 9)),
    "\n".join(f"- {mark}) The PATIENT sleeps badly" for mark in "abcdefg"),
    " ".join(f"{mark}. Chest pain at night." for mark in ["i", "ii", "iii", "iv", "v", "vi", "vii"]),
    " ".join(f"{number}) रोगी ठीक से नहीं सोता।" for number in "१२३४५६७"),
    " ".join(f"{mark} The patient sleeps badly." for mark in ["1)", "2.", "#3:", "[4]", "5.1.", "6]", "7."]),
    " ".join(f"Reading {number}: the patient sleeps badly," for number in range(1, 17)),
    "Pulse: " + "60 " * 3 + " ".join(f"on day {day} he sleeps badly" for day in range(20)),
    "“Chest pain” (chest pain), *chest pain* — chest pain… [chest pain]; chest pain!",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_repetition_is_no_loop(text: str) -> None:
    assert not repeats_phrase(text)


@pytest.mark.parametrize("text", LOOPING)
def test_phrase_that_follows_itself_is_a_loop(text: str) -> None:
    assert repeats_phrase(text)


WORDS = st.lists(st.sampled_from(["chest", "pain", "denies", "5", "mg", "हूँ"]), min_size=1, max_size=8)


@given(WORDS, WORDS, WORDS)
def test_a_loop_is_found_wherever_it_stands(before: list[str], phrase: list[str], after: list[str]) -> None:
    copies = max(MOST_PHRASE_COPIES + 1, -(-LEAST_LOOP // len(phrase)))

    assert repeats_phrase(" ".join([*before, *phrase * copies, *after]))


@given(st.lists(st.text(min_size=1, max_size=59).filter(lambda word: not word.isspace()), unique=True, max_size=60))
def test_different_words_are_no_loop(words: list[str]) -> None:
    unique = [f"{number}{word.split()[0]}"[:59] for number, word in enumerate(words)]

    assert not repeats_phrase(" ".join(unique))


@given(st.text(max_size=1_000))
def test_any_text_is_searched_in_bounded_time(text: str) -> None:
    repeats_phrase(text)


def test_the_longest_search_is_short() -> None:
    worst = " ".join(["a b"] * 200 + ["c"])[:1_000].replace("a b a b", "a b a c")
    began = time.process_time()
    for _ in range(100):
        repeats_phrase(worst)

    assert time.process_time() - began < 2


@given(st.integers(0, 12), st.sampled_from(["Chest pain.", "chest  PAIN", "Chest pain"]))
def test_copies_of_a_statement_are_counted_for_each_section(copies: int, text: str) -> None:
    statements = [("assessment", "Chest pain.")] + [("plan", text)] * copies + [("history", "Chest pain.")] * 2

    assert has_copies(statements) == (copies > MOST_COPIES)


SAME = [
    ("1. The patient sleeps badly.", "2) the PATIENT  sleeps badly"),
    ("(3) Chest pain", "iv. “Chest pain”"),
    ("- Chest pain", "• chest pain…"),
    ("b) सिर दर्द।", "सिर दर्द"),
    ("Pain ５ of 10", "pain 5 of 10."),
    ("Denies: pain", "Denies pain"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_texts_that_look_alike_are_copies(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)


@pytest.mark.parametrize("text", ["5 mg daily.", "1 tablet", "2.5 mg at night", "120/80", "B12 low", "I feel sad", "है"])
def test_a_number_or_a_letter_of_the_text_is_no_list_number(text: str) -> None:
    assert normalized(text) == text.casefold().strip(".")


def in_plan(*texts: str) -> list[tuple[str, str]]:
    return [("plan", text) for text in texts]


@pytest.mark.parametrize(
    "form",
    [
        "The patient sleeps badly {0}",
        "Finding {0}: the patient sleeps badly.",
        "The patient slept {0} hours on day {1}.",
        "#{0} sleeps badly, {1}%",
        "Chest pain{0}",
    ],
)
def test_statements_that_differ_only_in_numbers_are_readings_of_a_month_at_most(form: str) -> None:
    texts = [form.format(number, 2 * number) for number in range(MOST_READINGS + 1)]

    assert not is_monotonous(in_plan(*texts[:-1]))
    assert is_monotonous(in_plan(*texts))
    assert not is_monotonous([*in_plan(*texts[:-1]), ("history", texts[-1])])


TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def test_a_long_draft_of_few_words_is_monotonous() -> None:
    texts = [f"The patient sleeps badly, {tens} {unit}." for tens in TENS for unit in UNITS]

    assert len(" ".join(texts).split()) < LEAST_MONOTONY
    assert not is_monotonous(in_plan(*texts))
    assert is_monotonous(in_plan(*texts, *(f"Also {text}" for text in texts)))


@given(st.lists(st.integers(0, 10**6), min_size=100, max_size=400, unique=True))
def test_a_draft_of_different_words_is_not_monotonous(numbers: list[int]) -> None:
    letters = str.maketrans("0123456789", "abcdefghij")

    assert not is_monotonous(in_plan(*(f"Finding {str(number).translate(letters)}." for number in numbers)))
