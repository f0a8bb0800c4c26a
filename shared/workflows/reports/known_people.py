"""The people in a visit whom the writer of its report must not know: their names, numbers and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shared.records.patients.patient import Patient
from shared.records.record import Ref
from shared.records.reports.names_heard import names_in
from shared.records.reports.pseudonyms import Kind, KnownPeople
from shared.records.reports.report import Report
from shared.records.visits.segment import Segment
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits import names

_MOST_OTHERS = 200
"""Names of other people that are hidden wherever they are said again."""


def refs(work: UnitOfWork, report: Report) -> list[Ref[Any]]:
    """What `in_visit` reads."""
    return names.refs(work, report.patient_id, report.doctor_id)


def in_visit(work: UnitOfWork, report: Report, segments: Sequence[Segment]) -> KnownPeople:
    """The patient, their emergency contact, the doctor, and others who are named in the transcript."""
    known = names.names_in_visit(work, report.patient_id, report.doctor_id)
    patient = work.get(Patient.ref(report.patient_id))
    records = [patient, *work.others_of(patient)]
    others = {name for segment in segments for name in names_in(segment.text)}
    return KnownPeople(
        names={
            Kind.PATIENT: list(dict.fromkeys([known.patient, *(one.full_name for one in records)])),
            Kind.PRACTITIONER: [known.doctor],
            Kind.CONTACT: list(dict.fromkeys([known.contact, *_contacts(records)])),
            Kind.PERSON: sorted(others)[:_MOST_OTHERS],
        },
        numbers=list(filter(None, (number for one in records for number in _numbers(one)))),
        addresses=list(filter(None, (address for one in records for address in _addresses(one)))),
    )


def _contacts(records: Sequence[Patient]) -> Iterator[str]:
    yield from (one.emergency_contact.name for one in records if one.emergency_contact)


def _numbers(patient: Patient) -> Iterator[str | None]:
    yield from (patient.number, patient.primary_phone, patient.secondary_phone)
    if patient.insurance:
        yield from (patient.insurance.policy_number, patient.insurance.group_number)
    if patient.emergency_contact:
        yield patient.emergency_contact.phone


def _addresses(patient: Patient) -> Iterator[str | None]:
    if patient.address:
        yield from (*patient.address.lines, patient.address.city, patient.address.postal_code)
