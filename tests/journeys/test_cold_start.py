"""The cold-start benchmark, on the running stack."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bench import cold_start, visit
from bench.visit import Asked, BareCall
from infra import catalogue
from local.stack.stack import Stack
from tests.support.crashes import converge

pytestmark = pytest.mark.long

FUNCTIONS = catalogue.load().functions
READ_AND_AUDIT = {"BatchGetDocuments": 1, "Decrypt": 1, "Commit": 1}
CALLS = {
    "patients": READ_AND_AUDIT,
    "on_audio_uploaded": {**READ_AND_AUDIT, "objects.get": 1},
    "check_transcription": {"BatchGetDocuments": 1},
    "sweep_stalled": {"RunQuery": 11},
}


@pytest.fixture(scope="module")
def questions(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    asked = visit.play(stack, tmp_path_factory.mktemp("out"))
    converge(stack)  # otherwise a pending poll would be counted among the calls of the benchmarked function
    return asked


def test_every_function_is_asked_something(questions: dict[str, Asked]) -> None:
    assert questions.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_baseline_makes_the_same_calls_as_the_function(
    name: str, questions: dict[str, Asked], stack: Stack, tmp_path: Path
) -> None:
    made = []
    for program in cold_start.answering(FUNCTIONS[name], tmp_path, stack, questions[name]):
        report, calls = visit.watched(stack, name, partial(program.start, questions[name]))
        made.append(kinds(calls))
        assert report["answered"] > report["ready"]

    assert made == [CALLS[name], CALLS[name]]


def kinds(calls: list[BareCall]) -> Counter[str]:
    """The number of calls by method."""
    return Counter(call["method"] for call in calls)
