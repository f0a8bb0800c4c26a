"""Doctor, patient and room have one appointment at a time, whatever the race; a refusal offers free times."""

from __future__ import annotations

import pytest

from tests.api.scheduling.helpers import a_time, act, book, minutes, offered, taken_by, visit
from tests.support.client import Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import pointers
from tests.support.visits import set_sealed


@pytest.fixture(scope="module")
def patients(clinic: TestClinic) -> tuple[str, str]:
    """Two patients of the doctor; the first is shared with the other doctor."""
    first, second = clinic.patient(), clinic.patient()
    path = f"/patients/{first.body['id']}/doctors/{clinic.other_doctor.user_id}"
    clinic.doctor.put(path, None, etag=first.etag).ok()
    return first.body["id"], second.body["id"]


@pytest.mark.parametrize("whose", ["doctor", "patient"])
def test_nobody_is_booked_twice_at_one_time(clinic: TestClinic, patients: tuple[str, str], whose: str) -> None:
    first, second, at = *patients, a_time()
    booked = book(clinic, first, at).ok(201).body["id"]
    others = {"doctor": (second, clinic.doctor.user_id), "patient": (first, clinic.other_doctor.user_id)}
    patient, doctor = others[whose]

    inside = book(clinic, patient, at + minutes(15), duration_minutes=15, doctor_id=doctor)

    assert taken_by(inside) == [(whose, booked)]
    assert len(offered(inside)) == 3
    assert inside.body["free_slots"][0].keys() == {"scheduled_at", "local_time"}
    for touching in (at + minutes(30), at - minutes(30)):
        book(clinic, patient, touching, doctor_id=doctor).ok(201)


def test_every_free_time_that_a_refusal_offers_can_be_booked(clinic: TestClinic, patients: tuple[str, str]) -> None:
    first, second, at = *patients, a_time()
    book(clinic, first, at).ok(201)

    for start in offered(book(clinic, second, at)):
        booked = clinic.receptionist.post("/appointments", visit(clinic, second, start, outside_schedule=False)).ok(201)
        act(clinic.receptionist, booked, "cancel").ok()


def test_appointment_over_midnight_excludes_one_of_the_next_day(own_clinic: TestClinic) -> None:
    first, second = (str(own_clinic.patient().body["id"]) for _ in range(2))
    midnight = a_time().replace(hour=0)
    book(own_clinic, first, midnight - minutes(15)).ok(201)

    book(own_clinic, second, midnight + minutes(5)).refused(409, "slot-taken")
    book(own_clinic, second, midnight + minutes(15)).ok(201)


@pytest.mark.parametrize("how", ["cancelled", "moved"])
def test_time_that_is_given_back_can_be_booked(clinic: TestClinic, patients: tuple[str, str], how: str) -> None:
    at, desk = a_time(), clinic.receptionist
    booked = book(clinic, patients[0], at).ok(201)
    if how == "cancelled":
        act(desk, booked, "cancel").ok()
    else:
        move = {"scheduled_at": a_time().isoformat(), "outside_schedule": True}
        act(desk, booked, "reschedule", move, key="").refused(400, "bad-request")
        act(desk, booked, "reschedule", move).ok(201)

    book(clinic, patients[1], at + minutes(15)).ok(201)


def test_moving_over_its_own_time_is_no_conflict_and_a_refused_move_changes_nothing(
    clinic: TestClinic, patients: tuple[str, str]
) -> None:
    at, desk = a_time(), clinic.receptionist
    booked = book(clinic, patients[0], at).ok(201)
    other = book(clinic, patients[1], at + minutes(60)).ok(201).body["id"]

    refused = act(
        desk, booked, "reschedule", {"scheduled_at": (at + minutes(45)).isoformat(), "outside_schedule": True}
    )
    unchanged = desk.get(f"/appointments/{booked.body['id']}").ok().body
    moved = act(
        desk, booked, "reschedule", {"scheduled_at": (at + minutes(15)).isoformat(), "outside_schedule": True}
    ).ok(201)

    assert taken_by(refused) == [("doctor", other)]
    assert unchanged == booked.body
    before = desk.get(f"/appointments/{booked.body['id']}").ok().body
    assert (before["status"], before["rescheduled_to"]) == ("rescheduled", moved.body["id"])
    assert (moved.body["status"], moved.body["rescheduled_from"]) == ("scheduled", booked.body["id"])
    assert moved.body["scheduled_at"] != booked.body["scheduled_at"]


