"""One local stack a test process, and a clinic of its own for each test."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.seed import SETTINGS
from local.stack import Stack
from shared.records.types import Role, new_id
from tests.client import ApiClient, Reply, upload
from tests.queries import collected

if TYPE_CHECKING:
    from tests.integration.telling import Told

PROFILE = {
    "first_name": "Meera",
    "last_name": "Iyer",
    "license_number": "KMC 45821",
    "specialization": "MD (Psychiatry)",
}
PATIENT = {
    "first_name": "Zoë",
    "last_name": "Fernandes",
    "date_of_birth": "1984-02-29",
    "primary_phone": "+919845012345",
}
NAMESAKE = {**PATIENT, "allow_duplicate": True}
"""Another one, who seems to be the same."""


@dataclass(frozen=True)
class TestClinic:
    """A clinic and its people."""

    __test__ = False

    id: str
    stack: Stack
    doctor: ApiClient
    other_doctor: ApiClient
    receptionist: ApiClient
    admin: ApiClient

    def patient(self) -> Reply:
        """A new patient of the doctor."""
        return self.doctor.post("/patients", NAMESAKE).ok(201)

    def session(self, **values: object) -> Reply:
        """A session just started, with a new patient, doctor left and patient right."""
        channels = {"channels": ["practitioner", "patient"]}
        new = {"patient_id": self.patient().body["id"], "type": "followup", "recording_settings": channels, **values}
        return self.doctor.post("/sessions", new).ok(201)

    def record(self, session_id: str, audio: bytes, content_type: str = "audio/flac") -> None:
        """Upload a recording of a session."""
        wanted = {"content_type": content_type, "size_bytes": len(audio)}
        opened = self.doctor.post(f"/sessions/{session_id}/recordings", wanted).ok(201)
        assert upload(opened.body["upload_url"], audio, content_type) == 200

    def report(self, session_id: str, timeout: float = 90) -> Reply:
        """The session's report, once it is completed or failed."""
        return self.until(
            lambda: self.doctor.get(f"/reports/{session_id}-r1"),
            lambda reply: reply.status == 200 and reply.body["status"] in ("completed", "failed", "signed"),
            timeout,
        )

    def until(self, ask: Callable[[], Reply], done: Callable[[Reply], bool], timeout: float = 30) -> Reply:
        """Ask until it is done."""
        deadline = time.monotonic() + timeout
        while not done(reply := ask()):
            assert time.monotonic() < deadline, f"still {reply.status}: {reply.content[:300]!r}"
            time.sleep(0.1)
        return reply


@pytest.fixture(scope="session")
def stack(
    certificate_folder: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Stack]:
    """The running stack. The test process itself acts as the platform's operator."""
    state = tmp_path_factory.mktemp("state")
    shutil.copytree(certificate_folder, state / "tls")
    with Stack(state, build=tmp_path_factory.mktemp("build")) as stack, pytest.MonkeyPatch.context() as environment:
        for name, value in stack.client_environment().items():
            if name not in ("PATH", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):
                environment.setenv(name, value)
        yield stack
        collected(pytestconfig).note(stack.taps.queries())


@pytest.fixture
def clinic(stack: Stack) -> TestClinic:
    """A new clinic with two doctors, a receptionist and an admin; the first doctor has a profile."""
    made = open_clinic(stack)
    made.doctor.put("/profile", PROFILE).ok()
    return made


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> TestClinic:
    """A clinic for all tests of a file, whose requests are refused or leave its people as they are."""
    from tests.integration.backstage import quiet_clinic

    return quiet_clinic(stack)


@pytest.fixture(scope="module")
def elsewhere(stack: Stack) -> TestClinic:
    """A clinic of strangers, for all tests of a file."""
    return open_clinic(stack)


@pytest.fixture
def other_clinic(stack: Stack) -> TestClinic:
    """Another clinic, of strangers."""
    return open_clinic(stack)


@pytest.fixture(scope="session")
def told_twice(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Told]:
    """The main story, and at once, while all keys are warm, once more; look at them, do not change them."""
    from local.samples import load
    from local.speech.audio import SAMPLE_RATE, decode, encode
    from tests.integration.telling import tell

    sample = load("follow_up_visit")
    audio = sample.audio.read_bytes()
    beginning = tmp_path_factory.mktemp("audio") / "beginning.flac"
    encode(decode(audio)[:, : 28 * SAMPLE_RATE], beginning)
    clinic = open_clinic(stack)
    return tell(clinic, audio, sample.content_type), tell(clinic, beginning.read_bytes(), "audio/flac")


@pytest.fixture(scope="session")
def told(told_twice: tuple[Told, Told]) -> Told:
    """The main story with the recording that ships, in a clinic that no function knew before."""
    return told_twice[0]


@pytest.fixture(scope="session")
def retold(told_twice: tuple[Told, Told]) -> Told:
    """The story once more in the same clinic, with another patient and half a minute of the recording."""
    return told_twice[1]


def open_clinic(stack: Stack) -> TestClinic:
    from shared.workflows import clinics

    clinic_id = new_id(12)
    roles = {
        "doctor": [Role.DOCTOR],
        "other-doctor": [Role.DOCTOR],
        "receptionist": [Role.RECEPTIONIST],
        "admin": [Role.ADMIN],
    }
    staff = {f"{clinic_id}-{name}": (f"{name}@clinic.example", held) for name, held in roles.items()}
    clinics.open_clinic(clinic_id, SETTINGS, staff)
    clients = [ApiClient(stack.url, user_id, clinic_id) for user_id in staff]
    return TestClinic(clinic_id, stack, *clients)
