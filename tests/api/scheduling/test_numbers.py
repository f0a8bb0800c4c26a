"""Numbers for the front desk, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from local.demo.people import PROFILE
from shared.store.context import utc_now
from tests.api.scheduling.helpers import act, book, minutes
from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.problems import pointers
from tests.support.visits import set_sealed

MONDAY = next(day for days in range(60, 67) if (day := utc_now().date() + timedelta(days=days)).weekday() == 0)
NINE = datetime.combine(MONDAY, datetime.min.time(), UTC).replace(hour=3, minute=30)  # 09:00 in Kolkata
RATES = ("no_show_rate", "utilisation")


@pytest.fixture(scope="module")
def practice(clinic: TestClinic) -> TestClinic:
    """A clinic with a Monday of appointments: kept, cancelled, missed, moved away, expected, and one without doctor."""
    desk = clinic.receptionist
    patient, other = clinic.silent_patient(), clinic.other_doctor.user_id
    path = f"/patients/{patient.body['id']}/doctors/{other}"
    clinic.doctor.put(path, None, etag=patient.etag).ok()

    def booked(half_hours: int, **values: Any) -> Reply:
        return book(clinic, patient.body["id"], NINE + minutes(30 * half_hours), **values).ok(201)

    came = act(desk, booked(0), "check-in").ok()
    act(desk, came, "complete").ok()
    act(desk, booked(1), "cancel").ok()
    moved = act(
        desk,
        booked(2),
        "reschedule",
        {"scheduled_at": (NINE + timedelta(days=1)).isoformat(), "outside_schedule": True},
    )
    act(desk, moved.ok(201), "confirm").ok()
    missed = booked(3)
    alter(clinic, f"appointments/{missed.body['id']}", {"status": "no_show", "reminder_sent_at": utc_now()})
    booked(4)
    act(desk, booked(5, doctor_id=other), "check-in").ok()
    lost = booked(6, doctor_id=other)
    alter(clinic, f"appointments/{lost.body['id']}", {"doctor_id": None, "unassigned_from": other})
    return clinic


def numbers(clinic: TestClinic, query: str = "", day: date = MONDAY, client: Any = None) -> dict[str, Any]:
    path = f"/appointments/numbers?day={day}&days=2{query}"
    body: dict[str, Any] = (client or clinic.receptionist).get(path).ok().body
    return body


def test_numbers_by_day(practice: TestClinic) -> None:
    found = numbers(practice)
    monday, tuesday = found["rows"]

    counts = ("booked", "kept", "cancelled", "no_show", "expected", "reminded", "confirmed")
    assert [monday[name] for name in counts] == [6, 2, 1, 1, 2, 1, 0]
    assert [tuesday[name] for name in counts] == [1, 0, 0, 0, 1, 0, 1]
    assert [found["total"][name] for name in counts] == [7, 2, 1, 1, 3, 1, 1]
    assert (monday["no_show_rate"], tuesday["no_show_rate"]) == (0.3333, None)
    # Two doctors work from 9 to 13 and from 16 to 19:30. Kept, expected, and the other doctor's take half an hour each.
    assert (monday["offered_minutes"], monday["booked_minutes"]) == (2 * 450, 90)
    assert monday["utilisation"] == 0.1
    assert (found["first"], found["last"], monday["day"]) == (str(MONDAY), str(MONDAY + timedelta(days=1)), str(MONDAY))


def test_numbers_by_doctor(practice: TestClinic) -> None:
    rows = {row["doctor"] and row["doctor"]["id"]: row for row in numbers(practice, "&by=doctor")["rows"]}

    ours, theirs, nobodys = (rows[id] for id in (practice.doctor.user_id, practice.other_doctor.user_id, None))
    assert [row["booked"] for row in (ours, theirs, nobodys)] == [5, 1, 1]
    assert (ours["no_show_rate"], theirs["no_show_rate"]) == (0.5, 0.0)
    assert (ours["offered_minutes"], nobodys["offered_minutes"], nobodys["utilisation"]) == (900, None, None)


def test_doctor_counts_their_own_alone(practice: TestClinic) -> None:
    other = practice.other_doctor

    assert numbers(practice, client=other) == numbers(practice, f"&doctor_id={other.user_id}")
    practice.doctor.get(f"/appointments/numbers?doctor_id={other.user_id}").refused(403, "forbidden")


def test_utilisation_is_unknown_without_hours(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, hours=[])
    total = numbers(own_clinic)["total"]

    assert [total[name] for name in ("booked", "offered_minutes", "booked_minutes", *RATES)] == [
        0,
        None,
        None,
        None,
        None,
    ]


def test_table_has_the_same_numbers_and_no_formula(practice: TestClinic) -> None:
    other = practice.other_doctor
    other.put("/profile", {**PROFILE, "first_name": "=HYPERLINK(1)", "last_name": 'अनीता, "A"'}).ok()

    reply = practice.receptionist.get(f"/appointments/numbers/csv?day={MONDAY}&days=2&by=doctor").ok()
    table = [*csv.DictReader(io.StringIO(reply.content.decode(), newline=""))]

    assert reply.headers["Content-Type"].startswith("text/csv")
    assert f"appointments-{MONDAY}-{MONDAY + timedelta(days=1)}.csv" in reply.headers["Content-Disposition"]
    by_id = {row["doctor_id"]: row for row in table}
    assert by_id[other.user_id]["doctor"] == '\'=HYPERLINK(1) अनीता, "A"'
    [total] = [row for row in table if row["day"] == "total"]
    assert {name: total[name] for name in ("booked", "no_show_rate", "utilisation")} == {
        name: str(numbers(practice)["total"][name]) for name in ("booked", "no_show_rate", "utilisation")
    }
    assert by_id[""] is not None


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ("days=32", {"days"}),
        ("days=0", {"days"}),
        ("by=week", {"by"}),
        ("doctor_id=nobody", {"doctor_id"}),
        ("day=2926-01-01", {"day"}),
    ],
)
def test_wrong_ranges_and_unknown_doctors_are_refused(clinic: TestClinic, wanted: str, wrong: set[str]) -> None:
    assert pointers(clinic.receptionist.get(f"/appointments/numbers?{wanted}").refused(422, "invalid")) == wrong


def test_call_counts_of_numbers(practice: TestClinic) -> None:
    calls = calls_when_repeated(practice, "appointments", lambda: numbers(practice))

    # The caller and the settings; plain fields of the appointments; the doctors, with profiles and schedules; the audit
    # entry. No patient is read.
    assert calls == [reads(2), query(8), query(2), reads(4), commit(1)]
