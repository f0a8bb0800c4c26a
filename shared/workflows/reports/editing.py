"""Correcting and reviewing a report."""

from __future__ import annotations

from shared.records.permissions import Action
from shared.records.record import Detailed
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Citable, Corrections
from shared.records.reports.notes import NoteSource, typed_in
from shared.records.reports.report import Report
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.reports.body import Body, shown
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs, with_body
from shared.workflows.reports.rechecking import rechecked
from shared.workflows.stored_proofs import must_be_unsigned
from shared.workflows.visits import transcripts


def correct(clinic: Clinic, report_id: str, corrections: Corrections) -> ReportDetail:
    """Change, move, add or remove statements. A corrected statement keeps the evidence that its edit leaves out, and is
    checked against it at once.

    Edits that change nothing leave the report's version and review as they are.
    """

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.EDIT_REPORT)
        must_be_unsigned(work, report.id)
        corrected = report.corrected(corrections.correction_notes, work.stamp)
        before = work.get(ReportContent.ref(report.id))
        content = before.corrected(corrections, work.stamp, _citable(work, report, corrections))
        if content is before and corrected.correction_notes == report.correction_notes:
            return shown(report, before)
        compared, checked = rechecked(work, corrected, before, content)
        return shown(work.save(compared), work.save(checked.without_lapsed(work.stamp)))

    return clinic.perform("report.correct", named_body(transaction))


def review(clinic: Clinic, report_id: str) -> ReportDetail:
    """Record that the caller has read the current version of the report."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.EDIT_REPORT)
        must_be_unsigned(work, report.id)
        reviewed = report.reviewed(work.stamp)
        return with_body(work, work.save(reviewed))

    return clinic.perform("report.review", named_body(transaction))


def _citable(work: UnitOfWork, report: Report, corrections: Corrections) -> Citable:
    """What the edits may cite; only what they do cite is read."""
    segments: frozenset[int] = frozenset()
    notes: dict[NoteSource, str] = {}
    if report.sources and any(edit.segments for edit in corrections.edits):
        segments = frozenset(segment.number for segment in transcripts.of_sources(work, report.sources))
    if any(edit.notes for edit in corrections.edits):
        session = work.get(Session.ref(report.session_id))
        notes = {source: text for source in NoteSource if (text := typed_in(session, source))}
    return Citable(segments, notes)
