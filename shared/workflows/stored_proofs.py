"""Whether a report has a proof. The workflows of reports and of visits ask; `reports.proofs` verifies it."""

from __future__ import annotations

from shared.records.reports.signed import SignedReport
from shared.store.unit_of_work import UnitOfWork


def stored_proof(work: UnitOfWork, report_id: str) -> SignedReport | None:
    """The proof document, also one that was marked as deleted: no operation deletes a proof."""
    ref = SignedReport.ref(report_id)
    return work.get_or_none(ref) or work.get_or_none(ref, live=False)
