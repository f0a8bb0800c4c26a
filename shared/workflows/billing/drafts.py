"""Drafts of bills that people write, change and split."""

from __future__ import annotations

from collections.abc import Collection

from shared.records.billing import diagnosing, drafting
from shared.records.billing.bill import Bill
from shared.records.billing.diagnosing import Diagnosis, day_of_service
from shared.records.billing.requests import BillChange, NewBill, Split
from shared.records.clinic.people import User
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, FieldError, raise_if_any
from shared.records.record import patient_of
from shared.records.types import Role
from shared.records.visits.session import Session
from shared.store.admission import require_clinician
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.billing import line_sessions
from shared.workflows.billing.booking import NamedBill
from shared.workflows.billing.issuing import new_bill_id
from shared.workflows.parties import named


def create(clinic: Clinic, new: NewBill) -> NamedBill:
    """Write a draft, for some completed sessions of a patient or for none. Their completion makes no further bill.

    Raises Invalid for sessions of somebody else, Conflict for one that is not completed.
    """

    def transaction(work: UnitOfWork) -> Bill:
        own = [id for id in new.session_ids if patient_of(id) == new.patient_id]
        doctor = [User.ref(new.doctor_id)] if new.doctor_id else []
        work.prefetch(Patient.ref(new.patient_id), work.settings_ref(), *map(Session.ref, own), *doctor)
        patient = work.get(Patient.ref(new.patient_id))
        require_clinician(sorted(new.clinical_fields_sent), clinical=work.clinical)
        sessions = _sessions(work, new, patient)
        settings, first = work.settings(), sessions[0] if sessions else None
        diagnosis = diagnosing.diagnosis(new, None, settings, day_of_service(first, settings, work.today()))
        on_lines = line_sessions.errors(work, new.line_items, patient.person_ids)
        raise_if_any([*_doctor_errors(work, new.doctor_id), *on_lines, *diagnosis.errors])
        draft = drafting.by_hand(
            new,
            new_bill_id(patient.id),
            sessions,
            patient=patient,
            diagnosis=diagnosis,
            clinic=settings,
            stamp=work.stamp,
        )
        for session in sessions:
            work.save(session.amended(billed=True, billing_amount=session.billing_amount or draft.total_amount))
        work.touch(patient)
        return work.create(draft)

    return clinic.perform("bill.create", named(transaction))


def change(clinic: Clinic, bill_id: str, changes: BillChange) -> NamedBill:
    """Change a draft: its lines, which prices it, its discount, terms and texts. Raises Conflict for an issued bill."""

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), work.settings_ref())
        before = work.get_for_update(Bill.ref(bill_id))
        require_clinician(sorted(changes.clinical_fields_sent), clinical=work.clinical)
        raise_if_any(line_sessions.errors_of_change(work, before, changes.line_items or []))
        diagnosis = _diagnosis(work, before, changes)
        return work.save_edit(before, drafting.changed(before, changes, work.settings(), work.stamp, diagnosis))

    return clinic.perform("bill.update", named(transaction))


def discard(work: UnitOfWork, ids: Collection[str]) -> None:
    """Cancel drafts of a patient who is deleted, in this commit. Raises Conflict for an issued bill."""
    work.prefetch(*map(Bill.ref, ids))
    for id in ids:
        work.save(work.get(Bill.ref(id)).withdrawn(work.stamp))


def _diagnosis(work: UnitOfWork, draft: Bill, changes: BillChange) -> Diagnosis:
    """The diagnosis that a change sets. Only then the session is read, whose day counts."""
    session = None
    if draft.session_id is not None and diagnosing.is_sent(changes):
        session = work.get_or_none(Session.ref(draft.session_id))
    settings = work.settings()
    return diagnosing.diagnosis(changes, draft, settings, day_of_service(session, settings, work.today()))


def split(clinic: Clinic, bill_id: str, request: Split) -> NamedBill:
    """Move lines of a draft to a draft of their own, such as for another payer; returns the new one."""

    def transaction(work: UnitOfWork) -> Bill:
        work.prefetch(Bill.ref(bill_id), work.settings_ref())
        before = work.get_for_update(Bill.ref(bill_id))
        id = new_bill_id(before.patient_id)
        first, second = drafting.split(before, request, id, work.settings(), work.stamp)
        work.save(first)
        return work.create(second)

    return clinic.perform("bill.split", named(transaction))


def _sessions(work: UnitOfWork, new: NewBill, patient: Patient) -> list[Session]:
    """The sessions that a bill is for. Raises Invalid for one that is not the patient's, Conflict for an open one."""
    found, errors = [], []
    for at, id in enumerate(new.session_ids):
        session = work.get_or_none(Session.ref(id)) if patient_of(id) in patient.person_ids else None
        if session is None or id in new.session_ids[:at]:
            errors.append(FieldError(f"/session_ids/{at}", "is no other session of the patient"))
        else:
            found.append(session)
    raise_if_any(errors)
    for session in found:
        if not session.over:
            raise Conflict(ConflictCode.SESSION_NOT_COMPLETED, f"session {session.id} is {session.status}")
    return found


def _doctor_errors(work: UnitOfWork, doctor_id: str | None) -> list[FieldError]:
    """Unlike an appointment, a bill can name a doctor who is disabled: the service was given before."""
    if doctor_id is None:
        return []
    doctor = work.get_or_none(User.ref(doctor_id))
    is_doctor = doctor is not None and Role.DOCTOR in doctor.roles
    return [] if is_doctor else [FieldError("/doctor_id", "is no doctor of the clinic")]
