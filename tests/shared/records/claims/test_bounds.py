"""The checks stay linear in what a transcript or a model sends: twice the text is about twice the work."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from shared.records.claims.checks import Checker
from tests.shared.records.claims.test_checks import Turn

_MOST = 2.6
"""Of the calls that twice the text may take."""


def calls(work: Callable[[], object]) -> int:
    """The number of calls of functions; it does not depend on how fast the machine is."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def grown(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """How many times the calls of the size twice the size takes."""
    work(size)()
    return calls(work(2 * size)) / calls(work(size))


@pytest.mark.parametrize(
    "words",
    [
        "no pain ",
        "any pain? ",
        "no. ",
        "7,8/9.5 ",
        "left knee right knee ",
        "when not if ",
        "no okay is it ",
        "quit wine ",
    ],
)
def test_a_long_line_takes_work_in_proportion(words: str) -> None:
    assert grown(lambda size: lambda: Checker([Turn(1, words * size)]), 300) < _MOST


@pytest.mark.parametrize("text", ["1" * 100_000, "9" * 10_000 + " mg", "point " + "five " * 5_000, f"q{'8' * 10_000}h"])
def test_a_number_of_many_digits_is_read(text: str) -> None:
    checker = Checker([Turn(1, text)])

    assert checker.said.lines[0].quantities
    assert isinstance(checker.doubts(text, [1]), list)


def test_many_numbers_that_nobody_said_take_work_in_proportion() -> None:
    def numbers(size: int) -> Callable[[], object]:
        checker = Checker([Turn(1, "pain " + " ".join(str(number) for number in range(size)))])
        return lambda: checker.doubts("pain " + " ".join(str(number) for number in range(size, 2 * size)), [1])

    assert grown(numbers, 300) < _MOST


@pytest.mark.parametrize("words", ["no pain ", "not a fever, ", "left knee ", "has had 5 mg of aspirin "])
def test_a_long_statement_takes_work_in_proportion(words: str) -> None:
    checker = Checker([Turn(1, "No pain, aspirin 5 mg for the left knee.")])

    assert grown(lambda size: lambda: checker.doubts(words * size, [1]), 150) < _MOST


SAID = "Any pain in the left knee? No, but 3/7 of fever, and I take metformin 500 mg twice a day for my sugar. "
STATED = "Denies pain in the left knee, 3/7 of fever, takes metformin 500 mg bid, without normal heart sounds. "


def test_a_visit_and_a_statement_of_full_size_take_work_in_proportion() -> None:
    """One segment of 30,000 words, which is the worst division of them, and a statement of 40 kB."""

    def checked(parts: int) -> Callable[[], object]:
        turn = Turn(1, SAID * (30_000 // parts // len(SAID.split())))
        statement = STATED * (40_000 // parts // len(STATED))

        def check() -> object:
            checker = Checker([turn])
            return checker.doubts(statement, [1]), checker.omissions([statement])

        return check

    checked(16)()
    assert calls(checked(1)) < 1.3 * 8 * calls(checked(8))


def test_a_long_visit_takes_work_in_proportion() -> None:
    def visit(size: int) -> Callable[[], object]:
        turns = [Turn(number, "Do you have any pain in the left knee? No.") for number in range(1, size)]
        return lambda: Checker(turns).doubts("No pain in the left knee for 5 days.", [3])

    assert grown(visit, 150) < _MOST
