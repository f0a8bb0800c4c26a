"""Coming appointments when their doctor loses the patient or leaves: none stays with somebody who may not see it."""

from __future__ import annotations

import pytest

from tests.api.scheduling.helpers import a_time, act, begun, book
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.problems import pointers


def seen(clinic: TestClinic, booked: Reply) -> Reply:
    return clinic.receptionist.get(f"/appointments/{booked.body['id']}").ok()


def waiting(clinic: TestClinic) -> list[str]:
    """The ids of the appointments that wait for a doctor."""
    return [one["id"] for one in clinic.receptionist.get("/appointments?unassigned=true").ok().body["items"]]


def shared_with_other(clinic: TestClinic) -> Reply:
    """A patient of the doctor, shared with the other doctor."""
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}/doctors/{clinic.other_doctor.user_id}"
    return clinic.doctor.put(path, None, etag=patient.etag).ok()


def test_withdrawn_doctor_keeps_no_appointment(own_clinic: TestClinic) -> None:
    patient, at, other = shared_with_other(own_clinic), a_time(), own_clinic.other_doctor
    booked = book(own_clinic, patient.body["id"], at, doctor_id=other.user_id).ok(201)
    path = f"/patients/{patient.body['id']}/doctors/{other.user_id}"

    own_clinic.doctor.delete(path, etag=own_clinic.doctor.get(f"/patients/{patient.body['id']}").etag).ok()

    left = seen(own_clinic, booked).body
    assert (left["status"], left["doctor_id"], left["unassigned_from"]) == ("scheduled", None, other.user_id)
    assert left["doctor"] is None
    assert waiting(own_clinic) == [booked.body["id"]]
    own_clinic.doctor.get("/appointments?unassigned=true").refused(403, "forbidden")
    # The doctor's time is free, the patient's is not.
    stranger = own_clinic.other_doctor.post("/patients", {"first_name": "Asha", "date_of_birth": "1990-01-01"}).ok(201)
    book(own_clinic, stranger.body["id"], at, doctor_id=other.user_id).ok(201)
    book(own_clinic, patient.body["id"], at).refused(409, "slot-taken")


def test_desk_assigns_another_doctor_who_is_free(own_clinic: TestClinic) -> None:
    patient, at, other = shared_with_other(own_clinic), a_time(), own_clinic.other_doctor
    booked = book(own_clinic, patient.body["id"], at, doctor_id=other.user_id).ok(201)
    path = f"/patients/{patient.body['id']}/doctors/{other.user_id}"
    own_clinic.doctor.delete(path, etag=own_clinic.doctor.get(f"/patients/{patient.body['id']}").etag).ok()
    in_the_way = book(own_clinic, own_clinic.patient().body["id"], at).ok(201)
    left, desk = seen(own_clinic, booked), own_clinic.receptionist
    path, assigned = f"/appointments/{booked.body['id']}", {"doctor_id": own_clinic.doctor.user_id}

    no_longer = desk.put(path, {"doctor_id": other.user_id}, etag=left.etag).refused(422, "invalid")
    desk.put(path, assigned, etag=left.etag).refused(409, "slot-taken")
    act(desk, in_the_way, "cancel").ok()
    done = desk.put(path, assigned, etag=left.etag).ok().body

    assert pointers(no_longer) == {"/doctor_id"}
    assert (done["doctor_id"], done["scheduled_at"]) == (own_clinic.doctor.user_id, booked.body["scheduled_at"])
    assert waiting(own_clinic) == []


@pytest.mark.parametrize("successor_is_free", [True, False])
def test_transferred_patient_takes_the_appointments_along_if_the_new_doctor_is_free(
    own_clinic: TestClinic, successor_is_free: bool
) -> None:
    patient, at, other = own_clinic.patient(), a_time(), own_clinic.other_doctor
    booked = book(own_clinic, patient.body["id"], at).ok(201)
    if not successor_is_free:
        theirs = other.post("/patients", {"first_name": "Asha", "date_of_birth": "1990-01-01"}).ok(201)
        book(own_clinic, theirs.body["id"], at, doctor_id=other.user_id).ok(201)

    own_clinic.admin.put(f"/patients/{patient.body['id']}/owner", {"owner_id": other.user_id}, etag=patient.etag).ok()

    expected = other.user_id if successor_is_free else None
    assert seen(own_clinic, booked).body["doctor_id"] == expected
    assert waiting(own_clinic) == ([] if successor_is_free else [booked.body["id"]])


