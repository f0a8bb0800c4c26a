"""The mark of reports that say nothing of a recording of their visit: set when the recording arrives, and kept in step
with what is heard on it."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.reports.report import FROZEN_STATES, Report
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits.ids import report_id_of, take_number
    from shared.records.visits.recording import Recording
    from shared.records.visits.session import Session
    from shared.records.visits.transcription import Transcription, TranscriptionStatus
    from shared.workflows.visits.refs import found_reports


def mark(work: UnitOfWork, session: Session, recording: Recording) -> None:
    """Mark the reports of the session: the recording was on its way when they were made."""
    for report in found_reports(work, session).values():
        work.save(report.without_recording(recording.id, work.stamp))


def settle(work: UnitOfWork, transcription: Transcription) -> None:
    """Take the mark of a recording away that has nothing to report, and set it when another try hears speech."""
    is_retake = take_number(transcription.id) > 1  # an earlier transcription may have heard speech
    if is_retake or not (transcription.unusable or transcription.retry_count):
        return
    session_ref = Session.ref(transcription.session_id)
    work.prefetch(session_ref, Report.ref(report_id_of(session_ref.id)))
    session = work.get_or_none(session_ref)
    for report in found_reports(work, session).values() if session else ():
        if transcription.unusable and transcription.recording_id in report.unreported_recordings:
            work.save(report.with_nothing_on(transcription.recording_id))
        elif transcription.status == TranscriptionStatus.COMPLETED:
            mark_lacking(work, report, transcription)


def mark_lacking(work: UnitOfWork, report: Report, transcription: Transcription) -> Report:
    """Mark the report if it does not cover a recording that is transcribed by now."""
    recording_id = transcription.recording_id
    if not report.lacks(transcription):
        return report
    if recording_id not in report.unreported_recordings:
        return work.save(report.without_recording(recording_id, work.stamp))
    before = report.without_renewed()
    return report if before is report else work.save(before.revised(work.stamp))


def mark_outdated(work: UnitOfWork, report: Report, transcription: Transcription) -> Report:
    """Mark the unsigned report that rests on an earlier transcription of the same recording."""
    if report.status in FROZEN_STATES or not report.has_older_take_of(transcription):
        return report
    marked = report.with_changed_transcript(transcription, work.stamp)
    return report if marked is report else work.save(marked)
