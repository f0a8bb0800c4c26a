"""The caller's own profile: written the first time, and then over what the caller saw."""

from __future__ import annotations

import base64

import pytest

from local.stack import Stack
from tests.integration.backstage import at_once, pointers, quiet_clinic, statuses
from tests.integration.conftest import PROFILE, TestClinic

NEW = {"first_name": "Ravi", "last_name": "Menon"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> TestClinic:
    """A clinic in which these tests change nothing."""
    return quiet_clinic(stack)


def test_a_profile_is_everybodys_own(clinic: TestClinic) -> None:
    for user in (clinic.other_doctor, clinic.receptionist, clinic.admin):
        user.get("/profile").refused(404, "not-found")
        user.put("/profile", {**NEW, "specialization": user.user_id}).ok()

    assert clinic.admin.get("/profile").ok().body["specialization"] == clinic.admin.user_id
    assert clinic.doctor.get("/profile").ok().body.items() >= PROFILE.items()


def test_a_first_profile_is_written_whole(clinic: TestClinic) -> None:
    profile = {
        **NEW,
        "email": "ravi@clinic.example",
        "phone": "+918041230000",
        "license_number": "KMC 1",
        "specialization": "Psychologist",
        "organization": "Banyan",
        "clinic_name": "Banyan South",
        "clinic_address": "1 Hosur Road\nBengaluru",
        "logo": PNG,
        "timezone": "Europe/Berlin",
        "language": "de-DE",
        "notifications": {"report_ready": False, "transcription_failed": True, "appointment_reminders": True},
    }

    written = clinic.other_doctor.put("/profile", profile).ok()

    assert written.body.items() >= profile.items()
    assert clinic.other_doctor.get("/profile").ok().body == written.body
    assert written.etag == '"1"'


@pytest.mark.parametrize(
    ("etag", "status", "problem"),
    [("", 428, "precondition-required"), ('"2"', 412, "stale"), ("what", 400, "bad-request")],
)
def test_a_profile_is_changed_only_over_the_revision_seen(
    quiet: TestClinic, etag: str, status: int, problem: str
) -> None:
    quiet.doctor.put("/profile", {**PROFILE, "first_name": "M"}, etag=etag).refused(status, problem)

    assert quiet.doctor.get("/profile").ok().body["first_name"] == PROFILE["first_name"]


def test_a_profile_is_replaced_over_the_revision_seen(clinic: TestClinic) -> None:
    replaced = clinic.doctor.put("/profile", NEW, etag='"1"').ok()

    assert replaced.etag == '"2"'
    assert replaced.body["license_number"] is None


def test_who_saw_a_profile_that_is_not_there_is_told(quiet: TestClinic) -> None:
    quiet.admin.put("/profile", NEW, etag='"1"').refused(412, "stale")

    quiet.admin.get("/profile").refused(404, "not-found")


def test_of_thirty_writers_with_one_etag_one_wins(clinic: TestClinic) -> None:
    replies = at_once(30, lambda n: clinic.doctor.put("/profile", {**PROFILE, "first_name": f"M{n}"}, etag='"1"'))

    assert statuses(replies) == {200: 1, 412: 29}
    winner = next(reply for reply in replies if reply.status == 200)
    assert clinic.doctor.get("/profile").ok().body == winner.body


def test_of_ten_first_writers_one_wins(clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: clinic.other_doctor.put("/profile", NEW))

    assert statuses(replies) == {200: 1, 428: 9}


def test_every_wrong_field_of_a_profile_is_named(quiet: TestClinic) -> None:
    wrong = {
        "first_name": "",
        "email": "nobody",
        "logo": base64.b64encode(b"GIF89a").decode(),
        "timezone": "Asia/Atlantis",
        "notifications": {"sms": True},
        "roles": ["admin"],
    }

    refused = quiet.doctor.put("/profile", wrong, etag='"1"').refused(422, "invalid")

    assert pointers(refused) == {
        "/first_name",
        "/last_name",
        "/email",
        "/logo",
        "/timezone",
        "/notifications/sms",
        "/roles",
    }
