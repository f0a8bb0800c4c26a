"""Lists of sessions by doctor, day and state, in every combination."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from shared.records.visits.session import SessionStatus
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.visits import ago, later


def visits(clinic: TestClinic) -> None:
    """Sessions of both doctors: over, cancelled, paused and running, of today and of two days ago."""
    for doctor in (clinic.doctor, clinic.other_doctor):
        for status, began in product(
            ("completed", "cancelled", "paused", "in_progress"), (ago(minutes=9), ago(days=2))
        ):
            patient = doctor.post("/patients", NAMESAKE).ok(201).body["id"]
            started = clinic.start({"patient_id": patient, "started_at": began}, doctor).ok(201)
            path = f"/sessions/{started.body['id']}"
            if status == "completed":
                doctor.post(f"{path}/complete", {"ended_at": later(began, minutes=5)}, etag=started.etag).ok()
            elif status == "cancelled":
                doctor.delete(path, etag=started.etag).ok()
            elif status == "paused":
                doctor.put(path, {"status": "paused"}, etag=started.etag).ok()


def test_every_combination_of_filters_lists_exactly_the_sessions_that_match(drafting: TestClinic) -> None:
    visits(drafting)
    zone = ZoneInfo(drafting.admin.get("/me").ok().body["clinic"]["time_zone"])
    everything: list[dict[str, Any]] = drafting.admin.get("/sessions?page_size=100").ok().body["items"]
    days = {
        one["id"]: datetime.fromisoformat(one["started_at"]).astimezone(zone).date().isoformat() for one in everything
    }
    doctors = (None, drafting.doctor.user_id, drafting.other_doctor.user_id)

    for doctor, day, status in product(doctors, (None, *sorted(set(days.values()))), (None, *SessionStatus)):
        asked = {"doctor_id": doctor, "day": day, "status": status}
        query = urlencode({"page_size": 100, **{name: value for name, value in asked.items() if value}})
        listed = drafting.admin.get(f"/sessions?{query}").ok().body["items"]
        assert [one["id"] for one in listed] == [
            one["id"]
            for one in everything
            if doctor in (None, one["doctor_id"]) and day in (None, days[one["id"]]) and status in (None, one["status"])
        ], query

    assert len(everything) == 16
    assert {one["status"] for one in everything} == {*SessionStatus} - {"error"}
