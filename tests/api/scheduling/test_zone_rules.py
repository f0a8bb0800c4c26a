"""New rules of a time zone: the local time stays, the instant follows, and what no longer fits waits for the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from shared.cli import main as command
from shared.records import time_zones
from shared.store import queries
from shared.store.context import utc_now
from shared.store.queries import Found
from shared.workflows.scheduling import zone_rules
from shared.workflows.scheduling.zone_rules import Compared
from tests.api.scheduling.helpers import act, begun, minutes, visit
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.visits import set_sealed
from tests.support.zone_files import rules
from tools import google_firestore

DAY = date(utc_now().year + 1, 7, 5)
NEW_YORK = "America/New_York"
_releases = count()


@contextmanager
def released(monkeypatch: pytest.MonkeyPatch, folder: Path, posix: str) -> Iterator[None]:
    """A later release of the rules, in which New York has others."""
    name = f"{utc_now().year + 1}{next(_releases):04}"
    with monkeypatch.context() as patched, rules(folder, America__New_York=posix):
        patched.setattr(time_zones, "release", lambda: name)
        yield


@pytest.fixture
def no_summer_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Summer time is over, so a local time of July is an hour later."""
    with released(monkeypatch, tmp_path, "EST5"):
        yield


def book(clinic: TestClinic, clock: str, zone: str = NEW_YORK, day: date = DAY, **values: object) -> Reply:
    """A booking of half an hour with the doctor, by the clock on the wall."""
    new = {"doctor_id": clinic.doctor.user_id, "local_time": f"{day}T{clock}", "time_zone": zone}
    usual = {"patient_id": clinic.silent_patient().body["id"], "duration_minutes": 30, "outside_schedule": True}
    return clinic.receptionist.post("/appointments", {**usual, **new, **values})


def followed(clinic: TestClinic) -> Compared | None:
    """What a run does in this clinic; None if it has nothing to compare.

    The run asks for no other clinic. There are hundreds of them, with thousands of appointments of other tests.
    """
    appointments = google_firestore.client().collection("clinics", clinic.id, "appointments")

    def found(_collection: str, states: Collection[str], release: str) -> Iterator[Found]:
        for one in appointments.where(filter=FieldFilter("live", "==", True)).stream():
            if one.get("status") in states and one.get("zone_rules") < release:
                yield Found(clinic.id, one.id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queries, "of_earlier_rules", found)
        [*done] = zone_rules.compare_all("test")
    assert {one.clinic_id for one in done} <= {clinic.id}
    return done[0] if done else None


def seen(clinic: TestClinic, booked: Reply) -> Reply:
    return clinic.receptionist.get(f"/appointments/{booked.body['id']}").ok()


