"""Changes of roles and access: their effect, who may make them, ETags and audit entries."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from shared.records.clinic.people import User
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.api.users.helpers import (
    address,
    change,
    initial_staff,
    invite,
    read_user,
)
from tests.support.audit import audit_of, new_trace, verify
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses

pytestmark = pytest.mark.long


def test_role_change_takes_effect_with_the_next_request(clinic: TestClinic) -> None:
    session = f"/sessions/{clinic.session().body['id']}"
    clinic.doctor.get(session).ok()

    desk = change(clinic, clinic.doctor, "roles", "receptionist").ok()

    clinic.doctor.get(session).refused(403, "forbidden")
    assert (desk.body["roles"], desk.etag) == (["receptionist"], '"2"')
    change(clinic, clinic.doctor, "roles", "doctor").ok()
    clinic.doctor.get(session).ok()


def test_disabled_user_is_refused_at_once_and_needs_a_new_token_when_enabled(clinic: TestClinic) -> None:
    old = clinic.doctor
    old.get("/profile").ok()

    disabled = change(clinic, old, "disable").ok()
    old.get("/profile").refused(401, "unauthenticated")
    enabled = change(clinic, old, "enable").ok()

    old.get("/profile").refused(401, "unauthenticated")
    assert (disabled.body["disabled"], enabled.body["disabled"], enabled.etag) == (True, False, '"3"')
    time.sleep(1)  # the "iat" claim has a resolution of one second
    ApiClient(clinic.stack.url, old.user_id, clinic.id).get("/profile").ok()


def test_a_user_who_is_enabled_signs_in_within_the_same_second(clinic: TestClinic) -> None:
    def disable(work: UnitOfWork) -> None:
        """Without a revocation: the tokens of a whole second are refused after one."""
        work.save(work.get(User.ref(clinic.doctor.user_id)).revised(work.stamp, disabled=True))

    system_clinic(clinic.id, "planted").perform("user.disable", disable)
    clinic.stack.wait_idle(60)
    clinic.doctor.get("/me").refused(401, "unauthenticated")

    change(clinic, clinic.doctor, "enable").ok()
    clinic.stack.wait_idle(60)

    ApiClient(clinic.stack.url, clinic.doctor.user_id, clinic.id).get("/me").ok()


def test_disabling_a_disabled_or_enabling_an_enabled_user_is_a_conflict(clinic: TestClinic) -> None:
    change(clinic, clinic.doctor, "enable").refused(409, "conflict")
    change(clinic, clinic.doctor, "disable").ok()
    change(clinic, clinic.doctor, "disable").refused(409, "conflict")

    assert read_user(clinic, clinic.doctor).etag == '"2"'


CHANGES: dict[str, Callable[[TestClinic, ApiClient, str], Reply]] = {
    "roles": lambda clinic, by, etag: change(clinic, clinic.doctor, "roles", "admin", by=by, etag=etag),
    "disable": lambda clinic, by, etag: change(clinic, clinic.doctor, "disable", by=by, etag=etag),
    "enable": lambda clinic, by, etag: change(clinic, clinic.doctor, "enable", by=by, etag=etag),
}
every_change = pytest.mark.parametrize("action", CHANGES)


@every_change
def test_change_requires_the_current_etag(shared_clinic: TestClinic, action: str) -> None:
    path, body = f"/users/{shared_clinic.doctor.user_id}/{action}", {"roles": ["admin"]} if action == "roles" else None

    shared_clinic.admin.send("PUT" if body else "POST", path, body).refused(428, "precondition-required")
    CHANGES[action](shared_clinic, shared_clinic.admin, '"7"').refused(412, "stale")

    assert read_user(shared_clinic, shared_clinic.doctor).etag == '"1"'


@every_change
def test_only_admins_of_the_clinic_change_users(
    shared_clinic: TestClinic, other_clinic: TestClinic, action: str
) -> None:
    for member in (shared_clinic.doctor, shared_clinic.receptionist):
        CHANGES[action](shared_clinic, member, '"1"').refused(403, "forbidden")
    CHANGES[action](shared_clinic, other_clinic.admin, '"1"').refused(404, "not-found")

    assert read_user(shared_clinic, shared_clinic.doctor).etag == '"1"'


def test_only_admins_read_and_invite_users(shared_clinic: TestClinic) -> None:
    for member in (shared_clinic.doctor, shared_clinic.receptionist):
        member.get("/users").refused(403, "forbidden")
        member.get(f"/users/{member.user_id}").refused(403, "forbidden")
        member.post("/users", {"email": address(shared_clinic), "roles": ["admin"]}).refused(403, "forbidden")

    assert len(shared_clinic.admin.get("/users").ok().body["items"]) == len(initial_staff(shared_clinic))


def test_thirty_concurrent_changes_with_one_etag_apply_one(clinic: TestClinic) -> None:
    replies = at_once(30, lambda n: CHANGES["disable" if n % 2 else "roles"](clinic, clinic.admin, '"1"'))

    assert statuses(replies) == {200: 1, 412: 29}


def test_every_change_of_roles_or_access_is_audited(clinic: TestClinic) -> None:
    person = ApiClient(clinic.stack.url, invite(clinic).ok(201).body["id"], clinic.id)
    email = address(clinic, "other")
    new = {"email": email, "roles": ["doctor", "admin"]}
    requests: list[tuple[str, str, list[str], Callable[[dict[str, str]], Reply]]] = [
        ("user.roles", "done", ["receptionist"], lambda h: put_roles(clinic, person, '"1"', h)),
        ("user.roles", "stale", [], lambda h: put_roles(clinic, person, '"1"', h)),
        ("user.disable", "done", ["receptionist"], lambda h: post_action(clinic, person, "disable", '"2"', h)),
        ("user.enable", "done", ["receptionist"], lambda h: post_action(clinic, person, "enable", '"3"', h)),
        ("user.invite", "done", ["admin", "doctor"], lambda h: clinic.admin.post("/users", new, **h)),
    ]

    for action, outcome, roles, send in requests:
        trace, headers = new_trace()
        reply = send(headers)
        (entry,) = audit_of(clinic, trace)
        verify(clinic, entry)
        changed = reply.body["id"] if outcome == "done" else person.user_id
        assert (entry["action"], entry["outcome"], entry["actor_id"]) == (action, outcome, clinic.admin.user_id)
        assert entry["documents"] == [f"users/{changed}"]
        assert entry["granted"] == [f"{changed} {role}" for role in roles]
        assert ".example" not in repr(entry)


def put_roles(clinic: TestClinic, person: ApiClient, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.put(f"/users/{person.user_id}/roles", {"roles": ["receptionist"]}, etag=etag, **headers)


def post_action(clinic: TestClinic, person: ApiClient, action: str, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.post(f"/users/{person.user_id}/{action}", key="", etag=etag, **headers)
