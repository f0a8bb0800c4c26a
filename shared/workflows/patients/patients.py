"""Reading, listing, changing and restoring patients."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from shared.lazily import lazily
from shared.records import numbering
from shared.records.conflict_codes import ConflictCode
from shared.records.page import Page
from shared.records.patients.patient import Patient
from shared.records.patients.terms import ANY
from shared.records.patients.update import PatientUpdate
from shared.records.permissions import Action
from shared.records.problems import Conflict, Forbidden, raise_if_any
from shared.records.types import Role
from shared.store.admission import FRONT_DESK, require_clinician
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.patients import phones
    from shared.records.patients.likeness import IDENTITY
    from shared.records.patients.requests import PatientList, PatientOrder, Restoration
    from shared.store import pagination, search
    from shared.workflows import permissions
    from shared.workflows.patients import duplicates
    from shared.workflows.patients.access import ShownPatient, page_with_facts, with_facts

MOST_SORTED = 1000
"""Patients that are read to sort a list by name."""


def get(clinic: Clinic, patient_id: str) -> ShownPatient:
    """A patient that the caller may see."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        work.prefetch(Patient.ref(patient_id), work.settings_ref())
        return with_facts(work, work.get(Patient.ref(patient_id)))

    return clinic.perform("patient.read", transaction)


def newest(clinic: Clinic, query: PatientList) -> Page[ShownPatient]:
    """A page of the patients that the caller may see."""

    def transaction(work: UnitOfWork) -> Page[ShownPatient]:
        work.prefetch(work.settings_ref())
        listed = _by_name if query.sort == PatientOrder.NAME else _newest
        return page_with_facts(work, listed(work, query))

    return clinic.perform("patient.list", transaction)


def _newest(work: UnitOfWork, query: PatientList) -> Page[Patient]:
    return pagination.newest(work, Patient, query, [*_filters(work, query)])


def _by_name(work: UnitOfWork, query: PatientList) -> Page[Patient]:
    """A page of the patients from A to Z: each is read, because names are sealed. Raises Conflict for too many."""
    binding = pagination.token_binding(work, "patients by name", query)
    after = pagination.decode_token(work, binding, query.page_token).get("after", ["", ""])
    found = pagination.documents(work, Patient, [*_filters(work, query)], limit=MOST_SORTED + 1)
    if len(found) > MOST_SORTED:
        raise Conflict(
            ConflictCode.TOO_MANY_TO_SORT,
            f"more than {MOST_SORTED} patients: search, or list the newest",
        )
    patients = sorted((work.from_snapshot(Patient, snapshot) for snapshot in found), key=_place)
    rest = [patient for patient in patients if _place(patient) > after]
    shown = rest[: query.page_size]
    more = len(rest) > len(shown)
    return Page(shown, pagination.encode_token(work, binding, {"after": _place(shown[-1])}) if more else None)


def _place(patient: Patient) -> list[str]:
    """The place of a patient in a list by name, without regard to case and accents; equal names by id."""
    letters = unicodedata.normalize("NFKD", patient.display_name.casefold())
    return ["".join(letter for letter in letters if not unicodedata.combining(letter)), patient.id]


def change(clinic: Clinic, patient_id: str, update: PatientUpdate) -> ShownPatient:
    """Replace a patient's data, or the part that a patch names. A caller without access to clinical fields can neither
    send nor lose them.

    Raises Duplicate if the change makes the patient seem to be another one that the caller may see.
    """

    def transaction(work: UnitOfWork) -> ShownPatient:
        ref = Patient.ref(patient_id)
        counters = [] if IDENTITY.isdisjoint(update.model_fields_set) else [numbering.PATIENTS]
        work.prefetch(ref, work.settings_ref(), *counters)
        work.get(ref)
        require_clinician(update.clinical_fields(), clinical=work.clinical)
        patient = permissions.get_for_update(work, ref, Action.CHANGE_PATIENT)
        insisted = update.unverified_phones or []
        written, errors = phones.settled(update.onto(patient), patient, work.settings().country, insisted)
        raise_if_any([*written.field_errors(work.today()), *errors])
        rewritten = patient.rewritten(written, work.stamp, clinical=work.clinical)
        similar = duplicates.of_change(work, patient, rewritten, allowed=bool(update.allow_duplicate))
        return with_facts(work, work.save_edit(patient, rewritten), similar)

    return clinic.perform("patient.change", transaction)


def restore(clinic: Clinic, patient_id: str, restoration: Restoration) -> ShownPatient:
    """Restore a deleted patient. Raises Duplicate if the person seems to be registered again meanwhile."""

    def transaction(work: UnitOfWork) -> ShownPatient:
        work.prefetch(Patient.ref(patient_id), work.settings_ref(), numbering.PATIENTS)
        patient = work.get_for_update(Patient.ref(patient_id), live=False)
        similar = duplicates.of_restoration(work, patient, allowed=restoration.allow_duplicate)
        return with_facts(work, work.save(patient.restored(work.stamp)), similar)

    return clinic.perform("patient.restore", transaction)


def _filters(work: UnitOfWork, query: PatientList) -> Iterator[Filter]:
    """Raises Forbidden when the caller lists patients of other doctors, or deleted patients without being an admin."""
    if query.deleted and not work.has_role(Role.ADMIN):
        raise Forbidden("deleted patients are for admins")
    scope = query.doctor_id or work.scope
    if work.scope not in (FRONT_DESK, scope):
        raise Forbidden("a doctor lists their own patients and those shared with them")
    yield pagination.DELETED if query.deleted else pagination.LIVE
    yield search.with_any(search.tokens_of(work, scope, [ANY]))
    if query.created_from:
        yield "created_at", ">=", query.created_from
    if query.created_before:
        yield "created_at", "<", query.created_before
