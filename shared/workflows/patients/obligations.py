"""Finds what is open about a patient: running and unbilled sessions, unpaid bills and drafts, coming appointments.

The patient must be written in the same commit. What opens a session or an appointment meanwhile touches the patient
(`UnitOfWork.touch`), so that one of the two commits conflicts and runs again. A session becomes a bill in one commit,
and sessions are queried first, so a bill that is issued meanwhile is seen as one or the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.types import PAYABLE, BillStatus
from shared.records.patients.obligations import MOST_NAMED, Blocker, Obligations, strange_ids
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import raise_if_any
from shared.records.record import Record
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.types import COMING
from shared.records.visits.session import OPEN_STATES, UNBILLED, Session
from shared.store import queries
from shared.store.pagination import LIVE, of_person
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions

_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class _Kind:
    """Records of one kind that are open."""

    model: type[Record]
    filters: list[Filter]
    order: str | None = None

    @property
    def name(self) -> str:
        return self.model.kind.lower()


_UNBILLED = _Kind(Session, [("status", "in", sorted(UNBILLED)), ("billed", "==", False)])
_OWED = _Kind(Bill, [("status", "in", sorted(PAYABLE | {BillStatus.DRAFT}))])


def of_patient(work: UnitOfWork, patient: Patient) -> Obligations:
    """Everything that keeps the patient from being deleted."""
    return _found(work, patient, [_UNBILLED, _OWED, _coming(work)])


def coming_visits(work: UnitOfWork, patient: Patient) -> Obligations:
    """The visits that are still expected of the patient."""
    return _found(work, patient, [_coming(work)])


def must_be_cancelled(found: Obligations, patient: Patient, named: Collection[str], pointer: str) -> None:
    """Raises Invalid for ids of other patients, and Blocked unless the request names exactly what is open."""
    raise_if_any(strange_ids(named, patient.person_ids, pointer))
    found.must_be_cancelled_by(named)


def _coming(work: UnitOfWork) -> _Kind:
    return _Kind(Appointment, [("status", "in", sorted(COMING)), ("scheduled_at", ">", work.now)], "scheduled_at")


def _found(work: UnitOfWork, patient: Patient, kinds: Collection[_Kind]) -> Obligations:
    blockers: list[Blocker] = []
    counts: dict[str, int] = {}
    for kind in kinds:
        collection = kind.model.collection
        filters: list[Filter] = [LIVE, of_person(patient), *kind.filters]
        found = queries.first(work.clinic_id, collection, filters, kind.order, MOST_NAMED + 1)
        read, more = found[:MOST_NAMED], len(found) > MOST_NAMED
        named = [*_named(work, kind, read)]
        counts[kind.name] = len(named)
        if more:
            all_of_them = queries.count(work.clinic_id, collection, filters, _MOST_COUNTED, order=kind.order)
            counts[kind.name] += all_of_them - len(read)
        blockers += named
    return Obligations(tuple(blockers), counts)


def _named(work: UnitOfWork, kind: _Kind, found: Collection[Any]) -> Iterator[Blocker]:
    """The records of a query, without appointments whose session runs: it stands for them."""
    for one in found:
        if kind.model is not Appointment or one.get("session_id") is None:
            yield Blocker(kind.name, one.id, one.get("status"), _is_cancellable(work, kind, one))


def _is_cancellable(work: UnitOfWork, kind: _Kind, found: Any) -> bool:
    """True for what the caller may cancel with the patient. A session that is over becomes a bill within seconds."""
    status = found.get("status")
    if kind is _OWED:
        return bool(status == BillStatus.DRAFT)
    if kind is _UNBILLED:
        is_open = status in OPEN_STATES
        return is_open and permissions.may(work, Action.MOVE_VISIT, work.from_snapshot(Session, found))
    return True
