"""The last visit of a patient, at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.lazily import lazily
from shared.records.page import PageQuery
from shared.records.record import Value
from shared.records.reports.last_visit import LastVisit
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.signed_payload import SignedPayload
    from shared.records.visits.ids import number_of_report
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
        latest = last_signed(work, patient_id)
        return LastVisitFound(last_visit=LastVisit.of(latest) if latest else None)

    return clinic.perform("report.read", transaction)


def last_signed(work: UnitOfWork, patient_id: str, *, apart_from: str = "") -> SignedPayload | None:
    """The verified bytes of the last visit with a signed report, apart from one session; None if there is none. Of
    several reports of a visit the first counts, which is that of the visit itself. Psychotherapy notes are left out.

    Raises SignatureInvalid.
    """
    reports = history.page_of(work, Report, patient_id, PageQuery(page_size=_MOST_READ)).items
    ordinary = [one for one in reports if one.session_id != apart_from and not one.psychotherapy_notes]
    proofs = proofs_of(work, ordinary)
    payloads = [proof.payload for proof in proofs if proof]
    earlier = {said.report_id: said.supersedes.report_id for one in payloads if (said := one.report).supersedes}
    superseded = set(earlier.values())
    newest = [one for one in payloads if one.report.report_id not in superseded]
    return max(newest, key=lambda one: _place(one, earlier), default=None)


def _place(payload: SignedPayload, earlier: Mapping[str, str]) -> tuple[datetime, int]:
    """The time of the visit, and which of its reports it is; a new version has the place of the first version."""
    first = payload.report.report_id
    while first in earlier:
        first = earlier[first]
    return payload.report.visit_started, -number_of_report(first)
