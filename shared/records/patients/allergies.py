"""Allergies that were reported to the clinic and that a clinician has not confirmed yet.

A reported allergy is not an allergy of the chart. Receptionists never read the chart, so nothing here lets them learn
what it contains: a report of a known allergy is kept like any other.
"""

from __future__ import annotations

from shared.records.conflict_codes import ConflictCode
from shared.records.patients.chart import has_entry, with_entry
from shared.records.patients.details import NewReportedAllergy, ReportedAllergy
from shared.records.patients.patient import MOST_REPORTED, Patient
from shared.records.problems import Conflict, NotFound
from shared.records.record import Stamp


def reported(patient: Patient, new: NewReportedAllergy, id: str, stamp: Stamp) -> Patient:
    """The patient with one more reported allergy; the same object if this one waits already.

    Raises Conflict for a full list.
    """
    waiting = patient.reported_allergies
    if has_entry([entry.text for entry in waiting], new.text):
        return patient
    if len(waiting) >= MOST_REPORTED:
        raise Conflict(ConflictCode.CHART_FULL, f"{MOST_REPORTED} reported allergies wait for a clinician")
    entry = ReportedAllergy(id=id, text=new.text, noted_by=stamp.by, noted_at=stamp.at)
    return patient.revised(stamp, reported_allergies=[*waiting, entry])


def confirmed(patient: Patient, id: str, stamp: Stamp) -> Patient:
    """The patient with a reported allergy moved to the chart, which has each allergy once.

    Raises NotFound if no such report waits, Conflict for a full chart.
    """
    entry, others = _taken(patient, id)
    return patient.revised(stamp, reported_allergies=others, allergies=with_entry(patient.allergies, entry.text))


def rejected(patient: Patient, id: str, stamp: Stamp) -> Patient:
    """The patient without a reported allergy; the chart stays. Raises NotFound if no such report waits."""
    _, others = _taken(patient, id)
    return patient.revised(stamp, reported_allergies=others)


def _taken(patient: Patient, id: str) -> tuple[ReportedAllergy, list[ReportedAllergy]]:
    """The report with this id, and the others."""
    found = next((entry for entry in patient.reported_allergies if entry.id == id), None)
    if found is None:
        raise NotFound
    return found, [entry for entry in patient.reported_allergies if entry is not found]
