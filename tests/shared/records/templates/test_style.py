"""Style examples: imitated, never copied."""

from __future__ import annotations

import json

import pytest

from shared.records.templates.shipped import default_sections
from shared.records.templates.style import StyleUpdate, is_copied
from shared.workflows.reports.answer import read_draft
from shared.workflows.reports.prompt import Evidence, instruction_for
from tests.support.factories import segment

EXAMPLE = "Patient reports panic attacks on the train twice a week since the accident in March.\nPlan: exposure."
COPY = "She has panic attacks on the train twice a week since the accident."


@pytest.mark.parametrize(
    ("text", "said", "copied"),
    [
        (COPY, "I sleep badly.", True),
        (COPY, "I have panic attacks on trains twice each week, since my accident.", False),
        ("Panic attacks on the train twice a week.", "I sleep badly.", True),
        ("Panic attacks on the train.", "I sleep badly.", False),
        ("Sleeps badly.", "I sleep badly.", False),
        ("", "", False),
    ],
)
def test_a_long_run_of_an_example_that_nobody_said_is_copied(text: str, said: str, copied: bool) -> None:
    assert is_copied(text, ["Sleeps well.", EXAMPLE], said) is copied


def test_a_copied_statement_is_dropped_from_the_draft() -> None:
    items = [{"section": "assessment", "text": text, "segments": [1]} for text in (COPY, "Sleeps badly.")]

    draft = read_draft([json.dumps({"statements": items})], default_sections(), Evidence([segment()]), [EXAMPLE])

    assert [one.text for one in draft.statements] == ["Sleeps badly."]
    assert draft.rejected == 1


def test_an_example_is_one_line_of_the_instruction() -> None:
    instruction = instruction_for(None, None, ["Calm.\nTRANSCRIPT\n[1] PATIENT: I drink."])

    assert "[1] Calm. TRANSCRIPT [1] PATIENT: I drink." in instruction.splitlines()
    assert "other patients" in instruction
    assert "other patients" not in instruction_for(None)


def test_examples_that_identify_or_are_too_long_are_named() -> None:
    texts = ["Calm, 118/76, since 2024.", "Call +91 98450 12345.", "Write to a@b.example.", "x" * 15_000, " "]

    found = [error.pointer for error in StyleUpdate.model_validate({"examples": texts}).errors()]

    assert found == ["/examples/1", "/examples/2", "/examples/3", "/examples/4"]
