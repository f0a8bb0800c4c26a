"""Names of other persons in a transcript."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.names_heard import MOST_HEARD, NameCheck, other_names
from tests.support.factories import segment

KNOWN = ["Kamala Thomas", "Meera Iyer", "Samuel D'Souza"]


def heard(text: str, known: list[str] | None = None) -> list[str]:
    found = other_names([segment(7, text)], KNOWN if known is None else known)
    assert found.keys() <= {7}
    return found.get(7, [])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Good morning, Mr. Johnson.", ["Johnson"]),
        ("Dr. Smith sent me.", ["Smith"]),
        ("Mrs Nilima Verma, please come in.", ["Nilima Verma"]),
        ("Thank you, doctor Smith.", ["Smith"]),
        ("My name is Rahul.", ["Rahul"]),
        ("Hello, I am Rahul Bose.", ["Rahul Bose"]),
        ("I'm Anna O'Neill, and this is Dr. Smith's patient.", ["Smith", "Anna O'Neill"]),
    ],
)
def test_the_name_of_another_person_is_heard(text: str, names: list[str]) -> None:
    assert heard(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Good morning, Mrs. Thomas.",
        "Mrs. Tomas, how are you?",
        "Dr. Iyer, I sleep badly.",
        "My name is Sam.",
        "Dr. Dsouza saw her.",
        "Thank you, doctor. It is better.",
        "Yes Doctor No problem.",
        "Doctor I am fine.",
        "I am Indian.",
        "I am Very Sorry.",
        "I'm Fine.",
        "I met Johnson yesterday.",
        "My name is on the list.",
        "We spoke of Mr. and Mrs.",
        "Miss It was late.",
        "Johnson",
        "",
    ],
)
def test_known_names_and_other_words_are_no_doubt(text: str) -> None:
    assert heard(text) == []


def test_the_segments_are_named() -> None:
    found = other_names([segment(1, "Mr. Johnson?"), segment(2, "Yes."), segment(3, "Dr. Smith")], KNOWN)

    assert found == {1: ["Johnson"], 3: ["Smith"]}


@pytest.mark.parametrize(("language", "check"), [("en-IN", "done"), ("EN", "done"), ("hi-IN", "language_not_covered")])
def test_only_english_is_checked(language: str, check: str) -> None:
    assert NameCheck.of(language) == check


@given(st.text(st.sampled_from("Mr. DoctorJI'm namesy\n"), max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_searched_and_a_known_name_is_never_a_doubt(text: str, known: list[str]) -> None:
    for name in heard(text, known):
        assert heard(text, [*known, name]).count(name) == 0


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=5))
def test_known_persons_are_never_a_doubt(names: list[str]) -> None:
    text = " ".join(f"Mr. {name} is here. My name is {name}. I am {name}." for name in names)

    assert heard(text) == []


@pytest.mark.parametrize("text", ["Mr. Johnson ", "I am ", "Mr. " * 5, "doctor A", "My name is Xy Zz "])
def test_the_cost_is_bounded(text: str) -> None:
    long = [segment(number, (text * 20_000)[:20_000]) for number in range(1, 101)]

    began = time.process_time()
    found = other_names(long, KNOWN)

    assert sum(map(len, found.values())) <= MOST_HEARD
    assert time.process_time() - began < 2
