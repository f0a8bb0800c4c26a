"""Requesting a report: the record with its number and its doctor, and the task that drafts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records import numbering
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.clinic.people import User
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed, session_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.discarding import Discard, to_discard
from shared.workflows.visits.moved_audio import MovedAudio

with lazily(globals()):
    from shared.gateways import tasks
    from shared.records.parties import Named
    from shared.records.reports.new_report import ReportRequest
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.reports.types import ReportSource, chosen_type
    from shared.records.visits.ids import report_id_of
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription
    from shared.records.visits.visit_transcript import completed
    from shared.workflows import attempts, consent_gate, permissions
    from shared.workflows.doctors import doctor_of
    from shared.workflows.parties import named
    from shared.workflows.reports import choosing
    from shared.workflows.reports.choosing import Choice
    from shared.workflows.stored_proofs import must_be_unsigned
    from shared.workflows.templates import reading as templates
    from shared.workflows.visits import discarding, errors, moved_audio, transcripts, unreported
    from shared.workflows.visits.live import join_tasks
    from shared.workflows.visits.refs import found_reports

QUEUE = "reports"


def request_first(clinic: Clinic, transcription_id: str) -> None:
    """Request the report of a session once none of its recordings is being transcribed any more, if at least one has
    speech and there is no report yet. A report that does not cover the transcription is marked.

    Without the patient's consents the report is failed from the start. Of a cancelled session, of a deleted recording
    and after a withdrawal, what was recorded is discarded instead; of a session that moved to another patient, the
    audio follows it. The parts of a recording are deleted once its transcription ended. A session whose recordings all
    failed is in error.
    """

    def transaction(work: UnitOfWork) -> tuple[Transcription, Report | Discard | None] | MovedAudio:
        session_ref = Session.ref(session_of(transcription_id))
        report_id = report_id_of(session_ref.id)
        report_refs = Report.ref(report_id), SignedReport.ref(report_id)
        consents = consent_gate.refs(work, session_ref.id)
        work.prefetch(Transcription.ref(transcription_id), session_ref, *report_refs, *consents)
        if audio := moved_audio.of_transcription(work, transcription_id):
            return audio
        transcription, session = work.get(Transcription.ref(transcription_id)), work.get(session_ref)
        if transcription.error_code is not None or session.failed_attempt is not None:
            errors.follow(work, session)
        return transcription, to_discard(work, transcription, session) or _requested(work, transcription, session)

    done = clinic.perform("report.request", transaction)
    if isinstance(done, MovedAudio):
        moved_audio.follow(clinic, done)
        return
    transcription, found = done
    if isinstance(found, Discard):
        discarding.discard(clinic, found)
    elif found is not None and found.waiting:
        enqueue(clinic, found)
    if transcription.audio_parts and not transcription.waiting:
        discarding.discard_parts(clinic, transcription)
    if transcription.in_pieces and not transcription.waiting:
        join_tasks.request(clinic, transcription.session_id)  # its pieces are needed no more


def _requested(work: UnitOfWork, transcription: Transcription, session: Session) -> Report | None:
    """The first report of the session after a change of a transcription; None if there is nothing to do. The further
    ones are marked too; their tasks were enqueued with their requests."""
    if transcription.waiting or not (transcription.has_speech or session.uploads > 1):
        return None
    marked = {id: _marked(work, report, transcription) for id, report in found_reports(work, session).items()}
    if session.report_id in marked:
        return marked[session.report_id]
    return requested_first(work, session, transcripts.of_recordings(work, session))


def _marked(work: UnitOfWork, report: Report, transcription: Transcription) -> Report:
    """The report, marked if it does not cover the transcription."""
    if report.source == ReportSource.NOTES or not transcription.has_speech:
        return report
    if report.source == ReportSource.RECORDING and report.lacks(transcription):
        return unreported.mark_lacking(work, report, transcription)
    return unreported.mark_outdated(work, report, transcription)


def requested_first(work: UnitOfWork, session: Session, transcriptions: Sequence[Transcription]) -> Report | None:
    """The first report of a session, failed from the start without the patient's consents; None while a recording is
    being transcribed, whose end asks again. Raises Conflict if a proof of it is there."""
    must_be_unsigned(work, session.report_id)
    heard = completed(transcriptions)
    if not heard or any(one.waiting for one in transcriptions):
        return None
    made = new_report(work, session, heard[0].id, Choice.first(session)).apart_from(transcriptions)
    reason = consent_gate.failure_of_new(work, session.id, ConsentUse.DRAFT)
    return attempts.create(work, made.failed(reason, work.stamp) if reason else made)


def request(clinic: Clinic, session_id: str, asked: ReportRequest) -> Detailed[Report, Named]:
    """Request a report of a session from what was heard so far: the first, again after a failure, or anew when it lacks
    a recording that is transcribed by now; with a template that none of its reports has, a further one.

    Raises ConsentMissing, Conflict beyond six reports, and Invalid for a template that cannot be used.
    """

    def transaction(work: UnitOfWork) -> Report:
        session = work.get(Session.ref(session_id))
        session.must_not_be_cancelled()
        refs = choosing.refs(session, asked.template_id)
        work.prefetch(*transcripts.refs_of(session), *refs, *consent_gate.refs(work, session.id))
        choice = choosing.choose(work, session, asked.template_id, asked.report_type)
        report = choice.report
        permissions.require(work, Action.REQUEST_REPORT, session, *([report] if report else []))
        consent_gate.require(work, session.id, ConsentUse.DRAFT)
        heard = completed_transcriptions(work, session)
        must_be_unsigned(work, choice.id)
        if report is None:
            drafted = _new(work, session, heard, choice)
        else:
            drafted = report.retried(work.stamp, heard=heard)
            changes = {"doctor_id": _signer(work, session, report.doctor_id), **_asked_type(session, asked)}
            drafted = drafted.model_copy(update=changes)
        enqueue(clinic, drafted)
        return attempts.create(work, drafted) if report is None else attempts.save(work, drafted)

    return clinic.perform("report.request", named(transaction))


def _new(work: UnitOfWork, session: Session, heard: Sequence[Transcription], choice: Choice) -> Report:
    """The chosen report, before its first draft; its session counts it in the same commit."""
    made = new_report(work, session, heard[0].id, choice).apart_from(transcripts.of_recordings(work, session))
    counted = choosing.admitted(work, session, choice, made.doctor_id)
    if counted is not session:
        work.save(counted)
    return made


def _asked_type(session: Session, asked: ReportRequest) -> dict[str, Any]:
    return {} if asked.report_type is None else chosen_type(session.type, None, asked.report_type)


def recover_stalled(clinic: Clinic, report_id: str) -> str | None:
    """Enqueue a stalled report again, or fail it; returns which, or None if it moved on."""

    def enqueue_again(report: Report) -> None:
        enqueue(clinic, report, attempts.recovery_of(report))

    return attempts.recover_stalled(clinic, Report.ref(report_id), enqueue_again, "enqueued")


def completed_transcriptions(work: UnitOfWork, session: Session) -> list[Transcription]:
    """The session's transcriptions with speech, in the order of the recordings. Raises Conflict without one."""
    heard = completed(transcripts.of_recordings(work, session))
    if not heard:
        raise Conflict(ConflictCode.TRANSCRIPTION_MISSING, "the session has no completed transcription")
    return heard


