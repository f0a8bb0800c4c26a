"""A transcript that is too long for one request is written in chunks, merged without loss or repetition."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from shared.gateways import writer
from shared.gateways.writer import WriterBusy, Written
from shared.records.reports.chunks import CONTEXT
from shared.records.reports.statements import MOST_CITED
from shared.records.templates.content import TemplateContent
from shared.records.templates.shipped import default_sections
from shared.workflows.reports import drafting
from shared.workflows.reports.answer import Draft, LoopingDraft, read_draft
from shared.workflows.reports.assignment import Assignment
from shared.workflows.reports.prompt import Evidence
from tests.shared.workflows.reports.test_prompt import NOTES
from tests.support.factories import report, segment

SECTIONS = default_sections()
COUNT = 2_500
SEGMENTS = [segment(number, f"On day {number} I slept five hours and woke at four.") for number in range(1, COUNT + 1)]
EVIDENCE = Evidence(SEGMENTS, NOTES)


def statement(text: str, *cited: int, section: str = "assessment", **more: Any) -> dict[str, Any]:
    return {"section": section, "text": text, "segments": [*cited], **more}


def read(*chunks: list[dict[str, Any]]) -> Draft:
    return read_draft([json.dumps({"statements": items}) for items in chunks], SECTIONS, EVIDENCE)


def written(monkeypatch: pytest.MonkeyPatch, answer: Any) -> Draft:
    """The draft of a writer that answers a prompt with these statements."""

    def write(_instruction: str, text: str, _schema: object) -> Written:
        return Written(json.dumps({"statements": answer(text)}), "model")

    monkeypatch.setattr(writer, "write", write)
    template = TemplateContent(name="Default", sections=SECTIONS)
    draft, _ = drafting._drafted(Assignment(report(), template, EVIDENCE))
    return draft


def numbered(text: str) -> list[int]:
    """The segments that the prompt lets a statement cite."""
    lines = text.partition("\nTRANSCRIPT\n")[2].splitlines()
    return [int(line[1 : line.index("]")]) for line in lines]


def test_each_segment_is_asked_about_once_and_the_notes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def last_of_chunk(text: str) -> list[dict[str, Any]]:
        asked.append(text)
        last = numbered(text)[-1]
        return [statement(f"On day {last} slept five hours.", last)]

    draft = written(monkeypatch, last_of_chunk)

    prompts = sorted(asked, key=lambda text: numbered(text)[0])
    assert [number for text in prompts for number in numbered(text)] == list(range(1, COUNT + 1))
    assert len(prompts) > 1
    assert [text.count("\nNOTES\n") for text in prompts] == [1, *[0] * (len(prompts) - 1)]
    assert [one.segments for one in draft.statements] == [[numbered(text)[-1]] for text in prompts]
    for before, text in pairwise(prompts):
        context = text.partition("\nCONTEXT ")[2].partition("\n\n")[0].splitlines()[1:]
        said = [line.partition("] ")[2] for line in before.splitlines()[-CONTEXT:]]
        assert [line.removeprefix("- ") for line in context] == said


def test_a_busy_writer_of_one_chunk_is_busy_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy_at_the_end(text: str) -> list[dict[str, Any]]:
        if COUNT in numbered(text):
            raise WriterBusy
        return [statement("Slept five hours.", numbered(text)[0])]

    with pytest.raises(WriterBusy):
        written(monkeypatch, busy_at_the_end)


def test_what_two_chunks_state_is_one_statement_with_the_evidence_of_both() -> None:
    draft = read([statement("Slept five hours.", 1, 2, notes=[1])], [statement("slept five hours", 1_900)])

    [one] = draft.statements
    assert (one.text, one.segments, one.notes) == ("Slept five hours.", [1, 2, 1_900], [1])
    assert {each.reason: each.count for each in draft.rejections} == {"repeated": 1}


def test_other_statements_of_two_chunks_stay_beside_each_other() -> None:
    draft = read(
        [statement("Slept five hours.", 1), statement("Slept five hours.", 1, section="chief_complaint")],
        [statement("Slept six hours.", 1_900)],
    )

    assert len(draft.statements) == 3
    assert draft.rejected == 0


def test_a_statement_with_too_much_evidence_for_one_stays_twice() -> None:
    many = list(range(1, MOST_CITED + 1))

    draft = read([statement("Slept five hours.", *many)], [statement("Slept five hours.", 1_900)])

    assert [one.segments for one in draft.statements] == [many, [1_900]]


def test_a_loop_within_one_chunk_is_still_found() -> None:
    with pytest.raises(LoopingDraft):
        read([statement("Slept five hours.", 1)], [statement("Woke at four.", n) for n in range(1_900, 1_910)])
