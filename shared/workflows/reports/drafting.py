"""Drafting a requested report: written by the model from a transcription, failed when it cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from shared.lazily import lazily
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.profile import UserProfile
from shared.records.problems import Unavailable
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import writer, writer_models
    from shared.records.clinic.devices import Devices
    from shared.records.reports.content import ReportContent
    from shared.records.reports.covering import Sources
    from shared.records.reports.failure import ReportFailure
    from shared.records.reports.merging import narrowed
    from shared.records.reports.notes import notes_of
    from shared.records.reports.pseudonyms import Pseudonyms
    from shared.records.reports.report import Report
    from shared.records.reports.scores import scores_of
    from shared.records.reports.signed import SignedReport
    from shared.records.reports.types import ReportSource
    from shared.records.templates.content import TemplateContent
    from shared.records.templates.sections import Leaf, leaves_of
    from shared.records.templates.style import StyleExamples
    from shared.records.templates.template import TemplateVersion
    from shared.records.visits.ids import transcription_id_of
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.visit_transcript import joined, languages_in, lost_in, sources_of, spoken
    from shared.workflows import attempts, consent_gate
    from shared.workflows.reports import answer, drafted, known_people, notifying, patient_records, prompt
    from shared.workflows.reports.assignment import Assignment
    from shared.workflows.reports.prompt_values import values_of
    from shared.workflows.stored_proofs import must_be_unsigned
    from shared.workflows.templates import reading as templates
    from shared.workflows.templates import styles
    from shared.workflows.visits import transcripts

_log = logging.getLogger("synapse.jobs")

MOST_RETRIES = 5
"""Redeliveries after which a report is failed, so that a person notices."""


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
    must_be_unsigned(work, report.id)  # and none that waits is signed meanwhile
    session_ref = Session.ref(report.session_id)
    people = known_people.refs(work, report)
    recorded = report.source == ReportSource.RECORDING
    first = transcripts.first_refs(transcription_id_of(session_ref.id, 1)) if recorded else ()
    style_ref = StyleExamples.ref(report.doctor_id)
    work.prefetch(*templates.refs(report.template_id), session_ref, style_ref, *people, *first)
    session = work.get(session_ref)
    if session.status == SessionStatus.CANCELLED:  # between the request of the report and its commit
        attempts.give_up(work, report, SESSION_CANCELLED)
        return None
    if reason := consent_gate.failure(work, session.id, consent_gate.drafting_from(report.source)):
        attempts.give_up(work, report, reason)
        return None
    model = writer.model()
    _warn_of_retirement(model, work.now)
    template = _template(work, report)
    pinned = {
        "template_version": template.number,
        "prompt_hash": prompt.digest_of(template.content),
        "psychotherapy_notes": report.psychotherapy_notes or template.content.psychotherapy_notes,
    }
    generating = report.generating(work.stamp, model=model, prompt_version=prompt.PROMPT_VERSION, **pinned)
    heard = transcripts.of_visit(work, session) if recorded else []
    segments = spoken(joined(heard))
    languages = languages_in(segments, session.stt_settings.language)
    main_language = heard[-1].transcription.language if heard else session.stt_settings.language
    return Assignment(
        attempts.save(work, generating),
        _to_write(template.content, report),
        prompt.Evidence(
            segments,
            notes_of(session),
            Pseudonyms(known_people.in_visit(work, report, segments)),
            patient_records.chart_of(work, report.patient_id),
            template.content.language or main_language,
        ),
        languages,
        main_language,
        sources_of(heard),
        lost_in(heard),
        values_of(work, session, languages, report.report_type),
        styles.of_doctor(work, report.doctor_id),
        work.as_read(work.settings_ref(), UserProfile.ref(report.doctor_id)),
    )


def _template(work: UnitOfWork, report: Report) -> TemplateVersion:
    """The newest version of the template; for some sections, the version that the others were written with."""
    return templates.pinned(work, report.template_id, report.template_version if report.places_to_rewrite else None)


def _to_write(content: TemplateContent, report: Report) -> TemplateContent:
    """What the template says of the sections to write."""
    if not report.places_to_rewrite:
        return content
    return content.model_copy(update={"sections": narrowed(content.sections, report.places_to_rewrite)})


def _warn_of_retirement(model: str, now: datetime) -> None:
    """Log a model that Google retires soon; an alert matches the entry."""
    if retires := writer_models.retirement_near(model, now.date()):
        _log.warning("writer model retires", extra={"reason": f"{model} {retires}"})


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
    """The draft of one call of the writer for each chunk of the transcript, and the model that answered."""
    sections, evidence = assignment.sections, assignment.evidence
    leaves = list(leaves_of(assignment.template.sections))
    written = _answers(assignment.instruction, prompt.prompts_for(leaves, evidence), leaves, notes=bool(evidence.notes))
    texts = [one.text for one in written]
    draft = answer.read_draft(texts, sections, evidence, assignment.style, languages=assignment.languages)
    if not draft.statements:
        raise answer.EmptyDraft
    return draft, written[0].model


def _answers(instruction: str, prompts: Sequence[str], leaves: Sequence[Leaf], *, notes: bool) -> list[writer.Written]:
    """The answers to the prompts, in their order. Several are asked at once: the task has five minutes."""

    def ask(number: int) -> writer.Written:
        return writer.write(instruction, prompts[number], prompt.schema_for(leaves, notes=notes and number == 0))

    if len(prompts) == 1:
        return [ask(0)]
    with ThreadPoolExecutor(len(prompts)) as threads:
        return list(threads.map(ask, range(len(prompts))))


def _written(work: UnitOfWork, assignment: Assignment, draft: answer.Draft, model: str) -> None:
    ref, content_ref = Report.ref(assignment.report.id), ReportContent.ref(assignment.report.id)
    work.assume(assignment.read)
    # A first draft replaces no content; if there is one all the same, the commit fails, and the retry reads it.
    content_may_exist = assignment.report.attempt > 1 or work.is_retry
    replaced = [content_ref] if content_may_exist else []
    devices, consents = Devices.ref(assignment.report.doctor_id), consent_gate.refs(work, ref.id)
    work.prefetch(ref, *replaced, devices, *consents)
    report = work.get(ref)
    if not report.is_current(assignment.report.attempt):
        return
    if reason := consent_gate.withdrawn(work, report.session_id, consent_gate.drafting_from(report.source)):
        attempts.give_up(work, report, reason)
        return
    evidence, sources = assignment.evidence, Sources(list(assignment.sources), assignment.lost)
    before = work.get_or_none(content_ref) if report.rewrite else None
    content = drafted.content(work, report, assignment, draft, before)
    if content.excess():
        attempts.give_up(work, report, ReportFailure.DRAFT_TOO_LONG)
        return
    heard = {segment.number: segment.confidence for segment in evidence.segments}
    scores = scores_of(content.sections, content.statements, heard)
    written = report.written(scores, work.stamp, model=model, rejected=draft.rejections, sources=sources)
    if report.rewrite:
        written = written.rewritten(report, edited=content.has_edits, written=content.drafted_places)
        if before is not None:
            drafted.keep_version(work, before, content, written, report.rewrite.requested_by)
    attempts.save(work, written)
    write = work.upsert if content_may_exist else work.create
    write(content)
    work.count_template_use(report.template_id, report.doctor_id)
    notifying.announce(work, report)
