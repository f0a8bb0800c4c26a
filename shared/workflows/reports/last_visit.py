"""The last visit of a patient, at a glance."""

from __future__ import annotations

from shared.records.page import PageQuery
from shared.records.record import Value
from shared.records.reports.last_visit import LastVisit
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import history
from shared.workflows.reports.proofs import proofs_of

_MOST_READ = 10
"""Newest reports among which the last signed one is looked for."""


class LastVisitFound(Value):
    """The last visit; null if none of the patient's ten newest reports is signed."""

    last_visit: LastVisit | None


def of_patient(clinic: Clinic, patient_id: str) -> LastVisitFound:
    """What the last signed report says, from the verified bytes. Raises SignatureInvalid if they do not verify."""

    def transaction(work: UnitOfWork) -> LastVisitFound:
        reports = history.page_of(work, Report, patient_id, PageQuery(page_size=_MOST_READ)).items
        proofs = [proof for proof in proofs_of(work, reports) if proof]
        latest = max(proofs, key=lambda proof: proof.payload.report.visit_started, default=None)
        return LastVisitFound(last_visit=LastVisit.of(latest.payload) if latest else None)

    return clinic.perform("report.read", transaction)
