"""Confirmed, cancelled, moved, kept or missed; and booked again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.scheduling.helpers import a_time, act, begun, book, minutes
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


@pytest.fixture
def booked(clinic: TestClinic, patient: str) -> Reply:
    return book(clinic, patient, a_time(), type="followup", reason_for_visit="Sleep", estimated_cost=5_000).ok(201)


def code_of(refused: Reply) -> Any:
    return refused.refused(409, "conflict").body["code"]


def test_confirming_names_who_and_when_and_twice_changes_nothing(clinic: TestClinic, booked: Reply) -> None:
    desk = clinic.receptionist

    confirmed = act(desk, booked, "confirm").ok()
    again = act(desk, confirmed, "confirm").ok()

    assert (confirmed.body["status"], confirmed.body["confirmed_by"]) == ("confirmed", desk.user_id)
    assert confirmed.body["confirmed_at"] is not None
    assert (again.body, again.etag) == (confirmed.body, confirmed.etag)
    act(desk, booked, "confirm").refused(412, "stale")
    desk.post(f"/appointments/{booked.body['id']}/confirm").refused(428, "precondition-required")


def test_cancelled_appointment_keeps_reason_author_and_time(clinic: TestClinic, booked: Reply) -> None:
    desk = clinic.receptionist

    cancelled = act(desk, booked, "cancel", {"reason": "Has to travel"}).ok()
    seen = desk.get(f"/appointments/{booked.body['id']}").ok().body

    assert seen == cancelled.body
    shown = {name: seen[name] for name in ("status", "cancelled_by", "cancellation_reason")}
    assert shown == {"status": "cancelled", "cancelled_by": desk.user_id, "cancellation_reason": "Has to travel"}
    for action, body in (("confirm", None), ("cancel", None), ("check-in", None), ("no-show", None)):
        assert code_of(act(desk, cancelled, action, body)) == "appointment_not_open"


def test_no_show_frees_the_time_and_a_late_patient_takes_it_again(clinic: TestClinic, booked: Reply) -> None:
    desk = clinic.receptionist
    assert code_of(act(desk, booked, "no-show")) == "appointment_not_begun"

    missed = act(desk, begun(clinic, booked), "no-show").ok()
    came = act(desk, missed, "check-in").ok()

    assert missed.body["status"] == "no_show"
    assert (came.body["status"], came.body["checked_in_by"]) == ("scheduled", desk.user_id)
    assert code_of(act(desk, came, "no-show")) == "appointment_checked_in"


def test_appointment_without_a_session_is_completed_once_it_has_begun(clinic: TestClinic, booked: Reply) -> None:
    desk = clinic.receptionist
    assert code_of(act(desk, booked, "complete")) == "appointment_not_begun"

    completed = act(desk, begun(clinic, booked), "complete").ok()

    assert (completed.body["status"], completed.body["session_id"]) == ("completed", None)
    assert completed.body["completed_at"] is not None


def test_patient_who_came_early_can_be_completed(clinic: TestClinic, booked: Reply) -> None:
    came = act(clinic.receptionist, booked, "check-in").ok()

    assert act(clinic.receptionist, came, "complete").ok().body["status"] == "completed"


def test_appointment_with_a_session_is_neither_moved_nor_cancelled(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    booked = book(own_clinic, patient, a_time()).ok(201)
    own_clinic.start({"patient_id": patient, "appointment_id": booked.body["id"]}).ok(201)
    begun = own_clinic.doctor.get(f"/appointments/{booked.body['id']}").ok()
    move = {"scheduled_at": a_time().isoformat(), "outside_schedule": True}

    for action, body in (("reschedule", move), ("cancel", None), ("complete", None), ("no-show", None)):
        assert code_of(act(own_clinic.receptionist, begun, action, body)) == "appointment_has_session"


def test_change_writes_what_is_named_and_the_desk_writes_nothing_clinical(clinic: TestClinic, booked: Reply) -> None:
    path, desk = f"/appointments/{booked.body['id']}", clinic.receptionist

    changed = desk.put(path, {"priority": "urgent", "location": "Room 2"}, etag=booked.etag).ok()
    clinical = desk.put(path, {"notes": "Anxious"}, etag=changed.etag).refused(403, "forbidden")
    cleared = clinic.doctor.put(path, {"notes": "Ask", "location": None}, etag=changed.etag).ok()
    wrong = {"status": "completed", "duration_minutes": None, "scheduled_at": "2027-01-01T10:00:00Z"}

    assert (changed.body["priority"], changed.body["location"]) == ("urgent", "Room 2")
    assert changed.body["reason_for_visit"] == booked.body["reason_for_visit"]
    assert pointers(clinical) == {"/notes"}
    assert (cleared.body["notes"], cleared.body["location"]) == ("Ask", None)
    refused = desk.put(path, wrong, etag=cleared.etag).refused(422, "invalid")
    assert pointers(refused) == {f"/{name}" for name in wrong}
    desk.put(path, {"priority": "low"}, etag=booked.etag).refused(412, "stale")


def test_move_takes_the_details_along_and_a_repetition_moves_once(clinic: TestClinic, booked: Reply) -> None:
    move = {"scheduled_at": a_time().isoformat(), "outside_schedule": True, "reason": "Has to travel"}

    moved, again = (act(clinic.receptionist, booked, "reschedule", move, key="move-of-0905") for _ in range(2))

    assert again.ok(201).body == moved.ok(201).body
    for name in ("patient_id", "doctor_id", "type", "reason_for_visit", "estimated_cost", "duration_minutes"):
        assert moved.body[name] == booked.body[name]
    before = clinic.receptionist.get(f"/appointments/{booked.body['id']}").ok().body
    assert before["reschedule_reason"] == "Has to travel"


def test_same_again_books_another_visit_like_it(clinic: TestClinic, booked: Reply) -> None:
    path, desk = f"/appointments/{booked.body['id']}/book-again", clinic.receptionist
    at = a_time()

    again = desk.post(path, {"scheduled_at": at.isoformat(), "outside_schedule": True}).ok(201).body
    refused = desk.post(path, {"scheduled_at": (at + minutes(15)).isoformat(), "outside_schedule": True})

    for name in ("patient_id", "doctor_id", "type", "reason_for_visit", "estimated_cost", "duration_minutes"):
        assert again[name] == booked.body[name]
    assert (again["status"], again["rescheduled_from"]) == ("scheduled", None)
    refused.refused(409, "slot-taken")
    assert desk.get(f"/appointments/{booked.body['id']}").ok().body["status"] == "scheduled"


def test_strangers_and_other_clinics_find_no_appointment(clinic: TestClinic, booked: Reply) -> None:
    for action in ("confirm", "cancel", "check-in", "no-show", "complete"):
        act(clinic.other_doctor, booked, action).refused(404, "not-found")


def test_wall_clock_is_answered_and_a_time_that_clocks_skip_is_refused(clinic: TestClinic, patient: str) -> None:
    desk, when = clinic.receptionist, {"time_zone": "America/New_York", "outside_schedule": True}
    new = {"patient_id": patient, "doctor_id": clinic.doctor.user_id, "duration_minutes": 30, **when}

    skipped = desk.post("/appointments", {**new, "local_time": "2027-03-14T02:30"}).refused(422, "invalid")
    twice = desk.post("/appointments", {**new, "local_time": "2027-11-07T01:30"}).refused(422, "invalid")
    later = desk.post("/appointments", {**new, "local_time": "2027-11-07T01:30", "occurrence": "later"}).ok(201).body

    assert (pointers(skipped), pointers(twice)) == ({"/local_time"}, {"/local_time"})
    assert "2027-03-14T01:30:00 and 2027-03-14T03:30:00" in skipped.body["errors"][0]["detail"]
    assert "2027-11-07T05:30:00Z or 2027-11-07T06:30:00Z" in twice.body["errors"][0]["detail"]
    assert (later["scheduled_at"], later["local_time"]) == ("2027-11-07T06:30:00Z", "2027-11-07T01:30:00")
