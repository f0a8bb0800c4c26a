"""The error of a session follows its transcriptions, once the visit is over.

Two events look: that of a transcription which failed or was requested again, and that of a session which was completed.
Both decide from what is stored, so their order does not matter. A further recording ends the error in the commit that
receives it.
"""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.report import ReportStatus
    from shared.records.visits.session import Session
    from shared.records.visits.session_error import failure_of, settled, with_failure
    from shared.workflows.visits import transcripts
    from shared.workflows.visits.refs import found_reports


def follow(work: UnitOfWork, session: Session) -> None:
    """Save the session in error, or out of it, if its transcriptions say otherwise than it does."""
    after = followed(work, session)
    if after is not session:
        _save(work, after)


def followed(work: UnitOfWork, session: Session) -> Session:
    """The session as its transcriptions are now; itself if nothing differs. Only if they failed, its reports are read:
    a person may have written one all the same."""
    if not session.over:
        return session
    failure = failure_of(transcripts.all_of(work, session)[::-1])
    return with_failure(session, None if failure is None or _is_reported(work, session) else failure)


def _is_reported(work: UnitOfWork, session: Session) -> bool:
    return any(one.status != ReportStatus.FAILED for one in found_reports(work, session).values())


def settle(work: UnitOfWork, session: Session, changed: Session) -> None:
    """Save the `changed` session, out of its error, as a person documents the visit without the recording; if nothing
    differs, it must be unchanged until the commit."""
    after = settled(changed)
    if after is session:
        work.require_unchanged(session)
    else:
        _save(work, after)


def _save(work: UnitOfWork, session: Session) -> None:
    work.progress(session.id, session=session.status)
    work.save(session)
