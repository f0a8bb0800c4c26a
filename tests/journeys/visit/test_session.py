"""Profile, patient, session and recording of the journey."""

from __future__ import annotations

from typing import Any

from local.samples import load
from tests.support.journey import COMPLAINT, NOTES, PATIENT, PROFILE, Journey


def test_request_without_a_token_is_refused(journey: Journey) -> None:
    path = f"/patients/{journey.body('register patient')['id']}"

    journey.clinic.doctor.get(path, Authorization="").refused(401, "unauthenticated")


def test_profile_and_patient_are_read_as_they_were_written(journey: Journey) -> None:
    profile, patient = journey.body("read profile"), journey.body("read patient")

    assert {name: profile[name] for name in PROFILE} == PROFILE
    assert PATIENT.items() <= {**patient, "address": _without_nulls(patient["address"])}.items()
    assert journey.body("read patient by number") == patient


def test_session_is_paused_and_resumed(journey: Journey) -> None:
    started, paused, resumed = (journey.body(f"{verb} session") for verb in ("start", "pause", "resume"))

    assert [body["status"] for body in (started, paused, resumed)] == ["in_progress", "paused", "in_progress"]
    assert started["started_at"] <= paused["paused_at"] <= resumed["resumed_at"]
    assert [body["revision"] for body in (started, paused, resumed)] == [1, 2, 3]
    alone = {"recording_allowed": True, "missing_consents": []}  # only of a session that is read
    assert journey.body("read session") == {**resumed, **alone}
    assert (resumed["chief_complaint"], resumed["session_notes"]) == (COMPLAINT, NOTES)


def test_interrupted_upload_continues_where_it_stopped(journey: Journey) -> None:
    sent, queried, rest = journey.chunks

    assert [sent.status, queried.status, rest.status] == [308, 308, 200]
    assert 0 < sent.kept == queried.kept < load("follow_up_visit").audio.stat().st_size


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """The object without its null fields."""
    return {name: part for name, part in value.items() if part is not None}
