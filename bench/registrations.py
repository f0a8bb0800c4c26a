"""Registering patients in one clinic, eight at once against one after the other.

One instance of the function serves them as deployed: gunicorn with one process and the threads of the catalogue. The
clients are a process of their own. The number of a patient is counted in the commit that registers the patient, so
registrations meet on the counter; all must succeed, with numbers without a gap.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import urllib3
from google.cloud.firestore import FieldFilter

from bench.measure import Comparison, interleaved
from bench.population import bodies
from bench.programs import served
from bench.stacks import embedded
from bench.tables import console, show_milliseconds
from infra.staging import stage
from local.demo.seed import SETTINGS, sign_up, token
from local.stack.stack import Stack
from shared.records.types import Role, new_id
from shared.workflows.clinic import opening
from tools import google_firestore

FUNCTION, DOCTOR = "patients", "bench-doctor"
AT_ONCE = 8
REGISTRATIONS = 100
"""In each round, at each concurrency."""
BOUND = 1.0
"""The time of a registration at eight at once over that of one alone."""
LATE_BOUND = 10.0
"""The slowest of 100 at eight at once, over the median of one alone: each waits for seven."""
_EMAIL = "doctor@clinic.example"
_TIMEOUT = 60


@dataclass(frozen=True)
class Batch:
    """What the clients of one batch saw."""

    seconds: float
    each: Sequence[float]
    """Seconds until each answer."""


@dataclass(frozen=True)
class Clients:
    """The clients of a clinic."""

    url: str
    token: str

    def register(self, sent: Sequence[dict[str, Any]], concurrent: int) -> Batch:
        """Register these patients, so many at once. Raises AssertionError if one is refused."""
        http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(_TIMEOUT), maxsize=concurrent)

        def post(fields: dict[str, Any]) -> float:
            headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": new_id()}
            start = time.perf_counter()
            answer = http.request("POST", f"{self.url}/api/v1/patients", json=fields, headers=headers)
            assert answer.status == 201, answer.data
            return time.perf_counter() - start

        start = time.perf_counter()
        with ThreadPoolExecutor(concurrent) as threads:
            each = list(threads.map(post, sent))
        return Batch(time.perf_counter() - start, each)


def run(rounds: int) -> list[Comparison]:
    """Compare, and print a table."""
    with tempfile.TemporaryDirectory() as build, embedded() as stack:
        found = compare(rounds, stack, Path(build), console.print)
    console.print("Registering patients in one clinic, against one after the other: wall-clock ms")
    show_milliseconds(found, f"{AT_ONCE} at once", "alone")
    return found


def compare(rounds: int, stack: Stack, build: Path, note: Callable[[str], None]) -> list[Comparison]:
    """Eight at once against one alone. Raises AssertionError if a registration is refused, or a number missing."""
    clinic_id = new_id(12)
    sign_up(clinic_id, {DOCTOR: _EMAIL})
    opening.open_clinic(clinic_id, SETTINGS, {DOCTOR: (_EMAIL, [Role.DOCTOR])})
    folder, environment = stage(FUNCTION, build), stack.client_environment(FUNCTION)
    registered = 2 * (rounds + 1) * REGISTRATIONS
    with served(FUNCTION, folder, environment, build / "served.log") as (port, _), get_context("spawn").Pool(1) as pool:
        clients = Clients(f"http://127.0.0.1:{port}", token(DOCTOR, clinic_id))
        sent = bodies(registered, seed=22, allow_duplicate=False)

        def measure(concurrent: int) -> Batch:
            batch = [next(sent) for _ in range(REGISTRATIONS)]
            seen: Batch = pool.apply(clients.register, (batch, concurrent))
            return seen

        cases = {concurrent: partial(measure, concurrent) for concurrent in (1, AT_ONCE)}
        for warm_up in cases.values():
            warm_up()
        batches = interleaved(rounds, cases)
    counted, retries = _counted(clinic_id), _retries(clinic_id)
    assert counted == registered, f"{counted} numbers of {registered} patients"
    alone, crowd = batches[1], batches[AT_ONCE]
    rates = [REGISTRATIONS / median(batch.seconds for batch in of) for of in (alone, crowd)]
    note(f"{registered} registrations, {rates[0]:.0f} a second alone, {rates[1]:.0f} at {AT_ONCE}; {retries} retries")
    late = median(quantiles(batch.each, n=100)[98] for batch in crowd)
    usual = median(one for batch in alone for one in batch.each)
    return [
        Comparison(f"a registration, {AT_ONCE} at once", 1 / rates[1], 1 / rates[0], BOUND),
        Comparison(f"the latest of 100, {AT_ONCE} at once", late, usual, LATE_BOUND),
    ]


def _counted(clinic_id: str) -> int:
    """The count of the counter, after each number was found once. Raises AssertionError if one is missing."""
    clinic = google_firestore.client().collection("clinics").document(clinic_id)
    [counts] = clinic.collection("counters").document("patients").get().get("counts").values()
    numbers = {one.get("number") for one in clinic.collection("patients").select(["number"]).stream()}
    assert len(numbers) == counts, f"{len(numbers)} numbers up to {counts}"
    assert sorted(int(one[-4:]) for one in numbers) == list(range(1, counts + 1))
    return int(counts)


def _retries(clinic_id: str) -> int:
    """The attempts before those that were committed, by the audit trail."""
    entries = google_firestore.client().collection("clinics", clinic_id, "audit")
    done = entries.where(filter=FieldFilter("action", "==", "patient.create")).select(["attempt"]).stream()
    return sum(entry.get("attempt") for entry in done)
