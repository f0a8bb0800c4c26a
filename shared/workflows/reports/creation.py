"""Creating the report of a session from a chosen source, also for a visit without a usable recording."""

from __future__ import annotations

from datetime import datetime

from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed
from shared.records.reports.consents import with_consents
from shared.records.reports.content import ReportContent
from shared.records.reports.new_report import NewReport
from shared.records.reports.notes import notes_of
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.types import ReportSource
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, consent_gate, permissions
from shared.workflows.reports import choosing, patient_records, requesting
from shared.workflows.reports.body import Body, shown
from shared.workflows.reports.choosing import Choice
from shared.workflows.reports.reading import ReportDetail, named_body
from shared.workflows.reports.rechecking import rechecked
from shared.workflows.stored_proofs import must_be_unsigned
from shared.workflows.templates import reading as templates
from shared.workflows.visits import errors, transcripts
from shared.workflows.visits.recordings import UPLOAD_AWAITED_FOR
from shared.workflows.visits.refs import recordings_of, transcriptions_of


def create(clinic: Clinic, session_id: str, new: NewReport) -> ReportDetail:
    """Create a report of a session, or replace it by one from another source. A session has one report from each
    template.

    Raises Conflict when the session is cancelled, when the report is signed, when there is one that may not be
    replaced, beyond six reports, and for a report by hand or from notes while a recording with speech is there or on
    its way. Raises Invalid listing every statement that does not fit the template, or for one that cannot be used.
    """

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        session = work.get(Session.ref(session_id))
        permissions.require(work, Action.REQUEST_REPORT, session)
        session.must_not_be_cancelled()
        refs = [*choosing.refs(session, new.template_id), *templates.refs(new.template_id or session.template_id)]
        content_ref = ReportContent.ref(session.report_id)  # of a further one it is read when the report is known
        texts = [ref for one in transcripts.refs_of(session) for ref in transcripts.first_refs(one.id)]
        beside = *consent_gate.refs(work, session.id), *texts
        work.prefetch(content_ref, *refs, *recordings_of(session), *beside)
        choice = choosing.choose(work, session, new.template_id, new.report_type)
        before = choice.report
        if before is not None:
            permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, before)
        must_be_unsigned(work, choice.id)
        if before is not None and before.status != ReportStatus.FAILED and not new.replace:
            raise Conflict(
                ConflictCode.REPORT_EXISTS, "the session has a report: correct it, or send `replace` to throw it away"
            )
        if new.source != ReportSource.RECORDING:
            _must_lack_speech(work, session, new)
        if new.source == ReportSource.BY_HAND:
            return _by_hand(work, session, new, choice)
        return _drafted(clinic, work, session, new, choice)

    return clinic.perform("report.create", named_body(transaction))


def _by_hand(work: UnitOfWork, session: Session, new: NewReport, choice: Choice) -> Detailed[Report, Body]:
    made = _made(work, session, None, choice)
    template = templates.current(work, choice.template_id)
    sections = [section.without_guidance() for section in template.content.sections]
    language = template.content.language or session.stt_settings.language
    content = new.content(choice.id, sections, work.stamp, language)
    written = {
        "status": ReportStatus.COMPLETED,
        "template_version": template.version.number,
        "psychotherapy_notes": template.content.psychotherapy_notes,
    }
    by_hand = made.model_copy(update={"source": ReportSource.BY_HAND, **written})
    compared, content = rechecked(work, by_hand, None, content, pointer="/statements")
    content = _with_consents(work, compared, content)
    report = _put(work, compared, choice.report)
    work.count_template_use(report.template_id, report.doctor_id)
    return shown(report, work.upsert(content))


def _with_consents(work: UnitOfWork, report: Report, content: ReportContent) -> ReportContent:
    """The content with a statement for each consent that the records have for the visit. Those to the recording and its
    processing say nothing of a visit without a transcript."""
    live = patient_records.consents_of(work, report.session_id)
    if not report.sources:
        live = live.without(ConsentPurpose.RECORDING, ConsentPurpose.AI_PROCESSING)
    zone = work.settings().time_zone
    sections, statements = with_consents(
        content.sections, content.statements, live, language=content.language, zone=zone
    )
    with_them = content.model_copy(update={"sections": sections, "statements": statements})
    with_them.must_fit("/statements")
    return with_them


def _drafted(
    clinic: Clinic, work: UnitOfWork, session: Session, new: NewReport, choice: Choice
) -> Detailed[Report, Body]:
    new.must_have_no_statements()
    consent_gate.require(work, session.id, consent_gate.drafting_from(new.source))
    is_recorded = new.source == ReportSource.RECORDING
    transcription_id = requesting.completed_transcriptions(work, session)[0].id if is_recorded else None
    if new.source == ReportSource.NOTES and not notes_of(session):
        raise Conflict(ConflictCode.NOTES_MISSING, "the session has neither complaint nor notes: write them first")
    made = _made(work, session, transcription_id, choice)
    report = _put(work, made.model_copy(update={"source": new.source}), choice.report)
    requesting.enqueue(clinic, report)  # before the commit, as every task
    return shown(report, None)


def _made(work: UnitOfWork, session: Session, transcription_id: str | None, choice: Choice) -> Report:
    """The report, which its session has from this commit on; every step of a recording writes the session."""
    made = requesting.new_report(work, session, transcription_id, choice)
    errors.settle(work, session, choosing.admitted(work, session, choice, made.doctor_id))
    return made


def _must_lack_speech(work: UnitOfWork, session: Session, new: NewReport) -> None:
    if not new.despite_recording and (speech := _speech(work, session)):
        raise Conflict(ConflictCode.RECORDING_EXPECTED, f"{speech}: wait for its draft, or send `despite_recording`")


def _put(work: UnitOfWork, made: Report, before: Report | None) -> Report:
    """Create the report, or save it as the next attempt and version of the one before."""
    if before is None:
        return attempts.create(work, made)
    return attempts.save(work, before.replaced(made, work.stamp))


def _speech(work: UnitOfWork, session: Session) -> str | None:
    """Why the session has a recording with speech, or may still get one; None if every recording is known to be
    unusable: refused, expired, failed, or without speech."""
    for recording_ref, transcription_ref in zip(recordings_of(session), transcriptions_of(session), strict=False):
        transcription = work.get_or_none(transcription_ref)
        if transcription is None:
            recording = work.get_or_none(recording_ref)
            if recording is not None and _awaited(recording, work.now):
                return "a recording of the session is awaited"
        elif transcription.status == TranscriptionStatus.COMPLETED:
            return "a recording of the session is transcribed"
        elif transcription.waiting:
            return "a recording of the session is being transcribed"
    return None


def _awaited(recording: Recording, now: datetime) -> bool:
    """True while the upload is open, also before the sweep marks it as expired."""
    return recording.status == RecordingStatus.AWAITED and now - recording.updated_at < UPLOAD_AWAITED_FOR
