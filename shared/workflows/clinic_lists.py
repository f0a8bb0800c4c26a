"""Lists across the patients of a clinic: whose records a caller lists, and of which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.records.numbering import is_number
from shared.records.patients.patient import Patient
from shared.records.problems import Forbidden
from shared.store import queries
from shared.store.admission import FRONT_DESK
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork


def of_doctor(work: UnitOfWork, doctor_id: str | None) -> list[Filter]:
    """The filter for the records of a doctor. A doctor lists their own, who sees all patients those of any or of all.

    Raises Forbidden when a doctor asks for another's.
    """
    work.keyring()  # the caller is looked up
    if work.scope != FRONT_DESK and doctor_id not in (None, work.user_id):
        raise Forbidden("a doctor lists their own visits")
    wanted = doctor_id if work.scope == FRONT_DESK else work.user_id
    return [("doctor_id", "==", wanted)] if wanted else []


def expect_patient(work: UnitOfWork, patient_id: str | None) -> None:
    """Let the next read include the patient of a list."""
    if patient_id and not is_number(patient_id):
        work.expect(Patient.ref(patient_id))


def ids_of_patient(work: UnitOfWork, patient_id: str) -> tuple[str, ...]:
    """The ids that the records of a list have: those of all records of the person, if the caller may see them."""
    return (patient_id,) if is_number(patient_id) else work.person_ids(patient_id)


def of_patient(work: UnitOfWork, patient_id: str | None) -> list[Filter]:
    """The filter for the records of a patient, whether or not there is one."""
    return [queries.one_of("patient_id", ids_of_patient(work, patient_id))] if patient_id else []


def on_day(field: str, day: date, zone: str) -> list[Filter]:
    """The filter for moments on a calendar day in a time zone; a day may have 23 or 25 hours."""
    return on_days(field, day, 1, zone)


def on_days(field: str, first: date, count: int, zone: str) -> list[Filter]:
    """The filter for moments on some calendar days, one after the other."""
    return [(field, ">=", _midnight(first, zone)), (field, "<", _midnight(first + timedelta(days=count), zone))]


def from_day(field: str, day: date, zone: str) -> list[Filter]:
    """The filter for moments on a calendar day or later."""
    return [(field, ">=", _midnight(day, zone))]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
