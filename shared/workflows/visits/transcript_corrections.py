"""Correcting the text and the speakers of a transcription."""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed, session_of
from shared.records.reports.report import Report
from shared.records.reports.signed import SignedReport
from shared.records.visits.ids import report_id_of
from shared.records.visits.session import Session
from shared.records.visits.transcript_correction import TranscriptCorrection, TranscriptHistory
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.stored_proofs import is_signed
from shared.workflows.visits import transcripts
from shared.workflows.visits.refs import found_reports, reports_of
from shared.workflows.visits.transcripts import Segments


def correct(clinic: Clinic, transcription_id: str, asked: TranscriptCorrection) -> Detailed[Transcription, Segments]:
    """Make the next version of the text of a completed transcription; the text of the engine stays.

    Unsigned reports that rest on the transcription are marked in the same commit; a signed one stays as it is.
    """

    def transaction(work: UnitOfWork) -> Detailed[Transcription, Segments]:
        session_ref, report_id = Session.ref(session_of(transcription_id)), report_id_of(session_of(transcription_id))
        ref, history_ref = Transcription.ref(transcription_id), TranscriptHistory.ref(transcription_id)
        beside = session_ref, Report.ref(report_id), SignedReport.ref(report_id), history_ref
        work.prefetch(*transcripts.first_refs(transcription_id), *beside)
        work.get(ref)
        session = work.get(session_ref)
        permissions.require(work, Action.REQUEST_REPORT, session)
        transcription = work.get_for_update(ref)
        session.must_not_be_cancelled()
        if not transcription.has_speech:
            raise Conflict(ConflictCode.TRANSCRIPTION_MISSING, f"the transcription is {transcription.status}")
        work.prefetch(*reports_of(session))
        return _corrected(work, session, transcription, asked)

    return clinic.perform("transcription.correct", transaction)


def _corrected(
    work: UnitOfWork, session: Session, before: Transcription, asked: TranscriptCorrection
) -> Detailed[Transcription, Segments]:
    current = transcripts.with_segments(work, before.id).segments
    history = work.get_or_none(TranscriptHistory.ref(before.id)) or TranscriptHistory.new(before.id, work.stamp)
    history = work.upsert(history.with_version(asked, current, work.stamp))
    version = before.text_version + 1
    segments = history.text_at(version, transcripts.with_segments(work, before.id, 1).segments)
    after = before.corrected(segments, asked.correction_notes, work.stamp, differs=history.differs(version))
    for report in found_reports(work, session).values():
        _mark(work, report, after)
    return Detailed(work.save(after), transcripts.text_of(segments, version, history))


def _mark(work: UnitOfWork, report: Report, transcription: Transcription) -> None:
    """Mark an unsigned report that rests on a transcription; a signature at the same time conflicts on the report."""
    if is_signed(work, report.id):
        return
    marked = report.with_changed_transcript(transcription, work.stamp)
    if marked is report:
        work.require_unchanged(report)
    else:
        work.save(marked)
