"""A function that is killed while it writes a report anew leads to the same next version."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.services.gemini.script import Answer
from local.services.gemini.service import GeminiService
from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.crashes.helpers import COMMIT, READ, WRITE, plant
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription
from tests.support.thorough import sample

pytestmark = pytest.mark.long

SAID = "I have a dry cough. I take metformin 500 mg."
DRAFT = [
    {"section": "chief_complaint", "text": "Dry cough.", "segments": [1]},
    {"section": "plan.medications", "text": "Metformin 500 mg.", "segments": [1]},
]
CALLS = [READ, READ, COMMIT, WRITE, READ, COMMIT]
"""Of the job: its material, the mark that it writes, the draft, what stays, and the next version."""


@pytest.fixture(autouse=True)
def settled(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield
    stack.service(GeminiService).script.clear()


@pytest.mark.parametrize("number", sample(range(len(CALLS)), 2))
def test_kill_after_any_call_leaves_one_next_version(clinic: TestClinic, number: int) -> None:
    session = str(clinic.session().body["id"])
    report = f"/reports/{session}-r1"
    clinic.stack.service(GeminiService).script.plant(*[Answer(json.dumps({"statements": DRAFT}))] * 3)
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED, text=SAID)
    support.converge(clinic.stack)
    drafted = clinic.doctor.get(report).ok()
    edit = {"statement_id": drafted.body["statements"][0]["id"], "text": "Dry cough at night."}
    etag = clinic.doctor.put(report, {"edits": [edit]}, etag=drafted.etag).ok().etag
    call, mark = CALLS[number], clinic.stack.recorder.mark()
    fault = plant(clinic.stack, "write_report", call, "kill", skip=CALLS[:number].count(call))

    with support.paused(clinic.stack, "reports"):  # no task precedes the commit that needs it
        clinic.doctor.post(f"{report}/rewrite", {"force": True}, etag=etag).ok(202)
    support.converge(clinic.stack)
    after = clinic.doctor.get(report).ok().body

    assert fault.fired.wait(5)
    assert support.calls_of(clinic.stack, "write_report", mark)[: number + 1] == CALLS[: number + 1]
    written = [one["text"] for one in after["statements"] if not one["consent_id"]]
    assert written == ["Dry cough at night.", "Metformin 500 mg."]
    assert (after["status"], after["version"], after["attempt"], after["rewrite_failed"]) == ("completed", 3, 2, None)
    assert len(clinic.doctor.get(f"{report}/versions").ok().body["items"]) == 1
