"""Drafting a report from a transcription: requested, written by the model, failed when it cannot be written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.gateways import tasks, writer
from shared.records.problems import Conflict, Unavailable
from shared.records.record import session_of
from shared.records.reports.content import ReportContent, scores_of
from shared.records.reports.report import Report, ReportType
from shared.records.reports.template import ReportTemplate
from shared.records.visits.session import Session, SessionType
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports import prompt
from shared.workflows.visits import transcripts

QUEUE = "reports"
MOST_RETRIES = 5
"""After so many deliveries in vain a report is failed, so that a person learns of it."""
STALLED_AFTER = timedelta(minutes=30)
"""A report that waits and did not change for so long has lost its task, whose deliveries change it more often."""
LONGEST_WAIT = timedelta(hours=2)
"""After that a report is given up; a person may ask for it again."""


@dataclass(frozen=True)
class Assignment:
    """What the writer is to do."""

    report: Report
    template: ReportTemplate
    segments: list[Segment]


def request_first(clinic: Clinic, transcription_id: str) -> None:
    """A transcription was completed: have its session's report written, if there is none yet."""

    def transaction(work: UnitOfWork) -> Report | None:
        session_ref = Session.ref(session_of(transcription_id))
        work.prefetch(Transcription.ref(transcription_id), session_ref, Report.ref(f"{session_ref.id}-r1"))
        transcription, session = work.get(Transcription.ref(transcription_id)), work.get(session_ref)
        if transcription.status != TranscriptionStatus.COMPLETED:
            return None
        report = work.get_or_none(Report.ref(session.report_id))
        return report if report is not None else work.create(_new_report(work, session, transcription))

    report = clinic.perform("report.request", transaction)
    if report is not None and report.waiting:
        _enqueue(clinic, report)


def request(clinic: Clinic, session_id: str) -> Report:
    """A person asks for a session's report: the first, or again after a failure."""

    def transaction(work: UnitOfWork) -> Report:
        session = work.get(Session.ref(session_id))
        work.prefetch(Transcription.ref(session.transcription_id), Report.ref(session.report_id))
        transcription = work.get_or_none(Transcription.ref(session.transcription_id))
        if transcription is None or transcription.status != TranscriptionStatus.COMPLETED:
            raise Conflict("the session has no completed transcription")
        report = work.get_or_none(Report.ref(session.report_id))
        if report is None:
            wanted = _new_report(work, session, transcription)
        else:
            wanted = report.retried(work.stamp, transcription_id=transcription.id)
        # Before the commit: a task that comes early is sent back, a change without its task would be stuck.
        _enqueue(clinic, wanted)
        work.progress(session.id, report=wanted.status)
        return work.create(wanted) if report is None else work.save(wanted)

    return clinic.perform("report.request", transaction)


def write(clinic: Clinic, report_id: str, attempt: int, retries: int) -> None:
    """Draft a report. Raises Busy when the writer cannot answer now."""
    assignment = clinic.perform("report.generate", lambda work: _assigned(work, report_id, attempt))
    if assignment is None:
        return
    try:
        draft, model = _drafted(assignment)
    except writer.WriterBusy:
        if retries < MOST_RETRIES:
            raise Unavailable from None
        clinic.perform("report.fail", lambda work: _fail(work, report_id, attempt, "writer_busy"))
    except writer.WriterRefused as refusal:
        reason = str(refusal)
        clinic.perform("report.fail", lambda work: _fail(work, report_id, attempt, reason))
    else:
        clinic.perform("report.write", lambda work: _written(work, assignment, draft, model))


