"""Clinics for tests: a clinic with its staff, each with a client of the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.demo.consent import CONSENT
from local.demo.people import PROFILE
from local.demo.seed import SETTINGS
from local.services.auth.client import create_account
from local.stack.stack import Stack
from shared.records.clinic.identity import IdentityConfirmation
from shared.records.clinic.people import User
from shared.records.types import Role, new_id
from shared.store import codec
from shared.vault import keyring
from shared.workflows.clinic import opening
from tests.support.client import ApiClient, Reply, upload
from tools import google_firestore

PATIENT = {
    "first_name": "Zoë",
    "last_name": "Fernandes",
    "date_of_birth": "1984-02-29",
    "primary_phone": "+919845012345",
}
NAMESAKE = {**PATIENT, "allow_duplicate": True}
"""Another patient with the same name, date of birth and phone."""


@dataclass(frozen=True)
class TestClinic:
    """A clinic and its staff."""

    __test__ = False

    id: str
    stack: Stack
    doctor: ApiClient
    other_doctor: ApiClient
    receptionist: ApiClient
    admin: ApiClient

    def patient(self) -> Reply:
        """A new patient of the doctor, who consents to recordings."""
        patient = self.silent_patient()
        consent_to(self.doctor, patient.body["id"])
        return patient

    def silent_patient(self) -> Reply:
        """A new patient of the doctor, who was not asked for a consent."""
        return self.doctor.post("/patients", NAMESAKE).ok(201)

    def session(self, **values: object) -> Reply:
        """A new session in progress, of a new patient; the doctor on the left channel, the patient on the right."""
        channels = {"channels": ["practitioner", "patient"]}
        new = {"patient_id": self.patient().body["id"], "type": "followup", "recording_settings": channels, **values}
        return self.start(new).ok(201)

    def start(self, new: Mapping[str, object], doctor: ApiClient | None = None) -> Reply:
        """A session that starts whatever else runs: one doctor serves all tests of a file."""
        doctor = doctor or self.doctor
        self.forget_running(doctor.user_id, str(new["patient_id"]))
        return doctor.post("/sessions", new)

    def forget_running(self, *ids: str) -> None:
        """Let the sessions that run exclude no other session of these doctors and patients, by default of all."""
        forget_running(self.id, *ids)

    def record(self, session_id: str, audio: bytes, content_type: str = "audio/flac") -> None:
        """Upload a recording of a session."""
        request = {"content_type": content_type, "size_bytes": len(audio)}
        opened = self.doctor.post(f"/sessions/{session_id}/recordings", request).ok(201)
        assert upload(opened.body["upload_url"], audio, content_type) == 200

    def report(self, session_id: str, timeout: float = 90) -> Reply:
        """The session's report, as soon as it is completed, failed or signed."""
        return self.until(
            lambda: self.doctor.get(f"/reports/{session_id}-r1"),
            lambda reply: reply.status == 200 and reply.body["status"] in ("completed", "failed", "signed"),
            timeout,
        )

    def until(self, send: Callable[[], Reply], done: Callable[[Reply], bool], timeout: float = 30) -> Reply:
        """Poll until `done`; returns the last reply. Raises AssertionError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not done(reply := send()):
            assert time.monotonic() < deadline, f"still {reply.status}: {reply.content[:300]!r}"
            time.sleep(0.1)
        return reply


def forget_running(clinic_id: str, *ids: str) -> None:
    """As `TestClinic.forget_running`, in any clinic."""
    client = google_firestore.client()
    running, batch = client.collection("clinics", clinic_id, "running_sessions"), client.batch()
    for one in ids or [snapshot.id for snapshot in running.stream()]:
        batch.delete(running.document(one))
    if len(batch):
        batch.commit()


def consent_to(client: ApiClient, patient_id: str, **values: object) -> Reply:
    """Record a consent of the patient, by default to recording and AI processing in all visits."""
    return client.post(f"/patients/{patient_id}/consents", {**CONSENT, **values}).ok(201)


def clinic_with_profile(stack: Stack) -> TestClinic:
    """A new clinic whose first doctor has written a profile, which the admin has confirmed."""
    clinic = open_clinic(stack)
    clinic.doctor.put("/profile", PROFILE).ok()
    plant_confirmation(clinic, clinic.doctor)
    return clinic


def plant_confirmation(clinic: TestClinic, user: ApiClient) -> None:
    """Confirm the identity of `PROFILE` in the database: no change, no audit entry, and the user's revision stays."""
    root = google_firestore.client().document("clinics", clinic.id)
    keys, document = (root.collection(name).document(id) for name, id in (("keys", "clinic"), ("users", user.user_id)))
    aead = keyring.unlock(clinic.id, keys.get().to_dict() or {}).aead
    record = codec.decode(User, document.get().to_dict() or {}, aead, clinic.id, "clinic")
    names = {
        "full_name": f"{PROFILE['first_name']} {PROFILE['last_name']}",
        "licence_number": PROFILE["licence_number"],
    }
    by_admin = {"confirmed_by": clinic.admin.user_id, "confirmed_at": record.created_at}
    confirmed = record.model_copy(update={"identity_confirmation": IdentityConfirmation(**names, **by_admin)})
    document.set(codec.encode(confirmed, aead, clinic.id, "clinic"))


def confirm_identity(clinic: TestClinic, user: ApiClient) -> Reply:
    """The clinic's admin confirms the name and licence number of a user's profile."""
    path = f"/users/{user.user_id}"
    seen = clinic.admin.get(f"{path}/identity").ok()
    identity = {name: seen.body[name] for name in ("full_name", "licence_number")}
    return clinic.admin.post(f"{path}/confirm-identity", identity, key="", etag=seen.etag).ok()


def open_clinic(stack: Stack) -> TestClinic:
    """A new clinic with two doctors, a receptionist and an admin."""
    clinic_id = new_id(12)
    roles = {
        "doctor": [Role.DOCTOR],
        "other-doctor": [Role.DOCTOR],
        "receptionist": [Role.RECEPTIONIST],
        "admin": [Role.ADMIN],
    }
    staff = {f"{clinic_id}-{name}": (f"{name}@clinic.example", held) for name, held in roles.items()}
    for user_id in staff:
        create_account(stack.url, user_id, clinic_id)
    opening.open_clinic(clinic_id, SETTINGS, staff)
    clients = [ApiClient(stack.url, user_id, clinic_id) for user_id in staff]
    return TestClinic(clinic_id, stack, *clients)
