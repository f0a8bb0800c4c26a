"""Bookings of the scheduling tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.store.context import utc_now
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.free_times import free_time

WEEK = timedelta(days=7)


def a_time() -> datetime:
    """The start of an hour at which nobody has an appointment, with hours around it."""
    return datetime.fromisoformat(free_time())


def visit(clinic: TestClinic, patient: str, at: datetime, **values: Any) -> dict[str, Any]:
    """The body of a booking of half an hour with the doctor, overridden by `values`."""
    usual = {"doctor_id": clinic.doctor.user_id, "duration_minutes": 30, "outside_schedule": True}
    return {"patient_id": patient, "scheduled_at": at.isoformat(), **usual, **values}


def book(clinic: TestClinic, patient: str, at: datetime, client: ApiClient | None = None, **values: Any) -> Reply:
    """The answer to a booking, by the receptionist unless another caller is named."""
    return (client or clinic.receptionist).post("/appointments", visit(clinic, patient, at, **values))


def act(client: ApiClient, booked: Reply, action: str, body: Any = None, **headers: Any) -> Reply:
    """The answer to an action on an appointment as it was last read."""
    return client.post(f"/appointments/{booked.body['id']}/{action}", body, etag=booked.etag, **headers)


def begun(clinic: TestClinic, booked: Reply, minutes_ago: int = 10) -> Reply:
    """The appointment, as if it had begun some minutes ago; the days of its parties are as before."""
    start = utc_now() - minutes(minutes_ago)
    alter(clinic, f"appointments/{booked.body['id']}", {"scheduled_at": start})
    return clinic.receptionist.get(f"/appointments/{booked.body['id']}").ok()


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def taken_by(refused: Reply) -> list[tuple[str, str | None]]:
    """Whose appointments a refusal names."""
    body = refused.refused(409, "slot-taken").body
    return [(one["of"], one["appointment_id"]) for one in body["taken_by"]]


def offered(refused: Reply) -> list[datetime]:
    """The free times that a refusal offers."""
    return [datetime.fromisoformat(one["scheduled_at"]) for one in refused.body["free_slots"]]


def series(clinic: TestClinic, patient: str, at: datetime, **values: Any) -> dict[str, Any]:
    """The body of three weekly visits of half an hour with the doctor."""
    local = at.replace(tzinfo=None).isoformat()
    usual = {"doctor_id": clinic.doctor.user_id, "duration_minutes": 30, "outside_schedule": True}
    when = {"local_time": local, "time_zone": "UTC", "rule": "FREQ=WEEKLY;COUNT=3"}
    return {"patient_id": patient, **when, **usual, **values}


def book_series(
    clinic: TestClinic, patient: str, at: datetime, client: ApiClient | None = None, **values: Any
) -> Reply:
    """The answer to the booking of a series."""
    return (client or clinic.receptionist).post("/appointments/series", series(clinic, patient, at, **values))
