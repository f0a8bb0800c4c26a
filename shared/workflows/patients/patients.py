"""Patients: registered once, changed, shared and deleted by those who care for them."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.page import Page
from shared.records.patients.patient import Age, Patient, PatientList, PatientUpdate
from shared.records.patients.terms import ANY
from shared.records.problems import Forbidden
from shared.records.record import Detailed
from shared.records.types import Role
from shared.store import lists, search
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.work import FRONT_DESK, Work
from shared.workflows.patients.access import get_owned, has_role, raise_invalid, require_clinician, today_of, with_age


def get(clinic: Clinic, patient_id: str) -> Detailed[Patient, Age]:
    """A patient that the caller may see."""

    def story(work: Work) -> Detailed[Patient, Age]:
        work.fetch(Patient.at(patient_id), work.settings_place())
        return with_age(work, work.get(Patient.at(patient_id)))

    return clinic.perform("patient.read", story)


def newest(clinic: Clinic, wanted: PatientList) -> Page[Detailed[Patient, Age]]:
    """A page of the patients that the caller may see."""

    def story(work: Work) -> Page[Detailed[Patient, Age]]:
        work.fetch(work.settings_place())
        page = lists.newest(work, Patient, wanted, [*_filters(work, wanted)])
        today = today_of(work)
        return Page([Detailed(patient, patient.age_on(today)) for patient in page.items], page.next_page_token)

    return clinic.perform("patient.list", story)


def change(clinic: Clinic, patient_id: str, wanted: PatientUpdate) -> Detailed[Patient, Age]:
    """Write a patient anew, or the part that a patch names. Who may not see clinical fields neither sends nor loses
    them."""

    def story(work: Work) -> Detailed[Patient, Age]:
        place = Patient.at(patient_id)
        work.fetch(place, work.settings_place())
        work.get(place)
        require_clinician(wanted, clinical=work.clinical)
        patient = work.edit(place)
        if not wanted.model_fields_set:
            return with_age(work, patient)
        written = wanted.onto(patient)
        raise_invalid(written.wrong(today_of(work)))
        rewritten = patient.rewritten(written, clinical=work.clinical, by=work.user_id, at=work.now)
        return with_age(work, work.save(rewritten))

    return clinic.perform("patient.change", story)


def delete(clinic: Clinic, patient_id: str) -> None:
    """Delete a patient: with everything that belongs to the patient, they are gone for all, until restored."""

    def story(work: Work) -> None:
        patient = get_owned(work, Patient.at(patient_id))
        work.save(patient.deleted(by=work.user_id, at=work.now))

    clinic.perform("patient.delete", story)


def restore(clinic: Clinic, patient_id: str) -> Detailed[Patient, Age]:
    """Undo the deletion of a patient."""

    def story(work: Work) -> Detailed[Patient, Age]:
        work.fetch(Patient.at(patient_id), work.settings_place())
        patient = work.edit(Patient.at(patient_id), live=False)
        return with_age(work, work.save(patient.restored(by=work.user_id, at=work.now)))

    return clinic.perform("patient.restore", story)


def _filters(work: Work, wanted: PatientList) -> Iterator[Filter]:
    """Raises Forbidden when the caller asks for what others may see."""
    if wanted.deleted and not has_role(work, Role.ADMIN):
        raise Forbidden("deleted patients are for admins")
    scope = wanted.doctor_id or work.scope
    if work.scope not in (FRONT_DESK, scope):
        raise Forbidden("a doctor lists their own patients and those shared with them")
    yield lists.DELETED if wanted.deleted else lists.LIVE
    yield search.with_any(search.tokens_of(work, scope, [ANY]))
    if wanted.created_from:
        yield "created_at", ">=", wanted.created_from
    if wanted.created_before:
        yield "created_at", "<", wanted.created_before
