"""Repetition loops of a model are found, and no honest repetition is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.repetition import LEAST_LOOP, MOST_COPIES, MOST_PHRASE_COPIES, has_copies, repeats_phrase

HONEST = [
    "",
    "Denies chest pain. Denies fever. Denies cough. Denies nausea. Denies vomiting. Denies chills. Denies weight loss.",
    "No headache, no nausea, no vomiting, no fever, no chills, no cough, no rash, no pain, no swelling, no bleeding.",
    "Patient said: no, no, no, no, no, no.",
    "Blood pressure 120/80, then 130/85, then 120/80, then 130/85, then 120/80 and 130/85.",
    "1 tablet in the morning, 1 tablet at noon, 1 tablet in the evening, 1 tablet at night, 1 tablet if needed.",
    "Very, very, very tired.",
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
