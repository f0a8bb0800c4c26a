"""Correcting and reviewing a report."""

from __future__ import annotations

from shared.records.record import Detailed
from shared.records.reports.content import Corrections, ReportContent
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.work import Work
from shared.workflows.reports.reading import Body, body_of, report_refs, with_body


def correct(clinic: Clinic, report_id: str, wanted: Corrections) -> Detailed[Report, Body]:
    """Change, add or remove statements. Who corrected and why replaces the evidence of what was corrected."""

    def story(work: Work) -> Detailed[Report, Body]:
        work.fetch(*report_refs(report_id))
        report = work.edit(Report.at(report_id))
        corrected = report.corrected(wanted.correction_notes, by=work.user_id, at=work.now)
        content = work.get(ReportContent.at(report.id)).corrected(wanted, by=work.user_id, at=work.now)
        return Detailed(work.save(corrected), body_of(work.save(content), None))

    return clinic.perform("report.correct", story)


def review(clinic: Clinic, report_id: str) -> Detailed[Report, Body]:
    """Note that the caller has read the report as it is now."""

    def story(work: Work) -> Detailed[Report, Body]:
        work.fetch(*report_refs(report_id))
        reviewed = work.edit(Report.at(report_id)).reviewed(by=work.user_id, at=work.now)
        return with_body(work, work.save(reviewed))

    return clinic.perform("report.review", story)
