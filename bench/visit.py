"""A clinic with one visit on a local stack: a request for each function, and the calls to Google that it makes."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from google.cloud import kms_v1
from google.cloud.firestore_v1.types import BatchGetDocumentsResponse
from rich.console import Console
from tink.proto import tink_pb2

from infra.catalogue import ROOT
from local import samples
from local.demo import seed
from local.demo.client import App
from local.demo.show import Stages
from local.demo.visit import People, Visit
from local.services.firestore.backend import Backend
from local.services.firestore.proxy import FirestoreProxy
from local.services.kit.recorder import Call, Recorder
from local.services.razorpay import events
from local.services.razorpay.accounts import KEY_SECRET
from local.stack.environment import DATA_KEY
from local.stack.stack import Stack
from shared.store import clinic_keys
from shared.vault.cipher import bind

T = TypeVar("T")
_SAMPLE = "short_visit"
BareCall = dict[str, Any]
"""A call to Google as `bare.py` makes it."""


_PROVIDER = {
    "key_id": "rzp_test_Benchmark00001",
    "key_secret": KEY_SECRET,
    "webhook_secret": "webhook-secret-of-the-benchmark",
}


@dataclass(frozen=True)
class Asked:
    """An HTTP request to a function, or an event delivery in HTTP form."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def by(self, authorization: tuple[str, str]) -> Asked:
        """The request with the header that names the caller."""
        return replace(self, headers=dict([*self.headers.items(), authorization]))

    def as_json(self) -> dict[str, Any]:
        """The format of `start.py`."""
        return {"method": self.method, "path": self.path, "headers": dict(self.headers), "body": _text(self.body)}


def play(stack: Stack, out: Path) -> dict[str, Asked]:
    """Play a visit from the recording to the bill. Returns the request to each function in the benchmark.

    HTTP functions read a document. Events, tasks and schedules are redelivered: the function finds the work done and
    writes an audit entry. `out` is the folder for the files of the story.
    """
    tokens = seed.seed(stack)
    token = tokens["doctor"]
    doctor, admin = App(stack.url, token), App(stack.url, tokens["admin"])
    doctor.post("/profile/devices", {"token": "a-registration-token", "platform": "android"})
    stages = Stages(Console(quiet=True))
    visit = Visit(People(doctor, doctor, admin), stages, out)
    sample = samples.load(_SAMPLE)
    registered = visit.register()
    visit.consent(registered)
    session = visit.begin(registered, sample.seconds)
    visit.record(session, sample)
    transcription = visit.wait_for_draft(session).transcription["id"]
    visit.complete(session)
    bill = visit.bill(session)
    export = doctor.post(f"/reports/{session}-r1/export", {"formats": ["pdf"]}).body["id"]
    stack.wait_idle(60)
    patient = doctor.get(f"/sessions/{session}").body["patient_id"]
    report = f"{session}-r1"
    planned = {
        "patient_id": patient,
        "doctor_id": "demo-doctor",
        "scheduled_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        "type": "followup",
        "outside_schedule": True,
    }
    appointment = doctor.post("/appointments", {**planned, "duration_minutes": 30}).body["id"]
    doctor.post(f"/bills/{bill.body['id']}/send", {"channel": "mail"}, etag=bill.etag)
    admin.put("/clinic/reminders", {"enabled": False})
    admin.put("/clinic/payment-provider", _PROVIDER)
    stack.wait_idle(60)
    message = doctor.get(f"/messages?patient_id={patient}").body["items"][0]["id"]
    return {
        "patients": _get(f"patients/{patient}", token),
        "sessions": _get(f"sessions/{session}", token),
        "live_audio": _get(f"sessions/{session}/audio", token),
        "transcriptions": _get(f"transcriptions/{transcription}", token),
        "reports": _get(f"reports/{report}", token),
        "bills": _get(f"bills/{session}-bill", token),
        "books": _get("books/receivables", token),
        "appointments": _get(f"appointments/{appointment}", token),
        "users": _get("users/doctors", token),
        "profile": _get("profile", token),
        "templates": _get("templates", token),
        "messages": _get(f"messages?patient_id={patient}", token),
        "clinic": _get("clinic/reminders", token),
        "links": Asked("GET", _link(stack, patient, report), {}),
        "payment_webhook": _event(f"/api/v1/payment-webhook/{seed.CLINIC}"),
        "api_docs": Asked("GET", "/api/v1/openapi.json", {}),
        **{
            name: asked.by(stack.authorization(name))
            for name, asked in _deliveries(stack, transcription, report, export, message)
        },
    }


def _event(path: str) -> Asked:
    """An event that is signed and changes nothing: a payment that failed."""
    event = events.failed(events.Payment(100))
    return Asked("POST", path, {"X-Razorpay-Signature": event.signature(_PROVIDER["webhook_secret"])}, event.body)


