"""A function that dies between the withdrawal of a consent and the end of what runs: the next delivery ends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from shared.gateways import speech, storage
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.record import patient_of
from shared.records.reports.report import ReportStatus
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate
from shared.workflows.reports import drafting
from shared.workflows.visits import recognition, results
from shared.workflows.visits.object_names import result_folder
from tests.journeys.crashes.helpers import COMMIT, DELETE, plant
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.results import SPOKEN, await_result
from tests.support.visits import new_session, set_clinic

CANCEL = "speech.CancelOperation"


def withdraw(clinic: TestClinic, session_id: str) -> None:
    path = f"/patients/{patient_of(session_id)}/consents"
    consent = clinic.doctor.get(path).ok().body["consents"][-1]["id"]
    clinic.doctor.post(f"{path}/{consent}/withdraw").ok()


def recorded_twice(clinic: TestClinic) -> str:
    """A session whose two recordings are being recognised."""
    session_id = new_session(clinic)
    for _ in range(2):
        clinic.record(session_id, support.NOT_AUDIO)
    clinic.stack.wait_idle(support.PATIENCE)
    return session_id


def cancelled(clinic: TestClinic, since: int) -> set[str]:
    """The operations that were cancelled."""
    return {call.resource for call in clinic.stack.recorder.calls(since) if call.method == "CancelOperation"}


def ends(clinic: TestClinic, session_id: str) -> list[tuple[Any, Any]]:
    visit = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    return [(one["status"], one["error_code"]) for one in visit["transcriptions"]]


@pytest.mark.parametrize("call", [COMMIT, CANCEL, DELETE])
def test_next_delivery_cancels_and_deletes_what_a_killed_function_left(own_clinic: TestClinic, call: str) -> None:
    set_clinic(own_clinic, after_withdrawal="delete")
    with support.polling_paused(own_clinic.stack):
        session_id = recorded_twice(own_clinic)
        mark = own_clinic.stack.recorder.mark()
        faults = [plant(own_clinic.stack, "on_transcription_completed", call, "kill") for _ in range(2)]

        withdraw(own_clinic, session_id)
        own_clinic.stack.wait_idle(support.PATIENCE)

        assert all(fault.fired.is_set() for fault in faults)
        assert len(cancelled(own_clinic, mark)) == 2
        assert ends(own_clinic, session_id) == [("failed", "consent_withdrawn")] * 2
    folder = f"clinics/{own_clinic.id}/sessions/{session_id}/"
    assert list(support.bucket_of(own_clinic.stack, AUDIO_BUCKET).list_blobs(prefix=folder)) == []


def _hear(clinic: TestClinic) -> str:
    """A result that arrives; returns the path of its transcription."""
    session_id = await_result(clinic)
    folder = result_folder(clinic.id, f"{session_id}-t1", 1)
    results.store(system_clinic(clinic.id, "result"), f"{folder}/result.json", [f"{folder}/result.json"])
    return f"transcriptions/{session_id}-t1"


def _draft(clinic: TestClinic) -> str:
    """A draft that is written; returns the path of its report."""
    session_id = new_session(clinic, session_notes="Sleeps badly since March.")
    report_id = plant_report(clinic, session_id, ReportStatus.PENDING)
    alter(clinic, f"reports/{report_id}", {"source": "notes"})
    drafting.write(system_clinic(clinic.id, "task"), report_id, 1, 0)
    return f"reports/{report_id}"


@pytest.mark.parametrize("step", [_hear, _draft])
def test_a_step_whose_consent_is_withdrawn_before_its_commit_ends_as_after_it(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch, step: Callable[[TestClinic], str]
) -> None:
    decide, decided = consent_gate.withdrawn, []

    def decide_before(work: UnitOfWork, session_id: str, use: ConsentUse) -> str | None:
        decided.append(decide(work, session_id, use))
        if len(decided) == 1:
            withdraw(clinic, session_id)
        return decided[-1]

    monkeypatch.setattr(consent_gate, "withdrawn", decide_before)
    monkeypatch.setattr(storage, "read_result", lambda _name: json.dumps(SPOKEN).encode())
    with support.polling_paused(clinic.stack):
        path = step(clinic)

    stored = support.documents(clinic.id)[path]
    assert decided[0] is None, "the step has read the consents before"
    assert (stored["status"], stored["error_code"]) == ("failed", "consent_withdrawn")


@pytest.mark.parametrize("before", [False, True], ids=["after the start", "before the start"])
def test_operation_that_starts_while_the_consent_is_withdrawn_is_cancelled_after_a_crash(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch, *, before: bool
) -> None:
    session_id = new_session(clinic)
    clinic.record(session_id, support.NOT_AUDIO)
    clinic.doctor.post(f"/sessions/{session_id}/recordings", {"content_type": "audio/flac", "size_bytes": 1}).ok(201)
    clinic.stack.wait_idle(support.PATIENCE)
    transcription_id = plant_transcription(clinic, session_id, TranscriptionStatus.PENDING, count=2)
    begin, started = speech.begin, []

    def begin_meanwhile(*arguments: Any, **options: Any) -> str:
        if before:
            withdraw(clinic, session_id)
        started.append(begin(*arguments, **options))
        if not before:
            withdraw(clinic, session_id)
        return started[0]

    def die(_operation: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(speech, "begin", begin_meanwhile)
    monkeypatch.setattr(speech, "cancel", die)
    mark = clinic.stack.recorder.mark()

    with support.polling_paused(clinic.stack), pytest.raises(KeyboardInterrupt):
        recognition.poll_operation(system_clinic(clinic.id, "poll"), transcription_id, 1, None)
    clinic.stack.wait_idle(support.PATIENCE)

    assert cancelled(clinic, mark) >= set(started)
