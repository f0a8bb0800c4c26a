"""A clinic always keeps one enabled admin."""

from __future__ import annotations

import pytest

from tests.api.users.helpers import (
    ROUNDS,
    change,
    make_admin,
)
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.seconds import next_second

pytestmark = pytest.mark.long


def test_last_enabled_admin_is_neither_demoted_nor_disabled(own_clinic: TestClinic) -> None:
    former = make_admin(own_clinic, own_clinic.doctor)
    change(own_clinic, former, "disable").ok()

    refused = [
        change(own_clinic, own_clinic.admin, "roles", "doctor"),
        change(own_clinic, own_clinic.admin, "disable"),
    ]

    assert [reply.refused(409, "conflict").body["detail"] for reply in refused] == [
        "the clinic needs another admin first"
    ] * 2
    assert change(own_clinic, own_clinic.admin, "roles", "admin", "doctor").ok().etag == '"2"'


def test_admin_is_demoted_when_another_admin_remains(own_clinic: TestClinic) -> None:
    other = make_admin(own_clinic, own_clinic.doctor)

    change(own_clinic, own_clinic.admin, "roles", "receptionist").ok()

    own_clinic.admin.get("/users").refused(403, "forbidden")
    other.get("/users").ok()


def test_two_admins_concurrently_demoting_each_other_leave_one(own_clinic: TestClinic) -> None:
    pair = [own_clinic.admin, make_admin(own_clinic, own_clinic.doctor)]
    for _ in range(ROUNDS):
        replies = remove_admins_concurrently(own_clinic, pair, "roles", by=pair[::-1])

        assert statuses(replies) == {200: 1, 403: 1}
        pair = restore_admins(own_clinic, pair[1] if replies[0].status == 200 else pair[0], pair)


@pytest.mark.parametrize("action", ["disable", "roles"])
def test_two_admins_concurrently_removing_themselves_leave_one(own_clinic: TestClinic, action: str) -> None:
    pair = [own_clinic.admin, make_admin(own_clinic, own_clinic.doctor)]
    for _ in range(ROUNDS):
        replies = remove_admins_concurrently(own_clinic, pair, action, by=pair)

        assert statuses(replies) == {200: 1, 409: 1}
        pair = restore_admins(own_clinic, pair[0] if replies[0].status == 409 else pair[1], pair)


def remove_admins_concurrently(
    clinic: TestClinic, pair: list[ApiClient], action: str, by: list[ApiClient]
) -> list[Reply]:
    """Demote or disable both admins at once; `by` sends the requests. Returns the replies."""
    etags = [pair[0].get(f"/users/{admin.user_id}").ok().etag for admin in pair]
    roles = ["receptionist"] if action == "roles" else []
    return at_once(2, lambda n: change(clinic, pair[n], action, *roles, by=by[n], etag=etags[n]))


def restore_admins(clinic: TestClinic, admin: ApiClient, pair: list[ApiClient]) -> list[ApiClient]:
    """Make both enabled admins again. Returns their clients, with new tokens."""
    for person in pair:
        path = f"/users/{person.user_id}"
        state = admin.get(path).ok()
        if state.body["disabled"]:
            state = admin.post(f"{path}/enable", key="", etag=state.etag).ok()
            next_second()
        if state.body["roles"] != ["admin"]:
            admin.put(f"{path}/roles", {"roles": ["admin"]}, etag=state.etag).ok()
    return [ApiClient(clinic.stack.url, person.user_id, clinic.id) for person in pair]
