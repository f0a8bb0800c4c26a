"""A client that loses the responses to its requests repeats them without effect."""

from __future__ import annotations

import uuid

import pytest

from local.demo.people import PROFILE
from tests.journeys.crashes.helpers import (
    ENQUEUE,
    LossyClient,
    plant,
)
from tests.support import crashes as support
from tests.support.client import upload
from tests.support.clinics import PATIENT, TestClinic
from tests.support.crashes import OGG
from tests.support.database import end_session
from tests.support.resolutions import resolve_all

pytestmark = pytest.mark.long


def test_visit_with_lost_responses_is_registered_billed_and_paid_once(
    lossy_client: LossyClient, own_clinic: TestClinic
) -> None:
    patient = lossy_client.post("patients", "/patients", PATIENT, status=201).body
    session = lossy_client.post(
        "sessions", "/sessions", {"patient_id": patient["id"], "type": "followup"}, status=201
    ).body
    path = f"/sessions/{session['id']}"
    paused = lossy_client.change("sessions", "PUT", path, {"status": "paused"}).body
    resumed = lossy_client.change("sessions", "PUT", path, {"status": "in_progress"})
    completed = lossy_client.post("sessions", f"{path}/complete", etag=resumed.etag).body
    support.converge(own_clinic.stack)
    bill = own_clinic.doctor.get(f"/bills/{session['id']}-bill").ok()
    payment = {"amount": 50_000, "method": "cash"}
    paid = lossy_client.post("bills", f"/bills/{bill.body['id']}/payment", payment, etag=bill.etag, status=201).body

    assert [paused["status"], resumed.body["status"], completed["status"]] == ["paused", "in_progress", "completed"]
    assert (len(paid["payment_history"]), paid["outstanding_amount"]) == (1, bill.body["outstanding_amount"] - 50_000)
    assert support.ending(own_clinic, session["id"]).bill["status"] == "partially_paid"
    assert own_clinic.patient().body["number"].endswith("0002")


def test_report_with_lost_responses_is_corrected_and_signed_once(
    lossy_client: LossyClient, own_clinic: TestClinic, audio: bytes
) -> None:
    session_id = str(own_clinic.session().body["id"])
    wanted = {"content_type": OGG, "size_bytes": len(audio)}
    opened = lossy_client.post("sessions", f"/sessions/{session_id}/recordings", wanted, status=201).body
    assert upload(opened["upload_url"], audio, OGG) == 200
    support.converge(own_clinic.stack)
    path = f"/reports/{session_id}-r1"
    statement = own_clinic.doctor.get(path).ok().body["statements"][0]
    edit = {"statement_id": statement["id"], "text": "Takes ibuprofen.", "reason": "mistranscription_body"}
    lossy_client.change("reports", "PUT", path, {"edits": [edit]})
    settled = resolve_all(own_clinic.doctor, f"{session_id}-r1")
    reviewed = lossy_client.post("reports", f"{path}/review", etag=settled.etag)
    end_session(own_clinic, session_id)
    signed = lossy_client.post("reports", f"{path}/sign", {}, etag=reviewed.etag)

    kept = own_clinic.doctor.get(path).ok()
    assert kept.content == signed.content
    assert (kept.body["status"], kept.body["version"], len(kept.body["corrections"])) == ("signed", 2, 1)
    support.converge(own_clinic.stack)  # the signed PDF is made
    assert support.ending(own_clinic, session_id).session["recordings"] == ["SESSION-a1"]


def test_retry_with_lost_response_is_counted_once(lossy_client: LossyClient, own_clinic: TestClinic) -> None:
    session_id = str(own_clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    own_clinic.record(session_id, support.NOT_AUDIO)
    support.converge(own_clinic.stack)

    asked = lossy_client.post(
        "transcriptions", f"{path}/regenerate", etag=own_clinic.doctor.get(path).etag, status=202
    ).body
    support.converge(own_clinic.stack)

    assert asked["retry_count"] == 1
    assert support.ending(own_clinic, session_id).transcription["retry_count"] == 1


def test_change_with_lost_response_is_done_once_and_then_stale(
    lossy_client: LossyClient, own_clinic: TestClinic
) -> None:
    session_id = str(own_clinic.session().body["id"])
    revision = own_clinic.doctor.get("/profile").ok().body["revision"]

    renamed = lossy_client.change("profile", "PUT", "/profile", PROFILE | {"first_name": "Mira"}).body
    cancelled = lossy_client.change("sessions", "DELETE", f"/sessions/{session_id}").body

    support.converge(own_clinic.stack)
    assert (renamed["first_name"], renamed["revision"]) == ("Mira", revision + 1)
    assert cancelled["status"] == "cancelled"
    assert support.ending(own_clinic, session_id).bill == 404


@pytest.mark.parametrize(
    ("function", "call", "path", "status"),
    [
        ("sessions", "storage.resumable.start", "/sessions/{session}/recordings", 201),
        ("transcriptions", ENQUEUE, "/transcriptions/{session}-t1/regenerate", 202),
    ],
)
def test_repetition_completes_a_request_that_crashed_before_its_commit(
    own_clinic: TestClinic, function: str, call: str, path: str, status: int
) -> None:
    session_id = str(own_clinic.session().body["id"])
    own_clinic.record(session_id, support.NOT_AUDIO)
    support.converge(own_clinic.stack)
    path, key = path.format(session=session_id), uuid.uuid4().hex
    wanted = {"content_type": OGG, "size_bytes": 1000} if status == 201 else None
    etag = own_clinic.doctor.get(f"/transcriptions/{session_id}-t1").etag

    crash = plant(own_clinic.stack, function, call, "kill")
    lost = own_clinic.doctor.post(path, wanted, etag=etag, key=key)
    done = own_clinic.doctor.post(path, wanted, etag=etag, key=key)

    support.converge(own_clinic.stack)
    assert crash.fired.wait(5)
    assert (lost.status, done.status) == (502, status)
    ending = support.ending(own_clinic, session_id)
    assert len(ending.session["recordings"]) + ending.transcription["retry_count"] == 2
