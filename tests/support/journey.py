"""The main journey through the API, with the requests of a mobile client and a front desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import urllib3

from local.demo.consent import CONSENT
from local.services.kit.recorder import Call
from tests.support.client import Reply
from tests.support.clinics import TestClinic, confirm_identity
from tests.support.resolutions import decisions

PROFILE = {
    "first_name": "Meerabai",
    "last_name": "Vaidyanathan",
    "email": "meerabai.vaidyanathan@banyan.example",
    "phone": "+918041987650",
    "licence_number": "KMC 45821",
    "specialization": "MD (Psychiatry)",
}
DOCTOR_NAME = f"{PROFILE['first_name']} {PROFILE['last_name']}"
PATIENT = {
    "first_name": "Zubeïda",
    "last_name": "Okonkwo",
    "date_of_birth": "1951-03-17",
    "gender": "female",
    "primary_phone": "+919845098761",
    "secondary_phone": "+918067123498",
    "email": "zubeida.okonkwo@patients.example",
    "address": {"lines": ["47 Kensington Orchard Lane"], "city": "Madikeri", "postal_code": "571201", "country": "IN"},
    "emergency_contact": {"name": "Thaddeus Okonkwo", "phone": "+917795012349", "relationship": "brother"},
    "allergies": ["sulfonamide antibiotics"],
    "notes": "Prefers afternoon visits by the garden entrance.",
}
AGAIN = {**PATIENT, "allow_duplicate": True}
"""The journey is run twice in one clinic, so that the patient exists already."""
COMPLAINT = "Persistent sadness since the monsoon."
NOTES = "Arrived early, accompanied by a cousin."
CORRECTED = "Sleeps about five hours with melatonin, by her own account."
CONFIRMED = "She has taken it since Diwali."
REASON = "The number was checked with the patient."
PARTIAL, TOO_MUCH = 50_000, 90_000
"""Payments in paise; a follow-up costs 120 000."""

OPERATIONS = {
    "write profile": "profile.put",
    "read profile": "profile.get",
    "register patient": "patients.register",
    "give consent": "patients.give_consent",
    "read patient": "patients.get",
    "read patient by number": "patients.get",
    "start session": "sessions.start",
    "pause session": "sessions.change_by_put",
    "resume session": "sessions.change_by_put",
    "read session": "sessions.get",
    "open upload": "sessions.open_upload",
    "read transcription of session": "sessions.transcription",
    "read transcription": "transcriptions.get",
    "read report": "reports.get",
    "export draft": "reports.pdf",
    "correct report": "reports.correct_by_put",
    "read doubts": "reports.list_doubts",
    "resolve doubts": "reports.resolve_doubts",
    "review report": "reports.review",
    "sign report": "reports.sign",
    "read signed report": "reports.get",
    "read signed copy": "reports.signed_copy",
    "export report": "reports.pdf",
    "complete session": "sessions.complete",
    "read bill": "bills.get",
    "pay part": "bills.pay",
    "pay too much": "bills.pay",
    "pay rest": "bills.pay",
    "export bill": "bills.pdf",
}
"""The operation of each request of the journey, by the name of the request."""

_GRAIN = 256 * 1024
"""An unfinished resumable upload keeps a multiple of this many bytes."""
_http = urllib3.PoolManager(retries=False, timeout=60)


@dataclass(frozen=True)
class Chunk:
    """The response of Cloud Storage to one part of an upload."""

    status: int
    kept: int
    """Bytes that Cloud Storage has received so far."""


@dataclass
class Journey:
    """Every reply of the journey, and the calls to Google Cloud of every request and job."""

    clinic: TestClinic
    replies: dict[str, Reply] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    """By the name of a request, or of a function that no request calls."""
    everything: list[Call] = field(default_factory=list)
    """All calls of all functions, in order."""
    chunks: list[Chunk] = field(default_factory=list)

    def body(self, name: str) -> Any:
        """The body of the reply to the request of this name."""
        return self.replies[name].body

    @property
    def session_id(self) -> str:
        return str(self.body("start session")["id"])

    def request(self, name: str, send: Callable[[], Reply], status: int = 200) -> Reply:
        """Send a request of `OPERATIONS`, and store its reply and its calls under `name`."""
        mark = self.clinic.stack.recorder.mark()
        self.replies[name] = send().ok(status)
        self._keep(name, OPERATIONS[name].partition(".")[0], mark)
        return self.replies[name]

    def trigger(self, action: Callable[[], object], *functions: str) -> None:
        """Run the action, wait until the system is idle, and store the calls of the functions that it triggers."""
        self.clinic.stack.wait_idle(60)
        mark = self.clinic.stack.recorder.mark()
        action()
        self.clinic.stack.wait_idle(180)
        for function in functions:
            self._keep(function, function, mark)

    def _keep(self, name: str, function: str, mark: int) -> None:
        self.calls[name] = [call for call in self.clinic.stack.recorder.calls(mark) if call.caller == function]


def run_journey(clinic: TestClinic, audio: bytes, content_type: str) -> Journey:
    """Run the journey from the doctor's profile to the paid bill."""
    journey, mark = Journey(clinic), clinic.stack.recorder.mark()
    _register(journey)
    _consult(journey)
    journey.trigger(lambda: _record(journey, audio, content_type), *PIPELINE)
    _read(journey)
    journey.trigger(lambda: _complete(journey), "on_session_completed")
    _sign(journey)
    _pay(journey)
    journey.everything = [call for call in clinic.stack.recorder.calls(mark) if call.caller]
    return journey


