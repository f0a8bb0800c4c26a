"""Deleting a patient, with what is still open if the request names it."""

from __future__ import annotations

from shared.records.patients.obligations import Obligations
from shared.records.patients.patient import Patient
from shared.records.patients.requests import Deletion
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import obligations
from shared.workflows.patients.access import get_owned


def delete(clinic: Clinic, patient_id: str, deletion: Deletion) -> None:
    """Delete a patient: the patient and their records are hidden until restored, except for what the clinic must keep.

    Raises Blocked, with everything that is open about the patient, unless the request names exactly that, and all of it
    can be cancelled: it is cancelled in the same commit.
    """
    pieces: list[str] = []

    def transaction(work: UnitOfWork) -> None:
        patient = get_owned(work, Patient.ref(patient_id))
        found = obligations.of_patient(work, patient)
        obligations.must_be_cancelled(found, patient, deletion.cancel_pending, "cancel_pending")
        pieces[:] = _cancel(work, found) if found.blockers else []
        work.save(patient.deleted(work.stamp))

    clinic.perform("patient.delete", transaction)
    if pieces:
        from shared.workflows.visits.live import join_tasks

        join_tasks.follow(clinic, pieces)


def _cancel(work: UnitOfWork, found: Obligations) -> list[str]:
    """Cancel what is open. Returns the sessions whose pieces of audio are to be looked after.

    What this needs is imported here: few deletions cancel anything.
    """
    from shared.workflows.billing import drafts
    from shared.workflows.scheduling import cancelling as appointments
    from shared.workflows.visits import cancelling as visits

    sessions, pieces = visits.cancel_running(work, found.ids_of("session"))
    of_sessions = [session.appointment_id for session in sessions if session.appointment_id]
    ended = [session.id for session in sessions]
    appointments.cancel(work, [*found.ids_of("appointment"), *of_sessions], with_sessions=ended)
    gone_already = {session.bill_id for session in sessions}
    drafts.discard(work, [id for id in found.ids_of("bill") if id not in gone_already])
    return pieces
