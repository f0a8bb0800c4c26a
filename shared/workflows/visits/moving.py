"""Moving a session that was started for the wrong patient, before anything of it is signed or billed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.clinic.people import User
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.permissions import Action, allows, patient_relations
from shared.records.problems import Conflict, FieldError, Invalid, raise_if_any
from shared.records.record import Detailed, R, Ref
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.types import ReportSource
from shared.records.scheduling.appointment import Appointment
from shared.records.types import new_id
from shared.records.visits.links import Links
from shared.records.visits.live.accounts import LiveAudio, live_audio_ref
from shared.records.visits.moves import MOST_MOVES, NewMove
from shared.records.visits.moving import id_at, moved
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import consent_gate, parties, permissions
from shared.workflows.stored_proofs import reports_must_be_unsigned
from shared.workflows.visits import moved_records, running, transcripts
from shared.workflows.visits.links import LinkedSession, links_of, with_recording_allowed
from shared.workflows.visits.live import join_tasks
from shared.workflows.visits.refs import found_reports, planned_of, recordings_of, reports_of
from shared.workflows.visits.sessions import SESSION_ID_LENGTH, change_appointment

_HEARD = frozenset({RecordingStatus.AWAITED, RecordingStatus.RECEIVED})
"""Recordings that are there, or on their way."""

_NOT_YET = "the session cannot be moved; `errors` says what is in the way, and what to do"


@dataclass(frozen=True)
class Visit:
    """A session with what came of it."""

    session: Session
    recordings: Sequence[Recording]
    transcriptions: Sequence[Transcription]
    live: LiveAudio | None
    reports: Sequence[Report]
    contents: Sequence[ReportContent]
    bill: Bill | None


def move(clinic: Clinic, session_id: str, new: NewMove) -> LinkedSession:
    """Move a session to another patient: everything is sealed for that patient, under another id, in one commit.

    Recordings and their text go with it, and the appointment is free again; an unsigned draft is thrown away, as is a
    draft of the bill. Raises Conflict naming every record that is in the way, SessionRunning when the patient has a
    running session, ConsentMissing when the patient has not consented to what was recorded, and Invalid when the doctor
    of the session may not begin visits of the patient.
    """

    due: list[str] = []

    def transaction(work: UnitOfWork) -> LinkedSession:
        named = [Patient.ref(new.patient_id), Patient.ref(new.from_patient_id)]
        work.prefetch(Session.ref(session_id), *named)
        session = permissions.get_for_update(work, Session.ref(session_id), Action.MOVE_VISIT)
        session.must_not_be_cancelled()
        patient = _patient(work, session, new)
        visit = _read(work, session, patient)
        patient.must_have_lived_at(session.started_at, work.settings().time_zone)
        moved_id = f"{patient.id}-{new_id(SESSION_ID_LENGTH)}"
        _require_movable(work, visit, new)
        _require_consents(work, visit, moved_id)
        work.touch(patient)
        (links,) = links_of(work, [session])
        there = moved(session, moved_id, patient.id, new, work.stamp)
        if there.open and not there.is_overdue(work.now):
            running.claim(work, there, instead_of=session.id)
        change_appointment(work, session, Appointment.released)
        moved_records.move_all(work, visit.session, there, visit.recordings, visit.transcriptions)
        if visit.live is not None:
            moved_records.move_live(work, visit.live, there)
        due[:] = [there.id] if visit.live else []
        moved_records.discard(work, visit.reports, visit.contents, visit.bill)
        work.renumber(session.number, there.id)
        (names,) = parties.parties_of(work, [there])
        ids = {
            "recordings": [id_at(one, session.id, there.id) for one in links.recordings],
            "transcription_id": links.transcription_id and id_at(links.transcription_id, session.id, there.id),
        }
        shown = Links.model_validate(
            {**dict(links), **dict(names), **ids, "report_id": None, "report_ids": [], "bill_id": None}
        )
        return with_recording_allowed(work, Detailed(there, shown))

    moved_session = clinic.perform("session.move", transaction)
    join_tasks.follow(clinic, due)
    return moved_session


def _patient(work: UnitOfWork, session: Session, new: NewMove) -> Patient:
    """The patient to whom the session moves, whom the caller and the doctor of the session may treat."""
    now_at = work.get(Patient.ref(session.patient_id))
    if new.from_patient_id not in (*now_at.person_ids, now_at.number):
        raise Conflict(ConflictCode.OTHER_PATIENT, "the session is at another patient than `from_patient_id`")
    patient = work.get_or_none(Patient.ref(new.patient_id))
    if patient is None:
        raise Invalid(errors=[FieldError("/patient_id", "no such patient")])
    if patient.id == now_at.id:
        raise Invalid(errors=[FieldError("/patient_id", "the session is at this patient")])
    permissions.require(work, Action.START_VISIT, patient)
    if session.doctor_id != work.user_id:
        raise_if_any(_errors_of_doctor(work, session.doctor_id, patient))
    return patient


def _errors_of_doctor(work: UnitOfWork, doctor_id: str, patient: Patient) -> Iterator[FieldError]:
    """The error if the doctor of the session may not begin visits of the patient, or may not any more at the commit."""
    doctor = work.get_or_none(User.ref(doctor_id))
    if doctor is not None:
        work.require_unchanged(doctor)
    sharing = patient.owner_id, patient.shared_with, patient.writers
    if doctor is None or not allows(Action.START_VISIT, patient_relations(doctor_id, doctor.roles, *sharing)):
        yield FieldError("/patient_id", "share the patient with the doctor of the session first, to write")


def _read(work: UnitOfWork, session: Session, patient: Patient) -> Visit:
    """The session with its records; what else the move looks at is read with them."""
    bill, contents = Bill.ref(session.bill_id), [ReportContent.ref(id) for id in session.report_ids]
    recordings, transcriptions = recordings_of(session), transcripts.refs_of(session)
    aside: list[Ref[Any]] = [
        *planned_of(work, session),
        *running.refs(session.doctor_id, patient.id),
        *consent_gate.refs(work, patient.id),
    ]
    live = [live_audio_ref(session.id)] if session.uploads else []
    work.prefetch(*reports_of(session), *contents, bill, *recordings, *transcriptions, *live, *aside)
    return Visit(
        session,
        _found(work, recordings),
        _found(work, transcriptions),
        next(iter(_found(work, live)), None),
        [*found_reports(work, session).values()],
        _found(work, contents),
        work.get_or_none(bill),
    )


def _found(work: UnitOfWork, refs: Sequence[Ref[R]]) -> list[R]:
    return [record for ref in refs if (record := work.get_or_none(ref))]


def _require_movable(work: UnitOfWork, visit: Visit, new: NewMove) -> None:
    """Raises Conflict, naming everything that is in the way."""
    reports_must_be_unsigned(work, visit.session)
    if found := [*_obstacles(visit, new)]:
        raise found[0].with_errors(*(conflict.errors for conflict in found[1:]))
    if len(visit.session.moves) == MOST_MOVES:
        raise Conflict(ConflictCode.TOO_MANY_CORRECTIONS, f"the session was moved {MOST_MOVES} times")


def _obstacles(visit: Visit, new: NewMove) -> Iterator[Conflict]:
    """The conflict with each record that is in the way; its error has what to do about it."""
    if (bill := visit.bill) is not None and bill.is_issued:
        advice = FieldError(Bill.path_of(bill.id), "is issued: it stays at this patient")
        yield Conflict(ConflictCode.BILL_ISSUED, _NOT_YET, [advice])
    for recording in visit.recordings:
        if recording.in_pieces and recording.status == RecordingStatus.AWAITED:
            advice = FieldError(Recording.path_of(recording.id), "comes in pieces: complete the session, or delete it")
            yield Conflict(ConflictCode.STILL_RUNNING, _NOT_YET, [advice])
    if (live := visit.live) is not None and live.moved_from is not None:
        advice = FieldError(LiveAudio.path_of(live.id), "follows the session after its last move: wait")
        yield Conflict(ConflictCode.STILL_RUNNING, _NOT_YET, [advice])
    for transcription in visit.transcriptions:
        if transcription.waiting:
            advice = FieldError(Transcription.path_of(transcription.id), "is made: wait, or delete its recording")
            yield Conflict(ConflictCode.STILL_RUNNING, _NOT_YET, [advice])
    for report in visit.reports:
        if report.waiting:
            advice = FieldError(Report.path_of(report.id), "is being written: wait")
            yield Conflict(ConflictCode.STILL_RUNNING, _NOT_YET, [advice])
        elif _by_person(report) and not new.discard_report:
            advice = FieldError(Report.path_of(report.id), "is a person's work: send `discard_report` to throw it away")
            yield Conflict(ConflictCode.REPORT_EXISTS, _NOT_YET, [advice])


def _by_person(report: Report) -> bool:
    return report.manually_edited or report.source == ReportSource.BY_HAND


def _require_consents(work: UnitOfWork, visit: Visit, moved_id: str) -> None:
    """Raises ConsentMissing unless the patient has consented to what goes there."""
    if any(one.status in _HEARD for one in visit.recordings):
        consent_gate.require(work, moved_id, ConsentUse.RECORD)
    if any(one.parts for one in visit.transcriptions):
        consent_gate.require(work, moved_id, ConsentUse.TRANSCRIBE)
