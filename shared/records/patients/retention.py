"""How long a clinic keeps the records of a patient. Pure."""

from __future__ import annotations

from datetime import date

from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import Patient


def kept_until(patient: Patient, last_change: date, settings: ClinicSettings) -> date | None:
    """The last day on which the records of a patient are kept, by the clinic's settings; None if it is not known.

    It is not known without a setting, nor for a patient whose date of birth nobody knows at a clinic that keeps the
    records of children longer. What is known of a date in part counts as its last day.
    """
    if settings.retention_years is None:
        return None
    by_change = anniversary(last_change, settings.retention_years)
    if settings.retention_until_age is None:
        return by_change
    if not patient.date_of_birth:
        return None
    return max(by_change, anniversary(patient.date_of_birth.latest, settings.retention_until_age))


def anniversary(day: date, years: int) -> date:
    """The day so many years later; 1 March for a 29 February that the year does not have."""
    year = min(day.year + years, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
