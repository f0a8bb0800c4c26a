"""The requests to the writer name no person; the report does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.services.gemini.script import Script
from local.services.gemini.service import GeminiService
from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.sweep.stalled_jobs import report_of
from tests.support import crashes as support
from tests.support.clinics import NAMESAKE, TestClinic, consent_to
from tests.support.database import plant_transcription

PERSON = {
    **NAMESAKE,
    "first_name": "Ananya",
    "last_name": "Rao",
    "email": "ananya.rao@mail.example",
    "address": {"lines": ["14 Church Street"], "city": "Bengaluru", "postal_code": "560001"},
    "emergency_contact": {"name": "Vikram Shetty", "phone": "+919845098450"},
}
SAID = (
    "I am Ananya Rao from 14 Church Street in Bengaluru, and I sleep badly. My brother Vikram drives me. "
    "Dr. Iyer knows Mr. Fernandes. My number is 98450 12345, my mail is ananya.rao@mail.example."
)
SECRET = ("ananya", "rao ", "vikram", "iyer", "fernandes", "church", "bengaluru", "98450", "12345", "mail.example")


@pytest.fixture
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(GeminiService).script
    with support.quiet(stack):
        yield script


def test_no_request_to_the_writer_names_a_person_and_the_report_does(clinic: TestClinic, script: Script) -> None:
    patient = clinic.doctor.post("/patients", PERSON).ok(201).body
    consent_to(clinic.doctor, patient["id"])
    session = clinic.session(patient_id=patient["id"], session_notes=f"Ananya, {patient['number']}, is tired.").body
    script.clear()

    plant_transcription(clinic, session["id"], TranscriptionStatus.COMPLETED, text=SAID)
    support.converge(clinic.stack)

    bodies = json.dumps(script.requests).casefold()
    assert [secret for secret in (*SECRET, patient["number"].casefold()) if secret in bodies] == []
    assert "[patient_1]" in bodies
    report = report_of(clinic, session["id"])
    written = " ".join(statement["text"] for statement in report["statements"])
    assert "Ananya" in written
    assert "_1" not in written