@pytest.mark.parametrize("how", ["disable", "roles", "remove"])
def test_doctor_who_leaves_keeps_no_appointment(own_clinic: TestClinic, how: str) -> None:
    booked = [book(own_clinic, own_clinic.patient().body["id"], a_time()).ok(201) for _ in range(2)]
    cancelled = book(own_clinic, own_clinic.patient().body["id"], a_time()).ok(201)
    act(own_clinic.receptionist, cancelled, "cancel").ok()
    path, admin = f"/users/{own_clinic.doctor.user_id}", own_clinic.admin
    etag = admin.get(path).etag

    if how == "disable":
        told = admin.post(f"{path}/disable", None, key="", etag=etag).ok()
    elif how == "roles":
        told = admin.put(f"{path}/roles", {"roles": ["receptionist"]}, etag=etag).ok()
    else:
        told = admin.delete(path, etag=etag).ok()
    own_clinic.stack.wait_idle(60)

    assert told.body["coming_appointments"] == len(booked)
    assert waiting(own_clinic) == [one.body["id"] for one in booked]
    assert seen(own_clinic, cancelled).body["doctor_id"] == own_clinic.doctor.user_id


def withdraw(clinic: TestClinic, patient: str) -> Reply:
    """The other doctor may not see the patient any more."""
    path = f"/patients/{patient}"
    return clinic.doctor.delete(f"{path}/doctors/{clinic.other_doctor.user_id}", etag=clinic.doctor.get(path).etag)


def test_visit_that_is_late_or_missed_stays_with_no_doctor_who_lost_the_patient(own_clinic: TestClinic) -> None:
    patient, other, desk = shared_with_other(own_clinic), own_clinic.other_doctor.user_id, own_clinic.receptionist
    late, missed = (book(own_clinic, patient.body["id"], a_time(), doctor_id=other).ok(201) for _ in range(2))
    begun(own_clinic, late)
    missed = act(desk, begun(own_clinic, missed, minutes_ago=60), "no-show").ok()

    withdraw(own_clinic, patient.body["id"]).ok()
    came = act(desk, missed, "check-in").ok().body

    assert [(one["doctor_id"], one["unassigned_from"]) for one in (seen(own_clinic, late).body, came)] == [
        (None, other),
        (None, other),
    ]


def test_doctor_is_not_assigned_while_the_patient_is_withdrawn(own_clinic: TestClinic) -> None:
    patient = shared_with_other(own_clinic)
    booked = book(own_clinic, patient.body["id"], a_time()).ok(201)
    to_other = {"doctor_id": own_clinic.other_doctor.user_id}

    def race(number: int) -> Reply:
        if number:
            return withdraw(own_clinic, patient.body["id"])
        return own_clinic.receptionist.put(f"/appointments/{booked.body['id']}", to_other, etag=booked.etag)

    assigned, withdrawn = at_once(2, race)

    assert withdrawn.status == 200
    assert assigned.status in (200, 422)
    assert seen(own_clinic, booked).body["doctor_id"] != own_clinic.other_doctor.user_id


def test_deletion_cancels_the_coming_appointments_if_it_is_meant_to(own_clinic: TestClinic) -> None:
    patient, at, admin = own_clinic.silent_patient(), a_time(), own_clinic.admin
    booked = book(own_clinic, patient.body["id"], at).ok(201)
    path = f"/patients/{patient.body['id']}"

    blocked = admin.delete(path, etag=patient.etag).refused(409, "blocked")
    admin.delete(f"{path}?cancel_pending={booked.body['id']}", etag=patient.etag).ok(204)

    assert [one["id"] for one in blocked.body["blocked_by"]] == [booked.body["id"]]
    book(own_clinic, own_clinic.silent_patient().body["id"], at).ok(201)
    [deleted] = admin.get("/patients?deleted=true").ok().body["items"]
    admin.post(f"{path}/restore", {"allow_duplicate": True}, key="", etag=f'"{deleted["revision"]}"').ok()
    restored = seen(own_clinic, booked).body
    assert (restored["status"], restored["cancelled_by"]) == ("cancelled", admin.user_id)
    assert restored["cancelled_at"] is not None