PIPELINE = ("on_audio_uploaded", "on_transcript_ready", "write_report")
"""The functions between the recording and the report."""


def upload_in_two_chunks(url: str, audio: bytes, content_type: str) -> list[Chunk]:
    """Upload as a client with a bad connection does: a part, a query of the received size, and the rest."""
    total = len(audio)
    half = max(_GRAIN, total // 2 // _GRAIN * _GRAIN)
    assert half < total, "too short for two chunks"
    sent = _put(url, audio[:half], f"bytes 0-{half - 1}/{total}", content_type)
    queried = _put(url, b"", f"bytes */{total}", content_type)
    rest = _put(url, audio[queried.kept :], f"bytes {queried.kept}-{total - 1}/{total}", content_type)
    return [sent, queried, rest]


def _put(url: str, part: bytes, content_range: str, content_type: str) -> Chunk:
    headers = {"Content-Range": content_range, "Content-Type": content_type}
    response = _http.request("PUT", url, body=part, headers=headers)
    return Chunk(response.status, _kept(response.headers.get("Range")))


def _kept(received: str | None) -> int:
    """The received size from `bytes=0-LAST`. The header is missing before the first part and after the last."""
    return int(received.partition("-")[2]) + 1 if received else 0


def _register(journey: Journey) -> None:
    doctor = journey.clinic.doctor
    existing = doctor.get("/profile")
    etag = existing.etag if existing.status == 200 else ""
    # In the second journey another one than before: a profile that changes nothing is not written.
    profile = {**PROFILE, "notifications": {"report_ready": not etag}}
    journey.request("write profile", lambda: doctor.put("/profile", profile, etag=etag))
    if not etag:
        confirm_identity(journey.clinic, doctor)
    journey.request("read profile", lambda: doctor.get("/profile"))
    patient = journey.request("register patient", lambda: doctor.post("/patients", AGAIN), 201).body
    consents = f"/patients/{patient['id']}/consents"
    journey.request("give consent", lambda: doctor.post(consents, CONSENT), 201)
    journey.request("read patient", lambda: doctor.get(f"/patients/{patient['id']}"))
    journey.request("read patient by number", lambda: doctor.get(f"/patients/{patient['number']}"))


def _consult(journey: Journey) -> None:
    doctor = journey.clinic.doctor
    new = {
        "patient_id": journey.body("register patient")["id"],
        "type": "followup",
        "chief_complaint": COMPLAINT,
        "recording_settings": {"channels": ["practitioner", "patient"]},
    }
    started = journey.request("start session", lambda: doctor.post("/sessions", new), 201)
    path = f"/sessions/{journey.session_id}"
    pause = {"status": "paused", "session_notes": NOTES}
    paused = journey.request("pause session", lambda: doctor.put(path, pause, etag=started.etag))
    resume = {"status": "in_progress"}
    journey.request("resume session", lambda: doctor.put(path, resume, etag=paused.etag))
    journey.request("read session", lambda: doctor.get(path))


def _record(journey: Journey, audio: bytes, content_type: str) -> None:
    request = {"content_type": content_type, "size_bytes": len(audio)}
    path = f"/sessions/{journey.session_id}/recordings"
    opened = journey.request("open upload", lambda: journey.clinic.doctor.post(path, request), 201)
    journey.chunks = upload_in_two_chunks(opened.body["upload_url"], audio, content_type)


def _read(journey: Journey) -> None:
    doctor = journey.clinic.doctor
    journey.clinic.report(journey.session_id, timeout=120)
    path = f"/sessions/{journey.session_id}/transcription"
    transcription = journey.request("read transcription of session", lambda: doctor.get(path)).body
    journey.request("read transcription", lambda: doctor.get(f"/transcriptions/{transcription['id']}"))
    journey.request("read report", lambda: doctor.get(f"/reports/{journey.session_id}-r1"))


def _sign(journey: Journey) -> None:
    doctor, path = journey.clinic.doctor, f"/reports/{journey.session_id}-r1"
    draft = journey.replies["read report"]
    journey.request("export draft", lambda: doctor.get(f"{path}/pdf"))
    edit = {"statement_id": draft.body["statements"][0]["id"], "text": CORRECTED, "reason": REASON}
    correction = {"edits": [edit]}
    corrected = journey.request("correct report", lambda: doctor.put(path, correction, etag=draft.etag))
    found = journey.request("read doubts", lambda: doctor.get(f"{path}/doubts")).body["findings"]
    resolved = {"resolutions": decisions((one for one in found if one["must_be_resolved"]), CONFIRMED)}
    settled = journey.request(
        "resolve doubts", lambda: doctor.post(f"{path}/doubts", resolved, key="", etag=corrected.etag)
    )
    reviewed = journey.request("review report", lambda: doctor.post(f"{path}/review", key="", etag=settled.etag))
    doctor.sign_in()
    send = partial(doctor.post, f"{path}/sign", {}, key="", etag=reviewed.etag)
    journey.trigger(lambda: journey.request("sign report", send), "export_report")
    journey.request("read signed report", lambda: doctor.get(path))
    journey.request("read signed copy", lambda: doctor.get(f"{path}/signed"))
    journey.request("export report", lambda: doctor.get(f"{path}/pdf"))


def _complete(journey: Journey) -> None:
    doctor, path = journey.clinic.doctor, f"/sessions/{journey.session_id}"
    etag = doctor.get(path).ok().etag
    journey.request("complete session", lambda: doctor.post(f"{path}/complete", key="", etag=etag))


def _pay(journey: Journey) -> None:
    desk, path = journey.clinic.receptionist, f"/bills/{journey.session_id}-bill"
    bill = journey.request("read bill", lambda: desk.get(path))
    reference = f"UPI 4471 Kensington {journey.session_id}"  # a reference is booked once in a clinic
    partial = {"amount": PARTIAL, "method": "upi", "reference": reference}
    part = journey.request("pay part", lambda: desk.post(f"{path}/payment", partial, etag=bill.etag), 201)
    too_much = {"amount": TOO_MUCH, "method": "cash"}
    journey.request("pay too much", lambda: desk.post(f"{path}/payment", too_much, etag=part.etag), 422)
    rest = {"amount": part.body["outstanding_amount"], "method": "cash"}
    journey.request("pay rest", lambda: desk.post(f"{path}/payment", rest, etag=part.etag), 201)
    journey.request("export bill", lambda: desk.get(f"{path}/pdf"))
