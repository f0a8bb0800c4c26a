"""Drafting a report from a transcription: requested, written by the model, failed when it cannot be written."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from shared.gateways import tasks, writer
from shared.records import numbering
from shared.records.attempt import SESSION_CANCELLED
from shared.records.clinic.devices import Devices
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import Conflict, Unavailable
from shared.records.record import Detailed, Ref, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.failure import ReportFailure
from shared.records.reports.names_heard import NameCheck
from shared.records.reports.notes import notes_of
from shared.records.reports.report import Report, report_type_of
from shared.records.reports.scores import scores_of
from shared.records.reports.signed import SignedReport
from shared.records.reports.statements import Doubt
from shared.records.reports.template import ReportTemplate
from shared.records.types import Language, Role
from shared.records.visits.ids import report_id_of
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, permissions
from shared.workflows.parties import named
from shared.workflows.reports import notifying, other_names, prompt
from shared.workflows.stored_proofs import must_be_unsigned
from shared.workflows.visits import discarding, transcripts

_log = logging.getLogger("synapse.jobs")

QUEUE = "reports"
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


def request_first(clinic: Clinic, transcription_id: str) -> None:
    """Request the report of a session whose transcription was completed, if there is none yet.

    Of a cancelled session, what was recorded is discarded instead.
    """

    def transaction(work: UnitOfWork) -> Report | Transcription | None:
        session_ref = Session.ref(session_of(transcription_id))
        report_id = report_id_of(session_ref.id)
        work.prefetch(
            Transcription.ref(transcription_id), session_ref, Report.ref(report_id), SignedReport.ref(report_id)
        )
        transcription, session = work.get(Transcription.ref(transcription_id)), work.get(session_ref)
        if session.status == SessionStatus.CANCELLED:
            return transcription
        if transcription.status != TranscriptionStatus.COMPLETED:
            return None
        report = work.get_or_none(Report.ref(session.report_id))
        if report is not None:
            return report
        must_be_unsigned(work, session.report_id)
        return attempts.create(work, new_report(work, session, transcription.id))

    found = clinic.perform("report.request", transaction)
    if isinstance(found, Transcription):
        discarding.discard(clinic, found)
    elif found is not None and found.waiting:
        enqueue(clinic, found)


def request(clinic: Clinic, session_id: str) -> Detailed[Report, Named]:
    """Request a session's report: the first, or again after a failure."""

    def transaction(work: UnitOfWork) -> Report:
        session = work.get(Session.ref(session_id))
        session.must_not_be_cancelled()
        report_ref, proof_ref = Report.ref(session.report_id), SignedReport.ref(session.report_id)
        work.prefetch(Transcription.ref(session.transcription_id), report_ref, proof_ref)
        report = work.get_or_none(report_ref)
        permissions.require(work, Action.REQUEST_REPORT, session, *([report] if report else []))
        transcription_id = completed_transcription(work, session)
        must_be_unsigned(work, report_ref.id)
        if report is None:
            drafted = new_report(work, session, transcription_id)
        else:
            drafted = report.retried(work.stamp, transcription_id=transcription_id)
            drafted = drafted.model_copy(update={"doctor_id": _signer(work, session, report.doctor_id)})
        enqueue(clinic, drafted)
        return attempts.create(work, drafted) if report is None else attempts.save(work, drafted)

    return clinic.perform("report.request", named(transaction))


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


def recover_stalled(clinic: Clinic, report_id: str) -> str | None:
    """Enqueue a stalled report again, or fail it; returns which, or None if it moved on."""

    def enqueue_again(report: Report) -> None:
        enqueue(clinic, report, attempts.recovery_of(report))

    return attempts.recover_stalled(clinic, Report.ref(report_id), enqueue_again, "enqueued")


def completed_transcription(work: UnitOfWork, session: Session) -> str:
    """The id of the session's completed transcription. Raises Conflict without one."""
    transcription = work.get_or_none(Transcription.ref(session.transcription_id))
    if transcription is None or transcription.status != TranscriptionStatus.COMPLETED:
        raise Conflict(ConflictCode.TRANSCRIPTION_MISSING, "the session has no completed transcription")
    return transcription.id


def new_report(
    work: UnitOfWork, session: Session, transcription_id: str | None, before: Report | None = None
) -> Report:
    """The report of a session, before its draft. It keeps the number of the report that it replaces.

    Settings and counter are read only when a number is given.
    """
    if before is None:
        work.prefetch(work.settings_ref(), numbering.REPORTS, User.ref(session.doctor_id))
    return Report.new(
        session.report_id,
        work.stamp,
        report_number=before.report_number if before else _next_number(work, session),
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=_signer(work, session, before.doctor_id if before else session.doctor_id),
        template_id=session.template_id,
        transcription_id=transcription_id,
        requested_at=work.now,
        report_type=report_type_of(session.type),
    )


