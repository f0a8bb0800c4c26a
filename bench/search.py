"""Searching a clinic of 20,000 patients: everybody is found who should be, and it costs what a tenth of them costs.

Google's emulator has no index for array filters: for each value that is looked for it sorts all values of all
documents, 2 s for 2,000 patients. Firestore itself keeps that index, and says that a query takes as long as its result
is large. So what is compared between the sizes is what is ours: the documents that a search reads, and its processor
time when what the emulator found is answered at once. How long the emulator took is told beside it.
"""

from __future__ import annotations

import itertools
import os
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import grpc

from bench.measure import Comparison, interleaved
from bench.population import people
from local.demo.seed import SETTINGS
from local.services.firestore.proxy import FirestoreProxy, channel
from local.stack.stack import Stack
from shared.records.patients.patient import NewPatient, Patient
from shared.records.patients.search import PatientSearch, SearchKind
from shared.records.record import Stamp
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import opening
from shared.workflows.patients import search

SMALL, LARGE = 2_000, 20_000
BOUND = 1.3
"""Ten times the patients, the same work: the rest is noise."""
AT_ONCE = 100
"""Patients in a commit."""
DOCTOR = "bench-doctor"
ONE_MATCH, FULL_PAGE = "Ondřej Quill", "sha"
"""The page is full in either clinic, with the spare ones: Shah and Sharma."""
_NEEDLE = {"first_name": "Ondřej", "last_name": "Quill", "date_of_birth": "1984-02-29", "tags": ["Cello group"]}


class Remembered(grpc.UnaryStreamClientInterceptor):
    """Answers a query that was asked before as it was answered then. Nothing may be written meanwhile."""

    def __init__(self) -> None:
        self._answers: dict[bytes, list[bytes]] = {}

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: bytes) -> list[bytes]:
        if not client_call_details.method.endswith("/RunQuery"):
            return list(continuation(client_call_details, request))
        if request not in self._answers:
            self._answers[request] = list(continuation(client_call_details, request))
        return self._answers[request]


@dataclass(frozen=True)
class Costs:
    """Of one search."""

    processor: float
    """Seconds of the thread that searches."""
    documents: int
    """Read from Firestore."""


@dataclass(frozen=True)
class Town:
    """A clinic with many patients."""

    clinic_id: str
    patients: Mapping[str, Mapping[str, Any]]
    """What was entered about each, by id."""

    def clinic(self) -> Clinic:
        """The clinic as its doctor sees it."""
        caller = Caller(DOCTOR, frozenset({Role.DOCTOR}), utc_now())
        return Clinic(RequestContext(self.clinic_id, caller, Origin("bench")))


@contextmanager
def firestore(stack: Stack) -> Iterator[str]:
    """The address of a Firestore that is in the taps, and remembers its answers to queries."""
    with channel(stack.firestore_address) as upstream:
        proxy = FirestoreProxy("bench", grpc.intercept_channel(upstream, Remembered()), stack.taps)
        yield proxy.address
        proxy.stop()


def compare(rounds: int, stack: Stack, note: Callable[[str], None]) -> list[Comparison]:
    """The large clinic against the small one. Raises AssertionError when somebody is not found, or more is read."""
    towns = {size: settle(size) for size in (SMALL, LARGE)}
    for size, town in towns.items():
        missed = list(missing(town))
        assert not missed, f"not found among {size}: {missed}"
        note(f"{size:,} patients: all of {len(list(wanted(town)))} searches found all whom they should")
    found = []
    for text in (ONE_MATCH, FULL_PAGE):
        measures = {size: _cost_of(town, text, stack) for size, town in towns.items()}
        clock = {size: _seconds(measure) for size, measure in measures.items()}
        costs = interleaved(rounds, measures)
        small, large = (costs[size][0].documents for size in (SMALL, LARGE))
        took = " and ".join(f"{clock[size]:.1f} s" for size in (SMALL, LARGE))
        note(
            f'"{text}": reads {small} documents in the small clinic and {large} in the large; the emulator took {took}'
        )
        assert small == large
        name = "a full page" if text == FULL_PAGE else "one match"
        processor = {size: median(cost.processor for cost in costs[size]) for size in (SMALL, LARGE)}
        found.append(Comparison(name, processor[LARGE], processor[SMALL], BOUND))
    return found


