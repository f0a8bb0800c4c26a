"""Checks an action against the table of permissions, for the caller of a transaction."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.lazily import lazily
from shared.records.patients.patient import Patient
from shared.records.permissions import REFUSALS, Action, Relation, allows
from shared.records.problems import Forbidden
from shared.records.record import Ref
from shared.records.reports.psychotherapy import KeptApart
from shared.records.types import Role
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.report import Report
    from shared.records.visits.session import Session

Governed: TypeAlias = "Patient | Session | Report"
G = TypeVar("G", Patient, "Session", "Report")


def require(work: UnitOfWork, action: Action, *records: Governed) -> None:
    """Raises Forbidden unless one of the caller's relations to the records allows the action.

    The records are of one patient. The system may do everything.
    """
    if not may(work, action, *records):
        raise Forbidden(REFUSALS[action])
    require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, *records)


def require_for_notes(work: UnitOfWork, action: Action, *records: Governed) -> None:
    """Raises Forbidden for psychotherapy notes with which the caller may not do this; of other records nobody asks."""
    notes = [record for record in records if isinstance(record, KeptApart) and record.psychotherapy_notes]
    if not all(may(work, action, record) for record in notes):
        raise Forbidden(REFUSALS[action])


def may(work: UnitOfWork, action: Action, *records: Governed) -> bool:
    """True if one of the caller's relations to the records allows the action."""
    return work.user is None or allows(action, relations(work, *records))


def relations(work: UnitOfWork, *records: Governed) -> frozenset[Relation]:
    """The caller's relations to records of one patient. A caller who sees a report alone has none to its patient."""
    found = work.relations_to(records[0].id)
    if work.has_role(Role.DOCTOR):
        own = [record.relations_of(work.user_id) for record in records if not isinstance(record, Patient)]
        found = found.union(*own)
    return found


def get_for_update(work: UnitOfWork, ref: Ref[G], action: Action) -> G:
    """The record, to be changed. Raises Forbidden before anything is said about If-Match."""
    require(work, action, work.get(ref))
    return work.get_for_update(ref)
