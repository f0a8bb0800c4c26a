"""Calendars: the feed of a doctor, and the file of one appointment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject

from local.stack.stack import Stack
from shared.store.context import utc_now
from tests.api.scheduling.helpers import a_time, act, book
from tests.support.audit import entries
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.links import visit
from tests.support.proofs import raw

NAME = "Zoë Fernandes"


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.silent_patient().body["id"])


@pytest.fixture
def booked(clinic: TestClinic, patient: str) -> Reply:
    return book(clinic, patient, a_time(), reason_for_visit="Panic", time_zone="Asia/Kolkata").ok(201)


def issue(clinic: TestClinic, *, with_names: bool = False) -> str:
    """The URL of the doctor's new feed."""
    return str(clinic.doctor.post("/profile/calendar", {"with_names": with_names}).ok(201).body["url"])


def events(reply: Reply) -> dict[str, Any]:
    """The events of a calendar by UID, as a second parser reads it."""
    assert reply.headers["Content-Type"].startswith("text/calendar")
    calendar = vobject.readOne(reply.content.decode())
    return {one.uid.value: one for one in getattr(calendar, "vevent_list", [])}


def file(clinic: TestClinic, appointment_id: str) -> Any:
    """The calendar file of an appointment."""
    return vobject.readOne(clinic.receptionist.get(f"/appointments/{appointment_id}/ics").ok().content.decode())


def test_the_feed_has_the_times_of_the_visits_and_no_name(clinic: TestClinic, patient: str, booked: Reply) -> None:
    url = issue(clinic)

    found = visit(url).ok()

    uid = file(clinic, booked.body["id"]).vevent.uid.value
    event = events(found)[uid]
    assert event.dtstart.value.astimezone(UTC) == datetime.fromisoformat(booked.body["scheduled_at"])
    assert (event.summary.value, event.status.value) == ("Appointment", "CONFIRMED")
    for secret in ("Zoë", "Panic", patient, clinic.doctor.user_id):
        assert secret not in found.content.decode()
    assert found.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "Set-Cookie" not in found.headers
    state = clinic.doctor.get("/profile/calendar").ok().body
    assert (state["with_names"], set(state)) == (False, {"with_names", "issued_at"})
    token = url.rpartition("/")[2].removesuffix(".ics")
    assert token not in str(raw(clinic, f"calendars/{clinic.doctor.user_id}"))
    assert entries(clinic, "calendar.read")[-1]["origin"]["purpose"] == "calendar"
    assert not entries(clinic, "calendar.read")[-1]["patient_ids"]


def test_names_are_shown_to_whom_they_are_known_and_only_if_the_doctor_wants_it(
    clinic: TestClinic, patient: str, booked: Reply
) -> None:
    url = issue(clinic, with_names=True)
    uid = file(clinic, booked.body["id"]).vevent.uid.value
    assert events(visit(url).ok())[uid].summary.value == NAME
    assert patient in entries(clinic, "calendar.read")[-1]["patient_ids"]
    owner = raw(clinic, f"patients/{patient}")["owner_id"]

    alter(clinic, f"patients/{patient}", {"owner_id": clinic.other_doctor.user_id})
    try:
        assert events(visit(url).ok())[uid].summary.value == "Appointment"
    finally:
        alter(clinic, f"patients/{patient}", {"owner_id": owner})


def test_a_program_that_has_the_feed_gets_304_until_it_changes(clinic: TestClinic, booked: Reply) -> None:
    url = issue(clinic)
    first = visit(url).ok()

    same = visit(url, if_none_match=first.etag)
    act(clinic.receptionist, booked, "confirm").ok()
    changed = visit(url, if_none_match=first.etag).ok()

    assert (same.status, same.content, same.etag) == (304, b"", first.etag)
    assert changed.etag != first.etag
    assert first.headers["Last-Modified"]


def test_a_moved_visit_stays_one_event_and_a_cancelled_one_stays_for_a_while(clinic: TestClinic, booked: Reply) -> None:
    url, before = issue(clinic), file(clinic, booked.body["id"])
    move = {"scheduled_at": (a_time() + timedelta(days=2)).isoformat(), "outside_schedule": True}

    moved = act(clinic.receptionist, booked, "reschedule", move).ok(201)
    between = events(visit(url).ok())[before.vevent.uid.value]
    cancelled = act(clinic.receptionist, moved, "cancel").ok()
    after = events(visit(url).ok())[before.vevent.uid.value]

    assert between.dtstart.value.astimezone(UTC) == datetime.fromisoformat(moved.body["scheduled_at"])
    assert (between.status.value, after.status.value) == ("CONFIRMED", "CANCELLED")
    removal = file(clinic, cancelled.body["id"])
    assert (before.method.value, removal.method.value) == ("PUBLISH", "CANCEL")
    assert removal.vevent.uid.value == before.vevent.uid.value
    numbers = [int(one.sequence.value) for one in (before.vevent, between, after)]
    assert numbers == sorted(set(numbers))


def test_the_window_is_bounded(clinic: TestClinic, booked: Reply) -> None:
    url, uid = issue(clinic), file(clinic, booked.body["id"]).vevent.uid.value

    for days, shown in ((-29, True), (-31, False), (364, True), (366, False)):
        alter(clinic, f"appointments/{booked.body['id']}", {"scheduled_at": utc_now() + timedelta(days=days)})
        assert (uid in events(visit(url).ok())) == shown, days


def test_a_revoked_replaced_or_foreign_feed_is_404_at_once(clinic: TestClinic, other_clinic: TestClinic) -> None:
    old = issue(clinic)
    new = issue(clinic)
    visit(old).refused(404, "not-found")
    visit(new).ok()
    clinic.doctor.delete("/profile/calendar").ok(204)

    for url in (
        new,
        new.replace(f"/{clinic.id}/", f"/{other_clinic.id}/"),
        new.replace(f"/{clinic.id}/", "/nobody/"),
        new.removesuffix(".ics"),
        f"{new}.ics",
        new.rpartition("/")[0],
    ):
        visit(url).refused(404, "not-found")
    clinic.doctor.get("/profile/calendar").refused(404, "not-found")
    clinic.doctor.delete("/profile/calendar").refused(404, "not-found")
    assert visit(issue(clinic), "POST", {"a": "b"}).headers["Allow"] == "GET, HEAD"


def test_the_feed_of_a_doctor_who_left_ends(own_clinic: TestClinic) -> None:
    url = issue(own_clinic)
    visit(url).ok()

    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"disabled": True})

    visit(url).refused(404, "not-found")


def test_no_log_has_the_token(stack: Stack, clinic: TestClinic) -> None:
    url = issue(clinic)
    visit(url).ok()
    visit(url, "PUT")
    clinic.doctor.delete("/profile/calendar").ok(204)
    visit(url)

    logs = "\n".join(path.read_text() for path in stack.logs.rglob("*.log"))
    assert url.rpartition("/")[2].removesuffix(".ics") not in logs


def test_the_calls_of_a_feed(clinic: TestClinic, booked: Reply) -> None:
    """The feed and the settings, the doctor, one query, and the audit entry; no patient."""
    url = issue(clinic)
    visit(url).ok()
    assert booked.status == 201

    calls = calls_during(clinic, "links", lambda: visit(url).ok())

    kinds = [(service, method) for service, method, _ in calls]
    assert (calls[:2], calls[3:]) == ([reads(2), reads(1)], [commit(1)])
    assert kinds[2] == ("firestore", "RunQuery")