def _signer(work: UnitOfWork, session: Session, doctor_id: str) -> str:
    """This doctor if they may still sign, else the doctor of the patient: the visit may end in other hands.

    The patient is touched: a transfer that has not seen the report runs again, and sees it.
    """
    user, patient = User.ref(doctor_id), Patient.ref(session.patient_id)
    work.prefetch(user, patient)
    doctor, treated = work.get_or_none(user), work.get(patient)
    work.touch(treated)
    if doctor is None or not doctor.is_active_doctor:
        return treated.owner_id
    sees = Role.ADMIN in doctor.roles or treated.seen_by(doctor_id)
    return doctor_id if sees else treated.owner_id


def _next_number(work: UnitOfWork, session: Session) -> str:
    return work.next_number(numbering.reports(work.today()), session.report_id)


def enqueue(clinic: Clinic, report: Report, *recovery: str) -> None:
    """Enqueue the current attempt: one task, and one more for each recovery."""
    body, key = attempts.body_of(clinic, report), attempts.deduplication_key(clinic, report, *recovery)
    tasks.enqueue(QUEUE, "write_report", body, deduplication_key=key)


def _assigned(work: UnitOfWork, report_id: str, attempt: int) -> Assignment | None:
    """Mark the report as being written; None if there is nothing to write."""
    work.prefetch(Report.ref(report_id), SignedReport.ref(report_id))
    report = attempts.accepted(work.get_or_none(Report.ref(report_id)), attempt)
    if report is None:
        return None
    must_be_unsigned(work, report.id)
    template_ref, session_ref = ReportTemplate.ref(report.template_id), Session.ref(report.session_id)
    segments = _segments(work, report, template_ref, session_ref)
    template = work.get(template_ref)
    session = work.get(session_ref)
    if session.status == SessionStatus.CANCELLED:  # between the request of the report and its commit
        attempts.give_up(work, report, SESSION_CANCELLED)
        return None
    generating = report.generating(work.stamp, model=writer.model(), prompt_version=prompt.PROMPT_VERSION)
    evidence = prompt.Evidence(segments, notes_of(session))
    return Assignment(attempts.save(work, generating), template, evidence, session.stt_settings.language)


def _segments(work: UnitOfWork, report: Report, *beside: Ref[Any]) -> list[Segment]:
    """What was said; nothing for a report from notes. `beside` is read in the same call."""
    if report.transcription_id is None:
        work.prefetch(*beside)
        return []
    return transcripts.with_segments(work, report.transcription_id, *beside).extra.segments


def _drafted(assignment: Assignment) -> tuple[prompt.Draft, str]:
    """Call the writer, a second time if its answer is no draft: it answers differently each time.

    Raises WriterBusy, WriterRefused or NoDraft.
    """
    try:
        return _draft(assignment)
    except writer.WriterRefused as refusal:
        if not refusal.repeatable:
            raise
    except prompt.UnusableDraft:
        pass
    return _draft(assignment)


def _draft(assignment: Assignment) -> tuple[prompt.Draft, str]:
    """The draft of one call of the writer, and the model that answered."""
    sections, evidence = assignment.template.sections, assignment.evidence
    leaves = list(assignment.template.leaves())
    instruction = prompt.instruction_for(assignment.template.ai_prompt)
    text, schema = prompt.prompt_for(leaves, evidence), prompt.schema_for(leaves, notes=bool(evidence.notes))
    written = writer.write(instruction, text, schema)
    draft = prompt.read_draft(written.text, sections, evidence)
    if not draft.statements:
        raise prompt.EmptyDraft
    return draft, written.model


def _written(work: UnitOfWork, assignment: Assignment, draft: prompt.Draft, model: str) -> None:
    ref, content_ref = Report.ref(assignment.report.id), ReportContent.ref(assignment.report.id)
    doctor_id = assignment.report.doctor_id
    work.prefetch(ref, content_ref, SignedReport.ref(ref.id), UserProfile.ref(doctor_id), Devices.ref(doctor_id))
    report = work.get(ref)
    if not report.is_current(assignment.report.attempt):
        return
    must_be_unsigned(work, report.id)
    sections = assignment.template.sections
    check = NameCheck.of(assignment.language)
    others = other_names.heard_in(work, report, assignment.evidence.segments) if check == NameCheck.DONE else []
    statements = [
        one if set(others).isdisjoint(one.segments) else one.doubted(Doubt.OTHER_NAME_HEARD) for one in draft.statements
    ]
    content = ReportContent.new(
        report.id,
        work.stamp,
        sections=sections,
        statements=statements,
        generated=statements,
        notes=prompt.cited_notes(statements, assignment.evidence.notes),
        name_check=check,
        other_names_heard=others,
    )
    if content.excess():
        attempts.give_up(work, report, ReportFailure.DRAFT_TOO_LONG)
        return
    scores = scores_of(sections, statements, {s.number: s.confidence for s in assignment.evidence.segments})
    attempts.save(work, report.written(scores, work.stamp, model=model, rejected=draft.rejected))
    work.upsert(content)
    notifying.announce(work, report)
