"""The doctors of a clinic: who is one, whom they may see, and what they have to do."""

from __future__ import annotations

from collections.abc import Collection

from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.record import Record
from shared.records.types import Role
from shared.store import queries
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

MOST_NAMED = 20
"""Records of a doctor that a refusal names."""


def active_doctor(work: UnitOfWork, user_id: str | None) -> User | None:
    """The enabled doctor of the clinic with this id, if there is one."""
    doctor = work.get_or_none(User.ref(user_id)) if user_id else None
    return doctor if doctor is not None and doctor.is_active_doctor else None


def doctor_of(work: UnitOfWork, user_id: str | None, patient: Patient) -> User | None:
    """The enabled doctor with this id, if they may see the patient."""
    doctor = active_doctor(work, user_id)
    sees = doctor is not None and (Role.ADMIN in doctor.roles or patient.seen_by(doctor.id))
    return doctor if sees else None


def ids_of_doctor(
    work: UnitOfWork,
    model: type[Record],
    doctor_id: str,
    states: Collection[str],
    *,
    limit: int = MOST_NAMED,
    more: Collection[Filter] = (),
    order: str | None = None,
) -> list[str]:
    """Ids of a doctor's records in these states, in the order of a field or, without one, of the ids.

    Equality filters alone need no composite index.
    """
    filters: list[Filter] = [LIVE, ("doctor_id", "==", doctor_id), ("status", "in", sorted(states)), *more]
    found = [snapshot.id for snapshot in queries.first(work.clinic_id, model.collection, filters, order, limit)]
    return found if order else sorted(found)
