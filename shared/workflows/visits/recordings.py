"""Recordings of a session: opening an upload, and expiring one that never finished."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from shared.lazily import lazily
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.conflict_codes import ConflictCode, LimitCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, Invalid, TooLarge, TooManyRequests
from shared.records.record import Detailed, Value, session_of
from shared.records.visits.audio_types import AUDIO_TYPES, audio_type
from shared.records.visits.recording import MOST_UPLOADED_BYTES, MOST_UPLOADS, NewUpload, Recording, RecordingStatus
from shared.store import queries
from shared.store.clinic import Clinic
from shared.store.pagination import LIVE
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import storage
    from shared.records.page import Page, PageQuery
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.visits.ids import recording_id_of, report_id_of
    from shared.records.visits.live.accounts import live_audio_ref
    from shared.records.visits.session import Session, SessionStatus
    from shared.store import pagination
    from shared.workflows import consent_gate, permissions
    from shared.workflows.stored_proofs import reports_must_be_unsigned
    from shared.workflows.visits.object_names import recording_name
    from shared.workflows.visits.refs import expect, moved_named

UPLOAD_AWAITED_FOR = timedelta(days=8)
"""An upload stays open for a week, and Eventarc retries its event for a day."""
MOST_OPEN_UPLOADS = 5
"""Per session. Every upload that arrives is transcribed at the operator's cost."""
_MOST_AWAITED = 50
"""Recordings that are looked at; more than the open ones are awaited only while the sweep does not run."""


class Upload(Value):
    """Where to send a recording."""

    upload_url: str | None
    """A resumable session of Cloud Storage, good for a week. Keep it secret: who has it may write the recording. Null
    when it is over: the recording was received or refused, the week is over, or the session is cancelled. Null, too,
    for callers who may not upload."""


def open_upload(clinic: Clinic, session_id: str, new: NewUpload) -> Detailed[Recording, Upload]:
    """Open a resumable upload to Cloud Storage. The upload may end after the session.

    Raises ConsentMissing without the patient's consents to a recording, TooManyRequests when MOST_OPEN_UPLOADS of the
    session are open, and Conflict when a report is signed: it would lack the recording, or when the session
    has as many uploads or bytes as possible.
    """
    content_type = _checked_type(new)

    def transaction(work: UnitOfWork) -> Detailed[Recording, Upload]:
        report, proof = Report.ref(report_id_of(session_id)), SignedReport.ref(report_id_of(session_id))
        expect(work, session_id, report, proof, *consent_gate.refs(work, session_id))
        with moved_named(work, session_id):
            session = work.get(Session.ref(session_id))
        permissions.require(work, Action.RECORD_VISIT, session)
        session.must_not_be_cancelled()
        consent_gate.require(work, session.id, ConsentUse.RECORD)
        reports_must_be_unsigned(work, session, ": it would lack the recording")
        _require_room(session, new)
        _require_free_upload(work, session)
        count = session.uploads + 1
        recording_id = session.recording_id(count)
        name = recording_name(clinic.id, session.id, recording_id)
        # Before the commit: an unused upload session expires; a recording without an upload session would be stuck.
        origin = clinic.context.origin.web_origin or None
        url = storage.open_upload(name, content_type=content_type, size=new.size_bytes, origin=origin)
        recording = Recording.new(
            recording_id,
            work.stamp,
            session_id=session.id,
            object_name=name,
            content_type=content_type,
            size_bytes=new.size_bytes,
            resumable_url=url,
        )
        counted = {"uploads": count, "file_uploads": session.file_uploads + 1}
        work.save(session.amended(**counted, announced_bytes=session.announced_bytes + new.size_bytes))
        work.progress(session.id, recording=recording.status)
        return Detailed(work.create(recording), Upload(upload_url=url))

    return clinic.perform("recording.open", transaction)


def listed(clinic: Clinic, session_id: str, query: PageQuery) -> Page[Detailed[Recording, Upload]]:
    """A page of a session's recordings, newest first, with the upload sessions that are still open, for callers who
    may upload."""

    def transaction(work: UnitOfWork) -> Page[Detailed[Recording, Upload]]:
        expect(work, session_id, Recording.ref(recording_id_of(session_id, 1)))  # nearly always the only one
        session = work.get(Session.ref(session_id))
        binding = pagination.token_binding(work, f"recordings {session.id}", query)
        newest = pagination.decode_token(work, binding, query.page_token).get("count", session.uploads)
        oldest = max(0, newest - query.page_size)
        refs = [Recording.ref(session.recording_id(count)) for count in range(newest, oldest, -1)]
        work.prefetch(*refs)
        found = [recording for ref in refs if (recording := work.get_or_none(ref))]
        token = pagination.encode_token(work, binding, {"count": oldest}) if oldest else None
        may_upload = permissions.may(work, Action.RECORD_VISIT, session)
        uploads = [_upload_of(one, session, work.now) if may_upload else Upload(upload_url=None) for one in found]
        return Page([Detailed(*pair) for pair in zip(found, uploads, strict=True)], token)

    return clinic.perform("recording.list", transaction)