def test_longer_appointment_needs_the_time_after_it(clinic: TestClinic, patients: tuple[str, str]) -> None:
    at, desk = a_time(), clinic.receptionist
    booked = book(clinic, patients[0], at).ok(201)
    book(clinic, patients[1], at + minutes(45)).ok(201)
    path = f"/appointments/{booked.body['id']}"

    desk.put(path, {"duration_minutes": 60}, etag=booked.etag).refused(409, "slot-taken")
    longer = desk.put(path, {"duration_minutes": 45}, etag=booked.etag).ok()

    assert longer.body["duration_minutes"] == 45
    book(clinic, patients[1], at + minutes(35)).refused(409, "slot-taken")


def test_only_an_admin_books_beside_another_appointment(clinic: TestClinic, patients: tuple[str, str]) -> None:
    at, why = a_time(), "Emergency"
    book(clinic, patients[0], at).ok(201)

    book(clinic, patients[1], at, override_reason=why).refused(403, "forbidden")
    beside = book(clinic, patients[1], at, clinic.admin, override_reason=why).ok(201).body
    alone = book(clinic, patients[1], a_time(), clinic.admin, override_reason=why).ok(201).body

    assert (beside["override_reason"], beside["overridden_by"]) == (why, clinic.admin.user_id)
    assert (alone["override_reason"], alone["overridden_by"]) == (None, None)


def test_rooms_take_one_appointment_at_a_time(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, rooms=[{"id": "blue", "name": "Blue room"}])
    first = own_clinic.patient().body["id"]
    other = own_clinic.other_doctor.post("/patients", NAMESAKE).ok(201).body["id"]
    at = a_time()
    booked = book(own_clinic, first, at, room_id="blue").ok(201).body["id"]

    same_room = book(own_clinic, other, at, doctor_id=own_clinic.other_doctor.user_id, room_id="blue")
    unknown = book(own_clinic, first, a_time(), room_id="green").refused(422, "invalid")

    assert taken_by(same_room) == [("room", booked)]
    assert pointers(unknown) == {"/room_id"}
    book(own_clinic, other, at, doctor_id=own_clinic.other_doctor.user_id).ok(201)


def test_a_stranger_doctor_does_not_learn_whose_appointment_is_in_the_way(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, rooms=[{"id": "blue", "name": "Blue room"}])
    at = a_time()
    book(own_clinic, own_clinic.patient().body["id"], at, room_id="blue").ok(201)
    other = own_clinic.other_doctor
    own = other.post("/patients", NAMESAKE).ok(201).body["id"]

    refused = book(own_clinic, own, at, other, doctor_id=other.user_id, room_id="blue")

    assert taken_by(refused) == [("room", None)]


# Races

RACERS = 8


def one_wins(replies: list[Reply]) -> None:
    assert statuses(replies) == {201: 1, 409: len(replies) - 1}
    for reply in replies:
        if reply.status == 409:
            assert reply.refused(409, "slot-taken").body["free_slots"]


def test_one_of_eight_bookings_of_a_doctor_wins(clinic: TestClinic, patients: tuple[str, str]) -> None:
    at = a_time()

    one_wins(at_once(RACERS, lambda number: book(clinic, patients[number % 2], at + minutes(number))))


def test_one_of_eight_bookings_of_a_patient_wins(clinic: TestClinic, patients: tuple[str, str]) -> None:
    at, doctors = a_time(), (clinic.doctor.user_id, clinic.other_doctor.user_id)

    one_wins(at_once(RACERS, lambda number: book(clinic, patients[0], at, doctor_id=doctors[number % 2])))


def test_booking_and_moving_to_one_time_exclude_each_other(clinic: TestClinic, patients: tuple[str, str]) -> None:
    at, desk = a_time(), clinic.receptionist
    moving = [book(clinic, patients[0], a_time()).ok(201) for _ in range(RACERS // 2)]
    move = {"scheduled_at": at.isoformat(), "outside_schedule": True}

    def race(number: int) -> Reply:
        if number < len(moving):
            return act(desk, moving[number], "reschedule", move)
        return book(clinic, patients[1], at)

    one_wins(at_once(RACERS, race))
