"""The policy of payment reminders: who sets it, what is refused, and what is kept of its changes."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.clinic.settings import ClinicSettings
from shared.store.clinic import system_clinic
from tests.support.clinics import TestClinic, open_clinic
from tests.support.problems import pointers

PATH = "/clinic/payment-reminders"


@pytest.fixture(scope="module")
def clinic(stack: Any) -> TestClinic:
    """A clinic whose policy changes."""
    return open_clinic(stack)


def settings(clinic: TestClinic) -> ClinicSettings:
    return system_clinic(clinic.id, "test").perform("test.read", lambda work: work.settings())


def test_an_admin_sets_when_patients_are_reminded_and_everybody_reads_it(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    clinic.receptionist.get(PATH).refused(404, "not-found")
    for client in (clinic.doctor, clinic.receptionist):
        client.put(PATH, {"enabled": True}).refused(403, "forbidden")

    made = clinic.admin.put(PATH, {"enabled": True}).ok()

    assert (made.body["days_after_due"], made.body["channels"]) == ([3, 10, 30], ["mail", "sms"])
    assert made.body["quiet_time"] == {"begins": "21:00", "ends": "08:00"}
    assert clinic.doctor.get(PATH).ok().body == made.body == clinic.receptionist.get(PATH).ok().body
    assert settings(clinic).payment_reminder_days == 3
    other_clinic.admin.get(PATH).refused(404, "not-found")
    assert settings(other_clinic).payment_reminder_days is None


def test_each_change_needs_the_latest_etag_and_is_kept_for_admins(clinic: TestClinic) -> None:
    before = clinic.admin.get(PATH).ok()
    clinic.admin.put(PATH, {"enabled": True}).refused(428, "precondition-required")

    changed = clinic.admin.put(PATH, {"enabled": False, "days_after_due": [7]}, etag=before.etag).ok()
    clinic.admin.put(PATH, {"enabled": True}, etag=before.etag).refused(412, "stale")
    same = clinic.admin.put(PATH, {"enabled": False, "days_after_due": [7]}, etag=changed.etag).ok()

    assert same.etag == changed.etag, "nothing changed"
    assert settings(clinic).payment_reminder_days is None
    (version,) = clinic.admin.get("/clinic/versions").ok().body["items"]
    assert (version["policy"], version["revision"]) == ("payment_reminders", changed.body["revision"])
    assert version["created_by"] == clinic.admin.user_id
    assert version["before"] == {"enabled": True, "days_after_due": [3, 10, 30]}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"/enabled"}),
        ({"enabled": True, "days_after_due": []}, {"/days_after_due"}),
        ({"enabled": True, "days_after_due": [0, 366]}, {"/days_after_due/0", "/days_after_due/1"}),
        ({"enabled": True, "days_after_due": [*range(3, 24, 3)]}, {"/days_after_due"}),
        ({"enabled": True, "days_after_due": [10, 3], "channels": ["sms", "sms"]}, {"/days_after_due", "/channels"}),
        ({"enabled": True, "channels": ["fax"]}, {"/channels/0"}),
        ({"enabled": True, "quiet_time": {"begins": "08:00", "ends": "07:00"}}, {"/quiet_time"}),
    ],
)
def test_everything_that_is_wrong_is_named_and_nothing_is_kept(
    clinic: TestClinic, body: dict[str, Any], wrong: set[str]
) -> None:
    before = clinic.admin.get(PATH).ok()

    refused = clinic.admin.put(PATH, body, etag=before.etag).refused(422, "invalid")

    assert set(pointers(refused)) == wrong
    assert clinic.admin.get(PATH).etag == before.etag
