"""The bounds of a draft: what the model is asked fits into its context, and what it answers into a report."""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from shared.gateways import writer
from shared.records.claims.doubt import ClaimCheck, other_name_doubt
from shared.records.reports.chunks import MOST_CHUNKS
from shared.records.reports.content import LARGEST_CONTENT, ReportContent
from shared.records.reports.notes import MOST_NOTES_CITED, Note, notes_of
from shared.records.reports.statements import MOST_CITED, Statement
from shared.records.templates.content import TemplateContent
from shared.records.templates.sections import Section, leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.types import new_id
from shared.workflows.reports import answer, drafting, prompt
from shared.workflows.reports.answer import MOST_STATEMENTS, Draft, OversizedDraft, read_draft
from shared.workflows.reports.assignment import Assignment
from shared.workflows.reports.prompt import Evidence, PromptTooLong
from tests.support.factories import BY_SYSTEM, report, segment, session
from tests.support.thorough import sample

SECTIONS = default_sections()
SEGMENTS = [segment(number, "I sleep badly.") for number in range(1, MOST_CITED + 3)]
GOOD = {"section": "assessment", "text": "Sleeps badly.", "segments": [2]}
LONGEST_NOTES = notes_of(session(chief_complaint="\\" * 20_000, session_notes="\\\n" * 10_000))


def read(*items: object, sections: list[Section] = SECTIONS, notes: Sequence[Note] = ()) -> Draft:
    return read_draft([json.dumps({"statements": items}, ensure_ascii=False)], sections, Evidence(SEGMENTS, notes))


def statements(count: int, text: str = "") -> list[object]:
    """Statements that differ."""
    return [GOOD | {"text": f"{new_id()} {text}", "segments": [2]} for _ in range(count)]


def test_a_draft_has_a_largest_number_of_statements() -> None:
    assert len(read(*statements(MOST_STATEMENTS)).statements) == MOST_STATEMENTS
    with pytest.raises(OversizedDraft):
        read(*statements(MOST_STATEMENTS + 1))


def test_a_statement_that_cites_everything_cites_no_evidence() -> None:
    cited = [each.number for each in SEGMENTS]

    assert read(GOOD | {"segments": cited[:MOST_CITED]}).rejected == 0
    assert read(GOOD, GOOD | {"segments": cited[: MOST_CITED + 1]}).rejected == 1


def varied(letters: str, size: int) -> str:
    """A text of this many characters that is no loop."""
    return " ".join(f"{letters}{new_id(8)}" for _ in range(size // 9))[:size]


TEXTS = {"letters": "x", "emoji": "😀", "quotes": '"', "backslashes": "\\", "Tamil": "தூ"}


NOTES: dict[str, list[Note]] = {"transcript": [], "notes": LONGEST_NOTES}


@pytest.mark.parametrize(("kind", "noted"), sample(list(product(TEXTS, NOTES)), 3))
def test_the_largest_draft_that_is_read_is_stored_whatever_is_doubted_later(kind: str, noted: str) -> None:
    letters, notes = TEXTS[kind], NOTES[noted]
    sections = [*SECTIONS, Section(id="more", title="More", guidance="g" * 20_000)]
    cited = {"notes": [note.number for note in notes][-MOST_NOTES_CITED:]}
    items: list[dict[str, Any]] = [{**GOOD, **cited, "text": varied(letters * 7, 995)} for _ in range(250)]
    checker = Evidence(SEGMENTS, notes).checker(ClaimCheck.DONE)
    written = [
        Statement(id=f"s{number}", doubts=checker.doubts(item["text"], item["segments"], item.get("notes", [])), **item)
        for number, item in enumerate(items, start=1)
    ]

    def is_stored(count: int) -> bool:
        """True if these statements can be stored with the doubt that is still to come."""
        doubted = [one.doubted(other_name_doubt(one.segments)) for one in written[:count]]
        parts = {"statements": doubted, "generated": doubted, "notes": answer.cited_notes(doubted, notes)}
        return ReportContent.new(report().id, BY_SYSTEM, sections=sections, **parts).excess() is None

    most = bisect(range(1, len(items)), 0, key=lambda count: not is_stored(count))

    assert read(*items[:most], sections=sections, notes=notes).statements == written[:most]
    with pytest.raises(OversizedDraft):
        read(*items[: most + 1], sections=sections, notes=notes)


def assignment(evidence: Evidence) -> Assignment:
    template = TemplateContent(name="Default", sections=SECTIONS)
    return Assignment(report(), template, evidence)


def test_a_draft_that_is_too_large_to_store_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    large = [GOOD | {"text": varied('"', 1_000)} for _ in range(LARGEST_CONTENT // 1_100)]
    answers = [json.dumps({"statements": each}) for each in (large, [GOOD])]
    monkeypatch.setattr(writer, "write", lambda *_: writer.Written(answers.pop(0), "model"))

    draft, _ = drafting._drafted(assignment(Evidence(SEGMENTS)))

    assert [one.text for one in draft.statements] == [GOOD["text"]]


def test_a_transcript_that_the_model_cannot_read_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "write", lambda *_: pytest.fail("the model was called"))
    segments = [segment(number, "word " * 2_000) for number in range(1, 101)]

    with pytest.raises(PromptTooLong):
        drafting._drafted(assignment(Evidence(segments)))


def test_the_speech_of_eight_hours_is_sent() -> None:
    words_a_segment, words_a_minute = 12, 160
    count = 8 * 60 * words_a_minute // words_a_segment
    segments = [segment(number, "sleeping " * words_a_segment) for number in range(1, count + 1)]

    leaves = list(leaves_of(assignment(Evidence([])).template.sections))
    prompts = prompt.prompts_for(leaves, Evidence(segments, LONGEST_NOTES))
    assert sum(map(len, prompts)) < prompt.LONGEST_PROMPT
    assert 1 < len(prompts) <= MOST_CHUNKS
