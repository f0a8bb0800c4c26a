"""Visits in tests: completed, with their bills, in clinics with other settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.records.record import patient_of
from shared.workflows.clinic import operator_settings
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tools import google_firestore

LONG, SHORT = 180_000, 120_000
"""The prices of a follow-up of more than 30 minutes and of a shorter one, in minor units."""


def new_session(clinic: TestClinic, **values: Any) -> str:
    """The id of a new session in progress."""
    return str(clinic.session(**values).body["id"])


def set_clinic(clinic: TestClinic, **settings: Any) -> None:
    """Overwrite plain settings of a clinic."""
    google_firestore.client().document("clinics", clinic.id).update(settings)


def set_sealed(clinic: TestClinic, **settings: Any) -> None:
    """Overwrite settings of a clinic that are sealed, as the operator does."""
    operator_settings.change(clinic.id, "test", **settings)


def ago(**duration: float) -> str:
    """The time this long ago, in the format of a client."""
    return (datetime.now(UTC) - timedelta(**duration)).isoformat()


def later(moment: str, **duration: float) -> str:
    """A moment so long after another one."""
    return (datetime.fromisoformat(moment) + timedelta(**duration)).isoformat()


def read(clinic: TestClinic, session_id: str) -> Reply:
    return clinic.doctor.get(f"/sessions/{session_id}").ok()


def complete(clinic: TestClinic, session_id: str, **end: Any) -> Reply:
    path = f"/sessions/{session_id}"
    return clinic.doctor.post(f"{path}/complete", end or None, etag=read(clinic, session_id).etag)


def change(clinic: TestClinic, session_id: str, **fields: Any) -> Reply:
    return clinic.doctor.put(f"/sessions/{session_id}", fields, etag=read(clinic, session_id).etag)


def reopen(clinic: TestClinic, session_id: str) -> Reply:
    clinic.forget_running(clinic.doctor.user_id, patient_of(session_id))
    return clinic.doctor.post(f"/sessions/{session_id}/reopen", etag=read(clinic, session_id).etag)


def bill_of(clinic: TestClinic, session_id: str) -> Reply:
    """The bill of a completed session, once the session refers to it."""
    clinic.until(lambda: read(clinic, session_id), lambda reply: reply.body["billing_amount"] is not None)
    return clinic.receptionist.get(f"/bills/{session_id}-bill").ok()
