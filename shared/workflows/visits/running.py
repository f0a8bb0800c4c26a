"""One running session a doctor and a patient at a time.

Whoever lets a session run writes its id to the records of doctor and patient. Both are written only if they are
unchanged, so of two concurrent starts one is tried again, and then finds the session of the other.
"""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.problems import NotFound
from shared.records.record import Ref
from shared.records.visits.session_running import Party, Running, SessionRunning
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits.running import RunningSession, is_running
    from shared.records.visits.session import Session


def refs(doctor_id: str, patient_id: str) -> list[Ref[RunningSession]]:
    """What `claim` reads first."""
    return [RunningSession.ref(doctor_id), RunningSession.ref(patient_id)]


def claim(work: UnitOfWork, session: Session, *, instead_of: str = "") -> None:
    """Make this the running session of its doctor and of its patient, in place of the one that it was before a move.

    Raises SessionRunning if another one runs, also of a record that is merged with the patient's.
    """
    work.prefetch(*refs(session.doctor_id, session.patient_id))
    person = work.person_ids(session.patient_id)
    work.prefetch(*map(RunningSession.ref, person))
    parties = {session.doctor_id: Party.DOCTOR, **dict.fromkeys(person, Party.PATIENT)}
    last = {id: work.get_or_none(RunningSession.ref(id)) for id in parties}
    own = (session.id, instead_of)
    others = [(parties[id], one.session_id) for id, one in last.items() if one and one.session_id not in own]
    documents = work.unopened(*map(Session.ref, sorted({id for _, id in others})))
    blocking = [(party, id) for party, id in others if id in documents and is_running(documents[id], work.now)]
    if blocking:
        raise SessionRunning([Running(party, _shown(work, id)) for party, id in blocking])
    for id in (session.doctor_id, session.patient_id):
        before = last[id]
        new = before.revised(work.stamp, session_id=session.id) if before else None
        work.upsert(new or RunningSession.new(id, work.stamp, session_id=session.id))


def _shown(work: UnitOfWork, session_id: str) -> str | None:
    """The id, if the caller may see the session."""
    try:
        return work.get(Session.ref(session_id)).id
    except NotFound:
        return None
