"""The primary diagnosis of a bill: an ICD-10 code that is valid on the day of the service, with system and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.billing.requests import BillDetails
from shared.records.clinic.settings import ClinicSettings
from shared.records.diagnoses.checking import coded
from shared.records.diagnoses.codes import IcdSystem
from shared.records.problems import FieldError
from shared.records.types import country_of, local_date
from shared.records.visits.session import Session

_CODE, _SYSTEM, _TITLE = "primary_diagnosis_code", "primary_diagnosis_system", "primary_diagnosis_title"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The fields of a bill's diagnosis, and what is wrong about them."""

    fields: dict[str, Any] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()


UNCHANGED = Diagnosis()


def system_of(clinic: ClinicSettings) -> IcdSystem:
    """The system of a clinic's country: ICD-10-CM in the United States, WHO's ICD-10 elsewhere."""
    return IcdSystem.CLINICAL_MODIFICATION if country_of(clinic.time_zone) == "US" else IcdSystem.WHO


def day_of_service(session: Session | None, clinic: ClinicSettings, today: date) -> date:
    """The clinic's day of the visit; today for a bill without one."""
    return local_date(session.started_at, clinic.time_zone) if session else today


def is_sent(request: BillDetails) -> bool:
    """True if the request sets or clears the diagnosis."""
    return bool(request.model_fields_set & {_CODE, _SYSTEM})


def diagnosis(request: BillDetails, before: Bill | None, clinic: ClinicSettings, day: date) -> Diagnosis:
    """The diagnosis that a request sets, for a service on a day; `before` is the draft that it changes."""
    if not is_sent(request):
        return UNCHANGED
    kept = before.primary_diagnosis_code if before else None
    code = request.primary_diagnosis_code if _CODE in request.model_fields_set else kept
    if code is None:
        return Diagnosis({_CODE: None, _SYSTEM: None, _TITLE: None})
    system = request.primary_diagnosis_system or system_of(clinic)
    checked = coded(code, system, day)
    errors = [FieldError(f"/{_CODE}", checked.wrong)] if checked.wrong else []
    return Diagnosis({_CODE: checked.code, _SYSTEM: system, _TITLE: checked.title}, errors)
