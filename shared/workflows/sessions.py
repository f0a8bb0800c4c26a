"""Consultation sessions: started, paused, resumed, completed or cancelled, and their recordings' uploads."""

from __future__ import annotations

from datetime import timedelta

from shared.gateways import storage
from shared.records import numbering
from shared.records.patient import Patient
from shared.records.problems import Conflict, FieldError, Invalid, TooLarge
from shared.records.record import Detailed, Value
from shared.records.session import (
    NewSession,
    NewUpload,
    Recording,
    RecordingStatus,
    Session,
    SessionChange,
    SessionStatus,
)
from shared.records.template import DEFAULT_TEMPLATE_ID, ReportTemplate
from shared.records.types import local_date, new_id
from shared.store.clinic import Clinic
from shared.store.work import Work

SESSION_ID_LENGTH = 10
AUDIO_TYPES = frozenset(
    {"audio/flac", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm", "audio/mpeg", "audio/mp4", "audio/x-m4a"}
)
"""What Speech-to-Text decodes by itself and clients record."""
UPLOAD_AWAITED_FOR = timedelta(days=8)
"""An upload is open for a week, and Eventarc tries for a day to tell of its end."""


class Upload(Value):
    """Where to send a recording."""

    upload_url: str
    """A resumable session of Cloud Storage, good for a week. Keep it secret: who has it may write the recording."""


def start(clinic: Clinic, new: NewSession) -> Session:
    """Start a session with a patient of the calling doctor."""

    def story(work: Work) -> Session:
        template = ReportTemplate.at(new.template_id or DEFAULT_TEMPLATE_ID)
        work.fetch(Patient.at(new.patient_id), template, work.settings_place(), numbering.SESSIONS)
        patient = work.find(Patient.at(new.patient_id))
        if patient is None:
            raise Invalid(errors=[FieldError("/patient_id", "no such patient")])
        if work.find(template) is None:
            raise Invalid(errors=[FieldError("/template_id", "no such template")])
        work.guard(patient)
        session_id = f"{patient.id}-{new_id(SESSION_ID_LENGTH)}"
        today = local_date(work.now, work.settings().time_zone)
        session = Session.new(
            session_id,
            by=work.user_id,
            at=work.now,
            number=work.next_number(numbering.sessions(today), session_id),
            doctor_id=work.user_id,
            started_at=work.now,
            **{**dict(new), "patient_id": patient.id, "template_id": template.id},
        )
        work.progress(session_id, session=session.status)
        return work.create(session)

    return clinic.perform("session.start", story)


def get(clinic: Clinic, session_id: str) -> Session:
    """A session."""
    return clinic.perform("session.read", lambda work: work.get(Session.at(session_id)))


def change(clinic: Clinic, session_id: str, wanted: SessionChange) -> Session:
    """Pause or resume a session, or write its complaint and notes."""

    def story(work: Work) -> Session:
        session = work.edit(Session.at(session_id))
        changed = session
        if wanted.model_fields_set - {"status"}:
            changed = changed.noted(wanted, by=work.user_id, at=work.now)
        if wanted.status is not None:
            changed = _moved(changed, wanted.status, work)
        if changed is session:
            raise Invalid(errors=[FieldError("", "nothing to change")])
        one_change = changed.model_copy(update={"revision": session.revision + 1})
        work.progress(session.id, session=changed.status)
        return work.save(one_change)

    return clinic.perform("session.change", story)


def complete(clinic: Clinic, session_id: str) -> Session:
    """End a session; its bill follows by itself."""

    def story(work: Work) -> Session:
        session = work.edit(Session.at(session_id)).completed(by=work.user_id, at=work.now)
        work.progress(session.id, session=session.status)
        return work.save(session)

    return clinic.perform("session.complete", story)


def cancel(clinic: Clinic, session_id: str) -> Session:
    """Cancel a session. Audio that arrives later is refused and deleted."""

    def story(work: Work) -> Session:
        session = work.edit(Session.at(session_id)).cancelled(by=work.user_id, at=work.now)
        work.progress(session.id, session=session.status)
        return work.save(session)

    return clinic.perform("session.cancel", story)


def open_upload(clinic: Clinic, session_id: str, new: NewUpload) -> Detailed[Recording, Upload]:
    """Open the upload of a recording, straight to Storage. The recording may also end after the session."""
    _check(new)

    def story(work: Work) -> Detailed[Recording, Upload]:
        session = work.get(Session.at(session_id))
        if session.status == SessionStatus.CANCELLED:
            raise Conflict("the session is cancelled")
        count = session.recordings + 1
        recording_id = session.recording_id(count)
        name = f"clinics/{clinic.id}/sessions/{session.id}/recordings/{recording_id}"
        # Before the commit: a session that nobody learns of expires; a recording without a session would be stuck.
        origin = clinic.origin.web_origin or None
        url = storage.open_upload(name, content_type=new.content_type, size=new.size_bytes, origin=origin)
        recording = Recording.new(
            recording_id,
            by=work.user_id,
            at=work.now,
            session_id=session.id,
            object_name=name,
            content_type=new.content_type,
            size_bytes=new.size_bytes,
        )
        work.save(session.revised(by=work.user_id, at=work.now, recordings=count))
        return Detailed(work.create(recording), Upload(upload_url=url))

    return clinic.perform("recording.open", story)


def expire_upload(clinic: Clinic, recording_id: str) -> str | None:
    """Note that a recording did not come while its upload was open; returns that, or none if it came after all."""

    def story(work: Work) -> str | None:
        recording = work.find(Recording.at(recording_id))
        if recording is None or recording.status != RecordingStatus.AWAITED:
            return None
        if work.now - recording.updated_at < UPLOAD_AWAITED_FOR:
            return None
        expired = work.save(recording.revised(by=work.user_id, at=work.now, status=RecordingStatus.EXPIRED))
        work.progress(recording.session_id, recording=expired.status)
        return "expired"

    return clinic.perform("recording.expire", story)


def _check(new: NewUpload) -> None:
    if new.content_type not in AUDIO_TYPES:
        raise Invalid(errors=[FieldError("/content_type", f"one of {', '.join(sorted(AUDIO_TYPES))}")])
    if new.size_bytes > storage.largest_recording():
        raise TooLarge(f"a recording has at most {storage.largest_recording()} bytes")


def _moved(session: Session, status: SessionStatus, work: Work) -> Session:
    if status == SessionStatus.PAUSED:
        return session.paused(by=work.user_id, at=work.now)
    if status == SessionStatus.IN_PROGRESS:
        return session.resumed(by=work.user_id, at=work.now)
    raise Invalid(errors=[FieldError("/status", "paused or in_progress; other changes have operations of their own")])
