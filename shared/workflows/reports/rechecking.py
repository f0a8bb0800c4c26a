"""Checking statements again after a person wrote or changed them."""

from __future__ import annotations

from dataclasses import dataclass

from shared.records.claims.consents import is_about_consent
from shared.records.claims.doubt import ClaimCheck, Doubt, other_name_doubts
from shared.records.claims.kinds import StatementKind
from shared.records.reports.content import ReportContent
from shared.records.reports.covering import Sources
from shared.records.reports.merging import new_numbers
from shared.records.reports.report import Report
from shared.records.reports.statements import Statement
from shared.records.reports.types import ReportSource
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.session import Session
from shared.records.visits.visit_transcript import (
    TranscriptSource,
    VisitSegment,
    joined,
    languages_in,
    lost_in,
    sources_of,
    spoken,
)
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import patient_records
from shared.workflows.reports.prompt import Evidence
from shared.workflows.visits import transcripts


@dataclass(frozen=True)
class Basis:
    """What a report is compared with."""

    sources: list[TranscriptSource]
    segments: list[VisitSegment]
    check: ClaimCheck
    lost: list[LostAudio]
    """What the transcriptions lack."""


def rechecked(
    work: UnitOfWork, report: Report, before: ReportContent | None, after: ReportContent, *, pointer: str = "/edits"
) -> tuple[Report, ReportContent]:
    """The report, and its content with the doubts of the statements that changed since `before` and the omissions of
    all. A report by hand is compared with the transcript that the visit has now. A draft that was not checked when it
    was written is not checked now. Raises Invalid if it is too large with what was found.
    """
    work.admit_beside(report)
    if after.claim_check is ClaimCheck.NOT_DONE and report.source != ReportSource.BY_HAND:
        return report, after
    basis = _basis(work, report, after)
    if basis.sources != report.sources:
        after = after.renumbered(new_numbers(report.sources, basis.sources))
    as_before = before is not None and (basis.sources, basis.check) == (report.sources, before.claim_check)
    known = {_claim(one) for one in before.statements} if before and as_before else set()
    changed = [one for one in after.statements if one.consent_id is None and _claim(one) not in known]
    if as_before and before and not changed and len(after.statements) == len(before.statements):
        return report, after
    checked = _checked(work, report, after.model_copy(update={"claim_check": basis.check}), changed, basis)
    checked.must_fit(pointer)
    if basis.sources != report.sources:
        report = report.compared_with(Sources(basis.sources, basis.lost))
    return report, checked


def with_next_omissions(work: UnitOfWork, report: Report, content: ReportContent) -> ReportContent:
    """The content with the omissions that were left out until others were settled. Raises Invalid if it is too
    large."""
    work.admit_beside(report)
    segments = spoken(transcripts.of_sources(work, report.sources))
    checker = Evidence(segments, language=content.language).checker(content.claim_check)
    after = content.with_omissions(checker.omissions(one.text for one in content.statements))
    after.must_fit("/resolutions")
    return after


def _basis(work: UnitOfWork, report: Report, content: ReportContent) -> Basis:
    if report.source != ReportSource.BY_HAND:
        heard_before = spoken(transcripts.of_sources(work, report.sources))
        return Basis(report.sources, heard_before, content.claim_check, report.lost_audio)
    session = work.get(Session.ref(report.session_id))
    heard = transcripts.of_visit(work, session)
    segments = spoken(joined(heard))
    if not segments:
        return Basis(sources_of(heard), [], ClaimCheck.RECORD_ONLY, lost_in(heard))
    languages = languages_in(segments, session.stt_settings.language)
    check = ClaimCheck.of(*languages, *filter(None, [content.language]))
    return Basis(sources_of(heard), segments, check, lost_in(heard))


def _checked(
    work: UnitOfWork, report: Report, content: ReportContent, changed: list[Statement], basis: Basis
) -> ReportContent:
    """The content with these statements checked, and with the omissions of all."""
    totals = patient_records.last_totals(work, report, content.statements)
    if not changed and not basis.segments:
        return content.rechecked([], [], totals)
    chart = patient_records.chart_of(work, report.patient_id)
    checker = Evidence(basis.segments, content.notes, chart=chart, language=content.language).checker(basis.check)
    statements = [
        one.checked(checker).doubted(
            *other_name_doubts(one.segments, content.other_names_heard), *_consents(work, report, one)
        )
        for one in changed
    ]
    return content.rechecked(statements, checker.omissions(one.text for one in content.statements), totals)


def _claim(one: Statement) -> tuple[str, str, StatementKind | None, tuple[int, ...], tuple[int, ...]]:
    """What the checks read of a statement."""
    return one.id, one.text, one.kind, tuple(one.segments), tuple(one.notes)


def _consents(work: UnitOfWork, report: Report, one: Statement) -> list[Doubt]:
    """The doubt of a person's statement about consent; the records are read only for such a statement."""
    if not is_about_consent(one.text):
        return []
    return patient_records.consents_of(work, report.session_id).doubts(one.text)
