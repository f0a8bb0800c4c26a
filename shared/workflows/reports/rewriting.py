"""Writing an unsigned report anew: the whole, some sections, or with another template. A person's edits stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.gateways import writer
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, raise_if_any
from shared.records.record import Detailed, Ref
from shared.records.reports.content import ReportContent
from shared.records.reports.merging import named_places
from shared.records.reports.notes import notes_of
from shared.records.reports.report import Report
from shared.records.reports.rewriting import RewriteRequest
from shared.records.reports.types import ReportSource, TypeFrom, chosen_type
from shared.records.templates.sections import leaves_of
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription
from shared.records.visits.visit_transcript import completed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, consent_gate, permissions
from shared.workflows.reports import choosing, prompt, requesting
from shared.workflows.reports.reading import Body, ReportDetail, body_of, named_body, report_refs
from shared.workflows.stored_proofs import must_be_unsigned
from shared.workflows.templates import reading as templates
from shared.workflows.visits import transcripts

_MOST_UNKNOWN = 5
"""Unknown sections that an error names."""


@dataclass(frozen=True)
class Sources:
    """What the report would be written from now."""

    session: Session
    heard: list[Transcription]

    @property
    def kind(self) -> ReportSource:
        """Raises Conflict if nothing was said or typed."""
        if self.heard:
            return ReportSource.RECORDING
        if not notes_of(self.session):
            raise Conflict(ConflictCode.TRANSCRIPTION_MISSING, "nothing was said or typed in the session")
        return ReportSource.NOTES

    def are_those_of(self, report: Report, content: ReportContent) -> bool:
        """True if the report was written from the same texts."""
        now = [(one.id, one.text_version) for one in self.heard]
        return (
            report.source == self.kind
            and [(one.transcription_id, one.version) for one in report.sources] == now
            and content.notes_hash in (None, prompt.hash_of_notes(notes_of(self.session)))
        )


def rewrite(clinic: Clinic, report_id: str, asked: RewriteRequest) -> ReportDetail:
    """Request that a written report is written anew. Without `force`, the report that is there is answered if it would
    be written from the same transcript and notes, with the same version of the template, by the same model.

    Raises Conflict for a report that is signed, failed or being written, and for one without a source; Invalid for
    unknown sections and for a template that the doctor of the report cannot use or another report of the session has;
    ConsentMissing.
    """

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.REQUEST_REPORT)
        work.prefetch(*report_refs(report.id), Session.ref(report.session_id), *_template_refs(report, asked))
        session = work.get(Session.ref(report.session_id))
        session.must_not_be_cancelled()
        must_be_unsigned(work, report.id)
        report.must_be_editable()
        content = work.get(ReportContent.ref(report.id))
        places = _places(work, session, report, content, asked)
        work.prefetch(*transcripts.refs_of(session), *consent_gate.refs(work, session.id))
        found = Sources(session, completed(transcripts.of_recordings(work, session)))
        if not asked.force and _is_as_asked(work, report, content, asked, found):
            return Detailed(report, body_of(content))
        consent_gate.require(work, session.id, consent_gate.drafting_from(found.kind))
        work.require_unchanged(session)  # every step of a recording writes the session
        changes: dict[str, Any] = {"source": found.kind, **_template_of(work, session, report, asked)}
        if found.heard:
            changes["transcription_id"] = found.heard[0].id
        requested = report.to_be_rewritten(places, work.stamp, **changes)
        requesting.enqueue(clinic, requested)  # before the commit, as every task
        return Detailed(attempts.save(work, requested), body_of(content))

    return clinic.perform("report.rewrite", named_body(transaction))


def _template_refs(report: Report, asked: RewriteRequest) -> list[Ref[Any]]:
    return [ref for id in {report.template_id, asked.template_id or report.template_id} for ref in templates.refs(id)]


def _template_of(work: UnitOfWork, session: Session, report: Report, asked: RewriteRequest) -> dict[str, Any]:
    """The fields that follow from the template. A type that a person chose stays."""
    if asked.template_id is None or asked.template_id == report.template_id:
        return {}
    chosen = report.report_type if report.type_from == TypeFrom.REQUEST else None
    of_template = templates.report_type_of(work, asked.template_id)
    return {"template_id": asked.template_id, **chosen_type(session.type, of_template, chosen)}


def _places(
    work: UnitOfWork, session: Session, report: Report, content: ReportContent, asked: RewriteRequest
) -> list[str]:
    """The places for statements to write; none for the whole report. Raises Invalid naming everything that is wrong."""
    places, unknown = _named(work, report, content, asked.sections)
    detail = f"no sections of this report's template: {', '.join(one[:60] for one in unknown[:_MOST_UNKNOWN])}"
    errors = [FieldError("/sections", detail)] if unknown else []
    if asked.template_id is not None and asked.template_id != report.template_id:
        if asked.sections:
            errors.append(FieldError("/sections", "with another template the whole report is written: leave it out"))
        errors += templates.unusable(work, asked.template_id, report.doctor_id)
        errors += choosing.taken(work, session, report.id, asked.template_id)
    raise_if_any(errors)
    return places


def _named(work: UnitOfWork, report: Report, content: ReportContent, ids: list[str]) -> tuple[list[str], list[str]]:
    """The places in the named sections, and the ids that name none. A section that only holds what stayed of an earlier
    template is none: nobody knows what belongs into it."""
    if not ids:
        return [], []
    there = {leaf.id for leaf in leaves_of(content.sections)}
    template = templates.pinned(work, report.template_id, report.template_version)
    places, unknown = named_places(template.content.sections, ids)
    return places, [*unknown, *(place for place in places if place not in there)]


def _is_as_asked(
    work: UnitOfWork, report: Report, content: ReportContent, asked: RewriteRequest, found: Sources
) -> bool:
    """True if another draft would say the same again."""
    if asked.template_id not in (None, report.template_id) or report.ai_model is None:
        return False
    current = templates.current(work, report.template_id)
    is_newest = bool(asked.sections) or report.template_version == current.version.number
    same_model = writer.is_pinned(report.ai_model, writer.model())
    return is_newest and same_model and not report.is_outdone_by(found.heard) and found.are_those_of(report, content)
