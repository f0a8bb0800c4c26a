"""What a request opened is freed when it is answered, not when the garbage collector next runs: keys and clinical text
do not stay in the memory of an instance."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from shared.records.patients.patient import Patient
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.clinics import TestClinic


@pytest.fixture
def no_garbage_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_change_frees_what_it_opened(own_clinic: TestClinic) -> None:
    ref = Patient.ref(own_clinic.silent_patient().body["id"])
    opened: list[weakref.ref[Any]] = []

    def transaction(work: UnitOfWork) -> None:
        patient = work.get(ref)
        saved = work.save(patient.amended(occupation="Teacher", revision=patient.revision + 1))
        opened.extend(map(weakref.ref, (work, patient, saved)))

    system_clinic(own_clinic.id, "changed").perform("patients.index", transaction)

    assert [one() for one in opened] == [None] * 3
