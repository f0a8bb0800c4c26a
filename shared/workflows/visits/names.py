"""The names that the records know of the people in a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.records.patients.patient import Patient
from shared.records.record import Ref
from shared.store import profile_excerpts
from shared.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class VisitNames:
    """Empty where a person or a name is missing."""

    patient: str
    contact: str
    """The patient's emergency contact."""
    doctor: str
    others_of_patient: tuple[str, ...] = ()
    """The names of the patient, and of the emergency contacts, in merged records."""

    @property
    def all(self) -> list[str]:
        return [self.patient, self.contact, self.doctor, *self.others_of_patient]


def refs(work: UnitOfWork, patient_id: str, doctor_id: str) -> list[Ref[Any]]:
    """What `names_in_visit` reads."""
    return [Patient.ref(patient_id), *profile_excerpts.refs(work, [doctor_id])]


def names_in_visit(work: UnitOfWork, patient_id: str, doctor_id: str) -> VisitNames:
    """The full names of the patient, their emergency contact and the doctor."""
    work.prefetch(*refs(work, patient_id, doctor_id))
    patient = work.get_or_none(Patient.ref(patient_id))
    contact = patient.emergency_contact if patient else None
    merged = work.others_of(patient) if patient else []
    others = [one.full_name for one in merged]
    others += [one.emergency_contact.name for one in merged if one.emergency_contact]
    return VisitNames(
        patient=patient.full_name if patient else "",
        contact=contact.name if contact else "",
        doctor=profile_excerpts.name_of(work, doctor_id) or "",
        others_of_patient=tuple(filter(None, others)),
    )
