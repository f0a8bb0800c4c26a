"""A draft that cannot be used fails with its reason at once, and can be requested again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.services.gemini.script import Answer, Script
from local.services.gemini.service import GeminiService
from local.stack.stack import Stack
from shared.records.reports.failure import ReportFailure
from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.sweep.stalled_jobs import report_of
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription


@pytest.fixture
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(GeminiService).script
    with support.quiet(stack):
        yield script
    script.clear()


def statements(*items: tuple[str, str, list[int]]) -> str:
    names = ("section", "text", "segments")
    return json.dumps({"statements": [dict(zip(names, item, strict=True)) for item in items]})


EMPTY = statements()
WRONG_NAMES = statements(("Plan", "ECG ordered.", [1]), ("assessment", "Chest pain.", [99]))
LOOP = statements(*[("assessment", ("Chest pain. " + "x" * 900)[:900], [1])] * 600)
TOO_LONG = statements(*[("assessment", f"Finding {number}.", [1]) for number in range(600)])
UNUSABLE: dict[str, tuple[Answer, int, str]] = {
    "no statements": (Answer(EMPTY), 2, "draft_empty"),
    "no statement with evidence": (Answer(WRONG_NAMES), 2, "draft_empty"),
    "repetition loop": (Answer(LOOP), 2, "draft_repeats"),
    "too many statements": (Answer(TOO_LONG), 2, "draft_too_long"),
    "no JSON": (Answer("Chest pain."), 2, "draft_unreadable"),
    "cut off": (Answer('{"statements": [', "MAX_TOKENS"), 2, "writer_cut_off"),
    "no text": (Answer(""), 2, "writer_stopped_early"),
    "another end": (Answer(EMPTY, "OTHER"), 2, "writer_stopped_early"),
    "blocked answer": (Answer("", "SAFETY"), 1, "writer_blocked"),
    "recitation": (Answer("", "RECITATION"), 1, "writer_blocked"),
    "blocked prompt": (Answer(block_reason="PROHIBITED_CONTENT"), 1, "writer_blocked"),
    "invalid request": (Answer(status=400), 1, "writer_error_400"),
    "forbidden": (Answer(status=403), 1, "writer_error_403"),
    "retired model": (Answer(status=404), 1, "writer_error_404"),
    "another model": (Answer(model_version="gemini-3.8-flash"), 1, "writer_other_model"),
    "unknown model": (Answer(model_version=""), 1, "writer_other_model"),
}
"""By kind: the answer, the number of calls of the model, and the reason."""


@pytest.mark.parametrize("kind", UNUSABLE)
def test_unusable_draft_fails_with_its_reason_and_can_be_requested_again(
    clinic: TestClinic, script: Script, kind: str
) -> None:
    answer, calls, reason = UNUSABLE[kind]
    script.plant(*[answer] * calls)
    mark = clinic.stack.recorder.mark()
    session_id = _transcribed(clinic)

    failed = report_of(clinic, session_id)
    assert (failed["status"], failed["error_code"], failed["statements"]) == ("failed", reason, [])
    assert (_calls(clinic, mark), script.waiting) == (calls, 0)
    assert support.documents(clinic.id)[f"progress/{session_id}"]["report"] == "failed"
    assert reason in set(ReportFailure)

    clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
    support.converge(clinic.stack)
    written = report_of(clinic, session_id)
    assert (written["status"], written["error_code"], bool(written["statements"])) == ("completed", None, True)


@pytest.mark.parametrize("answer", [Answer(EMPTY), Answer(LOOP), Answer('{"sta', "MAX_TOKENS")])
def test_second_answer_counts_if_the_first_is_no_draft(clinic: TestClinic, script: Script, answer: Answer) -> None:
    script.plant(answer)
    session_id = _transcribed(clinic)

    assert report_of(clinic, session_id)["status"] == "completed"


@pytest.mark.parametrize("status", [429, 503, 504])
def test_temporary_failure_of_the_model_is_delivered_again(clinic: TestClinic, script: Script, status: int) -> None:
    script.plant(*[Answer(status=status)] * 2)
    mark = clinic.stack.recorder.mark()
    session_id = _transcribed(clinic)

    assert (report_of(clinic, session_id)["status"], _calls(clinic, mark)) == ("completed", 3)


def test_answering_model_is_recorded_and_another_one_is_logged(clinic: TestClinic, script: Script) -> None:
    pinned = report_of(clinic, _transcribed(clinic))["ai_model"]
    script.plant(Answer(model_version=f"{pinned}-001"))
    versioned = report_of(clinic, _transcribed(clinic))
    script.plant(Answer(model_version="gemini-3.8-flash"))
    refused = _transcribed(clinic)

    log = [json.loads(line) for line in (clinic.stack.logs / "write_report.log").read_text().splitlines()]
    (entry,) = [line for line in log if line.get("id") == f"{refused}-r1" and line["logger"] == "synapse.jobs"]
    assert (versioned["status"], versioned["ai_model"]) == ("completed", f"{pinned}-001")
    assert (entry["severity"], entry["message"], entry["reason"]) == (
        "ERROR",
        "another model answered",
        "gemini-3.8-flash",
    )


def test_request_names_the_thinking_level_and_no_sampling_parameter(clinic: TestClinic, script: Script) -> None:
    _transcribed(clinic)

    config: Any = script.requests[-1]["generationConfig"]
    assert config["thinkingConfig"] == {"thinking_level": "MINIMAL"}
    assert config["maxOutputTokens"] == 32_768
    assert config.keys().isdisjoint({"temperature", "topP", "topK", "candidateCount", "seed"})


def _transcribed(clinic: TestClinic) -> str:
    """Create a session with a completed transcription, and wait for its report; returns the session's id."""
    session_id = str(clinic.session().body["id"])
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    support.converge(clinic.stack)
    return session_id


def _calls(clinic: TestClinic, mark: int) -> int:
    return sum(call.service == "gemini" for call in clinic.stack.recorder.calls(mark))
