"""Answers that are no draft: loops, sizes, and text with invisible characters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.records.reports.failure import ReportFailure
from shared.records.templates.shipped import default_sections
from shared.records.types import new_id
from shared.workflows.reports import answer
from shared.workflows.reports.answer import Draft, LoopingDraft, OversizedDraft, read_draft
from shared.workflows.reports.prompt import Evidence
from tests.support.factories import segment

SECTIONS = default_sections()
SEGMENTS = [segment(number) for number in range(1, 4_001)]


def read(*items: dict[str, Any]) -> Draft:
    return read_draft([json.dumps({"statements": items})], SECTIONS, Evidence(SEGMENTS))


def item(text: str, *cited: int, section: str = "assessment") -> dict[str, Any]:
    return {"section": section, "text": text, "segments": list(cited or (1,))}


def test_exact_repetitions_are_dropped_and_counted() -> None:
    again, elsewhere = item("Chest pain.", 2), item("Chest pain.", section="chief_complaint")

    draft = read(item("Chest pain."), item("Chest pain. "), again, elsewhere, item("Chest pain.", 1, 1))

    assert [(one.section, one.text, one.segments) for one in draft.statements] == [
        ("chief_complaint", "Chest pain.", [1]),
        ("assessment", "Chest pain.", [1]),
        ("assessment", "Chest pain.", [2]),
    ]
    assert draft.rejected == 2


@pytest.mark.parametrize(
    "items",
    [
        [item(("Chest pain. " + "x" * 900)[:900])] * 600,
        [item("Chest pain.")] * 300,
        [item("Chest pain."), item("Cough.", 2)] * 100,
        [item("Chest pain.", number) for number in range(1, 50)],
        [item("Chest pain. " * 40)],
        [item(f"{number}. The patient sleeps badly.") for number in range(1, 301)],
        [item(f"The patient sleeps badly ({number}).", number) for number in range(1, 301)],
        [item(f"Finding {number}: the patient\u00a0sleeps badly!", number) for number in range(1, 301)],
        [item(" ".join(f"{number}. The patient sleeps badly." for number in range(1, 34)))],
    ],
)
def test_a_repetition_loop_is_no_draft(items: list[dict[str, Any]]) -> None:
    with pytest.raises(LoopingDraft):
        read(*items)


@pytest.mark.parametrize(
    "items",
    [
        [item(f"Finding {number}.") for number in range(answer.MOST_STATEMENTS + 1)],
        [item(f"{number} " + "\u0915" * 990) for number in range(200)],
    ],
)
def test_an_impossible_size_is_no_draft(items: list[dict[str, Any]]) -> None:
    with pytest.raises(OversizedDraft):
        read(*items)


def test_an_answer_of_enormous_size_is_not_parsed() -> None:
    with pytest.raises(OversizedDraft):
        read_draft(["[" * (answer.MOST_CHARACTERS + 1)], SECTIONS, Evidence(SEGMENTS))


def test_the_largest_draft_is_kept() -> None:
    items = [item(f"Finding {new_id()}.") for _ in range(answer.MOST_STATEMENTS)]

    assert len(read(*items).statements) == answer.MOST_STATEMENTS


def test_text_is_in_normal_form_without_invisible_characters() -> None:
    draft = read(item("cafe\u0301\u202e \u0007now\u2028."), item("\u200b\u202e"))

    assert [one.text for one in draft.statements] == ["caf\u00e9 now\n."]
    assert draft.rejected == 1


def test_every_failure_of_a_draft_has_its_code() -> None:
    codes = {one.failure for one in answer.UnusableDraft.__subclasses__()}

    assert codes == {one for one in ReportFailure if one.startswith("draft_")}
