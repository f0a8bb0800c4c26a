"""Registering a patient; likely duplicates are refused and named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records import numbering
from shared.records.clinic.people import User
from shared.records.page import PageQuery
from shared.records.patients import phones
from shared.records.patients.patient import Patient
from shared.records.patients.terms import Term, born
from shared.records.patients.update import NewPatient, PatientUpdate
from shared.records.problems import Duplicate, FieldError, raise_if_any
from shared.records.types import Role, new_id
from shared.store import pagination, search
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients.access import ShownPatient, doctor_errors, with_facts

MOST_DUPLICATES = 5
"""At most so many are named."""
_SAME = "a patient has the same"


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
        if not sent.allow_duplicate:
            # After the counter was read: of two concurrent registrations of one person, the second conflicts on the
            # counter, runs again, and then finds the patient of the first.
            _refuse_duplicates(work, new)
        patient_id = new_id()
        patient = Patient.register(
            new,
            work.stamp,
            id=patient_id,
            number=work.next_number(numbering.patients(today), patient_id),
            owner_id=owner,
        )
        return with_facts(work, work.create(patient))

    return clinic.perform("patient.create", transaction)


def _refuse_duplicates(work: UnitOfWork, new: PatientUpdate) -> None:
    """Raises Duplicate when a patient that the caller may see seems to be the same. Other patients are not revealed."""
    others = _alike(work, [*_person(new), *(("phone", phone) for phone in _phones(new).values())])
    if len(others) == MOST_DUPLICATES and not any(map(_person(new).intersection, map(_person, others))):
        # A telephone number shared by a family must not hide a patient of the same name.
        others = [*_alike(work, _person(new)), *others][:MOST_DUPLICATES]
    if others:
        raise Duplicate([*map(_shown, others)], [*_same(new, others)])


def _alike(work: UnitOfWork, terms: Sequence[Term] | set[Term]) -> list[Patient]:
    """The newest patients that the caller may see with any of these terms."""
    if not terms:
        return []
    filters = [pagination.LIVE, search.with_any(search.tokens_of(work, work.scope, terms))]
    return pagination.newest(work, Patient, PageQuery(page_size=MOST_DUPLICATES), filters).items


def _shown(one: Patient) -> dict[str, str | None]:
    """The fields that identify a patient; the front desk sees them of every patient."""
    born_on = str(one.date_of_birth) if one.date_of_birth else None
    return {"id": one.id, "number": one.number, "name": one.display_name, "date_of_birth": born_on}


def _same(new: PatientUpdate, others: list[Patient]) -> Iterator[FieldError]:
    """The fields in which the registration equals registered patients."""
    if any(map(_person(new).intersection, map(_person, others))):
        names = [name for name in ("first_name", "last_name") if getattr(new, name)]
        yield from (FieldError(f"/{name}", _SAME) for name in (*names, "date_of_birth"))
    taken = {phone for other in others for phone in _phones(other).values()}
    yield from (FieldError(f"/{name}", _SAME) for name, phone in _phones(new).items() if phone in taken)


def _person(one: PatientUpdate | Patient) -> set[Term]:
    return born(one.full_name, one.date_of_birth)


def _phones(one: PatientUpdate | Patient) -> dict[str, str]:
    """The person's own telephone numbers, by field."""
    numbers = {"primary_phone": one.primary_phone, "secondary_phone": one.secondary_phone}
    return {name: number for name, number in numbers.items() if number is not None}
