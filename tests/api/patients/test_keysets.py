"""The wrapped keysets of a patient: where they are, what is read for them, and what their destruction ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import firestore

from shared.workflows.clinic import indexing
from tests.api.patients.merging.helpers import merged
from tests.support import crashes as support
from tests.support.call_counts import CountedCall, calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic
from tests.support.database import alter, end_session, erase_care, plant_report
from tests.support.patients import path_of


class Visited:
    """A patient with a signed report, a draft, a bill and earlier versions of most of it."""

    def __init__(self, clinic: TestClinic) -> None:
        session = clinic.session()
        self.clinic, self.session = clinic, session.body["id"]
        self.id: str = session.body["patient_id"]
        plant_report(clinic, self.session)
        end_session(clinic, self.session)
        self.bill = f"/bills/{self.session}-bill"
        clinic.until(lambda: clinic.doctor.get(self.bill), lambda reply: reply.status == 200)
        self.change(notes="Came by bus.")
        clinic.stack.wait_idle(support.PATIENCE)

    def change(self, **fields: Any) -> None:
        path = f"/patients/{self.id}"
        self.clinic.doctor.send("PATCH", path, fields, etag=self.clinic.doctor.get(path).etag).ok()

    def wrapped(self, keyset: str) -> bytes:
        content: bytes = support.documents(self.clinic.id)[f"patient_keys/{self.id}"][keyset]
        return content

    def places_of(self, wrapped: bytes) -> set[str]:
        """The paths of all documents of the clinic that hold these bytes anywhere, audit entries among them."""
        stored = support.documents(self.clinic.id).items()
        entries = ((f"audit/{entry['id']}", entry) for entry in support.audit_entries(self.clinic.id))
        return {path for path, document in (*stored, *entries) if wrapped in _bytes_in(document)}

    def calls(self, path: str) -> list[CountedCall]:
        function = path.split("/")[1]
        return calls_when_repeated(self.clinic, function, lambda: self.clinic.doctor.get(path).ok())


def _bytes_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _bytes_in(each)


@pytest.fixture
def visited(own_clinic: TestClinic) -> Visited:
    return Visited(own_clinic)


def test_the_wrapped_keysets_are_in_two_documents_and_after_an_erasure_that_of_care_is_in_none(
    visited: Visited,
) -> None:
    clinic, both = visited.clinic, {f"patients/{visited.id}", f"patient_keys/{visited.id}"}
    merged(clinic, clinic.doctor.get(f"/patients/{visited.id}"), clinic.silent_patient())
    care, retained = visited.wrapped("care"), visited.wrapped("retained")

    assert visited.places_of(care) == visited.places_of(retained) == both

    erase_care(clinic, visited.id)

    assert visited.places_of(care) == set()
    assert visited.places_of(retained) == both


def test_of_an_erased_patient_only_retained_records_open_and_no_change_brings_the_care_keyset_back(
    visited: Visited,
) -> None:
    doctor, path = visited.clinic.doctor, f"/patients/{visited.id}"
    care = visited.wrapped("care")
    patient = doctor.get(path).ok()
    erase_care(visited.clinic, visited.id)

    for gone in (path, f"/sessions/{visited.session}", f"/reports/{visited.session}-r1"):
        doctor.get(gone).refused(404, "not-found")
    doctor.send("PATCH", path, {"notes": "x"}, etag=patient.etag).refused(404, "not-found")
    doctor.get(visited.bill).ok()
    indexing.index_again(visited.clinic.id)

    assert visited.places_of(care) == set()


def test_a_patient_of_an_earlier_release_costs_a_further_read_of_retained_records_until_the_next_change(
    visited: Visited,
) -> None:
    doctor, bill = visited.clinic.doctor, visited.bill
    now = visited.calls(bill)
    alter(visited.clinic, f"patients/{visited.id}", {"retained": firestore.DELETE_FIELD})

    assert visited.calls(bill) == [now[0], reads(1), *now[1:]]
    assert visited.calls(f"/patients/{visited.id}") == [reads(3), commit(2)], "the care keyset is there"
    visited.change(notes="Came by train.")

    assert visited.calls(bill) == now
    assert visited.places_of(visited.wrapped("retained")) == {f"patients/{visited.id}", f"patient_keys/{visited.id}"}
    doctor.get(bill).ok()


def test_indexing_again_completes_patients_of_an_earlier_release(own_clinic: TestClinic) -> None:
    patients = [own_clinic.silent_patient().body["id"] for _ in range(3)]
    for patient in patients:
        alter(own_clinic, f"patients/{patient}", {"retained": firestore.DELETE_FIELD})

    indexing.index_again(own_clinic.id)

    stored = support.documents(own_clinic.id)
    for patient in patients:
        assert stored[f"patients/{patient}"]["retained"] == stored[f"patient_keys/{patient}"]["retained"]


def test_keysets_that_no_document_holds_are_missing(own_clinic: TestClinic) -> None:
    patient = own_clinic.silent_patient()
    for path in (f"patients/{patient.body['id']}", f"patient_keys/{patient.body['id']}"):
        alter(own_clinic, path, dict.fromkeys(("care", "retained"), firestore.DELETE_FIELD))

    own_clinic.doctor.get(path_of(patient)).refused(404, "not-found")
