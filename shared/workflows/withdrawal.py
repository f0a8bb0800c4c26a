"""The withdrawal of a consent: it stops what runs without the consent, and starts deleting what the clinic deletes.

One commit keeps the withdrawal and ends the open uploads, the waiting transcriptions and the waiting reports of the
newest visits; further commits those of earlier visits, and the sweep goes on if they are interrupted. Each
transcription that is written has an event, whose handler cancels the recognition and deletes audio and text
(`visits/discarding.py`); a task follows each commit for the pieces of live recordings. What no commit found ends at its
next step, which checks the consents itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from shared.lazily import lazily
from shared.records.attempt import CONSENT_WITHDRAWN
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentUse
from shared.records.problems import Unavailable, raise_if_any
from shared.records.record import Detailed, Ref
from shared.records.visits.session import Session
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.pagination import LIVE
from shared.store.queries import Position
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.patients.consent import PatientConsents, WithdrawalStatus
    from shared.records.patients.consent_list import state_of
    from shared.records.patients.consent_rules import refused_uses
    from shared.records.patients.new_consent import NewWithdrawal
    from shared.records.reports.report import Report
    from shared.records.visits.recording import RecordingStatus
    from shared.records.visits.transcription import Transcription
    from shared.workflows import attempts, clinic_lists, consent_gate
    from shared.workflows.patients.consents import Consents, read_patient
    from shared.workflows.stored_proofs import is_signed
    from shared.workflows.visits.live import join_tasks, stored_pieces
    from shared.workflows.visits.refs import found_reports, recordings_of, reports_of, transcriptions_of

MOST_SESSIONS = 100
"""The visits whose work is ended in one commit, the newest first."""
STALLED_AFTER = timedelta(minutes=10)
"""When the sweep goes on with a withdrawal that did not reach all visits."""


def withdraw(clinic: Clinic, patient_id: str, consent_id: str, new: NewWithdrawal) -> Consents:
    """Withdraw a consent. For everybody who sees the patient: a withdrawal must never wait.

    Signed reports stay, and so does a draft that is written. Raises Conflict if the consent is withdrawn.
    """

    due: list[str] = []

    def transaction(work: UnitOfWork) -> Consents:
        patient = read_patient(work, patient_id)
        raise_if_any(new.errors())
        consents = consent_gate.consents_with(work, patient.id, consent_id).with_withdrawal(consent_id, new, work.stamp)
        session_id = consents.consent(consent_id).session_id
        last, due[:] = _stop(work, consents, _sessions(work, consents.id, None, session_id))
        state = state_of(consent_gate.counting_with(work, consents), work.settings(), session_id, work.now)
        return Detailed(work.save(consents if session_id else consents.stopped_as_far_as(last)), state)

    found = clinic.perform("consent.withdraw", transaction)
    join_tasks.follow(clinic, due)
    if found.record.status == WithdrawalStatus.STOPPING:
        with suppress(Unavailable):  # the sweep goes on
            stop_earlier(system_clinic(clinic.id, clinic.context.origin.request_id), found.record.id)
    return found


def stop_earlier(clinic: Clinic, patient_id: str) -> str | None:
    """End the work of the visits that a withdrawal did not reach, in several commits; returns "stopped", or None if it
    reached all."""
    stopped = None
    while (due := clinic.perform("consent.stop", lambda work: _stopped_more(work, patient_id))) is not None:
        join_tasks.follow(clinic, due)
        stopped = "stopped"
    return stopped


def _stopped_more(work: UnitOfWork, patient_id: str) -> list[str] | None:
    """End the work of the next visits; returns those with pieces to look after, None if there are no visits."""
    work.prefetch(*consent_gate.refs(work, patient_id))
    consents = work.get_or_none(PatientConsents.ref(patient_id))
    if consents is None or not (consents.stopped_from and consents.stopped_from_id):
        return None
    place = Position(consents.stopped_from, consents.stopped_from_id)
    last, due = _stop(work, consents, _sessions(work, patient_id, place, None))
    work.save(consents.stopped_as_far_as(last))
    return due


def _stop(work: UnitOfWork, consents: PatientConsents, sessions: Sequence[Session]) -> tuple[Session | None, list[str]]:
    """End the work of these visits that the consents no longer allow; returns the last of them if there may be more,
    and those with pieces to look after."""
    refused = {one.id: _refused(work, consents, one.id) for one in sessions}
    stopped = [session for session in sessions if refused[session.id]]
    if refs := [ref for session in stopped for ref in _jobs_of(session)]:
        work.prefetch(*refs)
    due = [session.id for session in stopped if _stop_visit(work, session, refused[session.id])]
    return sessions[-1] if len(sessions) == MOST_SESSIONS else None, due


def _sessions(work: UnitOfWork, patient_id: str, after: Position | None, session_id: str | None) -> list[Session]:
    """The visit with this id, or the patient's next visits after one, newest first."""
    if session_id is not None:
        found = work.get_or_none(Session.ref(session_id))
        return [found] if found else []
    filters = [LIVE, *clinic_lists.of_patient(work, patient_id)]
    snapshots = queries.ordered(work.clinic_id, Session.collection, filters, after, MOST_SESSIONS)
    return [work.from_snapshot(Session, snapshot) for snapshot in snapshots]


