"""Booking a series: every date is checked, and all visits are booked or none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.records.types import new_id
from tests.api.scheduling.helpers import WEEK, a_time, act, book, book_series, minutes, series
from tests.support.client import Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import pointers
from tests.support.visits import set_sealed


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


def checked(clinic: TestClinic, patient: str, at: datetime, **values: Any) -> dict[str, Any]:
    body = series(clinic, patient, at, **values)
    found: dict[str, Any] = clinic.receptionist.post("/appointments/series/check", body, key="").ok().body
    return found


def dates(reply: Reply) -> list[str]:
    return [one["date"] for one in reply.body["visits"]]


def test_each_visit_is_an_ordinary_appointment_of_the_series(clinic: TestClinic, patient: str) -> None:
    at = a_time()

    made = book_series(clinic, patient, at, reason_for_visit="Therapy").ok(201)

    days = [str((at + WEEK * number).date()) for number in range(3)]
    assert dates(made) == days
    assert (made.body["rule"], made.body["excluded_dates"], made.etag) == ("FREQ=WEEKLY;COUNT=3", [], '"1"')
    listed = clinic.receptionist.get(f"/appointments?series_id={made.body['id']}").ok().body["items"]
    assert [one["series_date"] for one in listed] == days
    assert {(one["status"], one["reason_for_visit"]) for one in listed} == {("scheduled", "Therapy")}
    assert clinic.doctor.get(f"/appointments/series/{made.body['id']}").ok().body == made.body
    combined = clinic.receptionist.get(f"/appointments?series_id={made.body['id']}&status=scheduled&unassigned=true")
    assert pointers(combined.refused(422, "invalid")) == {"status", "unassigned"}
    assert clinic.other_doctor.get(f"/appointments?series_id={made.body['id']}").ok().body["items"] == []
    book(clinic, patient, at + WEEK + minutes(15)).refused(409, "slot-taken")


def test_check_names_the_dates_that_are_not_free_and_books_nothing(clinic: TestClinic, patient: str) -> None:
    at = a_time()
    other = book(clinic, clinic.patient().body["id"], at + WEEK).ok(201).body["id"]

    found = checked(clinic, patient, at)

    assert (found["count"], found["free"]) == (3, 2)
    (taken,) = found["not_free"]
    assert (taken["date"], taken["reason"]) == (str((at + WEEK).date()), "taken")
    assert [(one["of"], one["appointment_id"]) for one in taken["taken_by"]] == [("doctor", other)]
    assert len(taken["free_slots"]) == 3
    book(clinic, patient, at).ok(201)


def test_refused_series_books_nothing_and_is_booked_once_its_dates_are_named(clinic: TestClinic, patient: str) -> None:
    at, stranger = a_time(), clinic.patient().body["id"]
    for number in (1, 2):
        book(clinic, stranger, at + WEEK * number).ok(201)

    refused = book_series(clinic, patient, at).refused(409, "series-taken").body
    assert (refused["count"], refused["free"], len(refused["not_free"])) == (3, 1, 2)
    left_out, moved = (one["date"] for one in refused["not_free"])
    free = refused["not_free"][1]["free_slots"][0]["local_time"]
    made = book_series(
        clinic, patient, at, excluded_dates=[left_out], moved_dates=[{"date": moved, "local_time": free}]
    ).ok(201)

    assert dates(made) == [str(at.date()), moved]
    assert [(one["local_time"], one["moved"]) for one in made.body["visits"]][1] == (free, True)
    assert made.body["excluded_dates"] == [left_out]


def test_every_problem_of_a_series_is_named(clinic: TestClinic, patient: str) -> None:
    at = a_time()
    day = str(at.date())
    off = str((at + WEEK / 7).date())
    past = {"date": day, "local_time": "2020-01-06T09:00:00"}

    no_rule = book_series(clinic, patient, at, rule="FREQ=YEARLY;COUNT=900", doctor_id=clinic.receptionist.user_id)
    wrong = book_series(clinic, patient, at, excluded_dates=[off, day], moved_dates=[past], room_id="green")
    nothing = book_series(clinic, patient, at, rule="FREQ=WEEKLY;COUNT=1", excluded_dates=[day])
    too_late = book_series(clinic, patient, at, local_time="9999-12-31T23:59:00")
    unknown = book_series(clinic, f"{new_id()}", at)

    assert pointers(no_rule.refused(422, "invalid")) == {"/rule", "/doctor_id"}
    expected = {"/excluded_dates/0", "/moved_dates/0/date", "/moved_dates/0/local_time", "/room_id"}
    assert pointers(wrong.refused(422, "invalid")) == expected
    assert pointers(nothing.refused(422, "invalid")) == {"/excluded_dates"}
    assert pointers(too_late.refused(422, "invalid")) == {"/local_time"}
    unknown.refused(404, "not-found")


def test_visits_stay_at_their_time_on_the_wall_and_skipped_or_repeated_times_are_named(
    clinic: TestClinic, patient: str
) -> None:
    # In 2027 clocks of New York go forward on 14 March, and back on 7 November.
    zone, at = "America/New_York", a_time()
    other: dict[str, Any] = {"doctor_id": clinic.other_doctor.user_id}
    theirs = clinic.other_doctor.post("/patients", {**NAMESAKE, "allow_duplicate": True}).ok(201).body["id"]

    nine = book_series(
        clinic, theirs, at, time_zone=zone, local_time="2027-02-28T09:00", rule="FREQ=WEEKLY;COUNT=40", **other
    )
    visits = nine.ok(201).body["visits"]
    spring = checked(clinic, theirs, at, time_zone=zone, local_time="2027-03-07T02:30", **other)["not_free"]
    autumn = checked(clinic, theirs, at, time_zone=zone, local_time="2027-10-31T01:30", **other)["not_free"]
    chosen = checked(clinic, theirs, at, time_zone=zone, local_time="2027-10-31T01:30", occurrence="later", **other)

    assert {one["local_time"][11:] for one in visits} == {"09:00:00"}
    assert {one["scheduled_at"][11:16] for one in visits} == {"14:00", "13:00"}
    assert [(one["date"], one["reason"]) for one in spring] == [("2027-03-14", "does_not_exist")]
    assert "01:30" in spring[0]["detail"] and "03:30" in spring[0]["detail"]
    assert [(one["date"], one["reason"]) for one in autumn] == [("2027-11-07", "happens_twice")]
    assert chosen["not_free"] == []


def test_closed_days_and_hours_count_unless_they_are_overridden(own_clinic: TestClinic) -> None:
    at = a_time().replace(hour=10)
    patient, day = own_clinic.patient().body["id"], str((at + WEEK).date())
    set_sealed(own_clinic, closures=[{"day": day, "name": "Holiday"}], hours=[])

    (closed,) = checked(own_clinic, patient, at, outside_schedule=False)["not_free"]

    assert (closed["date"], closed["reason"]) == (day, "outside_schedule")
    assert checked(own_clinic, patient, at)["free"] == 3


def test_series_that_meets_itself_is_refused(clinic: TestClinic, patient: str) -> None:
    at = a_time()
    first, second = str(at.date()), (at + WEEK).replace(tzinfo=None).isoformat()

    found = checked(clinic, patient, at, moved_dates=[{"date": first, "local_time": second}])["not_free"]

    assert [one["reason"] for one in found] == ["taken"]
    assert {one["appointment_id"] for one in found[0]["taken_by"]} == {None}


def test_repeated_delivery_books_the_series_once(clinic: TestClinic, patient: str) -> None:
    body, key = series(clinic, patient, a_time()), new_id()

    first = clinic.receptionist.post("/appointments/series", body, key=key).ok(201)
    again = clinic.receptionist.post("/appointments/series", body, key=key).ok(201)

    assert again.body == first.body
    assert len(clinic.receptionist.get(f"/appointments?series_id={first.body['id']}").ok().body["items"]) == 3


def test_strangers_do_not_see_a_series(clinic: TestClinic, patient: str) -> None:
    made = book_series(clinic, patient, a_time()).ok(201)
    path = f"/appointments/series/{made.body['id']}"

    clinic.other_doctor.get(path).refused(404, "not-found")
    clinic.other_doctor.post(f"{path}/cancel", None, etag=made.etag, key="").refused(404, "not-found")


def test_series_of_104_visits_is_booked_in_one_commit_and_one_that_does_not_fit_is_refused(
    own_clinic: TestClinic,
) -> None:
    at = a_time().replace(hour=10)
    last = (at + timedelta(days=103)).date()
    patient = own_clinic.patient().body["id"]

    recorder = own_clinic.stack.recorder
    mark = recorder.mark()
    made = book_series(own_clinic, patient, at, rule=f"FREQ=DAILY;UNTIL={last:%Y%m%d}").ok(201)
    calls = [(c.method, sum(c.amounts.values())) for c in recorder.calls(mark) if c.caller == "appointments"]
    over_midnight = book_series(
        own_clinic, patient, at.replace(hour=23, minute=45), rule="FREQ=DAILY;INTERVAL=2;COUNT=104"
    )

    assert len(made.body["visits"]) == 104
    # The first call reads patient, settings, doctor and schedule; this one the days of both. The commit has
    # visits, days and series, guards of patient and doctor, the response and the audit entry.
    assert calls[-2:] == [("BatchGetDocuments", 208), ("Commit", 104 + 208 + 5)]
    over_midnight.refused(409, "conflict")
    assert over_midnight.body["code"] == "series_too_large"


def test_one_of_a_series_and_single_bookings_wins_and_no_half_series_is_left(clinic: TestClinic) -> None:
    at, first, second = a_time(), clinic.patient().body["id"], clinic.patient().body["id"]

    def race(number: int) -> Reply:
        if number % 2:
            return book_series(clinic, first, at, rule="FREQ=WEEKLY;COUNT=2")
        return book(clinic, second, at + WEEK + minutes(number))

    replies = at_once(6, race)

    assert statuses(replies) == {201: 1, 409: 5}
    held = clinic.receptionist.get(f"/appointments?patient_id={first}&day={at.date()}&days=14").ok().body["items"]
    assert len(held) in (0, 2)


def test_moving_one_visit_keeps_its_series_and_date(clinic: TestClinic, patient: str) -> None:
    made = book_series(clinic, patient, a_time()).ok(201)
    visit = clinic.receptionist.get(f"/appointments/{made.body['visits'][1]['appointment_id']}").ok()

    moved = act(
        clinic.receptionist, visit, "reschedule", {"scheduled_at": a_time().isoformat(), "outside_schedule": True}
    )

    moved.ok(201)
    assert (moved.body["series_id"], moved.body["series_date"]) == (made.body["id"], made.body["visits"][1]["date"])
    shown = clinic.receptionist.get(f"/appointments/series/{made.body['id']}").ok().body["visits"]
    by_status = {(one["status"], one["moved"]) for one in shown if one["date"] == made.body["visits"][1]["date"]}
    assert by_status == {("rescheduled", False), ("scheduled", True)}
    assert date.fromisoformat(moved.body["series_date"])
