"""A writer that errs, through the whole pipeline: the report says what to check, or there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.services.gemini.erring import Erring, Error
from local.services.gemini.script import Script
from local.services.gemini.service import GeminiService
from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.sweep.stalled_jobs import report_of
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription

SAID = "I take sertraline 50 mg every morning. I have pain in the left hip. I have no chest pain."
SEED = 1


@pytest.fixture
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(GeminiService).script
    with support.quiet(stack):
        yield script
    script.clear()


@pytest.mark.parametrize(
    "error",
    [Error.FLIP, Error.DOSE, Error.DRUG, Error.SIDE, Error.CONSENT, Error.NORMAL_FINDING, Error.DENIAL],
)
def test_an_error_is_not_in_the_report_or_has_a_major_doubt(clinic: TestClinic, script: Script, error: Error) -> None:
    report = _drafted(clinic, script, error)

    assert report["status"] == "completed"
    doubtful = [one for one in report["statements"] if "major" in {doubt["severity"] for doubt in one["doubts"]}]
    assert doubtful or (error is Error.CONSENT and not any("consent" in one["text"] for one in report["statements"]))


def test_what_the_writer_drops_is_an_omission(clinic: TestClinic, script: Script) -> None:
    report = _drafted(clinic, script, Error.DROP, "I take sertraline.")

    assert (report["status"], report["error_code"]) == ("failed", "draft_empty")
    report = _drafted(clinic, script, Error.DROP, "I take sertraline. I am allergic to penicillin.")
    assert report["omissions"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Error.TRUNCATE, "writer_cut_off"), (Error.OVERSIZE, "draft_too_long"), (Error.REPEAT, "draft_repeats")],
)
def test_an_answer_that_is_no_draft_fails_with_its_reason(
    clinic: TestClinic, script: Script, error: Error, reason: str
) -> None:
    report = _drafted(clinic, script, error)

    assert (report["status"], report["error_code"], report["statements"]) == ("failed", reason, [])


def _drafted(clinic: TestClinic, script: Script, error: Error, said: str = SAID) -> dict[str, Any]:
    """The report of a visit in which this was said, by a writer that always makes this error."""
    script.err(Erring(SEED, [error]))
    session_id = str(clinic.session().body["id"])
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED, text=said)
    support.converge(clinic.stack)
    return dict(report_of(clinic, session_id))
