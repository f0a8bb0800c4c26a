"""Registering a patient; who seems to be registered already is refused, and similar patients are told."""

from __future__ import annotations

from shared.records import numbering
from shared.records.clinic.people import User
from shared.records.patients import phones
from shared.records.patients.patient import Patient
from shared.records.patients.update import NewPatient
from shared.records.problems import raise_if_any
from shared.records.types import Role, new_id
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import duplicates
from shared.workflows.patients.access import ShownPatient, doctor_errors, with_facts


def register(clinic: Clinic, sent: NewPatient) -> ShownPatient:
    """Register a patient. The owner is the registering doctor, or the doctor that another user names."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        refs = [User.ref(sent.owner_id)] if sent.owner_id else []
        work.prefetch(work.settings_ref(), numbering.PATIENTS, *refs)
        today = work.today()
        require_clinician(sent.clinical_fields(), clinical=work.has_role(Role.DOCTOR) or work.has_role(Role.ADMIN))
        owner = work.user_id if sent.owner_id is None and work.has_role(Role.DOCTOR) else sent.owner_id
        new, errors = phones.settled(sent, None, work.settings().country, sent.unverified_phones)
        raise_if_any([*new.field_errors(today), *errors, *doctor_errors(work, owner, "/owner_id")])
        assert owner is not None, "checked"
        similar = [] if sent.allow_duplicate else duplicates.of_registration(work, new)
        patient_id = new_id()
        patient = Patient.register(
            new,
            work.stamp,
            id=patient_id,
            number=work.next_number(numbering.patients(today), patient_id),
            owner_id=owner,
        )
        return with_facts(work, work.create(patient), similar)

    return clinic.perform("patient.create", transaction)
