"""Checking statements again after a person changed them."""

from __future__ import annotations

from shared.records.claims.consents import is_about_consent
from shared.records.claims.doubt import ClaimCheck, Doubt, other_name_doubts
from shared.records.claims.kinds import StatementKind
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.statements import Statement
from shared.records.visits.visit_transcript import spoken
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import patient_records
from shared.workflows.reports.prompt import Evidence
from shared.workflows.visits import transcripts


def rechecked(work: UnitOfWork, report: Report, before: ReportContent, after: ReportContent) -> ReportContent:
    """The content with the doubts of the statements that changed, and the omissions of all. A report that was not
    checked when it was written, such as one by hand, is not checked now. Raises Invalid if it is too large."""
    if after.claim_check is ClaimCheck.NOT_DONE or not report.sources:
        return after
    known = {_claim(one) for one in before.statements}
    changed = [one for one in after.statements if _claim(one) not in known]
    if not changed and len(after.statements) == len(before.statements):
        return after
    segments = spoken(transcripts.of_sources(work, report.sources))
    chart = patient_records.chart_of(work, report.patient_id)
    checker = Evidence(segments, after.notes, chart=chart).checker(after.claim_check)
    doubts = {
        one.id: [
            *checker.doubts_again(one.text, one.segments, one.notes, one.kind),
            *other_name_doubts(one.segments, after.other_names_heard),
            *_consents(work, report, one),
        ]
        for one in changed
    }
    totals = patient_records.last_totals(work, report, after.statements)
    return after.rechecked(doubts, checker.omissions(one.text for one in after.statements), totals)


def _claim(one: Statement) -> tuple[str, str, StatementKind | None, tuple[int, ...], tuple[int, ...]]:
    """What the checks read of a statement."""
    return one.id, one.text, one.kind, tuple(one.segments), tuple(one.notes)


def _consents(work: UnitOfWork, report: Report, one: Statement) -> list[Doubt]:
    """The doubt of a person's statement about consent; the records are read only for such a statement."""
    if one.consent_id is not None or not is_about_consent(one.text):
        return []
    return patient_records.consents_of(work, report.session_id).doubts(one.text)
