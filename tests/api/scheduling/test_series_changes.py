"""Changing and cancelling a series: this and the following visits, or all that are still to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.records.types import new_id
from tests.api.scheduling.helpers import WEEK, a_time, act, book, book_series
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers


@pytest.fixture
def made(clinic: TestClinic, patient: str) -> Reply:
    """Four weekly visits, at 10:00 in UTC at a place of the calendar of its own."""
    return book_series(clinic, patient, _start(), rule="FREQ=WEEKLY;COUNT=4").ok(201)


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


_used: list[datetime] = []


def _start() -> datetime:
    """The start of a series of which no date is that of another test's: each begins on a day of its own."""
    start = _used[-1] + WEEK * 6 if _used else a_time().replace(hour=10) + WEEK
    _used.append(start)
    return start


def change(clinic: TestClinic, series: Reply, **values: Any) -> Reply:
    body = {"outside_schedule": True, **values}
    return clinic.receptionist.post(f"/appointments/series/{series.body['id']}/change", body, etag=series.etag)


def seen(clinic: TestClinic, series: Reply) -> Reply:
    return clinic.receptionist.get(f"/appointments/series/{series.body['id']}").ok()


def ids(series: Reply) -> list[str]:
    return [one["appointment_id"] for one in series.body["visits"]]


def times(series: Reply) -> list[str]:
    return [one["local_time"][11:16] for one in series.body["visits"]]


def test_this_and_following_visits_begin_a_new_series_and_earlier_ones_stay(clinic: TestClinic, made: Reply) -> None:
    days = [one["date"] for one in made.body["visits"]]

    later = change(clinic, made, from_date=days[2], time="15:00").ok()

    before = seen(clinic, made)
    assert ids(before) == ids(made)
    assert [one["status"] for one in before.body["visits"]] == ["scheduled"] * 2 + ["rescheduled"] * 2
    cut = (before.body["cut_from"], before.body["continued_by"], before.body["rule"])
    assert cut == (days[2], later.body["id"], f"FREQ=WEEKLY;UNTIL={_day_before(days[2])}")
    assert (later.body["continues"], later.body["rule"]) == (made.body["id"], "FREQ=WEEKLY;COUNT=2")
    assert [one["date"] for one in later.body["visits"]] == days[2:]
    assert times(later) == ["15:00"] * 2
    moved = clinic.receptionist.get(f"/appointments/{ids(later)[0]}").ok().body
    assert moved["rescheduled_from"] == ids(made)[2]


def test_all_visits_of_a_series_that_has_not_begun_change_in_it(clinic: TestClinic, made: Reply) -> None:
    later = change(clinic, made, duration_minutes=45).ok()

    assert (later.body["id"], later.body["duration_minutes"], ids(later)) == (made.body["id"], 45, ids(made))
    visit = clinic.receptionist.get(f"/appointments/{ids(made)[3]}").ok().body
    assert (visit["duration_minutes"], visit["status"]) == (45, "scheduled")


def test_visits_move_to_another_weekday(clinic: TestClinic, made: Reply) -> None:
    later = change(clinic, made, days_later=2, time="11:30").ok()

    days = [datetime.fromisoformat(one["date"]) for one in made.body["visits"]]
    assert [one["local_time"] for one in later.body["visits"]] == [
        (day + timedelta(days=2, hours=11, minutes=30)).isoformat() for day in days
    ]
    assert all(not one["moved"] for one in later.body["visits"])


def test_visit_that_was_moved_by_itself_stays_there(clinic: TestClinic, made: Reply) -> None:
    visit = clinic.receptionist.get(f"/appointments/{ids(made)[1]}").ok()
    elsewhere = visit.body["scheduled_at"].replace("T10:00", "T17:00")
    moved = act(clinic.receptionist, visit, "reschedule", {"scheduled_at": elsewhere, "outside_schedule": True}).ok(201)

    later = change(clinic, made, time="11:00").ok()

    assert times(later) == ["11:00", "17:00", "11:00", "11:00"]
    assert ids(later)[1] == moved.body["id"]


