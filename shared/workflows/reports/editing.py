"""Correcting and reviewing a report."""

from __future__ import annotations

from shared.records.permissions import Action
from shared.records.record import Detailed
from shared.records.reports.content import Corrections, ReportContent
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.reports.proofs import must_be_unsigned
from shared.workflows.reports.reading import Body, body_of, report_refs, with_body


def correct(clinic: Clinic, report_id: str, corrections: Corrections) -> Detailed[Report, Body]:
    """Change, move, add or remove statements. Author and reason replace the evidence of a corrected statement.

    Edits that change nothing leave the report's version and review as they are.
    """

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.EDIT_REPORT)
        must_be_unsigned(work, report.id)
        corrected = report.corrected(corrections.correction_notes, work.stamp)
        before = work.get(ReportContent.ref(report.id))
        content = before.corrected(corrections, work.stamp)
        if content is before and corrected.correction_notes == report.correction_notes:
            return Detailed(report, body_of(before))
        return Detailed(work.save(corrected), body_of(work.save(content)))

    return clinic.perform("report.correct", transaction)


def review(clinic: Clinic, report_id: str) -> Detailed[Report, Body]:
    """Record that the caller has read the current version of the report."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.EDIT_REPORT)
        must_be_unsigned(work, report.id)
        reviewed = report.reviewed(work.stamp)
        return with_body(work, work.save(reviewed))

    return clinic.perform("report.review", transaction)
