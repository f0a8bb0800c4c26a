"""The names of a patient are the same from the whole record and from a few of its fields."""

from __future__ import annotations

from typing import Any

import pytest

from bench.sealing import full_patient
from shared.records.parties import PatientName
from shared.records.patients.patient import Patient

FULL = full_patient()


@pytest.mark.parametrize(
    "changes",
    [
        *({}, {"first_name": None}, {"last_name": None}, {"deceased": None}, {"live": False}),
        {"first_name": None, "last_name": None, "name_unknown": True},
    ],
)
def test_fields_name_a_patient_as_the_record_does(changes: dict[str, Any]) -> None:
    patient: Patient = FULL.model_copy(update=changes)
    values = patient.model_dump(mode="json", include=set(PatientName.sealed), exclude_none=True)

    assert PatientName.of_fields(patient.id, patient.number, patient.live, values) == PatientName.of(patient)
