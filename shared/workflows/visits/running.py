"""One running session a doctor and a patient at a time.

Whoever lets a session run writes its id to the records of doctor and patient. Both are written only if they are
unchanged, so of two concurrent starts one is tried again, and then finds the session of the other.
"""

from __future__ import annotations

from shared.records.problems import NotFound
from shared.records.record import Ref
from shared.records.visits.running import RunningSession, is_running
from shared.records.visits.session import Session
from shared.records.visits.session_running import Party, Running, SessionRunning
from shared.store.unit_of_work import UnitOfWork


def refs(doctor_id: str, patient_id: str) -> list[Ref[RunningSession]]:
    """What `claim` reads first."""
    return [RunningSession.ref(doctor_id), RunningSession.ref(patient_id)]


def claim(work: UnitOfWork, session: Session, *, instead_of: str = "") -> None:
    """Make this the running session of its doctor and of its patient, in place of the one that it was before a move.

    Raises SessionRunning if another one runs.
    """
    work.prefetch(*refs(session.doctor_id, session.patient_id))
    parties = {Party.DOCTOR: session.doctor_id, Party.PATIENT: session.patient_id}
    last = {party: work.get_or_none(RunningSession.ref(id)) for party, id in parties.items()}
    others = {
        party: one.session_id for party, one in last.items() if one and one.session_id not in (session.id, instead_of)
    }
    documents = work.unopened(*map(Session.ref, sorted(set(others.values()))))
    running = [
        Running(party, _shown(work, id))
        for party, id in others.items()
        if id in documents and is_running(documents[id], work.now)
    ]
    if running:
        raise SessionRunning(running)
    for party, id in parties.items():
        before = last[party]
        new = before.revised(work.stamp, session_id=session.id) if before else None
        work.upsert(new or RunningSession.new(id, work.stamp, session_id=session.id))


def _shown(work: UnitOfWork, session_id: str) -> str | None:
    """The id, if the caller may see the session."""
    try:
        return work.get(Session.ref(session_id)).id
    except NotFound:
        return None
