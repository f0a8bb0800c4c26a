"""Transcribing a recording again: after a failure, or with other settings."""

from __future__ import annotations

from datetime import timedelta

from shared.records.clinic.consent_policy import ConsentUse
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, raise_if_any
from shared.records.record import session_of
from shared.records.reports.report import Report
from shared.records.reports.signed import SignedReport
from shared.records.visits.ids import recording_of_transcription, report_id_of, take_of
from shared.records.visits.session import Session
from shared.records.visits.speech import MOST_RETAKES, TranscriptionSettings
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import attempts, consent_gate, permissions
from shared.workflows.stored_proofs import reports_must_be_unsigned
from shared.workflows.visits import languages, polls, recognition


def regenerate(clinic: Clinic, transcription_id: str, settings: TranscriptionSettings) -> Transcription:
    """With settings, request another transcription of the recording; without, this one again after its failure.

    Raises Conflict for other settings once a report is signed: the new text would not be in it; Invalid for
    languages that the speech model does not take.
    """
    if not settings.model_fields_set:
        return recognition.retry(clinic, transcription_id)

    def transaction(work: UnitOfWork) -> Transcription:
        session_id = session_of(transcription_id)
        ref, session_ref = Transcription.ref(transcription_id), Session.ref(session_id)
        consents = consent_gate.refs(work, session_id)
        report_id = report_id_of(session_id)
        work.prefetch(ref, session_ref, Report.ref(report_id), SignedReport.ref(report_id), *consents)
        work.get(ref)
        session = work.get(session_ref)
        permissions.require(work, Action.REQUEST_REPORT, session)
        before = work.get_for_update(ref)
        session.must_not_be_cancelled()
        consent_gate.require(work, session.id, ConsentUse.TRANSCRIBE)
        reports_must_be_unsigned(work, session)
        made = before.made_again(_next_id(session, before), work.stamp, settings)
        if settings.model_fields_set & {"language", "other_languages"}:
            raise_if_any(list(languages.errors_of(made.languages)))
        polls.enqueue_poll(clinic, made, poll=0, after=timedelta(0))  # starts it, as it has no operation yet
        work.save(session.amended(retakes=[*session.retakes, made.id]))
        return attempts.create(work, made)

    return clinic.perform("transcription.regenerate", transaction)


def _next_id(session: Session, before: Transcription) -> str:
    if len(session.retakes) == MOST_RETAKES:
        detail = f"recordings of the session were transcribed again {MOST_RETAKES} times"
        raise Conflict(ConflictCode.TOO_MANY_CORRECTIONS, detail)
    takes = [one for one in session.retakes if recording_of_transcription(one) == before.recording_id]
    return take_of(before.id, len(takes) + 2)
