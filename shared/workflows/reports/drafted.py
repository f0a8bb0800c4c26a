"""The content of a report after a draft: the draft alone, or beside what stays of the report that is written anew."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.claims.doubt import CHECKS_VERSION, other_name_doubt
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.merging import Parts, merged, new_numbers
from shared.records.reports.names_heard import NameCheck
from shared.records.reports.report import Report
from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section
from shared.records.types import Language
from shared.records.version import Version
from shared.records.visits.visit_transcript import TranscriptSource
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import answer, other_names, prompt


def content(
    work: UnitOfWork,
    report: Report,
    draft: answer.Draft,
    *,
    sections: list[Section],
    evidence: prompt.Evidence,
    sources: Sequence[TranscriptSource],
    language: Language,
) -> ReportContent:
    """The content of the report with this draft of these sections; `sources` and `language` are of its evidence."""
    before = _before(work, report)
    parts = Parts(
        sections, draft.statements, draft.statements, [], answer.cited_notes(draft.statements, evidence.notes)
    )
    omissions = draft.omissions
    if before is not None and report.rewrite is not None:
        numbers, stamp = new_numbers(report.sources, sources), Stamp(report.rewrite.requested_by, work.now)
        merge = merged(before, parts, named=report.rewrite.sections, numbers=numbers, stamp=stamp)
        checker = prompt.Evidence(evidence.segments, merge.notes).checker(draft.check)
        parts = merge.checked({one.id for one in before.statements}, checker)
        omissions = checker.omissions(one.text for one in parts.statements)
    check = NameCheck.of(language)
    others = other_names.heard_in(work, report, evidence.segments) if check == NameCheck.DONE else []
    values = {
        "sections": parts.sections,
        "statements": [_named(one, others) for one in parts.statements],
        "generated": [_named(one, others) for one in parts.generated],
        "corrections": parts.corrections,
        "notes": parts.notes,
        "name_check": check,
        "other_names_heard": others,
        "omissions": omissions,
        "claim_check": draft.check,
        "checks_version": CHECKS_VERSION,
        "notes_hash": prompt.hash_of_notes(evidence.notes),
    }
    return before.revised(work.stamp, **values) if before else ReportContent.new(report.id, work.stamp, **values)


def keep_version(work: UnitOfWork, report: Report, after: ReportContent, written: Report) -> None:
    """Keep the content before a report was written anew, as a version by whom asked for it."""
    before = _before(work, report)
    if before is None or report.rewrite is None:
        return
    version = Version.of(before, after, Stamp(report.rewrite.requested_by, work.now))
    if version is not None:
        # The version of the report numbers it: the revisions of its content begin anew when it is replaced.
        work.create(version.amended(id=f"{report.id}-v{written.version}", revision=written.version))


def _before(work: UnitOfWork, report: Report) -> ReportContent | None:
    """What the report says that is written anew; None for the first draft."""
    return work.get_or_none(ReportContent.ref(report.id)) if report.rewrite else None


def _named(one: Statement, others: Sequence[int]) -> Statement:
    """The statement, with a doubt if it cites a segment with the name of another person."""
    named = sorted({*others} & {*one.segments})
    return one.doubted(other_name_doubt(named)) if named else one
