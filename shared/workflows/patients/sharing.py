"""Sharing a patient with other doctors, and transferring responsibility."""

from __future__ import annotations

from shared.records.clinic.people import User
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.patients.requests import NewOwner
from shared.records.permissions import Handover, Share
from shared.records.problems import Conflict, raise_if_any
from shared.records.types import Role
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.handover import IN_QUERY, hand_over_of_patient
from shared.workflows.patients.access import ShownPatient, doctor_errors, get_owned, with_facts
from shared.workflows.scheduling import unassigning


def share(clinic: Clinic, patient_id: str, doctor_id: str, new: Share | None) -> ShownPatient:
    """Let one more doctor see a patient, or at another level. For the owner, and at the same level, nothing changes."""

    level = (new or Share()).level

    def transaction(work: UnitOfWork) -> ShownPatient:
        patient = get_owned(work, Patient.ref(patient_id), User.ref(doctor_id))
        if doctor_id == patient.owner_id or patient.level_of(doctor_id) == level:
            return with_facts(work, patient)
        raise_if_any(doctor_errors(work, doctor_id, "doctor_id"))
        return with_facts(work, work.save(patient.shared(doctor_id, work.stamp, level)))

    return clinic.perform("patient.share", transaction)


def withdraw(clinic: Clinic, patient_id: str, doctor_id: str, handover: Handover) -> ShownPatient:
    """Withdraw a doctor's access to a patient. Raises Conflict for running visits, and for unsigned reports that nobody
    takes over."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        patient = get_owned(work, Patient.ref(patient_id))
        if doctor_id == patient.owner_id:
            raise Conflict(
                ConflictCode.DOCTOR_IS_RESPONSIBLE,
                "the doctor is responsible for the patient: transfer the patient first",
            )
        if not patient.seen_by(doctor_id):
            return with_facts(work, patient)
        withdrawn = patient.withdrawn(doctor_id, work.stamp)
        hand_over_of_patient(work, withdrawn, doctor_id, handover.take_over_by, IN_QUERY)
        unassigning.of_patient(work, withdrawn, doctor_id, handover.take_over_by)
        return with_facts(work, work.save(withdrawn))

    return clinic.perform("patient.withdraw", transaction)


def transfer(clinic: Clinic, patient_id: str, new: NewOwner) -> ShownPatient:
    """Make another doctor responsible for a patient. Raises Conflict for running visits of the previous one, and for
    unsigned reports that nobody takes over."""
    doctor_id = new.owner_id

    def transaction(work: UnitOfWork) -> ShownPatient:
        patient = get_owned(work, Patient.ref(patient_id), User.ref(doctor_id))
        if patient.owner_id == doctor_id:
            return with_facts(work, patient)
        raise_if_any(doctor_errors(work, doctor_id, "/owner_id"))
        # The response is the last that a former owner sees of the patient, so it has no clinical fields.
        if not work.has_role(Role.ADMIN):
            work.answer_without_clinical()
        transferred = patient.transferred(doctor_id, work.stamp)
        hand_over_of_patient(work, transferred, patient.owner_id, new.take_over_by)
        unassigning.of_patient(work, transferred, patient.owner_id, doctor_id)
        return with_facts(work, work.save(transferred))

    return clinic.perform("patient.transfer", transaction)