def _refused(work: UnitOfWork, consents: PatientConsents, session_id: str) -> set[ConsentUse]:
    """The uses of the visit that a withdrawal refuses. One that lacked a consent before ends at its next step."""
    found = refused_uses(consent_gate.counting_with(work, consents), work.settings(), session_id, work.now)
    return {use for use, missing in found if consent_gate.failure_of(missing) == CONSENT_WITHDRAWN}


def _jobs_of(session: Session) -> list[Ref[Any]]:
    return [*reports_of(session), *recordings_of(session), *transcriptions_of(session)]


def _stop_visit(work: UnitOfWork, session: Session, refused: set[ConsentUse]) -> bool:
    """End the work of a visit; True if it has pieces to look after."""
    reports = found_reports(work, session).values()
    for report in reports:
        if report.waiting and consent_gate.drafting_from(report.source) in refused:
            attempts.give_up(work, report, CONSENT_WITHDRAWN)
    in_pieces = ConsentUse.RECORD in refused and _refuse_uploads(work, session)
    if ConsentUse.TRANSCRIBE in refused:
        for ref in transcriptions_of(session):
            if transcription := work.get_or_none(ref):
                _stop_transcription(work, transcription, reports)
    return in_pieces


def _refuse_uploads(work: UnitOfWork, session: Session) -> bool:
    """Refuse the recordings that are awaited; True if one comes in pieces."""
    in_pieces = False
    for ref in recordings_of(session):
        recording = work.get_or_none(ref)
        if recording is not None and recording.status == RecordingStatus.AWAITED:
            in_pieces = in_pieces or recording.in_pieces
            refused = {"status": RecordingStatus.REFUSED, "refusal": CONSENT_WITHDRAWN}
            work.save(recording.revised(work.stamp, **refused))
            work.progress(session.id, recording=RecordingStatus.REFUSED)
    return in_pieces and stored_pieces.mark_due(work, session.id)


def _stop_transcription(work: UnitOfWork, transcription: Transcription, reports: Iterable[Report]) -> None:
    """Fail a waiting transcription. If the clinic deletes what is there, fail any that is in no signed report."""
    deletes = work.settings().after_withdrawal == AfterWithdrawal.DELETE
    if deletes and not any(_is_signed(work, transcription, report) for report in reports):
        attempts.save(work, transcription.discarded(CONSENT_WITHDRAWN, work.stamp))
    elif transcription.waiting:
        attempts.give_up(work, transcription, CONSENT_WITHDRAWN)


def _is_signed(work: UnitOfWork, transcription: Transcription, report: Report) -> bool:
    """True if the report is signed and was made from the transcription."""
    return is_signed(work, report.id) and transcription.recording_id not in report.unreported_recordings
