"""The content of a report after a draft: the draft alone, or beside what stays of the report that is written anew."""

from __future__ import annotations

from dataclasses import replace

from shared.lazily import lazily
from shared.records.claims.doubt import CHECKS_VERSION, other_name_doubts
from shared.records.record import Stamp
from shared.records.version import Version
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.consents import with_consents
    from shared.records.reports.content import ReportContent
    from shared.records.reports.merging import Parts, merged, new_numbers
    from shared.records.reports.names_heard import NameCheck, is_covered
    from shared.records.reports.report import Report
    from shared.records.reports.score_check import scores_checked
    from shared.workflows.reports import answer, other_names, patient_records, prompt
    from shared.workflows.reports.assignment import Assignment


def content(
    work: UnitOfWork, report: Report, assignment: Assignment, draft: answer.Draft, before: ReportContent | None
) -> ReportContent:
    """The content of the report with this draft; `before` is what it says if it is written anew."""
    evidence = assignment.evidence
    parts = Parts(
        assignment.sections,
        draft.statements,
        draft.statements,
        [],
        answer.cited_notes(draft.statements, evidence.notes),
    )
    omissions = draft.omissions
    if before is not None and report.rewrite is not None:
        numbers = new_numbers(report.sources, assignment.sources)
        stamp = Stamp(report.rewrite.requested_by, work.now)
        merge = merged(before, parts, named=report.rewrite.sections, numbers=numbers, stamp=stamp)
        checker = replace(evidence, notes=merge.notes).checker(draft.check)
        parts = merge.checked({one.id for one in before.statements}, checker)
        omissions = checker.omissions(one.text for one in parts.statements)
    others = _other_names(work, report, assignment)
    parts = _with_records(
        work, report, assignment, parts.mapped(lambda one: one.doubted(*other_name_doubts(one.segments, others)))
    )
    values = {
        "sections": parts.sections,
        "statements": parts.statements,
        "generated": parts.generated,
        "corrections": parts.corrections,
        "notes": parts.notes,
        "name_check": NameCheck.of(*assignment.languages),
        "language": assignment.report_language,
        "other_names_heard": others,
        "claim_check": draft.check,
        "checks_version": CHECKS_VERSION,
        "notes_hash": prompt.hash_of_notes(evidence.notes),
    }
    if before is None:
        return ReportContent.new(report.id, work.stamp, **values).with_omissions(omissions)
    return before.revised(work.stamp, **values).with_omissions(omissions).lapsed(work.stamp)


def _other_names(work: UnitOfWork, report: Report, assignment: Assignment) -> list[int]:
    """The segments with the name of another person; only those in English are searched."""
    segments, main = assignment.evidence.segments, assignment.main_language
    english = [one for one in segments if is_covered(one.language or main)]
    return other_names.heard_in(work, report, english) if english else []


def _with_records(work: UnitOfWork, report: Report, assignment: Assignment, parts: Parts) -> Parts:
    """The parts, compared with the last signed report, and with statements of the consents that the records have."""
    if totals := patient_records.last_totals(work, report, parts.statements):
        scored = scores_checked(parts.sections, parts.statements, totals)
        generated = scores_checked(parts.sections, parts.generated, totals)
        parts = replace(parts, statements=scored, generated=generated)
    live = patient_records.consents_of(work, report.session_id)
    of_clinic = {"language": assignment.report_language, "zone": work.settings().time_zone}
    sections, statements = with_consents(parts.sections, parts.statements, live, **of_clinic)
    made = {one.consent_id for one in statements if one.consent_id} - {one.consent_id for one in parts.statements}
    return replace(
        parts,
        sections=sections,
        statements=statements,
        generated=[*parts.generated, *(one for one in statements if one.consent_id in made)],
    )


def keep_version(
    work: UnitOfWork, before: ReportContent, after: ReportContent, written: Report, requested_by: str
) -> None:
    """Keep the content before a report was written anew, as a version by whom asked for it."""
    version = Version.of(before, after, Stamp(requested_by, work.now))
    if version is not None:
        # The version of the report numbers it: the revisions of its content begin anew when it is replaced.
        work.create(version.amended(id=f"{written.id}-v{written.version}", revision=written.version))
