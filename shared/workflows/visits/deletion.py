"""Deleting a recording: its audio, its text, and the drafts of reports that were made from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records.attempt import RECORDING_DELETED
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, NotFound
from shared.records.record import Ref, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.covering import Sources
from shared.records.reports.report import Report
from shared.records.reports.signed import SignedReport
from shared.records.reports.types import ReportSource
from shared.records.visits import visit_transcript
from shared.records.visits.ids import report_id_of, transcription_of_recording
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, permissions
from shared.workflows.stored_proofs import is_signed
from shared.workflows.visits import transcripts
from shared.workflows.visits.erasure import erase_text
from shared.workflows.visits.live import join_tasks, stored_pieces
from shared.workflows.visits.refs import expect, found_reports, reports_of

_LAST_AUDIO = ("audio_file_url", "audio_file_size", "audio_format", "audio_quality_score")
"""The fields of a session that describe its last recording."""


def delete(clinic: Clinic, session_id: str, recording_id: str) -> Recording:
    """Delete a recording, or cancel an upload that is still awaited. The record stays, as does its number.

    The transcription ends with `recording_deleted` and loses its text; an event discards audio and recognition
    (`discarding`). Drafts made from the text fail; a report by hand stays, and is no longer compared with it. Raises
    Conflict when a signed report contains the text.
    """

    due: list[str] = []

    def transaction(work: UnitOfWork) -> Recording:
        if session_of(recording_id) == session_id:
            expect(work, session_id, *_refs(recording_id))
        session = work.get(Session.ref(session_id))
        permissions.require(work, Action.MOVE_VISIT, session)
        if session_of(recording_id) != session.id:
            raise NotFound
        recording = work.get_for_update(Recording.ref(recording_id)).deleted(work.stamp)
        transcriptions = transcripts.all_of(work, session)
        made = [one for one in transcriptions if one.recording_id == recording.id]
        _settle_reports(work, session, recording, made)
        for transcription in made:
            _erase(work, transcription)
        others = [one for one in transcriptions if one.recording_id != recording.id]
        _measure(work, session, recording, others)
        work.progress(session.id, recording=recording.status)
        due[:] = [session.id] if recording.in_pieces and stored_pieces.mark_due(work, session.id) else []
        return work.save(recording)

    deleted = clinic.perform("recording.delete", transaction)
    join_tasks.follow(clinic, due)
    return deleted


def _refs(recording_id: str) -> list[Ref[Any]]:
    """What belongs to a recording of this id."""
    report_id = report_id_of(session_of(recording_id))
    transcription = Transcription.ref(transcription_of_recording(recording_id))
    return [Recording.ref(recording_id), transcription, Report.ref(report_id), SignedReport.ref(report_id)]


def _settle_reports(work: UnitOfWork, session: Session, recording: Recording, made: Sequence[Transcription]) -> None:
    """Fail drafts made from the recording, take what was heard on it out of reports by hand, or take its mark from the
    reports. Raises Conflict if one is signed and was made from it."""
    work.prefetch(*reports_of(session))
    for report in found_reports(work, session).values():
        _settle(work, report, recording, made)


def _settle(work: UnitOfWork, report: Report, recording: Recording, made: Sequence[Transcription]) -> None:
    if any(_covers(report, one) for one in made):
        if is_signed(work, report.id):
            raise Conflict(ConflictCode.REPORT_SIGNED, "the recording is part of a signed report of the session")
        if report.source == ReportSource.BY_HAND:
            _leave_by_hand(work, report)
        else:
            attempts.save(work, report.discarded(RECORDING_DELETED, work.stamp))
    elif recording.id in report.unreported_recordings:
        work.save(report.with_nothing_on(recording.id))
    else:
        work.touch(report)  # a report that is requested or signed meanwhile conflicts


def _leave_by_hand(work: UnitOfWork, report: Report) -> None:
    """A person's work stays, without what it was compared with; its next correction compares it with what is left."""
    work.save(report.compared_with(Sources([])).revised(work.stamp))
    if content := work.get_or_none(ReportContent.ref(report.id)):
        work.save(content.without_transcript(work.stamp))


def _covers(report: Report, transcription: Transcription) -> bool:
    """True if the report may contain what was said on the recording."""
    if transcription.status != TranscriptionStatus.COMPLETED:
        return False
    if report.source == ReportSource.RECORDING:
        return transcription.recording_id not in report.unreported_recordings
    return any(source.recording_id == transcription.recording_id for source in report.sources)


def _measure(work: UnitOfWork, session: Session, recording: Recording, others: Sequence[Transcription]) -> None:
    """Let the session describe the audio that is left."""
    last = dict.fromkeys(_LAST_AUDIO) if session.audio_file_url == recording.object_name else {}
    seconds = visit_transcript.audio_seconds_of(visit_transcript.newest_takes(others))
    if last or seconds != session.audio_duration_seconds:
        work.save(session.amended(**last, audio_duration_seconds=seconds))


def _erase(work: UnitOfWork, transcription: Transcription) -> None:
    """End the transcription for good and overwrite its text."""
    erase_text(work, transcription)
    attempts.save(work, transcription.erased(work.stamp))
