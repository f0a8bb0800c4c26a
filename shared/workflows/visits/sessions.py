"""Consultation sessions: started, paused, resumed, completed or cancelled."""

from __future__ import annotations

from collections.abc import Callable

from shared.lazily import lazily
from shared.records import numbering
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import FieldError, Invalid, raise_if_any
from shared.records.record import Detailed, Stamp
from shared.records.types import new_id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.scheduling.appointment import Appointment
    from shared.records.visits.links import Links
    from shared.records.visits.requests import NewSession, SessionChange, SessionEnd
    from shared.records.visits.session import Session, SessionStatus
    from shared.records.visits.times import start_errors
    from shared.workflows import consent_gate, parties, permissions
    from shared.workflows.templates import reading as templates
    from shared.workflows.visits import cancelling, corrections, languages, running
    from shared.workflows.visits.links import LinkedSession, linked, with_recording_allowed
    from shared.workflows.visits.live import join_tasks, stored_pieces, whole_audio
    from shared.workflows.visits.refs import appointments_of, expect, planned_of

SESSION_ID_LENGTH = 10


def start(clinic: Clinic, new: NewSession) -> LinkedSession:
    """Start a session with a patient of the calling doctor."""

    def transaction(work: UnitOfWork) -> LinkedSession:
        named = templates.refs(new.template_id) if new.template_id else []
        planned = appointments_of([new.patient_id], new.appointment_id)
        claims = running.refs(work.user_id, new.patient_id)
        consents = consent_gate.refs(work, new.patient_id)
        work.prefetch(Patient.ref(new.patient_id), *named, numbering.SESSIONS, *planned, *claims, *consents)
        patient = work.get_or_none(Patient.ref(new.patient_id))
        speech = languages.chosen(work, new)
        errors = [] if patient else [FieldError("/patient_id", "no such patient")]
        template_id = new.template_id or templates.default_id(work)
        errors += templates.unusable(work, template_id, work.user_id)
        errors += languages.errors_of(speech.languages, "/stt_settings")
        appointment = _appointment(work, patient, new.appointment_id) if patient else None
        if patient and new.appointment_id and appointment is None:
            errors.append(FieldError("/appointment_id", "no appointment of this patient with you"))
        raise_if_any(errors)
        assert patient is not None, "checked"
        permissions.require(work, Action.START_VISIT, patient)
        work.touch(patient)
        session_id = f"{patient.id}-{new_id(SESSION_ID_LENGTH)}"
        begun_as = new.of_appointment(appointment) if appointment else new
        begun_as = begun_as.model_copy(update={"stt_settings": speech})
        session = _begun(work, begun_as, session_id, patient_id=patient.id, template_id=template_id)
        patient.must_have_lived_at(session.started_at, work.settings().time_zone)
        if session.open:
            running.claim(work, session)
        if appointment is not None:
            begun = appointment.begun(session_id, work.stamp)
            work.save(begun if session.open else begun.kept(work.stamp))
        work.progress(session_id, session=session.status)
        started = Detailed(work.create(session), Links.none_yet(*parties.parties_of(work, [session])))
        return with_recording_allowed(work, started)

    return clinic.perform("session.start", transaction)


def get(clinic: Clinic, session_id: str) -> LinkedSession:
    """A session."""
    found = linked(session_id, lambda work: work.get(Session.ref(session_id)))

    def transaction(work: UnitOfWork) -> LinkedSession:
        expect(work, session_id, *consent_gate.refs(work, session_id))
        return with_recording_allowed(work, found(work))

    return clinic.perform("session.read", transaction)


def change(clinic: Clinic, session_id: str, update: SessionChange) -> LinkedSession:
    """Pause or resume a session, write its complaint and notes, or correct its times, type, template or billing code.

    Raises Conflict for notes and corrections once a report is signed, and for a correction that changes the price
    once the bill is issued.
    """
    content = update.notes | update.facts

    def transaction(work: UnitOfWork) -> Session:
        if content:
            expect(work, session_id, *corrections.refs(work, session_id, update))
        session = work.get(Session.ref(session_id))
        for action in _actions_of(update):
            permissions.require(work, action, session)
        session = changed = work.get_for_update(Session.ref(session_id))
        if content:
            reports = corrections.unsigned_reports(work, session, update)
            changed = corrections.applied(work, session, reports, update)
        if update.status is not None:
            changed = _moved(changed, update.status, work)
        if not update.model_fields_set:
            raise Invalid(errors=[FieldError("", "nothing to change")])
        if changed is session:
            return session
        one_change = changed.model_copy(update={"revision": session.revision + 1})
        if update.status is not None:
            work.progress(session.id, session=changed.status)
        return work.save(one_change)

    return clinic.perform("session.change", linked(session_id, transaction))


