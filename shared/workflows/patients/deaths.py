"""The death of a patient: recorded, corrected, and withdrawn when it was a mistake."""

from __future__ import annotations

from shared.records.patients.death import NewDeath
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.problems import raise_if_any
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.patients import obligations
from shared.workflows.patients.access import ShownPatient, with_facts
from shared.workflows.scheduling import cancelling


def record(clinic: Clinic, patient_id: str, new: NewDeath) -> ShownPatient:
    """Record that a patient died, or correct it.

    Raises Blocked, with the coming appointments, unless the request names exactly these: they are cancelled in the same
    commit.
    """

    def transaction(work: UnitOfWork) -> ShownPatient:
        patient = _for_update(work, patient_id)
        raise_if_any(new.errors(patient.date_of_birth, work.today()))
        found = obligations.coming_visits(work, patient)
        obligations.must_be_cancelled(found, patient, new.cancel_pending, "/cancel_pending")
        if found.blockers:
            cancelling.cancel(work, found.ids_of("appointment"))
        return with_facts(work, work.save_edit(patient, patient.died(new.recorded(work.today()), work.stamp)))

    return clinic.perform("patient.record_death", transaction)


def withdraw(clinic: Clinic, patient_id: str) -> ShownPatient:
    """Withdraw a death that was recorded by mistake."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        patient = _for_update(work, patient_id)
        return with_facts(work, work.save_edit(patient, patient.living(work.stamp)))

    return clinic.perform("patient.withdraw_death", transaction)


def _for_update(work: UnitOfWork, patient_id: str) -> Patient:
    ref = Patient.ref(patient_id)
    work.prefetch(ref, work.settings_ref())
    return permissions.get_for_update(work, ref, Action.CHANGE_PATIENT)
