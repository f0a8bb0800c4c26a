"""The ten operations, in a clinic with one visit and some forty patients."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import sealing
from bench.visit import Asked
from local import samples
from local.demo import seed
from local.demo.client import App
from local.demo.show import Stages
from local.demo.visit import People, Visit
from local.stack.stack import Stack

DOCTOR = "demo-doctor"
READ, WRITE, PAGE = 1.5, 1.8, 2.5
"""The bounds against the bare handler."""
PAGE_SIZE = 20
FIELDS = frozenset(
    {
        *("first_name", "last_name", "date_of_birth", "gender", "primary_phone", "secondary_phone", "email", "address"),
        *("occupation", "marital_status", "preferred_language", "emergency_contact", "insurance", "tags"),
        *("blood_group", "allergies", "medical_history", "current_medications", "notes"),
    }
)
"""The fields of a registration, which the app on SQLAlchemy has too."""
_SAMPLE = "short_visit"
_COMMON_NAME, _RARE_NAME = "Shah", "Quimby"
_CONSONANTS, _VOWELS = "bdgklmnprstvz", "aeiou"
_FIRST_DAY = date(1930, 1, 1)


@dataclass(frozen=True)
class Operation:
    """One of the operations that are measured."""

    name: str
    function: str
    bound: float
    """The largest acceptable ratio of its processor time to that of the bare handler."""
    ask: Callable[[], Asked]
    """The next request, without its caller."""
    is_restored: bool = False
    """True if a request is answered only while the documents are as they were before it."""


@dataclass(frozen=True)
class Prepared:
    """What the requests are about: ids, and the ETags of what is changed."""

    patient: str
    patient_etag: str
    session: str
    report_etag: str

    def operations(self) -> list[Operation]:
        """The ten operations."""
        report = f"/api/v1/reports/{self.session}-r1"
        reads = {
            "patient": ("patients", f"/api/v1/patients/{self.patient}"),
            "session": ("sessions", f"/api/v1/sessions/{self.session}"),
            "report": ("reports", report),
            "bill": ("bills", f"/api/v1/bills/{self.session}-bill"),
        }
        new, patches = registrations(), patches_of_patients()
        return [
            *(
                Operation(f"GET {name}", function, READ, lambda path=path: Asked("GET", path, {}))  # type: ignore[misc]
                for name, (function, path) in reads.items()
            ),
            Operation("POST patient", "patients", WRITE, lambda: post("/api/v1/patients", next(new))),
            Operation(
                "PATCH patient",
                "patients",
                WRITE,
                lambda: changed("PATCH", reads["patient"][1], self.patient_etag, next(patches)),
                is_restored=True,
            ),
            Operation(
                "sign report",
                "reports",
                WRITE,
                lambda: changed("POST", f"{report}/sign", self.report_etag, {}),
                is_restored=True,
            ),
            Operation("search, one match", "patients", PAGE, lambda: _search(_RARE_NAME)),
            Operation("search, page of 20", "patients", PAGE, lambda: _search(_COMMON_NAME)),
            Operation(
                "list, page of 20",
                "patients",
                PAGE,
                lambda: Asked("GET", f"/api/v1/patients?page_size={PAGE_SIZE}", {}),
            ),
        ]


def prepare(stack: Stack, out: Path) -> Prepared:
    """Play a visit until its report can be signed, and register patients."""
    tokens = seed.seed(stack)
    doctor, admin = App(stack.url, tokens["doctor"]), App(stack.url, tokens["admin"])
    visit = Visit(People(doctor, doctor, admin), Stages(Console(quiet=True)), out)
    sample = samples.load(_SAMPLE)
    of_visit = visit.register()
    visit.consent(of_visit)
    session = visit.begin(of_visit, sample.seconds)
    visit.record(session, sample)
    visit.wait_for_draft(session)
    visit.complete(session)
    visit.bill(session)
    report = _reviewed(doctor, f"/reports/{session}-r1")
    fields = registrations(seed=2)
    patient = doctor.post("/patients", next(fields))
    doctor.post("/patients", {**next(fields), "last_name": _RARE_NAME})
    for _ in range(PAGE_SIZE + 5):
        doctor.post("/patients", {**next(fields), "last_name": _COMMON_NAME})
    stack.wait_idle(60)
    return Prepared(patient.body["id"], patient.etag, session, report)


def _reviewed(doctor: App, path: str) -> str:
    """The ETag of the report after its review: its doubts are confirmed."""
    findings = doctor.get(f"{path}/doubts").body["findings"]
    unresolved = [one for one in findings if one["must_be_resolved"] and one["resolution"] is None]
    decided = [{"finding_id": one["id"], "how": "confirmed", "reason": "I heard it."} for one in unresolved]
    if decided:
        doctor.post(f"{path}/doubts", {"resolutions": decided}, etag=doctor.get(path).etag)
    return doctor.post(f"{path}/review", etag=doctor.get(path).etag).etag


def registrations(seed: int = 1) -> Iterator[dict[str, Any]]:
    """Registrations of any number of people, with a value in 19 fields; no two are alike."""
    generator = random.Random(seed)
    values = sealing.full_patient().model_dump(mode="json", include=set(FIELDS))
    while True:
        digits = f"{generator.randrange(10**9):09d}"
        yield {
            **values,
            "first_name": _name(generator),
            "last_name": _name(generator),
            "date_of_birth": (_FIRST_DAY + timedelta(days=generator.randrange(30_000))).isoformat(),
            "primary_phone": f"+919{digits}",
            "secondary_phone": f"+918{digits}",
            "email": f"person{digits}@clinic.example",
        }


def post(path: str, body: Mapping[str, Any]) -> Asked:
    """A POST under an idempotency key of its own."""
    return _sent("POST", path, body, {"Idempotency-Key": uuid.uuid4().hex})


def _name(generator: random.Random) -> str:
    return "".join(generator.choice(_CONSONANTS) + generator.choice(_VOWELS) for _ in range(4)).capitalize()


def patches_of_patients() -> Iterator[dict[str, str]]:
    """Changes of a patient, each another one."""
    number = 0
    while True:
        number += 1
        yield {"occupation": f"Architect {number}"}


def _search(text: str) -> Asked:
    return _sent("POST", "/api/v1/patients/search", {"text": text, "page_size": PAGE_SIZE}, {})


def changed(method: str, path: str, etag: str, body: Mapping[str, Any]) -> Asked:
    """A change of what has this ETag."""
    return _sent(method, path, body, {"If-Match": etag, "Idempotency-Key": uuid.uuid4().hex})


def _sent(method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Asked:
    return Asked(method, path, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())
