"""Changes of roles and access: their effect, who may make them, ETags and audit entries."""

from __future__ import annotations

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
from tests.support.seconds import next_second

pytestmark = pytest.mark.long


def test_role_change_takes_effect_with_the_next_request(own_clinic: TestClinic) -> None:
    session = f"/sessions/{own_clinic.session().body['id']}"
    own_clinic.doctor.get(session).ok()

    desk = change(own_clinic, own_clinic.doctor, "roles", "receptionist").ok()

    own_clinic.doctor.get(session).refused(403, "forbidden")
    assert (desk.body["roles"], desk.etag) == (["receptionist"], '"2"')
    change(own_clinic, own_clinic.doctor, "roles", "doctor").ok()
    own_clinic.doctor.get(session).ok()


def test_disabled_user_is_refused_at_once_and_needs_a_new_token_when_enabled(own_clinic: TestClinic) -> None:
    old = own_clinic.doctor
    old.get("/profile").ok()

    disabled = change(own_clinic, old, "disable").ok()
    old.get("/profile").refused(401, "unauthenticated")
    enabled = change(own_clinic, old, "enable").ok()

    old.get("/profile").refused(401, "unauthenticated")
    assert (disabled.body["disabled"], enabled.body["disabled"], enabled.etag) == (True, False, '"3"')
    next_second()
    ApiClient(own_clinic.stack.url, old.user_id, own_clinic.id).get("/profile").ok()


def test_a_user_who_is_enabled_signs_in_within_the_same_second(own_clinic: TestClinic) -> None:
    def disable(work: UnitOfWork) -> None:
        """Without a revocation: the tokens of a whole second are refused after one."""
        work.save(work.get(User.ref(own_clinic.doctor.user_id)).revised(work.stamp, disabled=True))

    system_clinic(own_clinic.id, "planted").perform("user.disable", disable)
    own_clinic.stack.wait_idle(60)
    own_clinic.doctor.get("/me").refused(401, "unauthenticated")

    change(own_clinic, own_clinic.doctor, "enable").ok()
    own_clinic.stack.wait_idle(60)

    ApiClient(own_clinic.stack.url, own_clinic.doctor.user_id, own_clinic.id).get("/me").ok()


def test_disabling_a_disabled_or_enabling_an_enabled_user_is_a_conflict(own_clinic: TestClinic) -> None:
    change(own_clinic, own_clinic.doctor, "enable").refused(409, "conflict")
    change(own_clinic, own_clinic.doctor, "disable").ok()
    change(own_clinic, own_clinic.doctor, "disable").refused(409, "conflict")

    assert read_user(own_clinic, own_clinic.doctor).etag == '"2"'


CHANGES: dict[str, Callable[[TestClinic, ApiClient, str], Reply]] = {
    "roles": lambda clinic, by, etag: change(clinic, clinic.doctor, "roles", "admin", by=by, etag=etag),
    "disable": lambda clinic, by, etag: change(clinic, clinic.doctor, "disable", by=by, etag=etag),
    "enable": lambda clinic, by, etag: change(clinic, clinic.doctor, "enable", by=by, etag=etag),
}
every_change = pytest.mark.parametrize("action", CHANGES)


@every_change
def test_change_requires_the_current_etag(clinic: TestClinic, action: str) -> None:
    path, body = f"/users/{clinic.doctor.user_id}/{action}", {"roles": ["admin"]} if action == "roles" else None

    clinic.admin.send("PUT" if body else "POST", path, body).refused(428, "precondition-required")
    CHANGES[action](clinic, clinic.admin, '"7"').refused(412, "stale")

    assert read_user(clinic, clinic.doctor).etag == '"1"'


@every_change
def test_only_admins_of_the_clinic_change_users(clinic: TestClinic, other_clinic: TestClinic, action: str) -> None:
    for member in (clinic.doctor, clinic.receptionist):
        CHANGES[action](clinic, member, '"1"').refused(403, "forbidden")
    CHANGES[action](clinic, other_clinic.admin, '"1"').refused(404, "not-found")

    assert read_user(clinic, clinic.doctor).etag == '"1"'


def test_only_admins_read_and_invite_users(clinic: TestClinic) -> None:
    for member in (clinic.doctor, clinic.receptionist):
        member.get("/users").refused(403, "forbidden")
        member.get(f"/users/{member.user_id}").refused(403, "forbidden")
        member.post("/users", {"email": address(clinic), "roles": ["admin"]}).refused(403, "forbidden")

    assert len(clinic.admin.get("/users").ok().body["items"]) == len(initial_staff(clinic))


def test_thirty_concurrent_changes_with_one_etag_apply_one(own_clinic: TestClinic) -> None:
    replies = at_once(30, lambda n: CHANGES["disable" if n % 2 else "roles"](own_clinic, own_clinic.admin, '"1"'))

    assert statuses(replies) == {200: 1, 412: 29}


def test_every_change_of_roles_or_access_is_audited(own_clinic: TestClinic) -> None:
    person = ApiClient(own_clinic.stack.url, invite(own_clinic).ok(201).body["id"], own_clinic.id)
    email = address(own_clinic, "other")
    new = {"email": email, "roles": ["doctor", "admin"]}
    requests: list[tuple[str, str, list[str], Callable[[dict[str, str]], Reply]]] = [
        ("user.roles", "done", ["receptionist"], lambda h: put_roles(own_clinic, person, '"1"', h)),
        ("user.roles", "stale", [], lambda h: put_roles(own_clinic, person, '"1"', h)),
        ("user.disable", "done", ["receptionist"], lambda h: post_action(own_clinic, person, "disable", '"2"', h)),
        ("user.enable", "done", ["receptionist"], lambda h: post_action(own_clinic, person, "enable", '"3"', h)),
        ("user.invite", "done", ["admin", "doctor"], lambda h: own_clinic.admin.post("/users", new, **h)),
    ]

    for action, outcome, roles, send in requests:
        trace, headers = new_trace()
        reply = send(headers)
        (entry,) = audit_of(own_clinic, trace)
        verify(own_clinic, entry)
        changed = reply.body["id"] if outcome == "done" else person.user_id
        assert (entry["action"], entry["outcome"], entry["actor_id"]) == (action, outcome, own_clinic.admin.user_id)
        assert entry["documents"] == [f"users/{changed}"]
        assert entry["granted"] == [f"{changed} {role}" for role in roles]
        assert ".example" not in repr(entry)


def put_roles(clinic: TestClinic, person: ApiClient, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.put(f"/users/{person.user_id}/roles", {"roles": ["receptionist"]}, etag=etag, **headers)


def post_action(clinic: TestClinic, person: ApiClient, action: str, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.post(f"/users/{person.user_id}/{action}", key="", etag=etag, **headers)
