"""/api/v1/sessions"""

from __future__ import annotations

from functions.sessions import recordings
from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.event_stream import EventStream
from shared.web.operations import CLINICIANS, CONSENTED, DOCTORS, EXCLUSIVE, FRONT_DESK, NONE_YET, UNVERIFIED, WHOLE

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.parties import Named
    from shared.records.progress import Progress
    from shared.records.record import Detailed
    from shared.records.reports.new_report import NewReport, ReportRequest
    from shared.records.reports.report import Report
    from shared.records.version import Version
    from shared.records.visits.moves import NewMove
    from shared.records.visits.requests import NewSession, SessionChange, SessionEnd, SessionList
    from shared.records.visits.session import Session
    from shared.workflows import versions as kept_versions
    from shared.workflows.billing import bills
    from shared.workflows.billing.booking import NamedBill
    from shared.workflows.reports import creation, reading, requesting
    from shared.workflows.visits import following, listing, moving, reopening, sessions
    from shared.workflows.visits.links import LinkedSession

api = Api("sessions")


@api.post("/", roles=DOCTORS, status=201, problems=EXCLUSIVE)
def start(clinic: Clinic, new: NewSession) -> LinkedSession:
    """Start a session with a patient.

    With `appointment_id`, the appointment gets the session's id; it is completed with the session, and free again when
    the session is cancelled. With `started_at` a visit is registered later, such as one without a connection; with
    `ended_at` too, it is completed at once. Its recordings may be uploaded afterwards.

    A doctor and a patient have one running or paused session at a time: a second one is 409 `session-running`, whose
    `running_sessions` names the first where the caller may see it. A couple or group is one session. A session that is
    `overdue_running` excludes no other.
    """
    return sessions.start(clinic, new)


@api.get("/", roles=CLINICIANS)
def list_sessions(clinic: Clinic, query: SessionList) -> Page[LinkedSession]:
    """List sessions by day, status and doctor, last begun first."""
    return listing.of_clinic(clinic, query)


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str) -> LinkedSession:
    """Get a session, by id or by number."""
    return sessions.get(clinic, id)


@api.get("/{id}/progress", roles=CLINICIANS)
def progress(clinic: Clinic, id: str) -> EventStream[Progress]:
    """Follow the progress of a session, from the recording to report and bill, as server-sent events.

    The first event is the current state, and each change is another event: states, no text. The stream closes after
    50 seconds and when the state is final; reconnect with Last-Event-ID until the answer is 204.
    """
    return EventStream(following.follow(clinic, id))


@api.put("/{id}", roles=CLINICIANS, alias_of="PATCH /sessions/{id}", problems=EXCLUSIVE)
@api.patch("/{id}", roles=CLINICIANS, problems=EXCLUSIVE)
def change(clinic: Clinic, id: str, changes: SessionChange) -> LinkedSession:
    """Pause or resume a session, write its complaint and notes, or correct its times, type, template or billing code.

    The doctor of the visit and admins pause, resume and correct; only the doctor writes complaint and notes. What is
    left out stays as it is; a complaint or notes that are null are cleared. Notes and corrections are open until a
    report is signed; what the bill is priced by is open until the bill is issued, and a draft of it is priced again.
    `corrections` keeps who corrected what, and what was before.
    """
    return sessions.change(clinic, id, changes)


@api.post("/{id}/complete", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True, problems=WHOLE)
def complete(clinic: Clinic, id: str, end: SessionEnd | None) -> LinkedSession:
    """Complete a session, now or at an earlier `ended_at`. For the doctor of the visit and admins.

    Its bill is made in the background. 409 `audio-missing` names pieces of live recordings: send or declare them lost.
    """
    return sessions.complete(clinic, id, end or SessionEnd())


