"""Phrase hints for a recognition. They hold names of people: they are never logged or stored."""

from __future__ import annotations

from shared.records.visits.phrases import phrases_of
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.names import names_in_visit


def hints_for(work: UnitOfWork, session: Session) -> list[str]:
    """Names of drugs, of the patient, their emergency contact and the doctor."""
    return phrases_of(names_in_visit(work, session.patient_id, session.doctor_id).all)
