"""Whether a report has a proof. The workflows of reports and of visits ask; `reports.proofs` verifies it."""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.reports.signed import SignedReport
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork


def stored_proof(work: UnitOfWork, report_id: str) -> SignedReport | None:
    """The proof document, also one that was marked as deleted: no operation deletes a proof."""
    ref = SignedReport.ref(report_id)
    return work.get_or_none(ref) or work.get_or_none(ref, live=False)


def must_be_unsigned(work: UnitOfWork, report_id: str, detail: str = "the report is signed") -> None:
    """Raises Conflict if the report has a proof, valid or not: nothing changes a signed report."""
    if stored_proof(work, report_id) is not None:
        raise Conflict(ConflictCode.REPORT_SIGNED, detail)


def reports_must_be_unsigned(work: UnitOfWork, session: Session, consequence: str = "") -> None:
    """Raises Conflict if any report of the session has a proof, whatever its plain status says."""
    work.prefetch(*map(SignedReport.ref, session.report_ids))
    for report_id in session.report_ids:
        must_be_unsigned(work, report_id, f"a report of the session is signed{consequence}")
