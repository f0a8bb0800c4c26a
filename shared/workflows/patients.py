"""Patients: registered once, changed, shared and deleted by those who care for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from shared.records import numbering
from shared.records.page import Page, PageQuery
from shared.records.patient import Age, NewPatient, Patient, PatientList, PatientUpdate
from shared.records.people import User
from shared.records.problems import Conflict, Duplicate, FieldError, Forbidden, Invalid
from shared.records.record import Detailed, Ref
from shared.records.search import ANY, Term, born
from shared.records.types import Role, local_date, new_id
from shared.store import lists, search
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.work import FRONT_DESK, Work

MOST_DUPLICATES = 5
"""How many are named."""
_SAME = "a patient has the same"


def register(clinic: Clinic, new: NewPatient) -> Detailed[Patient, Age]:
    """Register a patient. The owner is the registering doctor, or the doctor that somebody else names."""

    def story(work: Work) -> Detailed[Patient, Age]:
        places = [User.at(new.owner_id)] if new.owner_id else []
        work.fetch(work.settings_place(), numbering.PATIENTS, *places)
        today = _today(work)
        _check_author(new, clinical=_is(work, Role.DOCTOR) or _is(work, Role.ADMIN))
        owner = work.user_id if new.owner_id is None and _is(work, Role.DOCTOR) else new.owner_id
        _check([*new.wrong(today), *_wrong_doctor(work, owner, "/owner_id")])
        assert owner is not None, "checked"
        if not new.allow_duplicate:
            # After the counter was read: of two who register the same person at once, one meets the other's count at
            # the commit, looks again, and then finds the other's patient.
            _refuse_duplicates(work, new)
        patient_id = new_id()
        patient = Patient.register(
            new,
            id=patient_id,
            number=work.next_number(numbering.patients(today), patient_id),
            owner_id=owner,
            by=work.user_id,
            at=work.now,
        )
        return Detailed(work.create(patient), patient.age_on(today))

    return clinic.perform("patient.create", story)


def get(clinic: Clinic, patient_id: str) -> Detailed[Patient, Age]:
    """A patient that the caller may see."""

    def story(work: Work) -> Detailed[Patient, Age]:
        work.fetch(Patient.at(patient_id), work.settings_place())
        return _seen(work, work.get(Patient.at(patient_id)))

    return clinic.perform("patient.read", story)


def newest(clinic: Clinic, wanted: PatientList) -> Page[Detailed[Patient, Age]]:
    """A page of the patients that the caller may see."""

    def story(work: Work) -> Page[Detailed[Patient, Age]]:
        work.fetch(work.settings_place())
        page = lists.newest(work, Patient, wanted, [*_filters(work, wanted)])
        today = _today(work)
        return Page([Detailed(patient, patient.age_on(today)) for patient in page.items], page.next_page_token)

    return clinic.perform("patient.list", story)


def change(clinic: Clinic, patient_id: str, wanted: PatientUpdate) -> Detailed[Patient, Age]:
    """Write a patient anew, or the part that a patch names. Who may not see clinical fields neither sends nor loses
    them."""

    def story(work: Work) -> Detailed[Patient, Age]:
        place = Patient.at(patient_id)
        work.fetch(place, work.settings_place())
        work.get(place)
        _check_author(wanted, clinical=work.clinical)
        patient = work.edit(place)
        if not wanted.model_fields_set:
            return _seen(work, patient)
        written = wanted.onto(patient)
        _check(written.wrong(_today(work)))
        rewritten = patient.rewritten(written, clinical=work.clinical, by=work.user_id, at=work.now)
        return _seen(work, work.save(rewritten))

    return clinic.perform("patient.change", story)


def delete(clinic: Clinic, patient_id: str) -> None:
    """Delete a patient: with everything that belongs to the patient, they are gone for all, until restored."""

    def story(work: Work) -> None:
        patient = _own(work, Patient.at(patient_id))
        work.save(patient.deleted(by=work.user_id, at=work.now))

    clinic.perform("patient.delete", story)


def restore(clinic: Clinic, patient_id: str) -> Detailed[Patient, Age]:
    """Undo the deletion of a patient."""

    def story(work: Work) -> Detailed[Patient, Age]:
        work.fetch(Patient.at(patient_id), work.settings_place())
        patient = work.edit(Patient.at(patient_id), live=False)
        return _seen(work, work.save(patient.restored(by=work.user_id, at=work.now)))

    return clinic.perform("patient.restore", story)


def share(clinic: Clinic, patient_id: str, doctor_id: str) -> Detailed[Patient, Age]:
    """Let one more doctor see a patient. Who sees the patient already goes on doing so."""

    def story(work: Work) -> Detailed[Patient, Age]:
        patient = _own(work, Patient.at(patient_id), User.at(doctor_id))
        if patient.seen_by(doctor_id):
            return _seen(work, patient)
        _check(_wrong_doctor(work, doctor_id, "doctor_id"))
        return _seen(work, work.save(patient.shared(doctor_id, by=work.user_id, at=work.now)))

    return clinic.perform("patient.share", story)


def withdraw(clinic: Clinic, patient_id: str, doctor_id: str) -> Detailed[Patient, Age]:
    """Let a doctor see a patient no longer."""

    def story(work: Work) -> Detailed[Patient, Age]:
        patient = _own(work, Patient.at(patient_id))
        if doctor_id == patient.owner_id:
            raise Conflict("the doctor is responsible for the patient: transfer the patient first")
        if not patient.seen_by(doctor_id):
            return _seen(work, patient)
        return _seen(work, work.save(patient.withdrawn(doctor_id, by=work.user_id, at=work.now)))

    return clinic.perform("patient.withdraw", story)


def transfer(clinic: Clinic, patient_id: str, doctor_id: str) -> Detailed[Patient, Age]:
    """Make another doctor responsible for a patient."""

    def story(work: Work) -> Detailed[Patient, Age]:
        patient = _own(work, Patient.at(patient_id), User.at(doctor_id))
        if patient.owner_id == doctor_id:
            return _seen(work, patient)
        _check(_wrong_doctor(work, doctor_id, "/owner_id"))
        # The answer is the last that a doctor who gives a patient away sees, and without clinical content.
        work.clinical = _is(work, Role.ADMIN)
        return _seen(work, work.save(patient.transferred(doctor_id, by=work.user_id, at=work.now)))

    return clinic.perform("patient.transfer", story)


def _own(work: Work, place: Ref[Patient], *others: Ref[User]) -> Patient:
    """The patient, to be changed by the responsible doctor or an admin; others are fetched along."""
    work.fetch(place, work.settings_place(), *others)
    if work.get(place).owner_id != work.user_id and not _is(work, Role.ADMIN):
        raise Forbidden("only the responsible doctor or an admin does this")
    return work.edit(place)


def _is(work: Work, role: Role) -> bool:
    return work.user is not None and role in work.user.roles


def _today(work: Work) -> date:
    return local_date(work.now, work.settings().time_zone)


def _seen(work: Work, patient: Patient) -> Detailed[Patient, Age]:
    return Detailed(patient, patient.age_on(_today(work)))


def _check(wrong: Iterable[FieldError]) -> None:
    if errors := [*wrong]:
        raise Invalid(errors=errors)


def _check_author(wanted: PatientUpdate, *, clinical: bool) -> None:
    """Raises Forbidden, naming the fields, when somebody writes clinical content who may not see it."""
    if not clinical and (named := wanted.clinical_named()):
        raise Forbidden(errors=[FieldError(f"/{name}", "is written by clinicians") for name in named])


def _wrong_doctor(work: Work, user_id: str | None, pointer: str) -> Iterator[FieldError]:
    """Why nobody can be responsible for a patient, or see one, by this id. The commit relies on what was found."""
    if user_id is None:
        yield FieldError(pointer, "name the responsible doctor")
    elif user_id != work.user_id or not _is(work, Role.DOCTOR):
        doctor = work.find(User.at(user_id))
        if doctor is None or not doctor.practises:
            yield FieldError(pointer, "not a doctor of this clinic")
        else:
            work.guard(doctor)


def _filters(work: Work, wanted: PatientList) -> Iterator[Filter]:
    """Raises Forbidden when the caller asks for what others may see."""
    if wanted.deleted and not _is(work, Role.ADMIN):
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


def _refuse_duplicates(work: Work, new: NewPatient) -> None:
    """Raises Duplicate when the caller may see a patient who seems to be the same. Of others nothing is told."""
    others = _alike(work, [*_person(new), *(("phone", phone) for phone in _phones(new).values())])
    if len(others) == MOST_DUPLICATES and not any(map(_person(new).intersection, map(_person, others))):
        # A telephone that a family shares must not hide who has the name as well.
        others = [*_alike(work, _person(new)), *others][:MOST_DUPLICATES]
    if others:
        raise Duplicate([other.id for other in others], [*_same(new, others)])


def _alike(work: Work, terms: Iterable[Term]) -> list[Patient]:
    """The newest patients, of those that the caller may see, who have any of these terms."""
    filters = [lists.LIVE, search.with_any(search.tokens_of(work, work.scope, terms))]
    return lists.newest(work, Patient, PageQuery(page_size=MOST_DUPLICATES), filters).items


def _same(new: NewPatient, others: list[Patient]) -> Iterator[FieldError]:
    """What the registration has in common with patients who are there."""
    if any(map(_person(new).intersection, map(_person, others))):
        yield from (FieldError(f"/{name}", _SAME) for name in ("first_name", "last_name", "date_of_birth"))
    taken = {phone for other in others for phone in _phones(other).values()}
    yield from (FieldError(f"/{name}", _SAME) for name, phone in _phones(new).items() if phone in taken)


def _person(one: NewPatient | Patient) -> set[Term]:
    return born(f"{one.first_name} {one.last_name}", one.date_of_birth)


def _phones(one: NewPatient | Patient) -> dict[str, str]:
    """Their own telephone numbers, by field."""
    numbers = {"primary_phone": one.primary_phone, "secondary_phone": one.secondary_phone}
    return {name: number for name, number in numbers.items() if number is not None}
