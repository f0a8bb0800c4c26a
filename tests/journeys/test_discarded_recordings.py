"""A cancelled session has no running recognitions and no recordings, without another delivery of the upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.services.kit.recorder import Call, Fault
from local.stack.environment import AUDIO_BUCKET
from local.stack.stack import Stack
from shared.gateways import speech
from shared.records.problems import Conflict
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.workflows import stored_proofs
from shared.workflows.reports import requesting
from shared.workflows.visits import recognition, sessions
from tests.journeys.sweep.stalled_jobs import tasks_lost, transcription_of
from tests.support import crashes as support
from tests.support.call_counts import calls_during, commit, reads
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tests.support.proofs import sign
from tests.support.results import SPOKEN, await_result, cancel, write_result

FOLLOWER = "on_transcription_completed"
CANCELLED = ("failed", "session_cancelled")


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


def audio_of(clinic: TestClinic, session_id: str) -> Any:
    """The object of the session's first recording."""
    name = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1"
    return support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name)


def cancellations(clinic: TestClinic, mark: int) -> list[Call]:
    return [call for call in clinic.stack.recorder.calls(mark) if call.method == "CancelOperation"]


def test_operation_is_cancelled_and_audio_is_deleted(clinic: TestClinic) -> None:
    mark = clinic.stack.recorder.mark()
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        assert audio_of(clinic, session_id).exists()
        operation = support.documents(clinic.id)[f"transcriptions/{session_id}-t1"]["operation_name"]
        cancel(clinic, session_id)
        clinic.stack.wait_idle(support.PATIENCE)

    cancelled = cancellations(clinic, mark)
    assert {(call.service, call.caller, call.resource) for call in cancelled} == {("speech", FOLLOWER, operation)}
    assert not audio_of(clinic, session_id).exists()
    body = transcription_of(clinic, session_id)
    assert (body["status"], body["error_code"]) == CANCELLED


@pytest.mark.parametrize(
    ("service", "method"), [("speech", "CancelOperation"), ("storage", "objects.delete"), ("firestore", "Commit")]
)
@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_crash_or_lost_response_of_the_follower_leaves_no_audio(
    clinic: TestClinic, service: str, method: str, outcome: str
) -> None:
    mark = clinic.stack.recorder.mark()
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        fault = clinic.stack.recorder.plant(Fault(service, method, FOLLOWER, outcome))
        cancel(clinic, session_id)
        assert fault.fired.wait(support.PATIENCE)
        clinic.stack.wait_idle(support.PATIENCE)

    assert cancellations(clinic, mark)
    assert not audio_of(clinic, session_id).exists()


def test_repeated_deliveries_do_no_harm(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        cancel(clinic, session_id)
        clinic.stack.wait_idle(support.PATIENCE)
        before = transcription_of(clinic, session_id)
        for _ in range(2):
            requesting.request_first(system_clinic(clinic.id, "again"), f"{session_id}-t1")

    assert transcription_of(clinic, session_id) == before


def test_completed_transcription_keeps_its_text_and_loses_its_recording(clinic: TestClinic) -> None:
    with support.polling_paused(clinic.stack), tasks_lost(clinic.stack, "reports"):
        session_id = await_result(clinic)
        write_result(clinic, session_id, SPOKEN)
        assert audio_of(clinic, session_id).exists()
        mark = clinic.stack.recorder.mark()
        cancel(clinic, session_id)
        clinic.stack.wait_idle(support.PATIENCE)

    assert not audio_of(clinic, session_id).exists()
    body = transcription_of(clinic, session_id)
    assert (body["status"], body["transcript_text"]) == ("completed", "I sleep only five hours.")
    assert cancellations(clinic, mark) == []


def test_operation_that_starts_during_the_cancellation_is_cancelled(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with support.polling_paused(clinic.stack):
        session_id = await_result(clinic)
        alter(clinic, f"transcriptions/{session_id}-t1", {"status": "pending", "operation_name": None})
        begin: Callable[..., str] = speech.begin
        begun: list[str] = []

        def interrupted(*uris: str, **settings: Any) -> str:
            cancel(clinic, session_id)
            begun.append(begin(*uris, **settings))
            return begun[0]

        monkeypatch.setattr(speech, "begin", interrupted)
        mark = clinic.stack.recorder.mark()
        recognition.poll_operation(system_clinic(clinic.id, "poll"), f"{session_id}-t1", 1, None)
        clinic.stack.wait_idle(support.PATIENCE)

    assert begun[0] in [call.resource for call in cancellations(clinic, mark)]
    assert transcription_of(clinic, session_id)["error_code"] == "session_cancelled"
    assert not audio_of(clinic, session_id).exists()


# A signed report


@pytest.mark.parametrize("recordings", [0, 1])
@pytest.mark.parametrize(
    "flipped", [{}, {"status": "completed", "signed_at": None}, {"live": False}], ids=["as signed", "status", "deleted"]
)
def test_session_with_a_proof_is_not_cancelled(clinic: TestClinic, recordings: int, flipped: dict[str, Any]) -> None:
    session_id = str(clinic.session().body["id"])
    sign(clinic, plant_report(clinic, session_id))
    alter(clinic, f"sessions/{session_id}", {"uploads": recordings, "status": "in_progress"})
    if flipped:
        alter(clinic, f"reports/{session_id}-r1", flipped)

    path = f"/sessions/{session_id}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).refused(409, "conflict")

    assert clinic.doctor.get(path).body["status"] == "in_progress"


def test_report_that_is_signed_during_the_cancellation_stays_signed(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = str(clinic.session().body["id"])
    report_id = plant_report(clinic, session_id)
    stored_proof, looks = stored_proofs.stored_proof, list[object]()

    def signed_after_the_look(*arguments: Any) -> object:
        looks.append(stored_proof(*arguments))
        if len(looks) == 1:
            sign(clinic, report_id)
            alter(clinic, f"sessions/{session_id}", {"status": "in_progress", "revision": 1})
        return looks[-1]

    monkeypatch.setattr(stored_proofs, "stored_proof", signed_after_the_look)
    with pytest.raises(Conflict):
        sessions.cancel(Clinic(RequestContext(clinic.id, SYSTEM_CALLER, Origin(""), if_match=1)), session_id)

    assert [look is None for look in looks] == [True, False]
    assert clinic.doctor.get(f"/reports/{report_id}").ok().body["status"] == "signed"
    assert clinic.doctor.get(f"/sessions/{session_id}").body["status"] == "in_progress"


def test_call_counts(clinic: TestClinic) -> None:
    session = clinic.session()
    path = f"/sessions/{session.body['id']}"

    ending = calls_during(clinic, "sessions", lambda: clinic.doctor.delete(path, etag=session.etag).ok())

    # The session links to report and transcription, names the proof of its report, and leaves a version.
    assert ending == [reads(5), reads(1), commit(4)]
