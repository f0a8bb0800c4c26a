"""Searching a clinic of 50,000 patients: every match is found, at the cost of a search among 1,000.

The time of a search must depend on the size of its result alone, as Firestore's does. It is measured on the embedded
Firestore, whose indexes have the same property; Google's emulator has no index for array filters. What counts is the
processor time of a process that searches, as an instance of the function: that of the database is not in it.
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
from functools import partial
from typing import Any

from bench.bookkeeping import processes
from bench.measure import Comparison, medians, timed
from bench.population import people
from local.demo.seed import SETTINGS
from local.services.firestore.proxy import FirestoreProxy
from local.stack.stack import Stack
from shared.records.patients.patient import Patient
from shared.records.patients.search import PatientSearch, SearchKind
from shared.records.patients.update import NewPatient
from shared.records.record import Stamp
from shared.records.types import Role, new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import opening
from shared.workflows.patients import search

SMALL, LARGE = 1_000, 50_000
BOUND = 1.3
"""Fifty times the patients and the same work; the margin is for noise."""
SEARCHES = 10
"""In each measurement."""
BATCH = 100
"""Patients per commit."""
DOCTOR = "bench-doctor"
ONE_MATCH, FULL_PAGE = "Ondřej Quimby", "sa"
"""The second matches Saxena, Salma and others: more than a page in either clinic."""
_NEEDLE = {"first_name": "Ondřej", "last_name": "Quimby", "date_of_birth": "1984-02-29", "tags": ["Cello group"]}


@dataclass(frozen=True)
class LargeClinic:
    """A clinic with many patients."""

    clinic_id: str
    patients: Mapping[str, Mapping[str, Any]]
    """The registration fields of each patient, by id."""

    def clinic(self) -> Clinic:
        """The clinic, opened for its doctor."""
        return _opened(self.clinic_id)


@contextmanager
def firestore(stack: Stack) -> Iterator[str]:
    """The address of a Firestore proxy that records calls."""
    proxy = FirestoreProxy("bench", stack.firestore, stack.recorder)
    yield proxy.address
    proxy.stop()


def compare(rounds: int, stack: Stack, direct: str, note: Callable[[str], None]) -> list[Comparison]:
    """The large clinic against the small one; `direct` is the address to which the patients are written. Raises
    AssertionError if a match is missing or the reads differ."""
    clinics = {}
    for size in (SMALL, LARGE):
        start = time.perf_counter()
        clinics[size] = create_clinic(size, direct)
        note(f"{size:,} patients written in {time.perf_counter() - start:.0f} s")
    for size, clinic in clinics.items():
        failed = list(failed_searches(clinic))
        assert not failed, f"not found among {size}: {failed}"
        note(f"{size:,} patients: all of {len(list(searches(clinic)))} searches found all their matches")
    comparisons = []
    with processes(1, direct) as searching:
        for text in (ONE_MATCH, FULL_PAGE):
            small, large = (_documents_of(clinics[size], text, stack) for size in (SMALL, LARGE))
            note(f'"{text}": reads {small} documents in the small clinic and {large} in the large')
            assert small == large
            measures = {
                size: partial(searching.apply, _seconds_of, (clinic.clinic_id, text))
                for size, clinic in clinics.items()
            }
            for warm_up in measures.values():
                warm_up()
            seconds = medians(rounds, measures)
            name = "a full page" if text == FULL_PAGE else "one match"
            comparisons.append(Comparison(name, seconds[LARGE], seconds[SMALL], BOUND))
    return comparisons


def create_clinic(count: int, direct: str) -> LargeClinic:
    """A new clinic whose doctor has `count` patients, written without the API, in large commits by several processes;
    `direct` is the address of Firestore."""
    clinic_id = new_id(12)
    opening.open_clinic(clinic_id, SETTINGS, {DOCTOR: ("doctor@clinic.example", [Role.DOCTOR])})
    numbered = enumerate(itertools.chain([_NEEDLE], people(count - 1)), start=1)
    batches = iter(lambda: list(itertools.islice(numbered, BATCH)), [])
    patients: dict[str, Mapping[str, Any]] = {}
    with processes(os.cpu_count() or 1, direct) as writing:
        for written in writing.imap(partial(_write, clinic_id), batches):
            patients |= written
    return LargeClinic(clinic_id, patients)


def _write(clinic_id: str, batch: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
    """Register these patients in one commit; returns their fields by id."""

    def transaction(work: UnitOfWork) -> dict[str, Mapping[str, Any]]:
        work.prefetch()
        return {_register(work, number, new): {**new, "number": _number(number)} for number, new in batch}

    return system_clinic(clinic_id, "bench").perform("bench.create_clinic", transaction)


def _register(work: UnitOfWork, number: int, fields: Mapping[str, Any]) -> str:
    new = NewPatient.model_validate(fields)
    patient = Patient.register(new, Stamp(DOCTOR, work.now), id=new_id(), number=_number(number), owner_id=DOCTOR)
    return work.create(patient).id


def _number(count: int) -> str:
    return f"PAT-2026{count:05d}"


# Completeness


def failed_searches(clinic: LargeClinic) -> Iterator[str]:
    """The searches that did not find all their matches."""

    def problem(text: str, kind: SearchKind, matches: Callable[[Mapping[str, Any]], bool]) -> str:
        expected = {patient for patient, fields in clinic.patients.items() if matches(fields)}
        assert expected, f"a search without matches: {text}"
        return "" if expected <= _all_found(clinic, text, kind) else f"{kind}: {text}"

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from filter(None, threads.map(problem, *zip(*searches(clinic), strict=True)))


def searches(clinic: LargeClinic) -> Iterator[tuple[str, SearchKind, Callable[[Mapping[str, Any]], bool]]]:
    """Searches of each kind, with a predicate for their matches on registration fields, independent of product code."""
    fields = next(itertools.islice(clinic.patients.values(), 700, None))
    first, last = (_plain(fields[name]) for name in ("first_name", "last_name"))
    whole, start = f"{last} {first}", f"{last[:4]} {first[:3]}"
    yield whole.upper(), SearchKind.NAME, lambda other: _name(other) == set(whole.split())
    yield start, SearchKind.NAME, lambda other: _begins(other, start)
    for kind, field, typed in (
        (SearchKind.PHONE, "primary_phone", f"{fields['primary_phone'][3:8]} {fields['primary_phone'][8:]}"),
        (SearchKind.EMAIL, "email", fields["email"].upper()),
        (SearchKind.NUMBER, "number", fields["number"].lower()),
        (SearchKind.DATE_OF_BIRTH, "date_of_birth", f"{fields['date_of_birth']:%d/%m/%Y}"),
    ):
        yield typed, kind, lambda other, field=field: other.get(field) == fields[field]  # type: ignore[misc]
    last4 = fields["primary_phone"][-4:]
    yield last4, SearchKind.PHONE, lambda other: other.get("primary_phone", "").endswith(last4)
    yield "cello GROUP", SearchKind.TAG, lambda other: "Cello group" in other.get("tags", [])
    yield "Ondrej  QUIM", SearchKind.NAME, lambda other: other["last_name"] == "Quimby"
    yield "Ondrei Quimbey", SearchKind.NAME, lambda other: other["last_name"] == "Quimby"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("'", ""))
    return "".join(letter for letter in decomposed if not 0x300 <= ord(letter) <= 0x36F)


def _name(fields: Mapping[str, Any]) -> set[str]:
    return set(_plain(f"{fields['first_name']} {fields['last_name']}").split())


def _begins(fields: Mapping[str, Any], starts: str) -> bool:
    return all(any(word.startswith(start) for word in _name(fields)) for start in starts.split())


def _all_found(clinic: LargeClinic, text: str, kind: SearchKind) -> set[str]:
    """The ids of the patients on all pages."""
    found: set[str] = set()
    token = None
    while True:
        page = search.find(clinic.clinic(), PatientSearch(text=text, kinds=[kind], page_size=100, page_token=token))
        found |= {item.record.id for item in page.items}
        token = page.next_page_token
        if token is None:
            return found


# Cost


def _opened(clinic_id: str) -> Clinic:
    caller = Caller(DOCTOR, frozenset({Role.DOCTOR}), utc_now())
    return Clinic(RequestContext(clinic_id, caller, Origin("bench")))


def _documents_of(clinic: LargeClinic, text: str, stack: Stack) -> int:
    """Documents that one search reads from Firestore."""
    mark = stack.recorder.mark()
    search.find(clinic.clinic(), PatientSearch(text=text, kinds=[SearchKind.NAME]))
    return sum(call.amounts.get("reads", 0) for call in stack.recorder.calls(mark))


def _seconds_of(clinic_id: str, text: str) -> float:
    """Processor seconds of one search in this process."""

    def find() -> object:
        return search.find(_opened(clinic_id), PatientSearch(text=text, kinds=[SearchKind.NAME]))

    return timed(find, SEARCHES)()
