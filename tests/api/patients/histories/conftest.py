"""A patient with records of every kind, for all tests of a file."""

from __future__ import annotations

import pytest

from tests.api.patients.histories.helpers import (
    PatientWithHistory,
    new_history_patient,
)
from tests.support.clinics import TestClinic


@pytest.fixture(scope="module")
def history_patient(clinic: TestClinic) -> PatientWithHistory:
    return new_history_patient(clinic)