def _actions_of(update: SessionChange) -> list[Action]:
    """What a change does, in the terms of the table of permissions."""
    noted = [Action.WRITE_NOTES] if update.notes else []
    return [*noted, Action.MOVE_VISIT] if update.facts or update.status is not None else noted


def complete(clinic: Clinic, session_id: str, end: SessionEnd) -> LinkedSession:
    """Complete a session, and its appointment. An event then creates the bill. A session in error is completed without
    its recording. Raises AudioMissing while pieces of a live recording are missing."""

    def completed(session: Session, stamp: Stamp) -> Session:
        return session.completed(stamp, end.ended_at)

    return _end(clinic, session_id, "session.complete", completed, Appointment.kept)


def cancel(clinic: Clinic, session_id: str) -> LinkedSession:
    """Cancel a session, and end its transcriptions and reports in the same commit. Its appointment may start again.

    The audio that arrived and the recognitions that run are discarded by an event (`discarding`); what arrives later
    (audio, a result of the recognition, a draft) is refused and deleted. Raises Conflict when a report is signed.
    """
    return _end(clinic, session_id, "session.cancel", Session.cancelled, Appointment.released)


def _end(
    clinic: Clinic,
    session_id: str,
    action: str,
    rule: Callable[[Session, Stamp], Session],
    appointment_rule: Callable[[Appointment, Stamp], Appointment],
) -> LinkedSession:
    due: list[str] = []

    def transaction(work: UnitOfWork) -> Session:
        before = permissions.get_for_update(work, Session.ref(session_id), Action.MOVE_VISIT)
        session = rule(before, work.stamp)
        if before.open and session.over:
            whole_audio.require(work, session)
        due[:] = [session.id] if session.may_have_live_audio and stored_pieces.mark_due(work, session.id) else []
        kept = before.over and session.over  # out of an error: its appointment is completed
        planned = [] if kept else planned_of(work, session)
        discarded = cancelling.jobs_of(session) if session.status == SessionStatus.CANCELLED else []
        if planned or discarded:
            work.prefetch(*planned, *discarded)
        if not kept:
            change_appointment(work, session, appointment_rule)
        if session.status == SessionStatus.CANCELLED:
            cancelling.discard_jobs(work, session, was_over=before.over)
        work.progress(session.id, session=session.status)
        return work.save(session)

    ended = clinic.perform(action, linked(session_id, transaction))
    join_tasks.follow(clinic, due)
    return ended


def change_appointment(work: UnitOfWork, session: Session, rule: Callable[[Appointment, Stamp], Appointment]) -> None:
    """Apply a rule to the appointment of a session, if it is still this one's."""
    for ref in planned_of(work, session):
        appointment = work.get_or_none(ref)
        if appointment is not None and appointment.session_id == session.id:
            work.save(rule(appointment, work.stamp))


def _begun(work: UnitOfWork, new: NewSession, session_id: str, **ids: str) -> Session:
    """The new session, by the client's times if it sends any; one that has ended already is completed."""
    settings = work.settings()
    started_at = new.started_at or work.now
    raise_if_any(start_errors(started_at, work.now, work.now, settings.backdating))
    session = Session.new(
        session_id,
        work.stamp,
        number=work.next_number(numbering.sessions(work.today()), session_id),
        doctor_id=work.user_id,
        **{**dict(new), **ids, "started_at": started_at, "ended_at": None},
        overdue_at=started_at + settings.visit_limit,
        has_bill=False,
    )
    if new.ended_at is None:
        return session
    return session.completed(work.stamp, new.ended_at).model_copy(update={"revision": session.revision})


def _moved(session: Session, status: SessionStatus, work: UnitOfWork) -> Session:
    if status == SessionStatus.PAUSED:
        return session.paused(work.stamp)
    if status == SessionStatus.IN_PROGRESS:
        resumed = session.resumed(work.stamp)
        if session.is_overdue(work.now):  # others may have begun meanwhile
            running.claim(work, resumed)
        return resumed
    raise Invalid(errors=[FieldError("/status", "paused or in_progress; other changes have operations of their own")])


def _appointment(work: UnitOfWork, patient: Patient, appointment_id: str | None) -> Appointment | None:
    """The patient's appointment with the caller. Appointments of other patients are not even read."""
    for ref in appointments_of(patient.person_ids, appointment_id):
        appointment = work.get_or_none(ref)
        if appointment is not None and appointment.doctor_id == work.user_id:
            return appointment
    return None
