"""/api/v1/patients"""

from __future__ import annotations

from shared.records.patient import Age, NewPatient, Patient
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK
from shared.workflows import patients

api = Api("patients")


@api.post("/", roles=FRONT_DESK, status=201)
def register(clinic: Clinic, new: NewPatient) -> Detailed[Patient, Age]:
    """Register a patient and make them findable."""
    return patients.register(clinic, new)


@api.get("/{id}", roles=FRONT_DESK)
def get(clinic: Clinic, id: str) -> Detailed[Patient, Age]:  # noqa: A002 - it is one
    """Get a patient, by id or by number."""
    return patients.get(clinic, id)


main = api.function()
