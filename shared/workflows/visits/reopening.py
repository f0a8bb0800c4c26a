"""Undoing a tap: a completed or cancelled session is reopened within minutes."""

from __future__ import annotations

from typing import Any

from shared.records.attempt import SESSION_CANCELLED
from shared.records.billing.bill import Bill
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed, Ref
from shared.records.types import Id
from shared.records.visits.links import Links
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, permissions
from shared.workflows.stored_proofs import reports_must_be_unsigned
from shared.workflows.visits import running
from shared.workflows.visits.links import links_of
from shared.workflows.visits.refs import found_reports, planned_of, recordings_of, reports_of, transcriptions_of


class Reopened(Links):
    """The links of a session that was reopened, and what its cancellation threw away. Nothing after a completion."""

    lost_recordings: list[Id]
    """Recordings whose audio was deleted. The text of a transcription that was completed is there; one that was not
    is lost."""
    to_request_again: list[Id]
    """Reports that ended with the session and do not go on by themselves: request each again, a further one with its
    template."""


def reopen(clinic: Clinic, session_id: str) -> Detailed[Session, Reopened]:
    """Let a session that was completed or cancelled by mistake run again, with its appointment.

    Raises Conflict when it has not ended or ended too long ago, when its bill is issued or a report is signed, and
    when its appointment has another session; SessionRunning when doctor or patient has another running session. A draft
    of the bill waits for the next completion.
    """

    def transaction(work: UnitOfWork) -> Detailed[Session, Reopened]:
        session = permissions.get_for_update(work, Session.ref(session_id), Action.MOVE_VISIT)
        was_cancelled = session.status == SessionStatus.CANCELLED
        planned = planned_of(work, session)
        newest = Transcription.ref(session.transcription_id)
        ended: list[Ref[Any]] = [*recordings_of(session), *transcriptions_of(session)] if was_cancelled else []
        claims = running.refs(session.doctor_id, session.patient_id)
        work.prefetch(work.settings_ref(), *_closing_of(session), newest, *planned, *ended, *claims)
        reopened = session.reopened(work.stamp, undo_for=work.settings().undo_for)
        _must_be_unbilled_and_unsigned(work, session)
        running.claim(work, reopened)
        work.touch(work.get(Patient.ref(session.patient_id)))  # not deleted or transferred meanwhile
        for ref in planned:
            if appointment := work.get_or_none(ref):
                work.save(appointment.reopened(session.id, work.stamp))
        lost, again = _restored(work, session) if was_cancelled else ([], [])
        work.progress(session.id, session=reopened.status)
        (links,) = links_of(work, [reopened])
        return Detailed(work.save(reopened), Reopened(**dict(links), lost_recordings=lost, to_request_again=again))

    return clinic.perform("session.reopen", transaction)


def _closing_of(session: Session) -> tuple[Ref[Any], ...]:
    """What closes a session for good."""
    return Bill.ref(session.bill_id), *reports_of(session)


def _must_be_unbilled_and_unsigned(work: UnitOfWork, session: Session) -> None:
    bill = work.get_or_none(Bill.ref(session.bill_id))
    if bill is not None and bill.is_issued:
        raise Conflict(ConflictCode.BILL_ISSUED, "the bill of the session is issued")
    if bill is not None:
        work.require_unchanged(bill)  # it must not be issued meanwhile
    reports_must_be_unsigned(work, session)
    for report in found_reports(work, session).values():
        if report.error_code != SESSION_CANCELLED:
            work.require_unchanged(report)  # it must not be signed meanwhile


def _restored(work: UnitOfWork, session: Session) -> tuple[list[str], list[str]]:
    """Bring back what a cancellation ended, as far as it is there; returns the recordings that are lost, and the
    reports that must be requested again."""
    transcriptions = [work.get_or_none(ref) for ref in transcriptions_of(session)]
    recordings = [work.get_or_none(ref) for ref in recordings_of(session)]
    transcribed = any(one is not None and one.status == TranscriptionStatus.COMPLETED for one in transcriptions)
    lost = [one.id for one in recordings if one is not None and _is_lost(one)]
    return lost, _restored_reports(work, session, transcribed=transcribed)


def _is_lost(recording: Recording) -> bool:
    """True if the audio had arrived, or came while the session was cancelled: both are deleted."""
    return recording.status == RecordingStatus.RECEIVED or recording.refusal == SESSION_CANCELLED


def _restored_reports(work: UnitOfWork, session: Session, *, transcribed: bool) -> list[str]:
    """Restore the reports; returns the ids of those that must be requested again."""
    there = found_reports(work, session)
    ended = [report for report in there.values() if report.error_code == SESSION_CANCELLED]
    for report in ended:
        attempts.save(work, report.reinstated(work.stamp))
    # The event of a transcription may have come while the session was cancelled.
    missing = [session.report_id] if transcribed and session.report_id not in there else []
    return [*missing, *(report.id for report in ended if not report.was_written)]
