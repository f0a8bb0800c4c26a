"""How far a signed report is from its draft: a share of words, without text."""

from __future__ import annotations

import time
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.edit_distance import edit_distance
from shared.records.reports.statements import Statement
from tests.support.factories import statement

DRAFT = [statement(1, text="Sleeps five hours a night."), statement(2, text="No chest pain at all.")]
WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8).map(" ".join)


def with_text(number: int, text: str) -> Statement:
    return statement(number).model_copy(update={"text": text})


@pytest.mark.parametrize(
    ("signed", "share"),
    [
        (DRAFT, 0.0),
        ([DRAFT[0], statement(2, text="No chest pain.")], 0.3),
        ([DRAFT[0]], 0.5),
        ([], 1.0),
        ([*DRAFT, statement(3, text="Review in two weeks now.")], 0.3333),
        ([statement(1, text="Sleeps six hours a night."), DRAFT[1]], 0.1),
        ([statement(2, text="No chest pain at all."), statement(1, text="Sleeps five hours a night.")], 0.0),
    ],
    ids=["kept", "shortened", "removed", "all removed", "added", "replaced", "moved"],
)
def test_the_distance_is_the_share_of_changed_words(signed: list[Statement], share: float) -> None:
    assert edit_distance(DRAFT, signed) == share


def test_a_report_without_a_draft_has_no_distance() -> None:
    assert edit_distance([], DRAFT) is None


@given(WORDS, WORDS)
def test_the_distance_is_symmetric_and_at_most_that_of_a_plain_comparison(a: str, b: str) -> None:
    one, other = [with_text(1, a)], [with_text(1, b)]
    distance = edit_distance(one, other)
    assert distance is not None

    longest = max(len(a.split()), len(b.split()), 1)
    blocks = SequenceMatcher(None, a.split(), b.split(), autojunk=False).get_matching_blocks()
    matched = sum(block.size for block in blocks)
    assert distance == edit_distance(other, one)
    assert (distance == 0) == (a.split() == b.split())
    assert distance <= min(1, (len(a.split()) + len(b.split()) - 2 * matched) / longest) + 0.0001


def test_the_longest_texts_are_compared_in_bounded_time() -> None:
    long = [with_text(number, " ".join(map(str, range(4_000)))) for number in range(1, 11)]
    other = [with_text(number, " ".join(map(str, range(3_999, -1, -1)))) for number in range(1, 11)]

    started = time.process_time()
    distance = edit_distance(long, other)

    assert time.process_time() - started < 1
    assert distance == 0.0003, "one word of each: the order of so many words is not compared"