def expire_upload(clinic: Clinic, recording_id: str) -> str | None:
    """Mark a recording as expired if it was not uploaded in time; returns "expired" or None."""

    def transaction(work: UnitOfWork) -> str | None:
        recording = work.get_or_none(Recording.ref(recording_id))
        if recording is None or recording.status != RecordingStatus.AWAITED:
            return None
        if work.now - recording.updated_at < UPLOAD_AWAITED_FOR or recording.joined:
            return None
        if recording.in_pieces and (action := _given_up(work, recording)):
            return action
        expired = work.save(recording.revised(work.stamp, status=RecordingStatus.EXPIRED))
        work.progress(recording.session_id, recording=expired.status)
        return "expired"

    return clinic.perform("recording.expire", transaction)


def _given_up(work: UnitOfWork, recording: Recording) -> str | None:
    """End a live recording whose recorder does not come back with what arrived; returns what was done, None for one
    of which nothing arrived."""
    live = work.get_or_none(live_audio_ref(session_of(recording.id)))
    account = live.of(recording.id) if live else None
    if live is None or account is None or account.last_received_at is None:
        return None
    if work.now - account.last_received_at < UPLOAD_AWAITED_FOR:
        work.save(recording.revised(work.stamp))  # looked at again after as long
        return "awaited"
    work.save(live.given_up(account, work.stamp))
    work.save(recording.revised(work.stamp))
    return "given up"


def _upload_of(recording: Recording, session: Session, now: datetime) -> Upload:
    """Where to go on with the upload. What would be refused needs no upload."""
    return Upload(upload_url=None if session.status == SessionStatus.CANCELLED else recording.open_url(now))


def _checked_type(new: NewUpload) -> str:
    """The media type of an acceptable upload."""
    content_type = audio_type(new.content_type)
    if content_type is None:
        raise Invalid(errors=[FieldError("/content_type", f"one of {', '.join(AUDIO_TYPES)}")])
    if new.size_bytes > storage.largest_recording():
        raise TooLarge(f"a recording has at most {storage.largest_recording()} bytes")
    return content_type


def _require_room(session: Session, new: NewUpload) -> None:
    """Raises Conflict when the session has as many uploads, or as many bytes, as possible."""
    if session.uploads >= MOST_UPLOADS:
        raise Conflict(ConflictCode.TOO_MANY_RECORDINGS, f"a session has at most {MOST_UPLOADS} uploads")
    if session.announced_bytes + new.size_bytes > MOST_UPLOADED_BYTES:
        limit = f"the uploads of a session have at most {MOST_UPLOADED_BYTES} bytes together"
        raise Conflict(ConflictCode.TOO_MANY_RECORDINGS, limit)


def _require_free_upload(work: UnitOfWork, session: Session) -> None:
    """Raises TooManyRequests when too many uploads are open; an expired one is not, even before the sweep marks it.

    Concurrent openings conflict on the session, which counts its recordings.
    """
    if session.uploads < MOST_OPEN_UPLOADS:
        return
    collection = Recording.path_of(session.recording_id(1)).rpartition("/")[0]
    awaited: list[Filter] = [LIVE, ("status", "==", RecordingStatus.AWAITED.value)]
    found = queries.first(work.clinic_id, collection, awaited, None, _MOST_AWAITED)
    ends = (snapshot.get("updated_at") + UPLOAD_AWAITED_FOR - work.now for snapshot in found)
    still_open = sorted(remaining for remaining in ends if remaining > timedelta(0))
    if len(still_open) >= MOST_OPEN_UPLOADS:
        raise TooManyRequests(
            LimitCode.UPLOADS_OPEN,
            f"{MOST_OPEN_UPLOADS} uploads of the session are open: finish one, or wait until the oldest expires",
            # Expired are all but MOST_OPEN_UPLOADS - 1.
            retry_after=math.ceil(still_open[-MOST_OPEN_UPLOADS].total_seconds()),
        )
