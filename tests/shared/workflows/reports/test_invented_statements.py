"""A writer that always invents a consent, a normal finding or a denial: no invention gets into a report unresolved.

An invention survives if the draft has it, and no major doubt, which must be resolved before the signature, marks it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache

import pytest

from local.services.gemini import transcript as prompts
from local.services.gemini.erring import Erring, Error, erred
from local.services.gemini.writer import Statement, write
from shared.records.claims.doubt import Severity
from shared.records.templates.sections import Section, leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.visits.segment import Segment
from shared.records.visits.speech import Speaker
from shared.workflows.reports.answer import Draft, UnusableDraft, read_draft
from shared.workflows.reports.prompt import Evidence
from tests.local.gemini.dialogues import FOLLOW_UP_VISIT, turns
from tests.local.gemini.visits import CHILD, COUGH, COUPLE, DIABETES, KNEE, VISITS
from tests.support.factories import segment
from tests.support.thorough import SEED, THOROUGH

DRAFTS = 1_000 if THOROUGH else 60
INVENTIONS = (Error.CONSENT, Error.NORMAL_FINDING, Error.DENIAL)
SECTIONS = default_sections()


@cache
def visit(number: int) -> tuple[prompts.Prompt, list[Statement]]:
    """A dialogue with the sections of a report, and what the writer says of it."""
    sections = tuple(prompts.Section(leaf.id, leaf.name) for leaf in leaves_of(SECTIONS))
    prompt = prompts.Prompt(sections, turns(VISITS[number % len(VISITS)]))
    return prompt, write(prompt.sections, prompt.turns)


def spoken(prompt: prompts.Prompt, *, speakers: bool) -> list[Segment]:
    """The segments of a dialogue; without speakers, as an engine gives them that tells no voices apart."""
    return [
        segment(turn.number, turn.text, speaker=Speaker(turn.speaker.lower()) if speakers else Speaker.UNKNOWN)
        for turn in prompt.turns
    ]


def read(statements: Sequence[Statement], segments: list[Segment], sections: list[Section]) -> Draft:
    return read_draft([json.dumps({"statements": [asdict(one) for one in statements]})], sections, Evidence(segments))


def invented(seed: int) -> tuple[list[Statement], list[Segment]]:
    """The statements of one draft of the writer, the last of them invented, and what was said."""
    prompt, statements = visit(seed)
    error, random = Erring(seed, INVENTIONS).chosen(1)
    return erred(statements, prompt, error, random), spoken(prompt, speakers=random.random() < 0.7)


def test_no_invented_consent_normal_finding_or_denial_survives() -> None:
    survivors = []
    for seed in range(SEED * DRAFTS, (SEED + 1) * DRAFTS):
        statements, segments = invented(seed)
        new = statements[-1]
        draft = read(statements, segments, SECTIONS)
        kept = [one for one in draft.statements if (one.section, one.text) == (new.section, new.text)]
        if any(doubt.severity is Severity.MAJOR for one in kept for doubt in one.doubts):
            continue
        survivors += [(one.text, one.segments, one.kinds) for one in kept]

    assert survivors == []


def test_the_writer_invents_in_every_draft() -> None:
    for seed in range(60):
        assert len(invented(seed)[0]) == len(visit(seed)[1]) + 1


@pytest.mark.parametrize(
    ("dialogue", "text", "cited"),
    [
        (KNEE, "The left knee is not swollen.", 9),
        (KNEE, "No tenderness of the left knee.", 9),
        (KNEE, "The right knee is normal.", 9),
        (KNEE, "Patient denies taking painkillers.", 8),
        (KNEE, "Patient denies taking any medication.", 7),
        (COUGH, "Lungs are clear.", 7),
        (COUGH, "No known drug allergies.", 10),
        (COUGH, "Patient denies fever.", 6),
        (COUGH, "Patient denies breathlessness.", 11),
        (COUGH, "Patient denies sputum.", 4),
        (DIABETES, "Patient denies tingling in the feet.", 8),
        (DIABETES, "Patient denies missing tablets.", 3),
        (FOLLOW_UP_VISIT, "Patient denies low mood.", 2),
        (FOLLOW_UP_VISIT, "Patient denies nausea.", 10),
        (FOLLOW_UP_VISIT, "Patient denies alcohol use.", 18),
        (COUPLE, "Patient denies arguments.", 2),
        (CHILD, "No itching.", 2),
        (CHILD, "Patient denies waking at night.", 4),
    ],
)
def test_a_denial_of_what_the_visit_is_about_does_not_survive(dialogue: str, text: str, cited: int) -> None:
    segments = spoken(prompts.Prompt((), turns(dialogue)), speakers=True)

    [statement] = read([Statement("history_present_illness", text, (cited,))], segments, SECTIONS).statements

    assert Severity.MAJOR in {doubt.severity for doubt in statement.doubts}


@pytest.mark.parametrize("error", [Error.OVERSIZE, Error.REPEAT])
def test_an_answer_that_is_no_report_is_no_draft(error: Error) -> None:
    prompt, statements = visit(0)

    with pytest.raises(UnusableDraft):
        read(erred(statements, prompt, error, Erring(1).chosen(1)[1]), spoken(prompt, speakers=True), SECTIONS)
