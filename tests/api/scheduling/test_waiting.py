"""The waiting list, and the offers of times that became free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.records.types import new_id
from shared.store.clinic import system_clinic
from shared.store.context import utc_now
from shared.workflows.scheduling import waiting
from tests.api.scheduling.helpers import a_time, act, book
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import pointers


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


def wait(clinic: TestClinic, patient: str, **values: Any) -> Reply:
    until = str((utc_now() + timedelta(days=700)).date())
    return clinic.receptionist.post("/appointments/waiting", {"patient_id": patient, "until": until, **values}).ok(201)


def offer(clinic: TestClinic, entry: Reply, at: datetime, **values: Any) -> Reply:
    body = {"doctor_id": clinic.doctor.user_id, "scheduled_at": at.isoformat(), "outside_schedule": True, **values}
    return clinic.receptionist.post(f"/appointments/waiting/{entry.body['id']}/offer", body, etag=entry.etag)


def decide(clinic: TestClinic, entry: Reply, how: str) -> Reply:
    return clinic.receptionist.post(f"/appointments/waiting/{entry.body['id']}/{how}", None, etag=entry.etag, key="")


def freed(clinic: TestClinic, at: datetime) -> str:
    """The id of an appointment whose time became free."""
    booked = book(clinic, clinic.patient().body["id"], at).ok(201)
    return str(act(clinic.receptionist, booked, "cancel", key="").ok().body["id"])


def candidates(clinic: TestClinic, freed_id: str) -> list[str]:
    found = clinic.receptionist.get(f"/appointments/{freed_id}/candidates").ok().body["items"]
    return [one["id"] for one in found]


def test_time_that_became_free_is_offered_and_accepted(own_clinic: TestClinic) -> None:
    at, desk = a_time(), own_clinic.receptionist
    patients = [str(own_clinic.patient().body["id"]) for _ in range(2)]
    first, urgent = wait(own_clinic, patients[0]), wait(own_clinic, patients[1], priority="urgent")
    wait(own_clinic, patients[0], duration_minutes=60)
    wait(own_clinic, patients[0], doctor_ids=[own_clinic.other_doctor.user_id])

    free = freed(own_clinic, at)
    assert candidates(own_clinic, free) == [urgent.body["id"], first.body["id"]]
    offered = offer(own_clinic, urgent, at).ok()
    pending = desk.get(f"/appointments/{offered.body['appointment_id']}").ok()

    assert candidates(own_clinic, free) == [first.body["id"]]
    assert (pending.body["status"], pending.body["offer"]["waiting_id"]) == ("scheduled", urgent.body["id"])
    book(own_clinic, patients[0], at).refused(409, "slot-taken")
    assert act(desk, pending, "confirm", key="").refused(409, "conflict").body["code"] == "appointment_offered"
    act(desk, pending, "cancel", key="").refused(409, "conflict")
    accepted = decide(own_clinic, offered, "accept").ok().body
    assert (accepted["status"], accepted["appointment_id"]) == ("booked", pending.body["id"])
    act(desk, desk.get(f"/appointments/{pending.body['id']}").ok(), "confirm", key="").ok()


def test_declined_time_is_free_and_not_offered_to_the_patient_again(clinic: TestClinic, patient: str) -> None:
    at, entry = a_time(), wait(clinic, patient)
    freed_id = freed(clinic, at)
    offered = offer(clinic, entry, at).ok()

    declined = decide(clinic, offered, "decline").ok()

    assert (declined.body["status"], declined.body["appointment_id"]) == ("waiting", None)
    assert entry.body["id"] not in candidates(clinic, freed_id)
    assert entry.body["id"] in candidates(clinic, freed(clinic, at + timedelta(hours=1)))
    book(clinic, patient, at).ok(201)
    decide(clinic, declined, "decline").refused(409, "conflict")


def test_expired_offer_frees_its_time_once_and_cannot_be_accepted(clinic: TestClinic, patient: str) -> None:
    at, entry = a_time(), wait(clinic, patient)
    offered = offer(clinic, entry, at, expires_in_minutes=10).ok()
    later = system_clinic(clinic.id, "test", lambda: utc_now() + timedelta(minutes=11))
    now = system_clinic(clinic.id, "test")

    assert waiting.expire(now, entry.body["id"]) is None
    book(clinic, patient, at).refused(409, "slot-taken")
    assert [waiting.expire(later, entry.body["id"]) for _ in range(2)] == ["expired", None]

    decide(clinic, offered, "accept").refused(412, "stale")
    again = clinic.receptionist.get(f"/appointments/waiting/{entry.body['id']}").ok()
    assert decide(clinic, again, "accept").refused(409, "conflict").body["code"] == "waiting_state"
    gone = clinic.receptionist.get(f"/appointments/{offered.body['appointment_id']}").ok().body
    assert (gone["status"], gone["offer"]["waiting_id"]) == ("cancelled", entry.body["id"])
    book(clinic, patient, at).ok(201)


def test_removed_entry_withdraws_its_offer(clinic: TestClinic, patient: str) -> None:
    at, entry = a_time(), wait(clinic, patient)
    offered = offer(clinic, entry, at).ok()
    path = f"/appointments/waiting/{entry.body['id']}"

    clinic.receptionist.delete(path, etag=entry.etag).refused(412, "stale")
    clinic.receptionist.delete(path, etag=offered.etag).ok(204)

    clinic.receptionist.get(path).refused(404, "not-found")
    book(clinic, patient, at).ok(201)


def test_what_cannot_be_is_refused(clinic: TestClinic, patient: str) -> None:
    desk, other = clinic.receptionist, clinic.other_doctor
    wrong = {"patient_id": patient, "doctor_ids": [desk.user_id], "until": "2020-01-01"}
    entry = wait(clinic, patient, doctor_ids=[other.user_id])
    taken = a_time()
    book(clinic, patient, taken).ok(201)

    assert pointers(desk.post("/appointments/waiting", wrong).refused(422, "invalid")) == {"/doctor_ids/0", "/until"}
    upside_down = {"patient_id": patient, "times": [{"opens": "12:00", "closes": "09:00"}]}
    desk.post("/appointments/waiting", upside_down).refused(422, "invalid")
    desk.post("/appointments/waiting", {"patient_id": new_id()}).refused(404, "not-found")
    assert pointers(offer(clinic, entry, a_time()).refused(422, "invalid")) == {"/doctor_id"}
    offer(clinic, wait(clinic, patient), taken).refused(409, "slot-taken")
    other.get(f"/appointments/waiting/{entry.body['id']}").refused(404, "not-found")
    assert entry.body["id"] not in [one["id"] for one in other.get("/appointments/waiting").ok().body["items"]]
    assert entry.body["id"] in [one["id"] for one in desk.get("/appointments/waiting").ok().body["items"]]


def test_one_of_several_offers_of_a_time_wins(clinic: TestClinic, patient: str) -> None:
    at, entries = a_time(), [wait(clinic, patient) for _ in range(4)]

    assert statuses(at_once(4, lambda number: offer(clinic, entries[number], at))) == {200: 1, 409: 3}


def test_sweep_ends_expired_offers() -> None:
    from shared.workflows import sweep

    [watch] = [one for one in sweep.WATCHES if one.kind == "offer"]
    assert (watch.recover, watch.waiting) == (waiting.expire, {"offered"})