def new_report(work: UnitOfWork, session: Session, transcription_id: str | None, choice: Choice) -> Report:
    """The chosen report of a session, before its draft. It keeps the number of the report that it replaces.

    Settings and counter are read only when a number is given.
    """
    before, template_refs = choice.report, templates.refs(choice.template_id)
    if before is None:
        work.prefetch(work.settings_ref(), numbering.REPORTS, User.ref(session.doctor_id), *template_refs)
    of_template = templates.report_type_of(work, choice.template_id)
    return Report.new(
        choice.id,
        work.stamp,
        report_number=before.report_number if before else _next_number(work, choice.id),
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=_signer(work, session, before.doctor_id if before else session.doctor_id),
        template_id=choice.template_id,
        transcription_id=transcription_id,
        requested_at=work.now,
        **chosen_type(session.type, of_template, choice.report_type),
    )


def _signer(work: UnitOfWork, session: Session, doctor_id: str) -> str:
    """This doctor if they may still sign, else the doctor of the patient: the visit may end in other hands.

    The patient is touched: a transfer that has not seen the report runs again, and sees it.
    """
    patient = Patient.ref(session.patient_id)
    work.prefetch(User.ref(doctor_id), patient)
    treated = work.get(patient)
    work.touch(treated)
    return doctor_id if doctor_of(work, doctor_id, treated) else treated.owner_id


def _next_number(work: UnitOfWork, report_id: str) -> str:
    return work.next_number(numbering.reports(work.today()), report_id)


def enqueue(clinic: Clinic, report: Report, *recovery: str) -> None:
    """Enqueue the current attempt: one task, and one more for each recovery."""
    body, key = attempts.body_of(clinic, report), attempts.deduplication_key(clinic, report, *recovery)
    tasks.enqueue(QUEUE, "write_report", body, deduplication_key=key)
