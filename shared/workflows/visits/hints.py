"""Phrase hints for a recognition. They hold names of people: they are never logged or stored."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.patients.patient import Patient
from shared.records.visits.phrases import phrases_of
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork


def hints_for(work: UnitOfWork, session: Session) -> list[str]:
    """Names of drugs, of the patient, their emergency contact and the doctor."""
    patient_ref, doctor_ref = Patient.ref(session.patient_id), UserProfile.ref(session.doctor_id)
    work.prefetch(patient_ref, doctor_ref)
    patient, doctor = work.get_or_none(patient_ref), work.get_or_none(doctor_ref)
    contact = patient.emergency_contact if patient else None
    people = (patient.full_name if patient else None, contact.name if contact else None)
    return phrases_of([*people, doctor.full_name if doctor else None])
