"""Working hours of doctors, and the free times that follow from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.store.context import utc_now
from tests.api.scheduling.helpers import book, minutes
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers
from tests.support.visits import set_sealed

MONDAY = next(day for days in range(60, 67) if (day := utc_now().date() + timedelta(days=days)).weekday() == 0)
HOURS = [
    {"day": "monday", "opens": "09:00", "closes": "11:00"},
    {"day": "monday", "opens": "14:00", "closes": "15:00"},
]
SCHEDULE: dict[str, Any] = {
    "hours": HOURS,
    "slot_minutes": 30,
    "visit_rules": [{"type": "followup", "duration_minutes": 20, "buffer_after_minutes": 10}],
}


@pytest.fixture
def practice(own_clinic: TestClinic) -> TestClinic:
    """A clinic whose doctor works on Mondays."""
    own_clinic.doctor.put(f"/schedules/{own_clinic.doctor.user_id}", SCHEDULE).ok()
    return own_clinic


def free(clinic: TestClinic, query: str = "", day: date = MONDAY) -> Reply:
    doctor = f"doctor_ids={clinic.doctor.user_id}"
    return clinic.receptionist.get(f"/appointments/free-slots?{doctor}&day={day}&days=1{query}").ok()


def walls(found: Reply) -> list[str]:
    (doctor,) = found.body["doctors"]
    return [slot["local_time"][11:16] for slot in doctor["free"]]


def test_doctor_and_admin_set_hours_and_everybody_reads_them(own_clinic: TestClinic) -> None:
    path, body = f"/schedules/{own_clinic.doctor.user_id}", {"hours": HOURS}
    own_clinic.receptionist.get(path).refused(404, "not-found")

    created = own_clinic.doctor.put(path, body).ok()
    own_clinic.doctor.put(path, body).refused(428, "precondition-required")
    changed = own_clinic.admin.put(path, {**body, "slot_minutes": 20}, etag=created.etag).ok()

    assert own_clinic.receptionist.get(path).ok().body == changed.body
    own_clinic.doctor.put(path, body, etag=created.etag).refused(412, "stale")
    own_clinic.other_doctor.put(path, body, etag=changed.etag).refused(403, "forbidden")
    own_clinic.receptionist.put(path, body, etag=changed.etag).refused(403, "forbidden")
    own_clinic.admin.put(f"/schedules/{own_clinic.receptionist.user_id}", body).refused(404, "not-found")


def test_wrong_hours_name_every_error(own_clinic: TestClinic) -> None:
    wrong = {
        "hours": [{"day": "monday", "opens": "11:00", "closes": "09:00"}],
        "blocked": [{"starts_at": "2027-01-02T00:00", "ends_at": "2027-01-01T00:00"}],
        "slot_minutes": 4,
    }

    refused = own_clinic.doctor.put(f"/schedules/{own_clinic.doctor.user_id}", wrong).refused(422, "invalid")

    assert pointers(refused) == {"/hours/0", "/blocked/0", "/slot_minutes"}


def test_free_times_follow_hours_rules_and_bookings(practice: TestClinic) -> None:
    patient = practice.patient().body["id"]
    assert walls(free(practice)) == ["09:00", "09:30", "10:00", "10:30", "14:00", "14:30"]
    new = {"patient_id": patient, "doctor_id": practice.doctor.user_id, "type": "followup"}

    booked = practice.receptionist.post("/appointments", {**new, "local_time": f"{MONDAY}T09:30"}).ok(201).body
    found = free(practice, "&type=followup")

    assert booked["duration_minutes"] == found.body["doctors"][0]["duration_minutes"] == 20
    assert walls(found) == ["09:00", "10:00", "10:30", "14:00", "14:30"]
    assert walls(free(practice, f"&instead_of={booked['id']}"))[1] == "09:30"
    assert walls(free(practice, f"&patient_id={patient}&duration_minutes=60")) == ["10:00", "14:00"]


def test_time_outside_the_hours_is_refused_with_offers_unless_it_is_meant(practice: TestClinic) -> None:
    patient = practice.patient().body["id"]
    new = {"patient_id": patient, "doctor_id": practice.doctor.user_id, "local_time": f"{MONDAY}T12:00"}

    refused = practice.receptionist.post("/appointments", new).refused(409, "outside-schedule")
    meant = practice.receptionist.post("/appointments", {**new, "outside_schedule": True}).ok(201)

    assert [slot["local_time"][11:16] for slot in refused.body["free_slots"]] == ["10:00", "10:30", "14:00"]
    assert meant.body["local_time"] == f"{MONDAY}T12:00:00"


def test_closed_day_and_leave_have_no_free_time(practice: TestClinic) -> None:
    set_sealed(practice, closures=[{"day": MONDAY.isoformat(), "name": "Holiday"}])
    assert walls(free(practice)) == []
    following = MONDAY + timedelta(weeks=1)
    leave = [{"starts_at": f"{following}T00:00", "ends_at": f"{following}T14:30", "reason": "Leave"}]
    path = f"/schedules/{practice.doctor.user_id}"
    practice.doctor.put(path, {**SCHEDULE, "blocked": leave}, etag=practice.doctor.get(path).etag).ok()

    assert walls(free(practice, day=following)) == ["14:30"]


def test_buffer_after_a_visit_keeps_the_next_one_away(practice: TestClinic) -> None:
    patient, other = practice.patient().body["id"], practice.patient().body["id"]
    nine = {"local_time": f"{MONDAY}T09:00", "doctor_id": practice.doctor.user_id, "type": "followup"}
    start = practice.receptionist.post("/appointments", {**nine, "patient_id": patient}).ok(201).body["scheduled_at"]
    at = datetime.fromisoformat(start)
    book(practice, other, at + minutes(25)).refused(409, "slot-taken")
    book(practice, other, at + minutes(30)).ok(201)


def test_any_doctor_of_the_clinic_is_looked_at_without_ids(practice: TestClinic) -> None:
    found = practice.receptionist.get(f"/appointments/free-slots?day={MONDAY}&days=1&limit=1").ok().body["doctors"]

    assert {one["doctor_id"] for one in found} == {practice.doctor.user_id, practice.other_doctor.user_id}
    assert all(one["more"] and len(one["free"]) == 1 for one in found)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("doctor_ids=nobody", {"doctor_ids"}),
        ("patient_id=nobody", {"patient_id"}),
        ("instead_of=nobody-x", {"instead_of"}),
        ("doctor_ids=a,,b", {"doctor_ids"}),
        ("days=32", {"days"}),
    ],
)
def test_unknown_ids_and_long_ranges_are_refused(clinic: TestClinic, query: str, wrong: set[str]) -> None:
    assert pointers(clinic.receptionist.get(f"/appointments/free-slots?{query}").refused(422, "invalid")) == wrong
