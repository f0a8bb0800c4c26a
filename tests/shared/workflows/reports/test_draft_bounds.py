"""The bounds of a draft: what the model answers is no longer than a report can be."""

from __future__ import annotations

import json

import pytest

from shared.records.reports.content import MOST_CITED
from shared.records.reports.template import default_sections, leaves_of
from shared.workflows.reports.prompt import LONGEST_ANSWER, MOST_STATEMENTS, Draft, UnreadableDraft, read_draft
from tests.support.factories import content, segment

LEAVES = list(leaves_of(default_sections()))
SEGMENTS = [segment(number, "I sleep badly.") for number in range(1, MOST_CITED + 3)]
GOOD = {"section": "assessment", "text": "Sleeps badly.", "segments": [2]}


def read(*items: object) -> Draft:
    return read_draft(json.dumps({"statements": items}, ensure_ascii=False), LEAVES, SEGMENTS)


def test_a_draft_has_a_largest_number_of_statements() -> None:
    assert len(read(*[GOOD] * MOST_STATEMENTS).statements) == MOST_STATEMENTS
    with pytest.raises(UnreadableDraft):
        read(*[GOOD] * (MOST_STATEMENTS + 1))


@pytest.mark.parametrize("letter", ["x", "த", "😀"])
def test_an_answer_has_a_largest_size_in_bytes(letter: str) -> None:
    count = LONGEST_ANSWER // len((letter * 1_000).encode()) + 1
    with pytest.raises(UnreadableDraft):
        read(*[GOOD | {"text": letter * 1_000}] * count)


def test_a_statement_that_cites_everything_cites_no_evidence() -> None:
    cited = [each.number for each in SEGMENTS]

    assert read(GOOD | {"segments": cited[:MOST_CITED]}).rejected == 0
    assert read(GOOD | {"segments": cited[: MOST_CITED + 1]}).rejected == 1


@pytest.mark.parametrize("text", ["😀" * 240, '"' * 480, "x" * 960])
def test_the_largest_draft_can_be_stored_and_signed(text: str) -> None:
    count = 0
    items: list[object] = []
    while count < MOST_STATEMENTS:
        longer = [*items, GOOD | {"text": text[:1_000], "segments": [1, 2, 3]}]
        if len(json.dumps({"statements": longer}, ensure_ascii=False).encode()) > LONGEST_ANSWER:
            break
        items, count = longer, count + 1

    assert content(*read(*items).statements).excess() is None
