"""What ends with a session that is cancelled, and running sessions that are cancelled by another use case."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.lazily import lazily
from shared.records.attempt import SESSION_CANCELLED
from shared.records.permissions import Action
from shared.records.record import Ref
from shared.records.visits.live.accounts import live_audio_ref
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.visits.session import Session
    from shared.workflows import attempts, permissions
    from shared.workflows.stored_proofs import reports_must_be_unsigned
    from shared.workflows.visits.live import stored_pieces
    from shared.workflows.visits.refs import found_reports, reports_of, transcriptions_of


def cancel_running(work: UnitOfWork, ids: Collection[str]) -> tuple[list[Session], list[str]]:
    """Cancel running sessions in this commit, with what ends with them, except for their appointments.

    Returns the sessions, and the ids of those whose pieces of audio are to be looked after once it stands. Raises
    Forbidden for a session that the caller may not cancel, Conflict when a report is signed.
    """
    work.prefetch(*map(Session.ref, ids), *map(live_audio_ref, ids))
    sessions = [work.get(Session.ref(id)) for id in ids]
    work.prefetch(*(job for session in sessions for job in jobs_of(session)))
    cancelled, due = [], []
    for session in sessions:
        permissions.require(work, Action.MOVE_VISIT, session)
        if session.may_have_live_audio and stored_pieces.mark_due(work, session.id):
            due.append(session.id)
        discard_jobs(work, session, was_over=session.over)
        cancelled.append(work.save(session.cancelled(work.stamp)))
        work.progress(session.id, session=cancelled[-1].status)
    return cancelled, due


def jobs_of(session: Session) -> list[Ref[Any]]:
    """The reports with their proofs, which also exist without a recording if a person writes them, the transcriptions,
    and the bill, which a session that was reopened has."""
    return [*reports_of(session), *transcriptions_of(session), *_bill_of(session)]


def _bill_of(session: Session) -> list[Ref[Bill]]:
    return [] if session.has_no_bill else [Bill.ref(session.bill_id)]


def discard_jobs(work: UnitOfWork, session: Session, *, was_over: bool) -> None:
    """End waiting transcriptions, unsigned reports and a draft of the bill. A completed transcription keeps its text.

    Every transcription is written, so that each has an event, which discards its audio. Raises Conflict when a report
    has a proof, whatever its plain status says, or when the visit was over and its bill is issued; a signature at the
    same time conflicts on the report.
    """
    reports_must_be_unsigned(work, session)
    for report in found_reports(work, session).values():
        attempts.save(work, report.discarded(SESSION_CANCELLED, work.stamp))
    for ref in transcriptions_of(session):
        transcription = work.get_or_none(ref)
        if transcription is not None and transcription.waiting:
            attempts.give_up(work, transcription, SESSION_CANCELLED)
        elif transcription is not None:
            work.touch(transcription)
    for bill in filter(None, map(work.get_or_none, _bill_of(session))):
        if was_over or not bill.is_issued:
            work.save(bill.withdrawn(work.stamp))
