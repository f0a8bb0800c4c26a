"""The Firebase account follows the user record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import urllib3

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.clinic.people import User
from shared.records.record import SYSTEM, Stamp
from shared.records.types import Role
from shared.store.clinic import Clinic, system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import account_sync
from tests.api.users.helpers import (
    FOLLOWER,
    accept_invitation,
    address,
    change,
    firebase_account,
    invite,
    stored_user,
)
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.password_sign_in import PASSWORD, sign_in, toolkit
from tests.support.seconds import next_second

pytestmark = pytest.mark.long


def test_account_follows_the_user_record(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic).ok(201)
    person = accept_invitation(own_clinic, invited)
    own_clinic.stack.wait_idle(60)
    before = firebase_account(person.user_id)
    assert (before.clinic_id, before.disabled) == (own_clinic.id, False)

    next_second()
    change(own_clinic, person, "disable").ok()
    own_clinic.stack.wait_idle(60)
    disabled_account = firebase_account(person.user_id)
    change(own_clinic, person, "enable").ok()
    own_clinic.stack.wait_idle(60)

    assert disabled_account.disabled
    assert disabled_account.valid_since > before.valid_since
    assert firebase_account(person.user_id) == replace(disabled_account, disabled=False)


def test_disabled_user_can_neither_sign_in_nor_refresh_a_token(own_clinic: TestClinic) -> None:
    person = accept_invitation(own_clinic, invite(own_clinic).ok(201))
    signed_in = toolkit(
        own_clinic.stack, "signInWithPassword", {"email": address(own_clinic), "password": PASSWORD}
    ).json()
    next_second()
    change(own_clinic, person, "disable").ok()
    own_clinic.stack.wait_idle(60)

    again = toolkit(own_clinic.stack, "signInWithPassword", {"email": address(own_clinic), "password": PASSWORD})

    assert again.json()["error"]["message"] == "USER_DISABLED"
    change(own_clinic, person, "enable").ok()
    own_clinic.stack.wait_idle(60)
    assert refreshed_token(own_clinic.stack, signed_in["refreshToken"])["error"]["message"] == "TOKEN_EXPIRED"
    sign_in(own_clinic.stack, address(own_clinic))


def test_manually_changed_account_is_corrected_by_any_delivery(own_clinic: TestClinic) -> None:
    user_id = invite(own_clinic).ok(201).body["id"]
    own_clinic.stack.wait_idle(60)
    correct = firebase_account(user_id)
    accounts.follow(user_id, "", disabled=True)

    account_sync.follow(system_clinic(own_clinic.id, "again"), user_id)

    assert firebase_account(user_id) == correct


def test_repeated_deliveries_in_any_order_leave_the_account_unchanged(own_clinic: TestClinic) -> None:
    person = ApiClient(own_clinic.stack.url, invite(own_clinic).ok(201).body["id"], own_clinic.id)
    own_clinic.stack.wait_idle(60)
    change(own_clinic, person, "disable").ok()
    own_clinic.stack.wait_idle(60)
    events = [d.event for d in own_clinic.stack.triggers.history if person.user_id in d.event.headers["ce-subject"]]
    before, record = firebase_account(person.user_id), stored_user(own_clinic, person.user_id)

    statuses = [own_clinic.stack.triggers.deliver(FOLLOWER, event) for event in [*reversed(events), *events]]

    assert len(events) == 3  # invited, mail sent, disabled
    assert {status // 100 for status in statuses} == {2}
    assert firebase_account(person.user_id) == before
    assert stored_user(own_clinic, person.user_id) == record


def test_follower_reads_again_and_applies_a_concurrent_change(own_clinic: TestClinic) -> None:
    person = ApiClient(own_clinic.stack.url, invite(own_clinic).ok(201).body["id"], own_clinic.id)
    own_clinic.stack.wait_idle(60)
    accounts.follow(person.user_id, "", disabled=False)

    class Overtaken(Clinic):
        """Disables the user right after the first read."""

        def perform(self, action: str, transaction: Any) -> Any:
            users_read.append(super().perform(action, transaction))
            if len(users_read) == 1:
                change(own_clinic, person, "disable").ok()
                own_clinic.stack.wait_idle(60)
            return users_read[-1]

    users_read: list[Any] = []
    account_sync.follow(Overtaken(system_clinic(own_clinic.id, "overtaken").context), person.user_id)

    assert [user.disabled for user in users_read] == [False, True, True]
    assert firebase_account(person.user_id).disabled


def test_account_of_another_clinic_is_not_changed(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    theirs = other_clinic.admin.post("/users", {"email": address(own_clinic), "roles": ["doctor"]}).ok(201).body["id"]
    other_clinic.stack.wait_idle(60)
    before = firebase_account(theirs)

    def transaction(work: UnitOfWork) -> None:
        work.prefetch()
        values = {
            "email": address(own_clinic),
            "roles": [Role.DOCTOR],
            "tokens_valid_after": work.now,
            "disabled": True,
        }
        work.create(User.new(theirs, Stamp(SYSTEM, work.now), **values))

    system_clinic(own_clinic.id, "planted").perform("user.invite", transaction)
    own_clinic.stack.wait_idle(60)

    assert firebase_account(theirs) == before


def test_follower_of_a_change_writes_no_record(own_clinic: TestClinic) -> None:
    person = own_clinic.doctor
    own_clinic.stack.wait_idle(60)
    mark, user_id = own_clinic.stack.recorder.mark(), person.user_id
    earlier = len(own_clinic.stack.triggers.history)
    change(own_clinic, person, "disable").ok()
    own_clinic.stack.wait_idle(60)

    calls = [
        call for call in own_clinic.stack.recorder.calls(mark) if call.caller == FOLLOWER and user_id in repr(call)
    ]
    events = [d for d in own_clinic.stack.triggers.history[earlier:] if user_id in d.event.headers["ce-subject"]]

    assert calls
    assert {call.method for call in calls} == {"BatchGetDocuments"}
    assert len(events) == 1


def test_crashed_follower_is_completed_by_a_redelivery(own_clinic: TestClinic) -> None:
    person = ApiClient(own_clinic.stack.url, invite(own_clinic).ok(201).body["id"], own_clinic.id)
    own_clinic.stack.wait_idle(60)
    crashes = [
        own_clinic.stack.recorder.plant(Fault("firestore", method, FOLLOWER, "kill", skip=skip))
        for method, skip in (("BatchGetDocuments", 0), ("Commit", 0), ("BatchGetDocuments", 1))
    ]

    change(own_clinic, person, "disable").ok()
    own_clinic.stack.wait_idle(90)

    assert all(crash.fired.is_set() for crash in crashes)
    assert firebase_account(person.user_id).disabled


def refreshed_token(stack: Stack, refresh_token: str) -> Any:
    """The response to the exchange of a refresh token for an ID token."""
    body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    url = f"{stack.url}/securetoken.googleapis.com/v1/token?key=any"
    return urllib3.request("POST", url, json=body, retries=False).json()
