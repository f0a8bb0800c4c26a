"""Records that keep a patient from being deleted: open sessions, unpaid bills, coming appointments."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.billing.bill import Bill
from shared.records.billing.types import PAYABLE
from shared.records.patients.patient import Patient
from shared.records.problems import Blocked, Blocker
from shared.records.record import Record
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING
from shared.records.visits.session import UNBILLED, Session
from shared.store import queries
from shared.store.pagination import LIVE, of_person
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

MOST_NAMED = 20
"""At most so many records of each kind are named."""


def refuse_if_any(work: UnitOfWork, patient: Patient, *, appointments: bool = True) -> None:
    """Raises Blocked, naming the records, if the patient has any; appointments count unless they end with the patient.

    The patient must be written in the same commit. What opens a session or an appointment meanwhile touches the patient
    (`UnitOfWork.touch`), so that one of the two commits conflicts and runs again. A session becomes a bill in one
    commit, and sessions are queried first, so a bill that is issued meanwhile is seen as one or the other.
    """
    found = [
        blocker
        for model, filters, order in _queries(work, appointments=appointments)
        for blocker in _named(work, patient, model, filters, order)
    ]
    if found:
        raise Blocked(found)


def refuse_coming_visits(work: UnitOfWork, patient: Patient) -> None:
    """Raises Blocked, naming the coming appointments, if the patient has any; as `refuse_if_any` otherwise."""
    if found := [*_named(work, patient, *_coming(work))]:
        raise Blocked(found)


def _queries(work: UnitOfWork, *, appointments: bool) -> Iterator[tuple[type[Record], list[Filter], str | None]]:
    yield Session, [("status", "in", sorted(UNBILLED)), ("billed", "==", False)], None
    yield Bill, [("status", "in", sorted(PAYABLE))], None
    if appointments:
        yield _coming(work)


def _coming(work: UnitOfWork) -> tuple[type[Record], list[Filter], str]:
    return Appointment, [("status", "in", sorted(COMING)), ("scheduled_at", ">", work.now)], "scheduled_at"


def _named(
    work: UnitOfWork, patient: Patient, model: type[Record], filters: list[Filter], order: str | None
) -> Iterator[Blocker]:
    of_patient = [LIVE, of_person(patient), *filters]
    for snapshot in queries.first(work.clinic_id, model.collection, of_patient, order, MOST_NAMED):
        yield Blocker(model.kind.lower(), snapshot.id)
