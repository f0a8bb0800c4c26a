"""A transcription whose poll was lost is polled by the next sweep, or fails after a day."""

from __future__ import annotations

from shared.records.visits.transcription import Transcription
from tests.journeys.sweep.stalled_jobs import (
    MINUTE,
    age,
    lost_transcription,
    retire,
    sweep,
    tasks_lost,
    transcription_of,
)
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import alter


def test_transcription_whose_poll_was_lost_is_completed(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    waiting = transcription_of(clinic, session_id)
    age(clinic, f"transcriptions/{session_id}-t1", Transcription.policy.stalled_after + MINUTE)

    assert sweep(clinic.stack) == 204
    support.converge(clinic.stack)

    failed = transcription_of(clinic, session_id)
    assert waiting["status"] == "processing"
    assert (failed["status"], failed["error_code"]) == ("failed", "audio_not_readable")
    assert failed["attempt"] == 1


def test_transcription_that_never_started_is_started(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    path = f"transcriptions/{session_id}-t1"
    alter(clinic, path, {"status": "pending", "operation_name": None})
    age(clinic, path, Transcription.policy.stalled_after + MINUTE)

    sweep(clinic.stack)
    support.converge(clinic.stack)

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "audio_not_readable")
    assert failed["attempt"] == 2, "the engine was called again"


def test_poll_of_the_sweep_without_effect_is_not_followed_by_another(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"transcriptions/{session_id}-t1"
    with tasks_lost(clinic.stack, "transcriptions"):
        clinic.record(session_id, support.short_recording(), support.OGG)
    # The operation of the engine is done, but its result is lost.
    alter(clinic, path, {"status": "processing"})
    age(clinic, path, Transcription.policy.stalled_after + MINUTE)
    mark = clinic.stack.recorder.mark()

    sweep(clinic.stack)
    clinic.stack.wait_idle(support.PATIENCE)

    pending = clinic.stack.task_queues.pending()
    waiting = transcription_of(clinic, session_id)
    retire(clinic, path)
    assert "speech.GetOperation" in support.calls_of(clinic.stack, "check_transcription", mark)
    assert (waiting["status"], pending) == ("processing", [])


def test_transcription_fails_after_a_day(clinic: TestClinic) -> None:
    session_id = lost_transcription(clinic)
    age(clinic, f"transcriptions/{session_id}-t1", Transcription.policy.deadline + MINUTE)

    assert sweep(clinic.stack) == 204

    failed = transcription_of(clinic, session_id)
    assert (failed["status"], failed["error_code"]) == ("failed", "deadline_exceeded")
    assert support.documents(clinic.id)[f"progress/{session_id}"]["transcription"] == "failed"
    assert clinic.stack.task_queues.pending() == []
