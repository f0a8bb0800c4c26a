"""The reminder policy of a clinic, and what patients say about messages."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.clinic.settings import ClinicSettings
from shared.records.messages.kinds import Channel
from shared.store.clinic import system_clinic
from shared.workflows.messages import addresses
from shared.workflows.messages.visits import STOPPED
from tests.support.clinics import TestClinic, open_clinic
from tests.support.problems import pointers

PATH = "/clinic/reminders"


@pytest.fixture(scope="module")
def clinic(stack: Any) -> TestClinic:
    """A clinic whose policy changes."""
    return open_clinic(stack)


def settings(clinic: TestClinic) -> ClinicSettings:
    return system_clinic(clinic.id, "test").perform("test.read", lambda work: work.settings())


def test_an_admin_sets_what_the_clinic_sends_and_everybody_reads_it(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    clinic.receptionist.get(PATH).refused(404, "not-found")
    clinic.doctor.put(PATH, {}).refused(403, "forbidden")

    made = clinic.admin.put(PATH, {"reminders": [1_440, 90]}).ok()

    assert made.body["quiet_time"] == {"begins": "21:00", "ends": "08:00"}
    assert settings(clinic).reminder_minutes == 1_440
    assert clinic.doctor.get(PATH).ok().body == made.body == clinic.receptionist.get(PATH).ok().body
    other_clinic.admin.get(PATH).refused(404, "not-found")
    clinic.admin.put(PATH, {}).refused(428, "precondition-required")
    off = clinic.admin.put(PATH, {"enabled": False}, etag=made.etag).ok()
    clinic.admin.put(PATH, {}, etag=made.etag).refused(412, "stale")
    assert settings(clinic).reminder_minutes is None
    assert clinic.admin.put(PATH, {"enabled": False}, etag=off.etag).ok().etag == off.etag, "nothing changed"


def test_everything_that_is_wrong_is_named_and_nothing_is_kept(clinic: TestClinic) -> None:
    etag = clinic.admin.get(PATH).etag or ""
    text = {"notice": "reminder", "channel": "sms", "language": "hi", "body": "HIV clinic: bit.ly/x {visit_day}"}

    refused = clinic.admin.put(PATH, {"reminders": [60, 60], "own_texts": [text]}, etag=etag).refused(422, "invalid")

    assert set(pointers(refused)) == {"/reminders", "/own_texts/0/language", "/own_texts/0/body"}
    assert len(refused.body["errors"]) == 6
    far = clinic.admin.put(PATH, {"reminders": [20_161]}, etag=etag).refused(422, "invalid")
    assert list(pointers(far)) == ["/reminders/0"]
    assert clinic.admin.get(PATH).etag == etag


def test_a_patient_opts_out_and_in_again_and_who_recorded_it_stays(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    patient = clinic.silent_patient().body
    path = f"/patients/{patient['id']}/contact"
    clinic.receptionist.get(path).refused(404, "not-found")

    out = clinic.receptionist.put(path, {"sms": {"allowed": False, "said": "by_telephone"}}).ok()
    same = clinic.admin.put(path, {"sms": {"allowed": False, "said": "by_telephone"}}, etag=out.etag).ok()
    again = clinic.doctor.put(path, {"sms": {"allowed": True}, "mail": {"allowed": True}}, etag=out.etag).ok()

    said = out.body["sms"]
    assert (said["allowed"], said["said"], said["recorded_by"]) == (
        False,
        "by_telephone",
        clinic.receptionist.user_id,
    )
    assert (same.etag, same.body["sms"]) == (out.etag, said)
    assert (again.body["sms"]["allowed"], again.body["sms"]["recorded_by"]) == (True, clinic.doctor.user_id)
    clinic.doctor.put(path, {}, etag=out.etag).refused(412, "stale")
    clinic.other_doctor.get(path).refused(404, "not-found")
    other_clinic.admin.put(path, {}).refused(404, "not-found")
    versions = clinic.admin.get(f"/versions?changed_by={clinic.doctor.user_id}").ok().body["items"]
    assert [one["before"]["sms"]["allowed"] for one in versions if one["record_id"].endswith("-contact")] == [False]


def test_who_allows_text_messages_again_after_a_stop_is_written_to_again(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body
    system, phone = system_clinic(clinic.id, "test"), patient["primary_phone"]
    system.perform("test.note", lambda work: addresses.note(work, Channel.SMS, phone, STOPPED))

    clinic.receptionist.put(f"/patients/{patient['id']}/contact", {"sms": {"allowed": True}}).ok()

    assert not system.perform("test.read", lambda work: addresses.bounces(work, Channel.SMS, phone))
    system.perform("test.note", lambda work: addresses.note(work, Channel.SMS, phone, "twilio_21211"))
    clinic.receptionist.put(
        f"/patients/{patient['id']}/contact", {"sms": {"allowed": True, "said": "in_writing"}}, etag='"1"'
    ).ok()
    assert system.perform("test.read", lambda work: addresses.bounces(work, Channel.SMS, phone)), "no such number"