@api.delete("/{id}", roles=CLINICIANS)
def cancel(clinic: Clinic, id: str) -> LinkedSession:
    """Cancel a session without a signed report. For the doctor of the visit and admins.

    Its reports and running transcriptions fail with `session_cancelled`. Its recordings are deleted, as are audio,
    results and drafts that arrive later; a completed transcription keeps its text.
    """
    return sessions.cancel(clinic, id)


@api.post("/{id}/reopen", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True, problems=EXCLUSIVE)
def reopen(clinic: Clinic, id: str) -> Detailed[Session, reopening.Reopened]:
    """Undo completing or cancelling a session, within the minutes that the clinic has set.

    The session runs again. Not after its bill was issued or a report signed, nor while its doctor or patient has
    another running session (409 `session-running`). `lost_recordings` and `to_request_again` name what cancelling threw
    away; drafts of reports that were written are back.
    """
    return reopening.reopen(clinic, id)


@api.post(
    "/{id}/move",
    roles=CLINICIANS,
    requires_idempotency_key=False,
    requires_if_match=True,
    problems=EXCLUSIVE | CONSENTED,
)
def move(clinic: Clinic, id: str, new: NewMove) -> LinkedSession:
    """Move a session that was started for the wrong patient.

    For the doctor of the visit, who may begin visits of the right patient, and for admins. The session keeps its number
    and gets another `id`, as do its recordings and transcriptions: go on with the answer. An upload that is open goes
    on at its `upload_url`. The appointment is free again; drafts of its reports and of the bill are thrown away; the
    first report and the bill are made anew for the right patient. 409 when a report is signed, the bill issued, or
    something is being transcribed or written: `errors` names each with what to do. 403 `consent-missing` when the right
    patient has not consented to what was recorded: record the consent, or delete the recording.
    """
    return moving.move(clinic, id, new)


@api.get("/{id}/versions", roles=CLINICIANS)
def versions(clinic: Clinic, id: str, page: PageQuery) -> Page[Version]:
    """List who changed what of a session, newest change first, with the values before.

    Only changes by people: what the product sets by itself, such as the bill's amount, is no version.
    """
    return kept_versions.of_session(clinic, id, page)


@api.get("/{id}/report", roles=CLINICIANS, problems=NONE_YET | UNVERIFIED)
def report(clinic: Clinic, id: str) -> reading.ReportDetail:
    """Get the session's first report, as `GET /reports/{id}` does."""
    return reading.of_session(clinic, id)


@api.get("/{id}/bill", roles=FRONT_DESK, problems=NONE_YET)
def bill(clinic: Clinic, id: str) -> NamedBill:
    """Get the session's bill, as `GET /bills/{id}` does."""
    return bills.of_session(clinic, id)


@api.post("/{id}/generate-report", roles=CLINICIANS, status=202, problems=CONSENTED)
def generate_report(clinic: Clinic, id: str, asked: ReportRequest | None) -> Detailed[Report, Named]:
    """Request a report of a session from what was heard so far: a new one, or again after a failure.

    Without `template_id` it is the session's first report. A template that none of its reports has makes one more,
    such as a referral letter, also after another one is signed; at most six, then 409 `too_many_reports`. A written
    report that lacks a recording (`unreported_recordings`) which is transcribed by now is written anew, as its next
    version. 409 if a person corrected or wrote it: `POST /sessions/{id}/report` with `replace` does it all the same.
    """
    return requesting.request(clinic, id, asked or ReportRequest())


@api.post("/{id}/report", roles=CLINICIANS, status=201, problems=CONSENTED)
def create_report(clinic: Clinic, id: str, new: NewReport) -> reading.ReportDetail:
    """Create a report of a session by hand or from its notes, or choose another source for it.

    For a visit without a usable recording: in the sections of its template, corrected, reviewed and signed like any
    other. 409 while a recording with speech is transcribed or awaited, unless `despite_recording`. A session has one
    report from each template; without `template_id` it is the first. `replace` throws an unsigned one away.
    """
    return creation.create(clinic, id, new)


api.include(recordings.api)
main = api.function()
