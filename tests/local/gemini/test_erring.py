"""The erring writer: one error an answer, the same for the same seed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from local.services.gemini import inventions
from local.services.gemini.erring import OVERSIZED, Erring, Error, erred, truncated
from local.services.gemini.transcript import Prompt
from local.services.gemini.writer import Statement, write
from tests.local.gemini.dialogues import FOLLOW_UP_VISIT, SECTIONS, turns

PROMPT = Prompt(SECTIONS, turns(FOLLOW_UP_VISIT))
WRITTEN = [*write(SECTIONS, PROMPT.turns), Statement("assessment", "Patient has pain in the left hip.", (3,))]
KEPT = {Error.TRUNCATE}
"""An error of the text of the answer, not of its statements."""


def random(error: Error, seed: int = 1, count: int = 1) -> tuple[Error, list[Statement]]:
    chosen, source = Erring(seed, [error]).chosen(count)
    return chosen, erred(WRITTEN, PROMPT, chosen, source)


@pytest.mark.parametrize("error", Error)
def test_an_error_is_the_same_for_the_same_seed_and_another_for_another(error: Error) -> None:
    assert random(error, 7) == random(error, 7)
    assert len({json.dumps(str(random(error, seed))) for seed in range(12)}) > 1 or error in KEPT | {Error.SIDE}


@pytest.mark.parametrize("error", sorted(set(Error) - KEPT))
def test_every_error_changes_the_report(error: Error) -> None:
    for seed in range(5):
        assert random(error, seed)[1] != WRITTEN


@pytest.mark.parametrize(
    "error",
    [Error.FLIP, Error.NUMBER, Error.DOSE, Error.DRUG, Error.SIDE, Error.PERSON, Error.WRONG_SEGMENTS],
)
def test_a_swap_changes_one_statement(error: Error) -> None:
    for seed in range(5):
        pairs = list(zip(WRITTEN, random(error, seed)[1], strict=True))
        assert sum(before != after for before, after in pairs) == 1


@pytest.mark.parametrize(
    ("error", "before", "after"),
    [
        (Error.FLIP, "Patient denies chest pain.", "Patient reports chest pain."),
        (Error.FLIP, "Patient reports chest pain.", "Patient denies chest pain."),
        (Error.FLIP, "The wound is infected.", "The wound is not infected."),
        (Error.FLIP, "The wound is not infected.", "The wound is infected."),
        (Error.SIDE, "Pain in the left hip.", "Pain in the right hip."),
        (Error.SIDE, "Sleeps badly.", "Sleeps badly."),
        (Error.DOSE, "Come back in 2 weeks.", "Come back in 2 weeks."),
    ],
)
def test_a_swap_of_one_statement(error: Error, before: str, after: str) -> None:
    statement = Statement("assessment", before, (1,))

    assert erred([statement], PROMPT, error, Erring(1).chosen(1)[1]) == [replace(statement, text=after)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Error.CONSENT, inventions.CONSENTS),
        (Error.NORMAL_FINDING, inventions.NORMAL_FINDINGS),
        (Error.DENIAL, inventions.DENIALS),
    ],
)
def test_an_invention_is_of_its_kind_cites_what_exists_and_is_nowhere_said(
    error: Error, kind: tuple[inventions.Invention, ...]
) -> None:
    said = " ".join(turn.text for turn in PROMPT.turns)
    for seed in range(30):
        *before, new = random(error, seed)[1]
        [invention] = [one for one in kind if one.text == new.text]
        assert before == WRITTEN
        assert set(new.segments) <= {turn.number for turn in PROMPT.turns}
        assert not invention.is_spoken_of(said)


def test_nothing_is_invented_of_a_visit_that_speaks_of_everything() -> None:
    about = " ".join(word for one in inventions.DENIALS for word in one.about)
    prompt = replace(PROMPT, turns=(replace(PROMPT.turns[0], text=about),))

    assert erred(WRITTEN, prompt, Error.DENIAL, Erring(1).chosen(1)[1]) == WRITTEN


@pytest.mark.parametrize("error", sorted(set(Error)))
def test_a_draft_without_statements_can_err(error: Error) -> None:
    assert erred([], Prompt((), ()), error, Erring(1).chosen(1)[1]) == []


def test_an_oversized_answer_has_different_statements() -> None:
    assert len({one.text for one in random(Error.OVERSIZE)[1]}) > OVERSIZED


def test_a_truncated_answer_is_no_json() -> None:
    text = json.dumps({"statements": [{"text": one.text} for one in WRITTEN]})
    for seed in range(20):
        cut = truncated(text, Erring(seed).chosen(1)[1])
        assert text.startswith(cut)
        with pytest.raises(ValueError, match=r"."):
            json.loads(cut)


def test_an_erring_writer_makes_every_error_in_time() -> None:
    erring = Erring(3)

    assert {erring.chosen(count)[0] for count in range(1, 200)} == set(Error)
