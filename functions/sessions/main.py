"""/api/v1/sessions"""

from __future__ import annotations

from shared.records.problems import TooManyRequests
from shared.records.progress import Progress
from shared.records.record import Detailed
from shared.records.reports.new_report import NewReport
from shared.records.reports.report import Report
from shared.records.visits.recording import NewUpload, Recording
from shared.records.visits.session import NewSession, Session, SessionChange
from shared.records.visits.transcription import Transcription
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.event_stream import EventStream
from shared.web.operations import CLINICIANS, DOCTORS
from shared.workflows.reports import creation, drafting, reading
from shared.workflows.visits import following, recordings, sessions, transcripts

api = Api("sessions")


@api.post("/", roles=DOCTORS, status=201)
def start(clinic: Clinic, new: NewSession) -> Session:
    """Start a session with a patient.

    With `appointment_id`, the appointment gets the session's id; it is completed with the session, and free again when
    the session is cancelled.
    """
    return sessions.start(clinic, new)


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str) -> Session:
    """Get a session, by id or by number."""
    return sessions.get(clinic, id)


@api.get("/{id}/progress", roles=CLINICIANS)
def progress(clinic: Clinic, id: str) -> EventStream[Progress]:
    """Follow the progress of a session, from the recording to report and bill, as server-sent events.

    The first event is the current state, and each change is another event: states, no text. The stream closes after
    50 seconds and when the state is final; reconnect with Last-Event-ID until the answer is 204.
    """
    return EventStream(following.follow(clinic, id))


@api.put("/{id}", roles=CLINICIANS)
def change(clinic: Clinic, id: str, changes: SessionChange) -> Session:
    """Pause or resume a session, or write its complaint and notes.

    What is left out stays as it is; a complaint or notes that are null are cleared.
    """
    return sessions.change(clinic, id, changes)


@api.post("/{id}/complete", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True)
def complete(clinic: Clinic, id: str) -> Session:
    """Complete a session. Its bill is issued in the background."""
    return sessions.complete(clinic, id)


@api.delete("/{id}", roles=CLINICIANS)
def cancel(clinic: Clinic, id: str) -> Session:
    """Cancel a session.

    Its report and running transcriptions fail with `session_cancelled`. Audio, results and drafts that arrive later are
    deleted. A session whose report is signed cannot be cancelled.
    """
    return sessions.cancel(clinic, id)


@api.post("/{id}/recordings", roles=CLINICIANS, status=201, problems=frozenset({TooManyRequests}))
def open_upload(clinic: Clinic, id: str, new: NewUpload) -> Detailed[Recording, recordings.Upload]:
    """Open the upload of a recording.

    Send the audio to `upload_url` as a resumable upload of Cloud Storage; the rest follows by itself. At most five
    uploads of a session are open at a time: the sixth is 429, until one ends or the oldest expires after eight days.
    """
    return recordings.open_upload(clinic, id, new)


@api.get("/{id}/transcription", roles=CLINICIANS)
def transcription(clinic: Clinic, id: str) -> Detailed[Transcription, transcripts.Segments]:
    """Get the transcription of a session's latest recording."""
    return transcripts.of_session(clinic, id)


@api.post("/{id}/generate-report", roles=CLINICIANS, status=202)
def generate_report(clinic: Clinic, id: str) -> Report:
    """Request the session's report, the first time or again after a failure."""
    return drafting.request(clinic, id)


@api.post("/{id}/report", roles=CLINICIANS, status=201)
def create_report(clinic: Clinic, id: str, new: NewReport) -> Detailed[Report, reading.Body]:
    """Create the session's report by hand, or choose another source for it.

    For a visit that was not recorded, or whose recording is silent or broken. The report has the sections of the
    session's template, and is corrected, reviewed and signed like any other. While a recording with speech is
    transcribed or on its way, 409 unless `despite_recording`. A session has one report; `replace` throws an unsigned
    one away.
    """
    return creation.create(clinic, id, new)


main = api.function()