def test_refused_change_changes_nothing_and_dates_can_be_left_out_or_moved(clinic: TestClinic, made: Reply) -> None:
    days = [one["date"] for one in made.body["visits"]]
    stranger = clinic.patient().body["id"]
    for day in days[:2]:
        book(clinic, stranger, datetime.fromisoformat(f"{day}T15:00:00+00:00")).ok(201)

    refused = change(clinic, made, time="15:00").refused(409, "series-taken").body
    unchanged = seen(clinic, made)
    elsewhere = {"date": days[1], "local_time": f"{days[1]}T18:00"}
    later = change(clinic, made, time="15:00", excluded_dates=days[:1], moved_dates=[elsewhere]).ok()

    assert [one["date"] for one in refused["not_free"]] == days[:2]
    assert unchanged.body == made.body
    assert times(later) == ["18:00", "15:00", "15:00"]
    assert later.body["excluded_dates"] == days[:1]
    assert clinic.receptionist.get(f"/appointments/{ids(made)[0]}").ok().body["status"] == "cancelled"


def test_another_doctor_takes_the_visits_if_they_may_see_the_patient(clinic: TestClinic, made: Reply) -> None:
    patient = clinic.doctor.get(f"/patients/{made.body['patient_id']}").ok()
    other = clinic.other_doctor.user_id

    stranger = change(clinic, made, doctor_id=other)
    clinic.doctor.put(f"/patients/{patient.body['id']}/doctors/{other}", None, etag=patient.etag).ok()
    later = change(clinic, made, doctor_id=other).ok()

    assert pointers(stranger.refused(422, "invalid")) == {"/doctor_id"}
    assert (later.body["doctor_id"], {one["doctor_id"] for one in later.body["visits"]}) == (other, {other})
    assert ids(later) == ids(made)


def test_change_that_cannot_be_is_refused(clinic: TestClinic, made: Reply) -> None:
    after = str((datetime.fromisoformat(made.body["visits"][-1]["date"]) + WEEK).date())
    path = f"/appointments/series/{made.body['id']}/change"

    assert pointers(change(clinic, made).refused(422, "invalid")) == {""}
    assert pointers(change(clinic, made, excluded_dates=[after]).refused(422, "invalid")) == {"/excluded_dates/0"}
    assert change(clinic, made, from_date=after, time="09:00").refused(409, "conflict").body["code"] == "series_over"
    change(clinic, made, time="25:00").refused(422, "invalid")
    clinic.receptionist.post(path, {"time": "09:00"}, etag='"7"').refused(412, "stale")
    clinic.receptionist.post(path, {"time": "09:00"}).refused(428, "precondition-required")
    clinic.doctor.get(f"/appointments/series/{new_id()}-{new_id(10)}").refused(404, "not-found")


def test_monthly_weekday_moves_by_no_rule(clinic: TestClinic, patient: str) -> None:
    start = _start()
    first = start.replace(day=1) + timedelta(days=31)
    first = first.replace(day=1, hour=20) + timedelta(days=-first.replace(day=1).weekday() % 7)
    monthly = book_series(clinic, patient, first, rule="FREQ=MONTHLY;BYDAY=1MO;COUNT=3").ok(201)

    assert pointers(change(clinic, monthly, days_later=-6).refused(422, "invalid")) == {"/days_later"}
    assert times(change(clinic, monthly, time="21:00").ok()) == ["21:00"] * 3


def test_cancelling_from_a_date_frees_the_later_visits(clinic: TestClinic, made: Reply) -> None:
    days = [one["date"] for one in made.body["visits"]]
    path, part = f"/appointments/series/{made.body['id']}/cancel", {"from_date": days[1], "reason": "Better"}

    clinic.receptionist.post(path, part, etag='"7"', key="").refused(412, "stale")
    cut = clinic.receptionist.post(path, part, etag=made.etag, key="").ok()

    assert (cut.body["cut_from"], cut.body["continued_by"], ids(cut)) == (days[1], None, ids(made)[1:])
    assert [one["status"] for one in seen(clinic, made).body["visits"]] == ["scheduled"] + ["cancelled"] * 3
    gone = clinic.receptionist.get(f"/appointments/{ids(made)[1]}").ok().body
    assert gone["cancellation_reason"] == "Better"
    book(clinic, clinic.patient().body["id"], datetime.fromisoformat(gone["scheduled_at"])).ok(201)
    clinic.receptionist.post(path, part, etag=cut.etag, key="").refused(409, "conflict")
    all_gone = clinic.receptionist.post(path, None, etag=cut.etag, key="").ok()
    assert (ids(all_gone), all_gone.body["cut_from"]) == (ids(made)[:1], days[0])


def _day_before(day: str) -> str:
    return f"{datetime.fromisoformat(day) - timedelta(days=1):%Y%m%d}"
