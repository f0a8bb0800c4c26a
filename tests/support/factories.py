"""The records of one visit, for tests without a database: `tools.openapi.factories` with fixed ids and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.records.billing.bill import Bill
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.clinic.profile import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.statements import Statement
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription
from tools.openapi import bill_factories, factories
from tools.openapi.factories import segment, statement

__all__ = ["segment", "statement"]

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
DOCTOR = "doctor-1"
PATIENT_ID = "patient"
SESSION_ID = f"{PATIENT_ID}-visit"
BY_DOCTOR, BY_SYSTEM = Stamp(DOCTOR, NOON), Stamp(SYSTEM, NOON)


def after(**duration: float) -> datetime:
    """This long after noon."""
    return NOON + timedelta(**duration)


def patient(**values: Any) -> Patient:
    return factories.patient(DOCTOR, BY_DOCTOR, **{"id": PATIENT_ID, **values})


def session(**values: Any) -> Session:
    return factories.session(patient(), BY_DOCTOR, **{"id": SESSION_ID, **values})


def transcription(**values: Any) -> Transcription:
    return factories.transcription(session(), BY_SYSTEM, **values)


def report(**values: Any) -> Report:
    return factories.report(session(), BY_SYSTEM, **values)


def doubt(kind: DoubtKind = DoubtKind.HEARD_UNCERTAINLY, *words: str) -> Doubt:
    """A doubt of this kind about these words."""
    return Doubt.of(kind, words=list(words))


def content(*statements: Statement) -> ReportContent:
    return factories.content(report(), BY_SYSTEM, *statements)


def settings(**values: Any) -> ClinicSettings:
    return factories.clinic_settings("aster", BY_SYSTEM, **values)


def profile(**values: Any) -> UserProfile:
    return factories.profile(DOCTOR, BY_DOCTOR, **values)


def bill(amount: int = 120_000, **values: Any) -> Bill:
    """The issued bill of a completed follow-up; `values` are settings of the clinic."""
    fee = {"session_type": "followup", "amount": amount, "description": "Follow-up"}
    completed = session().completed(Stamp(DOCTOR, after(minutes=20)))
    return bill_factories.bill(completed, settings(fees=[fee], **values), BY_SYSTEM)