def settle(count: int) -> Town:
    """A new clinic with so many patients of one doctor; written past the API, in large commits."""
    clinic_id = new_id(12)
    opening.open_clinic(clinic_id, SETTINGS, {DOCTOR: ("doctor@clinic.example", [Role.DOCTOR])})
    patients: dict[str, Mapping[str, Any]] = {}
    entered = itertools.chain([_NEEDLE], people(count - 1))
    numbered = enumerate(entered, start=1)
    while some := list(itertools.islice(numbered, AT_ONCE)):

        def transaction(
            work: UnitOfWork, some: Sequence[tuple[int, Mapping[str, Any]]] = some
        ) -> dict[str, Mapping[str, Any]]:
            work.prefetch()
            return {_register(work, number, new): {**new, "number": _number(number)} for number, new in some}

        patients |= system_clinic(clinic_id, "bench").perform("bench.settle", transaction)
    return Town(clinic_id, patients)


def _register(work: UnitOfWork, number: int, entered: Mapping[str, Any]) -> str:
    new = NewPatient.model_validate(entered)
    made = Patient.register(new, Stamp(DOCTOR, work.now), id=new_id(), number=_number(number), owner_id=DOCTOR)
    return work.create(made).id


def _number(count: int) -> str:
    return f"PAT-2026{count:05d}"


# Who should be found


def missing(town: Town) -> Iterator[str]:
    """What was searched for and did not give everybody whom it should give."""

    def problem(text: str, kind: SearchKind, matches: Callable[[Mapping[str, Any]], bool]) -> str:
        expected = {patient for patient, entered in town.patients.items() if matches(entered)}
        assert expected, f"a search for nobody: {text}"
        return "" if expected <= _all_found(town, text, kind) else f"{kind}: {text}"

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from filter(None, threads.map(problem, *zip(*wanted(town), strict=True)))


def wanted(town: Town) -> Iterator[tuple[str, SearchKind, Callable[[Mapping[str, Any]], bool]]]:
    """Searches of each kind, and who matches: told from what was entered, without our own normalisation."""
    entered = next(itertools.islice(town.patients.values(), 700, None))
    first, last = (_plain(entered[name]) for name in ("first_name", "last_name"))
    whole, start = f"{last} {first}", f"{last[:4]} {first[:3]}"
    yield whole.upper(), SearchKind.NAME, lambda other: _name(other) == set(whole.split())
    yield start, SearchKind.NAME, lambda other: _begins(other, start)
    for kind, field, typed in (
        (SearchKind.PHONE, "primary_phone", f"{entered['primary_phone'][3:8]} {entered['primary_phone'][8:]}"),
        (SearchKind.EMAIL, "email", entered["email"].upper()),
        (SearchKind.NUMBER, "number", entered["number"].lower()),
        (SearchKind.DATE_OF_BIRTH, "date_of_birth", f"{entered['date_of_birth']:%d/%m/%Y}"),
    ):
        yield typed, kind, lambda other, field=field: other.get(field) == entered[field]  # type: ignore[misc]
    last4 = entered["primary_phone"][-4:]
    yield last4, SearchKind.PHONE, lambda other: other.get("primary_phone", "").endswith(last4)
    yield "cello GROUP", SearchKind.TAG, lambda other: "Cello group" in other.get("tags", [])
    yield "Ondrej  QUIL", SearchKind.NAME, lambda other: other["last_name"] == "Quill"
    yield "Ondrei Quille", SearchKind.NAME, lambda other: other["last_name"] == "Quill"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("'", ""))
    return "".join(letter for letter in decomposed if not 0x300 <= ord(letter) <= 0x36F)


def _name(entered: Mapping[str, Any]) -> set[str]:
    return set(_plain(f"{entered['first_name']} {entered['last_name']}").split())


def _begins(entered: Mapping[str, Any], starts: str) -> bool:
    return all(any(word.startswith(start) for word in _name(entered)) for start in starts.split())


def _all_found(town: Town, text: str, kind: SearchKind) -> set[str]:
    """Everybody on all pages."""
    found: set[str] = set()
    token = None
    while True:
        page = search.find(town.clinic(), PatientSearch(text=text, kinds=[kind], page_size=100, page_token=token))
        found |= {item.record.id for item in page.items}
        token = page.next_page_token
        if token is None:
            return found


# What it costs


def _cost_of(town: Town, text: str, stack: Stack) -> Callable[[], Costs]:
    def measure() -> Costs:
        mark, thread = stack.taps.mark(), time.thread_time()
        search.find(town.clinic(), PatientSearch(text=text, kinds=[SearchKind.NAME]))
        processor = time.thread_time() - thread
        return Costs(processor, sum(call.amounts.get("reads", 0) for call in stack.taps.calls(mark)))

    return measure


def _seconds(measure: Callable[[], Costs]) -> float:
    """Of the clock, when it is done for the first time."""
    before = time.perf_counter()
    measure()
    return time.perf_counter() - before
