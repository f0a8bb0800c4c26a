"""Earlier versions of records: who changed what, newest change first."""

from __future__ import annotations

from typing import TypeVar

from shared.records.page import Page, PageQuery
from shared.records.parties import PatientName, PersonName
from shared.records.patients.patient import Patient
from shared.records.permissions import Action
from shared.records.record import Detailed, patient_of
from shared.records.reports.report import Report
from shared.records.version import Version
from shared.records.version_list import Changed, RecordType, VersionList
from shared.records.visits.session import Session
from shared.store import pagination, profile_excerpts, queries
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists, permissions

_READING = {
    RecordType.PATIENT: Action.READ_PATIENT,
    RecordType.SESSION: Action.READ_VISIT,
    RecordType.REPORT: Action.READ_REPORT,
}
"""What a caller must be allowed to do to see the changes of a record."""

V = TypeVar("V", Patient, Session, Report)


def of_patient(clinic: Clinic, patient_id: str, query: PageQuery) -> Page[Version]:
    """A page of the changes of a patient. Raises NotFound for a patient the caller may not see."""
    return _listed(clinic, Patient, patient_id, query, Action.READ_PATIENT)


def of_session(clinic: Clinic, session_id: str, query: PageQuery) -> Page[Version]:
    """A page of the changes of a session. Raises NotFound for a session of a patient the caller may not see."""
    return _listed(clinic, Session, session_id, query, Action.READ_VISIT)


def of_report(clinic: Clinic, report_id: str, query: PageQuery) -> Page[Version]:
    """A page of what a report said before it was written anew. Raises NotFound as a read of the report."""
    return _listed(clinic, Report, report_id, query, Action.READ_REPORT)


def of_clinic(clinic: Clinic, query: VersionList) -> Page[Detailed[Version, Changed]]:
    """A page of the changes of all records that the caller may read."""

    def transaction(work: UnitOfWork) -> Page[Detailed[Version, Changed]]:
        work.show_kept()
        work.expect(work.settings_ref())
        zone = work.settings().time_zone
        filters = [pagination.LIVE]
        if query.changed_by:
            filters.append(("created_by", "==", query.changed_by))
        if query.day:
            filters += clinic_lists.on_day("created_at", query.day, zone)
        found = pagination.of_clinic(work, Version, query, filters)
        items = [change for version in found.items if (change := _described(work, version))]
        return Page(items, found.next_page_token)

    return clinic.perform("version.list", transaction)


def _described(work: UnitOfWork, version: Version) -> Detailed[Version, Changed] | None:
    """The version with its patient and its author, who were read before; None if the caller may not see it."""
    patient, record_type = work.get(Patient.ref(patient_of(version.record_id))), RecordType.of(version)
    if not permissions.may(work, _READING[record_type], patient):
        return None
    author = PersonName(id=version.created_by, name=profile_excerpts.name_of(work, version.created_by))
    return Detailed(version, Changed(record_type=record_type, patient=PatientName.of(patient), author=author))


def _of_record(record: Patient | Session | Report) -> Filter:
    """The filter for the versions of a record; of a patient also those of merged records."""
    return queries.one_of("record_id", record.person_ids if isinstance(record, Patient) else [record.id])


def _listed(clinic: Clinic, model: type[V], id: str, query: PageQuery, action: Action) -> Page[Version]:
    """Without access to clinical fields, changes of clinical fields alone are left out."""

    def transaction(work: UnitOfWork) -> Page[Version]:
        work.show_kept()
        record = work.get(model.ref(id))
        permissions.require(work, action, record)
        found = pagination.newest(work, Version, query, [pagination.LIVE, _of_record(record)])
        items = [version for version in found.items if work.clinical or version.before]
        return Page(items, found.next_page_token)

    return clinic.perform(f"{model.kind.lower()}.versions", transaction)