def utc(appointment: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(appointment["scheduled_at"])


def at(clinic: TestClinic, moment: datetime) -> Reply:
    """A booking at an instant."""
    return clinic.receptionist.post("/appointments", visit(clinic, clinic.silent_patient().body["id"], moment))


def unsettled(clinic: TestClinic) -> list[str]:
    found = clinic.receptionist.get("/appointments?unsettled=true").ok().body["items"]
    return [one["id"] for one in found]


def test_visits_stay_at_their_local_times_and_their_days_follow(own_clinic: TestClinic, no_summer_time: None) -> None:
    booked = [book(own_clinic, clock).ok(201) for clock in ("14:00", "15:00", "23:30")]
    elsewhere = book(own_clinic, "10:00", "Asia/Kolkata").ok(201)

    done = followed(own_clinic)
    again = followed(own_clinic)

    assert done is not None
    assert sorted(done.moved) == sorted(one.body["id"] for one in booked)
    assert (done.unsettled, again) == ([], None)
    for before in booked:
        after = seen(own_clinic, before).body
        assert after["local_time"] == before.body["local_time"]
        assert utc(after) - utc(before.body) == minutes(60)
        assert (after["revision"], after["updated_by"]) == (2, "system")
    assert seen(own_clinic, elsewhere).body["scheduled_at"] == elsewhere.body["scheduled_at"]
    assert seen(own_clinic, elsewhere).etag == elsewhere.etag
    # The first hour is free, and the hour after the last one is not: by UTC it was the same, now it is the next day.
    first, last = utc(booked[0].body), utc(booked[-1].body)
    assert at(own_clinic, first).status == 201
    at(own_clinic, last + minutes(60)).refused(409, "slot-taken")


def test_visit_that_now_meets_another_waits_for_the_desk(own_clinic: TestClinic, no_summer_time: None) -> None:
    moving = book(own_clinic, "14:00").ok(201)
    other = book(own_clinic, "19:15", "Etc/UTC").ok(201)  # 15:15 in New York with summer time
    path, desk = f"/appointments/{moving.body['id']}", own_clinic.receptionist

    done = followed(own_clinic)
    moved = seen(own_clinic, moving)

    assert done is not None
    assert list(done.unsettled) == [moving.body["id"]] == unsettled(own_clinic)
    assert (moved.body["unsettled"], moved.body["scheduled_at"]) == ("overlaps", f"{DAY}T19:00:00Z")
    assert seen(own_clinic, other).etag == other.etag
    settled = desk.put(path, {"unsettled": None}, etag=moved.etag).ok()
    assert (settled.body["unsettled"], unsettled(own_clinic)) == (None, [])
    desk.put(path, {"unsettled": "overlaps"}, etag=settled.etag).refused(422, "invalid")


@pytest.mark.parametrize(
    ("posix", "expected"), [("EST5EDT,J186/14,J300/2", "skipped"), ("CST6CDT,J90/2,J186/15", "repeated")]
)
def test_local_time_that_no_longer_happens_once_waits_for_the_desk(
    own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, posix: str, expected: str
) -> None:
    booked = book(own_clinic, "14:30").ok(201)

    with released(monkeypatch, tmp_path, posix):
        followed(own_clinic)

    after = seen(own_clinic, booked).body
    assert (after["unsettled"], after["local_time"]) == (expected, booked.body["local_time"])
    assert unsettled(own_clinic) == [booked.body["id"]]
    later = {"local_time": f"{DAY}T18:00", "outside_schedule": True}
    moved = act(own_clinic.receptionist, seen(own_clinic, booked), "reschedule", later).ok(201)
    assert moved.body["unsettled"] is None
    assert unsettled(own_clinic) == []


def test_run_that_ended_early_is_completed_by_the_next(own_clinic: TestClinic, no_summer_time: None) -> None:
    first, second = (book(own_clinic, clock).ok(201) for clock in ("14:00", "15:00"))
    followed(own_clinic)
    # As after a crash between two commits: the second one is as it was booked.
    alter(own_clinic, f"appointments/{second.body['id']}", {"scheduled_at": utc(second.body), "zone_rules": "2026a"})

    done = followed(own_clinic)

    assert done is not None
    assert (done.moved, done.unsettled) == ([second.body["id"]], [])
    assert seen(own_clinic, first).body["revision"] == 2
    assert utc(seen(own_clinic, second).body) == utc(second.body) + minutes(60)


def test_visits_that_are_over_or_have_a_session_keep_their_instant(
    own_clinic: TestClinic, no_summer_time: None
) -> None:
    past, running, cancelled = (book(own_clinic, clock).ok(201) for clock in ("10:00", "14:00", "16:00"))
    begun(own_clinic, past, 120)
    own_clinic.start({"patient_id": running.body["patient_id"], "appointment_id": running.body["id"]}).ok(201)
    act(own_clinic.receptionist, cancelled, "cancel").ok()
    before = [seen(own_clinic, one).body for one in (past, running, cancelled)]
    alter(own_clinic, f"appointments/{past.body['id']}", {"local_time": "2026-01-05T10:00:00"})

    done = followed(own_clinic)

    assert done is not None
    assert done.moved == []
    assert [seen(own_clinic, one).body["scheduled_at"] for one in (past, running, cancelled)] == [
        one["scheduled_at"] for one in before
    ]


def test_another_zone_of_the_clinic_moves_no_visit(own_clinic: TestClinic) -> None:
    booked = book(own_clinic, "14:00", time_zone=None).ok(201)

    set_sealed(own_clinic, time_zone=NEW_YORK)

    assert seen(own_clinic, booked).body == booked.body
    following = book(own_clinic, "14:00", time_zone=None).ok(201).body
    assert (booked.body["time_zone"], following["time_zone"]) == ("Asia/Kolkata", NEW_YORK)


def test_operator_is_told_what_moved(
    own_clinic: TestClinic, no_summer_time: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the query of all clinics; those of other tests are left alone."""
    booked = book(own_clinic, "14:00").ok(201).body["id"]
    over = act(own_clinic.receptionist, book(own_clinic, "16:00").ok(201), "cancel").ok().body["id"]
    query = queries.of_earlier_rules
    found: list[Found] = []

    def find(*of: Any) -> Iterator[Found]:
        found.extend(one for one in query(*of) if one.clinic_id == own_clinic.id)
        yield from found

    monkeypatch.setattr(queries, "of_earlier_rules", find)

    assert command(["zone-rules"]) == 0

    assert [one.id for one in found] == [booked] != [over]
    assert f"{own_clinic.id}: appointment {booked} moved\n" in capsys.readouterr().out
