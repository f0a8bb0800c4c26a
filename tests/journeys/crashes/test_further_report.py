"""A function that is killed while it writes a further report of a visit leads to one letter; the first report stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import drafting
from tests.journeys.crashes.helpers import COMMIT, READ, WRITE, LossyClient, plant
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import plant_transcription
from tests.support.thorough import sample

pytestmark = pytest.mark.long

SAID = "I sleep badly. Please see a cardiologist about the palpitations."
CALLS = [READ, READ, COMMIT, WRITE, READ, COMMIT]
"""Of the job: its material, the mark that it writes, the draft, what stays, and the letter."""
ASKED = {"template_id": "shipped-referral-letter"}


@pytest.fixture(autouse=True)
def settled(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


def drafted(clinic: TestClinic) -> str:
    """A session with its first report."""
    session = str(clinic.session().body["id"])
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED, text=SAID)
    support.converge(clinic.stack)
    return session


@pytest.mark.parametrize("number", sample(range(len(CALLS)), 1))
def test_kill_after_any_call_leaves_one_letter(clinic: TestClinic, number: int) -> None:
    session = drafted(clinic)
    first = clinic.doctor.get(f"/reports/{session}-r1").ok().content
    call, mark = CALLS[number], clinic.stack.recorder.mark()
    fault = plant(clinic.stack, "write_report", call, "kill", skip=CALLS[:number].count(call))

    with support.paused(clinic.stack, "reports"):  # no task precedes the commit that needs it
        clinic.doctor.post(f"/sessions/{session}/generate-report", ASKED).ok(202)
    support.converge(clinic.stack)
    drafting.write(system_clinic(clinic.id, "again"), f"{session}-r2", 1, 0)

    assert fault.fired.wait(5)
    assert support.calls_of(clinic.stack, "write_report", mark)[: number + 1] == CALLS[: number + 1]
    letter = clinic.doctor.get(f"/reports/{session}-r2").ok().body
    assert (letter["status"], letter["version"], letter["attempt"]) == ("completed", 1, 1)
    assert clinic.doctor.get(f"/reports/{session}-r1").ok().content == first
    assert clinic.doctor.get(f"/sessions/{session}").ok().body["report_ids"] == [f"{session}-r{n}" for n in (1, 2)]


@pytest.mark.parametrize("outcome", sample(["kill", "cut"], 1))
def test_request_whose_response_is_lost_makes_one_letter(clinic: TestClinic, outcome: str) -> None:
    session = drafted(clinic)
    lossy = LossyClient(clinic.doctor, clinic.stack, outcome)

    made = lossy.post("sessions", f"/sessions/{session}/generate-report", ASKED, status=202).body
    support.converge(clinic.stack)

    assert made["id"] == f"{session}-r2"
    assert clinic.doctor.get(f"/reports/{made['id']}").ok().body["status"] == "completed"
    assert clinic.doctor.get(f"/sessions/{session}").ok().body["report_ids"] == [f"{session}-r1", made["id"]]
