"""The links of a session to its recordings, transcription, reports and bill.

They are derived from the ids of the records, and read with the session, so that nothing else keeps them up to date. Of
the bill the session says itself whether it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.consent_policy import ConsentUse
from shared.records.page import Page
from shared.records.record import Detailed, Ref
from shared.records.reports.report import FROZEN_STATES
from shared.records.visits.failure import TranscriptionFailure
from shared.records.visits.links import MOST_LINKED, Links
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.parties import Named
    from shared.records.reports.report import Report
    from shared.records.visits.ids import report_id_of, transcription_id_of
    from shared.records.visits.length import length_differs
    from shared.records.visits.session import SessionStatus
    from shared.records.visits.transcription import Transcription, TranscriptionStatus
    from shared.workflows import consent_gate, parties
    from shared.workflows.visits.refs import expect, moved_named

LinkedSession = Detailed[Session, Links]
_BY_PERSONS = frozenset({TranscriptionFailure.RECORDING_DELETED, TranscriptionFailure.SESSION_CANCELLED})


def linked(session_id: str, transaction: Callable[[UnitOfWork], Session]) -> Callable[[UnitOfWork], LinkedSession]:
    """The transaction on a session, whose result has the links; they are read with the session, in one call."""

    def with_links(work: UnitOfWork) -> LinkedSession:
        expect(work, session_id, *_of_id(session_id))
        with moved_named(work, session_id):
            session = transaction(work)
        return Detailed(session, *links_of(work, [session]))

    return with_links


def page_with_links(work: UnitOfWork, page: Page[Session]) -> Page[LinkedSession]:
    """The page with the links of each session, which are read in one call."""
    found = links_of(work, page.items)
    return Page([Detailed(one, links) for one, links in zip(page.items, found, strict=True)], page.next_page_token)


def links_of(work: UnitOfWork, sessions: Sequence[Session]) -> list[Links]:
    """The links of each session, read in one call."""
    work.expect(*(ref for session in sessions for ref in _refs(session)))
    found = parties.parties_of(work, sessions)
    return [_links(work, session, names) for session, names in zip(sessions, found, strict=True)]


def _links(work: UnitOfWork, session: Session, names: Named) -> Links:
    report_ids = [id for id in session.report_ids if work.exists(Report.ref(id))]
    return Links(
        **dict(names),
        recordings=[session.recording_id(count) for count in session.newest(MOST_LINKED)],
        transcription_id=newest_transcription(work, session),
        transcription_failure=_failure(work, session),
        length_differs=length_differs(session),
        report_id=session.report_id if session.report_id in report_ids else None,
        report_ids=report_ids,
        bill_id=session.bill_id if _has_bill(work, session) else None,
        overdue_running=session.is_overdue(work.now),
    )


def with_recording_allowed(work: UnitOfWork, found: LinkedSession) -> LinkedSession:
    """The session, and whether it may be recorded now; the consents are read with it if they are expected."""
    session, refs = found.record, [*map(Report.ref, found.extra.report_ids)]
    lacking = consent_gate.lacking(work, session.id, ConsentUse.RECORD)
    reports = work.unopened(*refs) if refs else {}
    signed = any(one["status"] in FROZEN_STATES for one in reports.values())
    allowed = not lacking and not signed and session.status != SessionStatus.CANCELLED
    shown = {"recording_allowed": allowed, "missing_consents": lacking}
    return Detailed(session, found.extra.model_copy(update=shown))


def newest_transcription(work: UnitOfWork, session: Session) -> str | None:
    """The id of the newest transcription. A newer recording that was not received, or was refused, does not hide it."""
    refs = [*_transcriptions(session)]
    work.prefetch(*refs)
    return next((ref.id for ref in refs if work.exists(ref)), None)


def _failure(work: UnitOfWork, session: Session) -> TranscriptionFailure | None:
    """The error code of the newest transcription, unless another one has words or a person ended it."""
    refs = [*_transcriptions(session)]
    stored = work.unopened(*refs)
    found = [stored[ref.id] for ref in refs if ref.id in stored]
    if not found or found[0]["error_code"] is None:
        return None
    heard = any(one["status"] == TranscriptionStatus.COMPLETED for one in found)
    code = TranscriptionFailure(found[0]["error_code"])
    return None if heard or code in _BY_PERSONS else code


def _has_bill(work: UnitOfWork, session: Session) -> bool:
    return session.has_bill or any(work.exists(ref) for ref in _bills(session))


def _refs(session: Session) -> list[Ref[Any]]:
    return [*map(Report.ref, session.report_ids), *_bills(session), *_transcriptions(session)]


def _bills(session: Session) -> list[Ref[Bill]]:
    """The bill, if it must be looked for."""
    return [] if session.has_bill or session.has_no_bill else [Bill.ref(session.bill_id)]


def _transcriptions(session: Session) -> Iterator[Ref[Transcription]]:
    first = (transcription_id_of(session.id, count) for count in session.newest(MOST_LINKED) or [1])
    return map(Transcription.ref, [*reversed(session.retakes), *first])


def _of_id(session_id: str) -> list[Ref[Any]]:
    """The records of a session that is not read yet; nearly all sessions have one recording."""
    return [Report.ref(report_id_of(session_id)), Transcription.ref(transcription_id_of(session_id, 1))]