def _link(stack: Stack, patient: str, report: str) -> str:
    """The path of a new link to a report, issued by a process with the environment of the platform's operator."""
    command = [sys.executable, "-m", "bench.link", seed.CLINIC, patient, report]
    issued = subprocess.run(
        command, env=stack.client_environment(), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return issued.stdout.strip()


def _deliveries(
    stack: Stack, transcription: str, report: str, export: str, message: str
) -> Iterator[tuple[str, Asked]]:
    """The requests of tasks, schedules and events, by function; of several events of a function, the last."""
    yield "check_transcription", _task({"transcription_id": transcription, "attempt": 1, "poll": 1})
    yield "split_recording", _task({"transcription_id": transcription, "attempt": 1})
    yield "join_recording", _task({"session_id": report.removesuffix("-r1")})
    yield "write_report", _task({"report_id": report, "attempt": 1})
    yield "send_message", _task({"message_id": message})
    visit = {"appointment_id": "nothing-nothing", "visit_at": "2026-09-14T04:30:00Z", "notice": "booked"}
    yield "notify_patient", _task(visit)
    yield "schedule_reminders", Asked("POST", "/", {"X-CloudScheduler-JobName": "schedule-reminders"})
    yield "remind_unsigned", Asked("POST", "/", {"X-CloudScheduler-JobName": "remind-unsigned"})
    yield "export_report", _task({"export_id": export, "attempt": 1})
    yield "sweep_stalled", Asked("POST", "/", {"X-CloudScheduler-JobName": "sweep-stalled"})
    for past in stack.triggers.history:
        # Without the payload, which may say that nothing follows, the function looks at what is stored.
        is_of_document = past.event.headers["ce-subject"].startswith("documents/")
        yield past.function, Asked("POST", "/", past.event.headers, b"" if is_of_document else past.event.body)


def _get(path: str, token: str) -> Asked:
    return Asked("GET", f"/api/v1/{path}", {"Authorization": f"Bearer {token}"})


def _task(body: Mapping[str, object]) -> Asked:
    headers = {"Content-Type": "application/json", "X-CloudTasks-TaskName": "again"}
    return Asked("POST", "/", headers, json.dumps({"clinic_id": seed.CLINIC, **body}).encode())


class RecordingProxy(FirestoreProxy):
    """A Firestore proxy that records requests and responses."""

    def __init__(self, backend: Backend) -> None:
        self.calls: list[BareCall] = []
        self.documents: dict[str, Any] = {}
        """The fields of every document that was read, by path."""
        super().__init__("", backend, Recorder())

    def _answered(self, name: str, request: bytes, responses: list[bytes]) -> None:
        super()._answered(name, request, responses)
        self.calls.append({"service": "firestore", "method": name, "request": _text(request)})
        if name == "BatchGetDocuments":
            for response in responses:
                found = BatchGetDocumentsResponse.deserialize(response).found
                self.documents[found.name.partition("/documents/")[2]] = found.fields


def watched(stack: Stack, function: str, run: Callable[[Mapping[str, str]], T]) -> tuple[T, list[BareCall]]:
    """Call `run` with the environment of a function. Returns its result and the calls to Google that it made.

    Raises ValueError for a call that `bare.py` cannot make.
    """
    proxy = RecordingProxy(stack.firestore)
    try:
        mark = stack.recorder.mark()
        result = run({**stack.client_environment(function), "FIRESTORE_EMULATOR_HOST": proxy.address})
        # The look-up of the caller's account is not in the baseline: a bare function would not make it.
        others = [call for call in stack.recorder.calls(mark) if call.service != "auth"]
    finally:
        proxy.stop()
    return result, [*proxy.calls, *(_bare(call, proxy) for call in others)]


def _bare(call: Call, recorded: RecordingProxy) -> BareCall:
    method = (call.service, call.method)
    if method == ("kms", "Decrypt"):
        return {"service": "kms", "method": "Decrypt", "request": _text(_decryption(recorded))}
    if method == ("storage", "objects.get"):
        return {"service": "storage", "method": "objects.get", "object": call.resource.split("/", 1)}
    raise ValueError(f"bench/bare.py makes no call {call.service} {call.method}")


def _decryption(recorded: RecordingProxy) -> bytes:
    """The request that decrypts the clinic's keyset, which Tink stores in its own message format."""
    keyset = recorded.documents[f"clinics/{seed.CLINIC}/{clinic_keys.PATH}"]["clinic"].bytes_value
    message: Any = tink_pb2
    wrapped = message.EncryptedKeyset.FromString(keyset).encrypted_keyset
    bound = bind(seed.CLINIC, "clinic")
    request = kms_v1.DecryptRequest(name=DATA_KEY, ciphertext=wrapped, additional_authenticated_data=bound)
    return bytes(kms_v1.DecryptRequest.serialize(request))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
