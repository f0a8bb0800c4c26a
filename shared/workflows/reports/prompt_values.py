"""The values of the variables that a template's own prompt may name."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.patients.age import AgeSpan, AgeUnit
from shared.records.patients.patient import Patient
from shared.records.report_type import ReportType
from shared.records.templates.variables import PromptVariable, Values
from shared.records.types import local_date
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork


def values_of(work: UnitOfWork, session: Session, languages: Sequence[str], report_type: ReportType) -> Values:
    """The values of a visit, with the languages of its transcript, for a report of a type. Its patient comes with the
    session; the settings were read."""
    day = local_date(session.started_at, work.settings().time_zone)
    minutes = session.total_duration_minutes
    age = _age(work.get(Patient.ref(session.patient_id)).age_span_on(day))
    return {
        PromptVariable.VISIT_TYPE: session.type.value,
        PromptVariable.VISIT_DATE: day.isoformat(),
        **({} if age is None else {PromptVariable.PATIENT_AGE: age}),
        **({} if minutes is None else {PromptVariable.VISIT_MINUTES: str(minutes)}),
        PromptVariable.VISIT_LANGUAGE: ", ".join(languages),
        PromptVariable.REPORT_TYPE: report_type.value,
    }


def _age(span: AgeSpan | None) -> str | None:
    """Years as a number, anything else with its unit."""
    if span is None:
        return None
    certain = span.unit == AgeUnit.YEARS and span.least == span.most and not span.estimated
    return str(span.most) if certain else span.text
