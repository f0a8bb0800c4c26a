"""Drafting a requested report: written by the model from a transcription, failed when it cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from shared.gateways import writer
from shared.records.attempt import SESSION_CANCELLED
from shared.records.claims.doubt import CHECKS_VERSION, other_name_doubt
from shared.records.clinic.devices import Devices
from shared.records.clinic.profile import UserProfile
from shared.records.problems import Unavailable
from shared.records.reports.content import ReportContent
from shared.records.reports.failure import ReportFailure
from shared.records.reports.names_heard import NameCheck
from shared.records.reports.notes import notes_of
from shared.records.reports.report import Report
from shared.records.reports.scores import scores_of
from shared.records.reports.signed import SignedReport
from shared.records.reports.template import ReportTemplate
from shared.records.reports.types import ReportSource
from shared.records.types import Language
from shared.records.visits.ids import transcription_id_of
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.visit_transcript import TranscriptSource, joined, sources_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, consent_gate
from shared.workflows.reports import answer, notifying, other_names, prompt
from shared.workflows.stored_proofs import must_be_unsigned
from shared.workflows.visits import transcripts

_log = logging.getLogger("synapse.jobs")

MOST_RETRIES = 5
"""Redeliveries after which a report is failed, so that a person notices."""


@dataclass(frozen=True)
class Assignment:
    """One report to write."""

    report: Report
    template: ReportTemplate
    evidence: prompt.Evidence
    language: Language = "en"
    """Of the transcript."""
    sources: Sequence[TranscriptSource] = ()
    """The transcriptions that the evidence is from."""


def write(clinic: Clinic, report_id: str, attempt: int, retries: int) -> None:
    """Draft a report. Raises Unavailable, so that the task is delivered again, only when the writer cannot answer now;
    any other failure is recorded."""
    assignment = clinic.perform("report.generate", lambda work: _assigned(work, report_id, attempt))
    if assignment is None:
        return
    try:
        draft, model = _drafted(assignment)
    except writer.WriterBusy:
        if retries < MOST_RETRIES:
            raise Unavailable from None
        attempts.fail(clinic, Report.ref(report_id), attempt, ReportFailure.WRITER_BUSY)
    except writer.WriterRefused as refusal:
        if refusal.failure is ReportFailure.WRITER_OTHER_MODEL:
            job = {"kind": "report", "id": report_id, "clinic_id": clinic.id}
            _log.error("another model answered", extra={**job, "reason": refusal.answered[:120] or "none"})
        attempts.fail(clinic, Report.ref(report_id), attempt, refusal.failure)
    except prompt.NoDraft as none:
        attempts.fail(clinic, Report.ref(report_id), attempt, none.failure)
    else:
        clinic.perform("report.write", lambda work: _written(work, assignment, draft, model))


def _assigned(work: UnitOfWork, report_id: str, attempt: int) -> Assignment | None:
    """Mark the report as being written; None if there is nothing to write."""
    work.prefetch(Report.ref(report_id), SignedReport.ref(report_id), *consent_gate.refs(work, report_id))
    report = attempts.accepted(work.get_or_none(Report.ref(report_id)), attempt)
    if report is None:
        return None
    must_be_unsigned(work, report.id)
    template_ref, session_ref = ReportTemplate.ref(report.template_id), Session.ref(report.session_id)
    recorded = report.source == ReportSource.RECORDING
    first = transcripts.first_refs(transcription_id_of(session_ref.id, 1)) if recorded else ()
    work.prefetch(template_ref, session_ref, *first)
    template, session = work.get(template_ref), work.get(session_ref)
    if session.status == SessionStatus.CANCELLED:  # between the request of the report and its commit
        attempts.give_up(work, report, SESSION_CANCELLED)
        return None
    if reason := consent_gate.failure(work, session.id, consent_gate.drafting_from(report.source)):
        attempts.give_up(work, report, reason)
        return None
    generating = report.generating(work.stamp, model=writer.model(), prompt_version=prompt.PROMPT_VERSION)
    heard = transcripts.of_visit(work, session) if recorded else []
    return Assignment(
        attempts.save(work, generating),
        template,
        prompt.Evidence([one for one in joined(heard) if one.text], notes_of(session)),
        session.stt_settings.language,
        sources_of(heard),
    )


def _drafted(assignment: Assignment) -> tuple[answer.Draft, str]:
    """Call the writer, a second time if its answer is no draft: it answers differently each time.

    Raises WriterBusy, WriterRefused or NoDraft.
    """
    try:
        return _draft(assignment)
    except writer.WriterRefused as refusal:
        if not refusal.repeatable:
            raise
    except answer.UnusableDraft:
        pass
    return _draft(assignment)


def _draft(assignment: Assignment) -> tuple[answer.Draft, str]:
    """The draft of one call of the writer, and the model that answered."""
    sections, evidence = assignment.template.sections, assignment.evidence
    leaves = list(assignment.template.leaves())
    instruction = prompt.instruction_for(assignment.template.ai_prompt)
    text, schema = prompt.prompt_for(leaves, evidence), prompt.schema_for(leaves, notes=bool(evidence.notes))
    written = writer.write(instruction, text, schema)
    draft = answer.read_draft(written.text, sections, evidence, assignment.language)
    if not draft.statements:
        raise answer.EmptyDraft
    return draft, written.model


def _written(work: UnitOfWork, assignment: Assignment, draft: answer.Draft, model: str) -> None:
    ref, content_ref = Report.ref(assignment.report.id), ReportContent.ref(assignment.report.id)
    doctor_id = assignment.report.doctor_id
    devices, profile = Devices.ref(doctor_id), UserProfile.ref(doctor_id)
    consents = consent_gate.refs(work, ref.id)
    work.prefetch(ref, content_ref, SignedReport.ref(ref.id), profile, devices, *consents)
    report = work.get(ref)
    if not report.is_current(assignment.report.attempt):
        return
    must_be_unsigned(work, report.id)
    if reason := consent_gate.withdrawn(work, report.session_id, consent_gate.drafting_from(report.source)):
        attempts.give_up(work, report, reason)
        return
    sections = assignment.template.sections
    check = NameCheck.of(assignment.language)
    others = other_names.heard_in(work, report, assignment.evidence.segments) if check == NameCheck.DONE else []
    statements = [
        one.doubted(other_name_doubt(named)) if (named := sorted({*others} & {*one.segments})) else one
        for one in draft.statements
    ]
    content = ReportContent.new(
        report.id,
        work.stamp,
        sections=sections,
        statements=statements,
        generated=statements,
        notes=answer.cited_notes(statements, assignment.evidence.notes),
        name_check=check,
        other_names_heard=others,
        omissions=draft.omissions,
        claim_check=draft.check,
        checks_version=CHECKS_VERSION,
    )
    if content.excess():
        attempts.give_up(work, report, ReportFailure.DRAFT_TOO_LONG)
        return
    scores = scores_of(sections, statements, {s.number: s.confidence for s in assignment.evidence.segments})
    sources = list(assignment.sources)
    attempts.save(work, report.written(scores, work.stamp, model=model, rejected=draft.rejected, sources=sources))
    work.upsert(content)
    notifying.announce(work, report)
