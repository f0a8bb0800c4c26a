"""Whether a session may be recorded, and how much of it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.reports.report import ReportStatus
from shared.records.visits.recording import MOST_UPLOADED_BYTES, MOST_UPLOADS
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.database import alter, plant_report
from tests.support.visits import new_session, read


def open_upload(clinic: TestClinic, session_id: str, size: int = 1_000) -> Reply:
    return clinic.doctor.post(f"/sessions/{session_id}/recordings", {"content_type": "audio/wav", "size_bytes": size})


def test_a_session_names_the_consents_that_a_recording_lacks(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body["id"]
    started = clinic.start({"patient_id": patient}).ok(201).body
    refused = open_upload(clinic, started["id"]).refused(403, "consent-missing").body

    consent_to(clinic.doctor, patient)
    asked = read(clinic, started["id"]).body

    assert started["recording_allowed"] is False
    assert started["missing_consents"] == refused["missing_consents"] == [{"purpose": "recording", "reason": "missing"}]
    assert (asked["recording_allowed"], asked["missing_consents"]) == (True, [])
    open_upload(clinic, started["id"]).ok(201)


def test_neither_a_cancelled_session_nor_one_with_a_signed_report_is_recorded(clinic: TestClinic) -> None:
    cancelled, signed = new_session(clinic), new_session(clinic)
    clinic.doctor.delete(f"/sessions/{cancelled}", etag=read(clinic, cancelled).etag).ok()
    plant_report(clinic, signed, ReportStatus.SIGNED)

    for session_id in (cancelled, signed):
        body = read(clinic, session_id).body
        assert (body["recording_allowed"], body["missing_consents"]) == (False, [])


def test_a_list_does_not_say_it(clinic: TestClinic) -> None:
    patient = clinic.session().body["patient_id"]

    [listed] = clinic.doctor.get(f"/patients/{patient}/sessions").ok().body["items"]

    assert listed["recording_allowed"] is None


@pytest.mark.parametrize(
    "full", [{"uploads": MOST_UPLOADS}, {"announced_bytes": MOST_UPLOADED_BYTES - 999}], ids=["number", "bytes"]
)
def test_the_uploads_of_a_session_are_bounded_in_all(clinic: TestClinic, full: dict[str, Any]) -> None:
    session_id = new_session(clinic)
    alter(clinic, f"sessions/{session_id}", full)

    refused = open_upload(clinic, session_id).refused(409, "conflict").body

    assert refused["code"] == "too_many_recordings"


def test_the_last_upload_that_fits_is_opened(clinic: TestClinic) -> None:
    session_id = new_session(clinic)
    alter(clinic, f"sessions/{session_id}", {"announced_bytes": MOST_UPLOADED_BYTES - 2_000})

    open_upload(clinic, session_id).ok(201)
    open_upload(clinic, session_id).ok(201)
    open_upload(clinic, session_id, 1).refused(409, "conflict")


def test_call_counts(clinic: TestClinic) -> None:
    session_id = new_session(clinic)

    # The consents and the settings are read with the session.
    assert calls_when_repeated(clinic, "sessions", lambda: read(clinic, session_id)) == [reads(7), commit(2)]
