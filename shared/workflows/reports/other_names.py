"""Names of other persons that were heard in a visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records.clinic.profile import UserProfile
from shared.records.reports.names_heard import other_names
from shared.records.reports.report import Report
from shared.records.visits.segment import Segment
from shared.store import queries
from shared.store.pagination import LIVE
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.names import names_in_visit

_MOST_STAFF = 200
"""Profiles whose names are compared."""


def heard_in(work: UnitOfWork, report: Report, segments: Sequence[Segment]) -> list[int]:
    """The numbers of the segments with the name of a person who is neither the patient, their emergency contact nor of
    the staff. Other profiles than the doctor's are read only if there is such a name."""
    known = names_in_visit(work, report.patient_id, report.doctor_id).all
    if not other_names(segments, known):
        return []
    return sorted(other_names(segments, [*known, *_staff(work)]))


def _staff(work: UnitOfWork) -> Iterator[str]:
    for snapshot in queries.first(work.clinic_id, UserProfile.collection, [LIVE], None, _MOST_STAFF):
        yield work.from_snapshot(UserProfile, snapshot).full_name
