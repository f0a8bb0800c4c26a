"""Every final state of a transcription or a report is published to the apps that listen to the session."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import shared.workflows
from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.records.record import Ref
from shared.records.reports.report import Report
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows import attempts
from shared.workflows.visits import recognition
from tests.journeys.sweep.stalled_jobs import report_of, tasks_lost, transcription_of
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.results import SPOKEN, await_result, cancel, write_result

WITHOUT_TEXT = {"results": [{"alternatives": [{"words": [{"endOffset": "1s"}, {"startOffset": "1s"}]}]}]}
DAY = timedelta(days=2)
End = Callable[[TestClinic, str], None]


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


def _poll(clinic: TestClinic, session_id: str) -> None:
    recognition.poll_operation(system_clinic(clinic.id, "poll"), f"{session_id}-t1", 1, None)


def _overdue(path: str, recover: Callable[[Any, str], Any]) -> End:
    def end(clinic: TestClinic, session_id: str) -> None:
        past = datetime.now(UTC) - DAY
        alter(clinic, path.format(session_id), {"updated_at": past, "requested_at": past})
        recover(system_clinic(clinic.id, "sweep"), path.format(session_id).rpartition("/")[2])

    return end


TRANSCRIPTION_ENDS: dict[str, tuple[End, str, str | None]] = {
    "speech": (lambda c, s: write_result(c, s, SPOKEN), "completed", None),
    "silence": (lambda c, s: write_result(c, s, {}), "no_speech", None),
    "no result": (lambda c, s: write_result(c, s, "text"), "failed", "result_unreadable"),
    "words without text": (lambda c, s: write_result(c, s, WITHOUT_TEXT), "failed", "result_unreadable"),
    "the operation failed": (_poll, "failed", "audio_not_readable"),
    "deadline": (_overdue("transcriptions/{}-t1", recognition.recover_stalled), "failed", "deadline_exceeded"),
    "cancelled": (cancel, "failed", "session_cancelled"),
}


@pytest.mark.parametrize("way", TRANSCRIPTION_ENDS)
def test_every_end_of_a_transcription_is_published(clinic: TestClinic, way: str) -> None:
    end, status, reason = TRANSCRIPTION_ENDS[way]
    with support.polling_paused(clinic.stack), tasks_lost(clinic.stack, "reports"):
        session_id = await_result(clinic)
        end(clinic, session_id)
        published = support.documents(clinic.id)[f"progress/{session_id}"]
        body = transcription_of(clinic, session_id)
        write_result(clinic, session_id, SPOKEN)  # a second delivery
        again = transcription_of(clinic, session_id)

    assert (body["status"], body["error_code"], published["transcription"]) == (status, reason, status)
    assert again == body


def test_lost_response_to_the_commit_of_an_unreadable_result_ends_the_same(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        clinic.stack.recorder.plant(Fault("firestore", "Commit", "on_transcript_ready", "kill"))
        write_result(clinic, session_id, WITHOUT_TEXT)

    assert support.documents(clinic.id)[f"progress/{session_id}"]["transcription"] == "failed"
    assert transcription_of(clinic, session_id)["error_code"] == "result_unreadable"


def test_failed_report_is_published(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    with tasks_lost(clinic.stack, "reports"):
        plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    assert support.documents(clinic.id)[f"progress/{session_id}"]["report"] == "pending"
    attempts.fail(system_clinic(clinic.id, "task"), Ref(Report, f"{session_id}-r1"), 1, "writer_busy")

    assert support.documents(clinic.id)[f"progress/{session_id}"]["report"] == "failed"
    assert report_of(clinic, session_id)["error_code"] == "writer_busy"


CHANGES = {
    "begun",
    "attempted_again",
    "retried",
    "heard",
    "failed",
    "generating",
    "written",
    "discarded",
    "reinstated",
    "signed",
    "cosigned",
    "returned",
}
"""The methods of Transcription and Report that change the state."""
PUBLISHES = r"\b(save|create|finalize)\(work|work\.progress\("


def test_every_function_that_changes_a_jobs_state_publishes_it() -> None:
    changing = {name: source for name, source in _functions() if _changes(source)}

    assert [name for name, source in changing.items() if not re.search(PUBLISHES, source)] == []
    assert set().union(*map(_changes, changing.values())) == CHANGES


def test_the_changes_are_all_methods_that_set_a_state() -> None:
    methods = {
        name
        for model in (Transcription, Report)
        for name, method in inspect.getmembers(model, inspect.isfunction)
        if re.search(r"\bstatus=", inspect.getsource(method))
    }

    assert methods == CHANGES


def _functions() -> Iterator[tuple[str, str]]:
    """The innermost functions of the workflows: place and source. Messages and users have states that are not
    published."""
    for path in Path(shared.workflows.__file__).parent.rglob("*.py"):
        if path.parent.name in ("messages", "clinic"):
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and not any(
                isinstance(inner, ast.FunctionDef) for inner in function.body
            ):
                yield f"{path.name}:{function.lineno} {function.name}", ast.unparse(function)


def _changes(source: str) -> set[str]:
    return set(re.findall(rf"\.({'|'.join(CHANGES)})\(", source))
