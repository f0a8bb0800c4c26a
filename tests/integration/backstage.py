"""What the tests do behind the API's back: read the audit trail, plant documents, and ask many times at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from google.cloud.firestore_v1.base_query import FieldFilter

from shared.records.record import SYSTEM
from shared.records.reports.content import ReportContent, Statement
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.template import default_sections
from shared.records.visits.session import Session, Speaker
from shared.records.visits.transcription import Segment, Transcription, TranscriptionStatus, TranscriptPart, part_id
from shared.store import database
from shared.store.audit import canonical_bytes
from shared.store.clinic import system_clinic
from shared.store.work import Work
from shared.vault import keyring
from tests.client import Reply
from tests.support.clinics import TestClinic

T = TypeVar("T")


def at_once(count: int, ask: Callable[[int], T]) -> list[T]:
    """The answers of `count` calls that start together; each gets its number."""
    barrier = Barrier(count)

    def call(number: int) -> T:
        barrier.wait()
        return ask(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def statuses(replies: list[Reply]) -> dict[int, int]:
    """How often each status was answered."""
    answered = [reply.status for reply in replies]
    return {status: answered.count(status) for status in sorted(set(answered))}


def without_trace(reply: Reply) -> dict[str, Any]:
    """A problem as everybody who meets it sees it."""
    return {name: value for name, value in reply.body.items() if name != "trace_id"}


def pointers(reply: Reply) -> set[str]:
    """What a problem says is wrong with the request."""
    return {error["pointer"] for error in reply.body["errors"]}


# The audit trail


def new_trace() -> tuple[str, dict[str, str]]:
    """A new trace id, and the header that carries it."""
    trace = secrets.token_hex(16)
    return trace, {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}


def audit_of(clinic: TestClinic, trace: str) -> list[dict[str, Any]]:
    """The audit entries of one request, as they are stored."""
    entries = database.client().collection("clinics", clinic.id, "audit")
    same_request = FieldFilter("origin.request_id", "==", trace)
    return [snapshot.to_dict() or {} for snapshot in entries.where(filter=same_request).stream()]


def verify(clinic: TestClinic, entry: Mapping[str, Any]) -> None:
    """Raises TinkError when the entry is not as it was written."""
    keys = database.client().document("clinics", clinic.id, "keys", "clinic").get().to_dict()
    assert keys is not None
    keyring.unlock(clinic.id, keys).verify(entry["mac"], canonical_bytes(dict(entry)))


# Documents


def alter(clinic: TestClinic, path: str, changes: dict[str, Any]) -> None:
    """Write fields of a document directly, past the product."""
    database.client().document(f"clinics/{clinic.id}/{path}").update(changes)


def plant_report(clinic: TestClinic, session_id: str, status: ReportStatus = ReportStatus.COMPLETED) -> str:
    """A drafted report of a session that was never recorded; returns its id."""

    def story(work: Work) -> str:
        session = work.get(Session.at(session_id))
        report = Report.new(
            session.report_id,
            by=SYSTEM,
            at=work.now,
            session_id=session.id,
            patient_id=session.patient_id,
            doctor_id=session.doctor_id,
            template_id=session.template_id,
            transcription_id=session.transcription_id,
            requested_at=work.now,
            status=status,
        )
        said = [Statement(id="s1", section="chief_complaint", text="Sleeps badly since March.", segments=[1])]
        content = ReportContent.new(
            report.id, by=SYSTEM, at=work.now, sections=default_sections(), statements=said, generated=said
        )
        work.create(content)
        return work.create(report).id

    return system_clinic(clinic.id, "planted").perform("report.write", story)


def plant_transcription(
    clinic: TestClinic, session_id: str, status: TranscriptionStatus = TranscriptionStatus.FAILED
) -> str:
    """A transcription that has text; returns its id. It failed after all, so nothing follows from it, or as asked."""

    def story(work: Work) -> str:
        session = work.get(Session.at(session_id))
        transcription = Transcription.new(
            session.transcription_id,
            by=SYSTEM,
            at=work.now,
            session_id=session.id,
            patient_id=session.patient_id,
            recording_id=session.recording_id(1),
            status=status,
            stt_model="long",
            language="en-IN",
            requested_at=work.now,
            parts=1,
        )
        said = Segment(number=1, speaker=Speaker.PATIENT, start_ms=0, end_ms=900, text="I sleep badly.", confidence=0.9)
        work.create(TranscriptPart.new(part_id(transcription.id, 1), by=SYSTEM, at=work.now, segments=[said]))
        return work.create(transcription).id

    return system_clinic(clinic.id, "planted").perform("transcription.hear", story)
