"""Changes as a list across the records of a clinic: who changed what, and of which patient."""

from __future__ import annotations

from enum import StrEnum

from shared.records.page import PageQuery
from shared.records.parties import PatientName, PersonName
from shared.records.record import Value, patient_of, session_of
from shared.records.types import Id, ListDay
from shared.records.version import Version


class VersionList(PageQuery):
    """The changes to list, newest first."""

    changed_by: Id | None = None
    """The user who made them; without it, those of everybody."""
    day: ListDay | None = None
    """The day on which they were made, in the clinic's time zone; without it, all days."""


class RecordType(StrEnum):
    """The type of a record that keeps its earlier versions."""

    PATIENT = "patient"
    SESSION = "session"
    REPORT = "report"

    @classmethod
    def of(cls, version: Version) -> RecordType:
        """The type of the record that a version is of: an id begins with the ids of the patient and of the session."""
        if version.record_id == patient_of(version.record_id):
            return cls.PATIENT
        return cls.SESSION if version.record_id == session_of(version.record_id) else cls.REPORT


class Changed(Value):
    """What was changed, and by whom."""

    record_type: RecordType
    """The type of the record with `record_id`."""
    patient: PatientName
    """The patient who was changed, or whose session was."""
    author: PersonName
    """Who made the change."""
