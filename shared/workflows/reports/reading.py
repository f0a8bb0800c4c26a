"""Reading a report."""

from __future__ import annotations

from typing import Any

from shared.records.clinic.people import UserProfile
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.patients.patient import Patient
from shared.records.record import Detailed, Ref, Value
from shared.records.reports.content import Correction, ReportContent, Statement
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.signed import Signature, SignedReport
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.template import Section
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import documents


class Body(Value):
    """What a report says. `generated_content` is the text as it reads."""

    sections: list[Section]
    statements: list[Statement]
    corrections: list[Correction]
    generated_content: str
    signature: Signature | None


def get(clinic: Clinic, report_id: str) -> Detailed[Report, Body]:
    """A report with its statements."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        return with_body(work, work.get(Report.ref(report_id)))

    return clinic.perform("report.read", transaction)


def report_refs(report_id: str) -> tuple[Ref[Any], ...]:
    """What a reader of a report needs, to be prefetched."""
    return Report.ref(report_id), ReportContent.ref(report_id), SignedReport.ref(report_id)


def with_body(work: UnitOfWork, report: Report) -> Detailed[Report, Body]:
    """The report with what it says; a report that is not written yet says nothing."""
    content = work.get_or_none(ReportContent.ref(report.id))
    proof = work.get_or_none(SignedReport.ref(report.id)) if report.status == ReportStatus.SIGNED else None
    return Detailed(report, body_of(content, proof.signature if proof else None))


def body_of(content: ReportContent | None, signature: Signature | None) -> Body:
    if content is None:
        return Body(sections=[], statements=[], corrections=[], generated_content="", signature=None)
    return Body(
        sections=content.sections,
        statements=content.statements,
        corrections=content.corrections,
        generated_content=documents.plain_text(content.sections, content.statements),
        signature=signature,
    )


def report_snapshot(
    work: UnitOfWork, report: Report, content: ReportContent, profile: UserProfile | None
) -> ReportSnapshot:
    settings = work.settings()
    patient = work.get(Patient.ref(report.patient_id))
    issuer, subject = Letterhead.of(profile, settings), PatientIdentity.of(patient)
    session = work.get(Session.ref(report.session_id))
    return ReportSnapshot.of(report, content, session, issuer=issuer, subject=subject, zone=settings.time_zone)
