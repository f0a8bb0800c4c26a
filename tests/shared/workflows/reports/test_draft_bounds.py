"""The bounds of a draft: what the model answers is no longer than a report can be."""

from __future__ import annotations

import json

import pytest

from shared.records.reports.statements import MOST_CITED
from shared.records.reports.template import default_sections, leaves_of
from shared.records.types import new_id
from shared.workflows.reports.prompt import MOST_BYTES, MOST_STATEMENTS, Draft, Evidence, OversizedDraft, read_draft
from tests.support.factories import segment

LEAVES = list(leaves_of(default_sections()))
SEGMENTS = [segment(number, "I sleep badly.") for number in range(1, MOST_CITED + 3)]
GOOD = {"section": "assessment", "text": "Sleeps badly.", "segments": [2]}


def read(*items: object) -> Draft:
    return read_draft(json.dumps({"statements": items}, ensure_ascii=False), LEAVES, Evidence(SEGMENTS))


def statements(count: int, text: str = "") -> list[object]:
    """Statements that differ."""
    return [GOOD | {"text": f"{new_id()} {text}", "segments": [2]} for _ in range(count)]


def test_a_draft_has_a_largest_number_of_statements() -> None:
    assert len(read(*statements(MOST_STATEMENTS)).statements) == MOST_STATEMENTS
    with pytest.raises(OversizedDraft):
        read(*statements(MOST_STATEMENTS + 1))


def test_a_draft_has_a_largest_size_in_bytes() -> None:
    varied = " ".join(map(chr, range(0x1F300, 0x1F300 + 240)))
    with pytest.raises(OversizedDraft):
        read(*statements(MOST_BYTES // 1_000, varied))


def test_a_statement_that_cites_everything_cites_no_evidence() -> None:
    cited = [each.number for each in SEGMENTS]

    assert read(GOOD | {"segments": cited[:MOST_CITED]}).rejected == 0
    assert read(GOOD, GOOD | {"segments": cited[: MOST_CITED + 1]}).rejected == 1
