"""Devices for push messages are registered, shown without their tokens, and removed."""

from __future__ import annotations

from shared.records.clinic.devices import MOST_DEVICES, Devices
from shared.store.clinic import system_clinic
from tests.api.users.helpers import invite
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.scenarios import plant_device, undo_sign_out
from tools import google_firestore

DEVICES = "/profile/devices"
TOKEN = "registration-token-0001"


def register(client: ApiClient, token: str = TOKEN, platform: str = "android") -> Reply:
    return client.post(DEVICES, {"token": token, "platform": platform}).ok(201)


def registered(client: ApiClient) -> list[str]:
    """The ids of the caller's devices."""
    return [device["id"] for device in client.get(DEVICES).ok().body["items"]]


def stored(clinic: TestClinic, user_id: str) -> str:
    return str(google_firestore.client().document(f"clinics/{clinic.id}/devices/{user_id}").get().to_dict())


def test_registered_device_is_listed_and_its_token_is_sealed_and_never_shown(own_clinic: TestClinic) -> None:
    created = register(own_clinic.doctor)
    listed = own_clinic.doctor.get(DEVICES).ok()

    assert set(created.body) == {"id", "platform", "registered_at"}
    assert listed.body == {"items": [created.body], "next_page_token": None}
    assert TOKEN not in stored(own_clinic, own_clinic.doctor.user_id)
    assert registered(own_clinic.receptionist) == []


def test_removed_device_is_gone_and_a_foreign_one_is_not_found(own_clinic: TestClinic) -> None:
    first, second = (str(register(own_clinic.doctor, f"{TOKEN}-{number}").body["id"]) for number in (1, 2))

    own_clinic.receptionist.delete(f"{DEVICES}/{first}").refused(404, "not-found")
    own_clinic.doctor.delete(f"{DEVICES}/{first}").ok(204)
    own_clinic.doctor.delete(f"{DEVICES}/{first}").refused(404, "not-found")

    assert registered(own_clinic.doctor) == [second]


def test_one_device_too_many_replaces_the_earliest_and_a_known_token_is_the_same_device(own_clinic: TestClinic) -> None:
    ids = [str(register(own_clinic.doctor, f"{TOKEN}-{number}").body["id"]) for number in range(MOST_DEVICES)]
    again = register(own_clinic.doctor, f"{TOKEN}-0").body["id"]
    latest = register(own_clinic.doctor, f"{TOKEN}-new").body["id"]

    assert again == ids[0]
    assert registered(own_clinic.doctor) == [latest, ids[0], *reversed(ids[2:])]


def test_invalid_device_is_refused_with_every_problem(own_clinic: TestClinic) -> None:
    refused = own_clinic.doctor.post(DEVICES, {"token": "no token", "platform": "fax"}).refused(422, "invalid")

    assert {error["pointer"] for error in refused.body["errors"]} == {"/token", "/platform"}


def test_sign_out_removes_the_devices_of_the_caller_alone(own_clinic: TestClinic) -> None:
    register(own_clinic.doctor)
    others = register(own_clinic.other_doctor).body["id"]

    own_clinic.doctor.post("/profile/sign-out", key="").ok(204)
    undo_sign_out(own_clinic, own_clinic.doctor.user_id)

    assert registered(own_clinic.doctor) == []
    assert registered(own_clinic.other_doctor) == [others]


def test_person_who_leaves_the_clinic_has_no_devices(own_clinic: TestClinic) -> None:
    person = invite(own_clinic).ok(201)
    user_id = str(person.body["id"])
    plant_device(own_clinic, user_id, "d1")
    own_clinic.stack.wait_idle(60)
    etag = own_clinic.admin.get(f"/users/{user_id}").etag
    own_clinic.admin.delete(f"/users/{user_id}", etag=etag).ok()

    left = system_clinic(own_clinic.id, "test").perform("device.read", lambda work: work.get(Devices.ref(user_id)))
    assert left.registered == []
