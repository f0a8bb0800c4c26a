"""The calls to Google Cloud of each operation on users."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.users.helpers import (
    FOLLOWER,
    change,
    initial_staff,
    invite,
    make_admin,
)
from tests.support.call_counts import CountedCall, calls_during, calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic

pytestmark = pytest.mark.long


def test_call_counts_of_reads_and_invitations(own_clinic: TestClinic) -> None:
    admin, desk, names = own_clinic.admin, own_clinic.receptionist, iter("ab")

    measured = {
        "list": calls_when_repeated(own_clinic, "users", lambda: admin.get("/users").ok()),
        "get": calls_when_repeated(own_clinic, "users", lambda: admin.get(f"/users/{desk.user_id}").ok()),
        "doctors": calls_when_repeated(own_clinic, "users", lambda: desk.get("/users/doctors").ok()),
        "invite": calls_when_repeated(own_clinic, "users", lambda: invite(own_clinic, name=next(names)).ok(201)),
    }

    # The caller is read first, before anything is looked for or measured of Firebase.
    assert measured == {
        "list": [reads(1), query(len(initial_staff(own_clinic))), commit(1)],
        "get": [reads(2), commit(1)],
        "doctors": [reads(1), query(2), reads(2), commit(1)],
        # Reads: caller and stored response; then the user. Commit: user, response and audit entry.
        "invite": [reads(2), reads(1), commit(3)],
    }


def test_call_counts_of_changes(own_clinic: TestClinic) -> None:
    admin, doctor = own_clinic.admin, own_clinic.doctor
    make_admin(own_clinic, doctor)

    measured = {
        "disable": calls_of_change(own_clinic, lambda: change(own_clinic, doctor, "disable", etag='"2"').ok()),
        "enable": calls_of_change(own_clinic, lambda: change(own_clinic, doctor, "enable", etag='"3"').ok()),
        "own": calls_of_change(own_clinic, lambda: change(own_clinic, admin, "roles", "receptionist", etag='"1"').ok()),
    }

    assert measured == {
        # The commit also guards the caller: the remaining admin must stay one.
        "disable": [reads(2), commit(3)],
        "enable": [reads(2), commit(2)],
        # The query looks for another admin.
        "own": [reads(1), query(2), commit(3)],
    }


def test_call_counts_of_the_follower(own_clinic: TestClinic) -> None:
    user_id = invite(own_clinic).ok(201).body["id"]

    measured = calls_when_repeated(own_clinic, FOLLOWER, lambda: redeliver_last_event(own_clinic, user_id))

    assert measured == [reads(1), commit(1)]


def query(documents: int) -> CountedCall:
    return ("firestore", "RunQuery", documents)


def calls_of_change(clinic: TestClinic, act: Callable[[], object]) -> list[CountedCall]:
    return calls_during(clinic, "users", act)


def redeliver_last_event(clinic: TestClinic, user_id: str) -> None:
    """Deliver the event of the last change of a user again."""
    clinic.stack.wait_idle(60)
    *_, last = (d for d in clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"])
    assert clinic.stack.triggers.deliver(FOLLOWER, last.event) // 100 == 2