def revive(clinic: Clinic, report_id: str) -> str | None:
    """Have a report that stalled written after all, or give it up; returns which, or none if it moved on."""

    def transaction(work: UnitOfWork) -> str | None:
        report = work.get_or_none(Report.ref(report_id))
        if report is None or not report.waiting or work.now - report.updated_at < STALLED_AFTER:
            return None
        if work.now - report.requested_at > LONGEST_WAIT:
            _give_up(work, report, "deadline_exceeded")
            return "failed"
        # Before the commit, and named by the change before: two sweeps at once ask once, and a later one anew.
        _enqueue(clinic, report, f"/changed {report.updated_at.isoformat()}")
        work.save(report.revised(work.stamp))
        return "enqueued"

    return clinic.perform("report.revive", transaction)


def _new_report(work: UnitOfWork, session: Session, transcription: Transcription) -> Report:
    return Report.new(
        session.report_id,
        work.stamp,
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=session.doctor_id,
        template_id=session.template_id,
        transcription_id=transcription.id,
        requested_at=work.now,
        report_type=ReportType.FOLLOWUP if session.type == SessionType.FOLLOWUP else ReportType.CONSULTATION,
    )


def _enqueue(clinic: Clinic, report: Report, again: str = "") -> None:
    """Have an attempt written. One task does it, unless that one was lost: then one more for each `again`."""
    body: dict[str, str | int] = {"clinic_id": clinic.id, "report_id": report.id, "attempt": report.attempt}
    tasks.enqueue(QUEUE, "write_report", body, deduplication_key=f"{clinic.id}/{report.id}/{report.attempt}{again}")


def _assigned(work: UnitOfWork, report_id: str, attempt: int) -> Assignment | None:
    """Note that the report is being written, or find that there is nothing to write."""
    report = work.get_or_none(Report.ref(report_id))
    if report is None or attempt > report.attempt:
        raise Unavailable  # asked for in a change that is not committed yet
    if not report.waiting or attempt < report.attempt:
        return None
    template_ref = ReportTemplate.ref(report.template_id)
    transcript = transcripts.with_segments(work, report.transcription_id, template_ref)
    template = work.get(template_ref)
    generating = report.generating(work.stamp, model=writer.model(), prompt_version=prompt.PROMPT_VERSION)
    work.progress(report.session_id, report=generating.status)
    return Assignment(work.save(generating), template, transcript.extra.segments)


def _drafted(assignment: Assignment) -> tuple[prompt.Draft, str]:
    """Ask the writer, a second time if its answer is not readable."""
    leaves = list(assignment.template.leaves())
    instruction = prompt.instruction_for(assignment.template.ai_prompt)
    text, schema = prompt.prompt_for(leaves, assignment.segments), prompt.schema_for(leaves)
    for _ in range(2):
        written = writer.write(instruction, text, schema)
        try:
            return prompt.read_draft(written.text, leaves, assignment.segments), written.model
        except prompt.UnreadableDraft:
            continue
    raise writer.WriterRefused("draft_unreadable")


def _written(work: UnitOfWork, assignment: Assignment, draft: prompt.Draft, model: str) -> None:
    ref, content_ref = Report.ref(assignment.report.id), ReportContent.ref(assignment.report.id)
    work.prefetch(ref, content_ref)
    report = work.get(ref)
    if not report.waiting or report.attempt != assignment.report.attempt:
        return
    sections = assignment.template.sections
    scores = scores_of(sections, draft.statements, {s.number: s.confidence for s in assignment.segments})
    done = report.written(scores, work.stamp, model=model, rejected=draft.rejected)
    work.save(done)
    content = ReportContent.new(
        report.id, work.stamp, sections=sections, statements=draft.statements, generated=draft.statements
    )
    work.upsert(content)
    work.progress(report.session_id, report=done.status)


def _fail(work: UnitOfWork, report_id: str, attempt: int, reason: str) -> None:
    report = work.get(Report.ref(report_id))
    if report.waiting and report.attempt == attempt:
        _give_up(work, report, reason)


def _give_up(work: UnitOfWork, report: Report, reason: str) -> None:
    failed = report.failed(reason, work.stamp)
    work.save(failed)
    work.progress(report.session_id, report=failed.status)
