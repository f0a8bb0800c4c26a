"""Whether a report has a proof. The workflows of reports and of visits ask; `reports.proofs` verifies it."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.reports.finishing import COSIGNATURE_PENDING
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.report import Report, ReportStatus
    from shared.records.reports.signed import SignedReport
    from shared.records.visits.session import Session


def stored_proof(work: UnitOfWork, report_id: str) -> SignedReport | None:
    """The proof document, also one that was marked as deleted: no operation deletes a proof."""
    ref = SignedReport.ref(report_id)
    return work.get_or_none(ref) or work.get_or_none(ref, live=False)


def is_signed(work: UnitOfWork, report_id: str) -> bool:
    """True if the report has a proof, valid or not, or its author signed it and it waits for the co-signature: nothing
    changes what it says. Report and proof must have been prefetched, or this costs further reads."""
    return stored_proof(work, report_id) is not None or _awaits_cosignature(work, report_id)


def must_be_unsigned(work: UnitOfWork, report_id: str, detail: str = "the report is signed") -> None:
    """Raises Conflict if the report is signed, at least by its author."""
    if stored_proof(work, report_id) is not None:
        raise Conflict(ConflictCode.REPORT_SIGNED, detail)
    if _awaits_cosignature(work, report_id):
        raise Conflict(ConflictCode.COSIGNATURE_PENDING, COSIGNATURE_PENDING)


def _awaits_cosignature(work: UnitOfWork, report_id: str) -> bool:
    found = work.unopened(Report.ref(report_id))
    return any(one["status"] == ReportStatus.COSIGNATURE_PENDING for one in found.values())


def reports_must_be_unsigned(work: UnitOfWork, session: Session, consequence: str = "") -> None:
    """Raises Conflict if any report of the session is signed, at least by its author."""
    work.prefetch(*map(Report.ref, session.report_ids), *map(SignedReport.ref, session.report_ids))
    for report_id in session.report_ids:
        must_be_unsigned(work, report_id, f"a report of the session is signed{consequence}")
