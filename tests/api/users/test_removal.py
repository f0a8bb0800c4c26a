"""Removing a user from the clinic (security review, S8): access, the freed address, and what forbids it."""

from __future__ import annotations

import pytest
from firebase_admin import auth

from local.services.kit.recorder import Fault
from shared.gateways import accounts
from tests.api.users.helpers import FOLLOWER, accept_invitation, address, change, invite, make_admin, read_user
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import plant_report

pytestmark = pytest.mark.long


def remove(clinic: TestClinic, user_id: str, *, by: ApiClient | None = None, etag: str = "") -> Reply:
    etag = etag or read_user(clinic, user_id).etag
    return (by or clinic.admin).delete(f"/users/{user_id}", etag=etag)


def member(clinic: TestClinic, *roles: str) -> ApiClient:
    """A person who was invited and has signed in."""
    person = accept_invitation(clinic, invite(clinic, *roles).ok(201))
    clinic.stack.wait_idle(60)
    return person


def test_removed_person_has_no_access_from_the_next_request_and_their_account_is_deleted(clinic: TestClinic) -> None:
    person = member(clinic)
    person.get("/users/doctors").ok()

    removed = remove(clinic, person.user_id).ok()

    assert person.get("/users/doctors").status in (401, 403)
    assert removed.body["removed_at"] == removed.body["updated_at"]
    clinic.stack.wait_idle(60)
    assert accounts.find(person.user_id) is None
    listed = clinic.admin.get("/users").ok().body["items"] + clinic.admin.get("/users/doctors").ok().body["items"]
    assert person.user_id not in [item["id"] for item in listed]


def test_record_of_a_removed_person_stays_readable_as_an_author(clinic: TestClinic) -> None:
    person = member(clinic, "receptionist")

    removed = remove(clinic, person.user_id).ok()

    assert read_user(clinic, person.user_id).body == removed.body


def test_another_clinic_can_invite_the_address_of_a_removed_person(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    person, new = member(clinic), {"email": address(clinic), "roles": ["doctor"]}
    other_clinic.admin.post("/users", new).refused(422, "invalid")

    remove(clinic, person.user_id).ok()
    clinic.stack.wait_idle(60)
    theirs = other_clinic.admin.post("/users", new).ok(201).body["id"]

    assert theirs != person.user_id
    other_clinic.stack.wait_idle(60)
    assert accounts.clinic_of(theirs) == other_clinic.id


def test_own_clinic_can_invite_a_removed_person_again_as_another_user(clinic: TestClinic) -> None:
    person = member(clinic)
    remove(clinic, person.user_id).ok()
    clinic.stack.wait_idle(60)

    again = invite(clinic).ok(201)

    assert again.body["id"] != person.user_id
    clinic.stack.wait_idle(60)  # its mail is the newest
    assert accept_invitation(clinic, again).user_id == again.body["id"]


def adopted_account(clinic: TestClinic) -> str:
    """The id of an account that no clinic created."""
    account = auth.create_user(uid=f"outside{clinic.id}", email=address(clinic), app=accounts._app())
    return str(account.uid)


def test_account_that_was_there_before_loses_the_clinic_and_is_not_deleted(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    user_id = adopted_account(clinic)
    assert invite(clinic).ok(201).body["id"] == user_id
    clinic.stack.wait_idle(60)

    remove(clinic, user_id).ok()
    clinic.stack.wait_idle(60)

    released = accounts.find(user_id)
    assert released is not None
    assert (released.clinic_id, released.claims) == ("", {})
    theirs = other_clinic.admin.post("/users", {"email": address(clinic), "roles": ["doctor"]}).ok(201)
    assert theirs.body["id"] == user_id


def test_person_with_an_account_of_their_own_returns_to_the_same_record(clinic: TestClinic) -> None:
    user_id = adopted_account(clinic)
    invite(clinic).ok(201)
    clinic.stack.wait_idle(60)
    remove(clinic, user_id).ok()
    clinic.stack.wait_idle(60)

    again = invite(clinic, "receptionist").ok(201)

    assert (again.body["id"], again.body["roles"], again.body["removed_at"]) == (user_id, ["receptionist"], None)
    assert again.etag == '"3"'
    clinic.stack.wait_idle(60)
    assert accounts.clinic_of(user_id) == clinic.id
    accept_invitation(clinic, again).get("/users/doctors").ok()


# Refusals


def test_last_admin_is_not_removed(clinic: TestClinic) -> None:
    refused = remove(clinic, clinic.admin.user_id).refused(409, "conflict")

    assert refused.body["detail"] == "the clinic needs another admin first"
    other = make_admin(clinic, clinic.receptionist)
    remove(clinic, clinic.admin.user_id).ok()
    other.get("/users").ok()


def test_two_admins_concurrently_removing_themselves_leave_one(clinic: TestClinic) -> None:
    pair = [clinic.admin, make_admin(clinic, clinic.receptionist)]
    etags = [read_user(clinic, person).etag for person in pair]

    replies = at_once(2, lambda n: remove(clinic, pair[n].user_id, by=pair[n], etag=etags[n]))

    assert statuses(replies) == {200: 1, 409: 1}


def test_doctor_with_running_sessions_or_unsigned_reports_is_not_removed_and_all_are_named(clinic: TestClinic) -> None:
    running, paused, ended = (clinic.session() for _ in range(3))
    clinic.doctor.put(f"/sessions/{paused.body['id']}", {"status": "paused"}, etag=paused.etag).ok()
    clinic.doctor.post(f"/sessions/{ended.body['id']}/complete", key="", etag=ended.etag).ok()
    report = plant_report(clinic, ended.body["id"])

    refused = remove(clinic, clinic.doctor.user_id).refused(409, "conflict")

    assert {error["pointer"]: error["detail"] for error in refused.body["errors"]} == {
        f"sessions/{running.body['id']}": "is running",
        f"sessions/{paused.body['id']}": "is running",
        f"reports/{report}": "is not signed",
    }
    clinic.doctor.get("/profile").ok()


def test_removal_names_a_bounded_number_of_open_sessions(clinic: TestClinic) -> None:
    for _ in range(21):
        clinic.session()

    refused = remove(clinic, clinic.doctor.user_id).refused(409, "conflict")

    assert len(refused.body["errors"]) == 20


def test_other_doctors_open_sessions_do_not_matter(clinic: TestClinic) -> None:
    clinic.session()

    remove(clinic, clinic.other_doctor.user_id).ok()


def test_removal_requires_the_current_etag_and_an_admin_of_the_clinic(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    desk = clinic.receptionist.user_id

    clinic.admin.delete(f"/users/{desk}").refused(428, "precondition-required")
    remove(clinic, desk, etag='"9"').refused(412, "stale")
    for person in (clinic.doctor, clinic.receptionist):
        remove(clinic, desk, by=person).refused(403, "forbidden")
    remove(clinic, desk, by=other_clinic.admin).refused(404, "not-found")
    clinic.receptionist.get("/users/doctors").ok()


@pytest.mark.parametrize("action", ["roles", "disable", "enable", "remove", "invitation"])
def test_removed_user_is_not_changed_any_more(clinic: TestClinic, action: str) -> None:
    person = clinic.receptionist
    etag = remove(clinic, person.user_id).ok().etag

    if action == "remove":
        reply = remove(clinic, person.user_id, etag=etag)
    elif action == "invitation":
        reply = clinic.admin.post(f"/users/{person.user_id}/invitation")
    else:
        reply = change(clinic, person, action, *(["doctor"] if action == "roles" else []), etag=etag)

    reply.refused(404, "not-found")


# Crashes, audit and costs


@pytest.mark.parametrize(("method", "skip"), [("BatchGetDocuments", 0), ("Commit", 0), ("BatchGetDocuments", 1)])
def test_crash_of_the_follower_does_not_keep_the_address(clinic: TestClinic, method: str, skip: int) -> None:
    person = member(clinic)
    crash = clinic.stack.recorder.plant(Fault("firestore", method, FOLLOWER, "kill", skip=skip))

    remove(clinic, person.user_id).ok()
    clinic.stack.wait_idle(90)

    assert crash.fired.is_set()
    assert accounts.find(person.user_id) is None


def test_repeated_deliveries_do_not_touch_the_account_of_the_next_clinic(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    user_id = adopted_account(clinic)
    invite(clinic).ok(201)
    clinic.stack.wait_idle(60)
    remove(clinic, user_id).ok()
    clinic.stack.wait_idle(60)
    events = [d.event for d in clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"]]
    other_clinic.admin.post("/users", {"email": address(clinic), "roles": ["doctor"]}).ok(201)
    other_clinic.stack.wait_idle(60)
    before = accounts.find(user_id)

    answers = [clinic.stack.triggers.deliver(FOLLOWER, event) for event in events]

    assert {status // 100 for status in answers} == {2}
    assert accounts.find(user_id) == before


def test_removal_is_audited(clinic: TestClinic) -> None:
    trace, headers = new_trace()
    desk = clinic.receptionist.user_id

    clinic.admin.send("DELETE", f"/users/{desk}", etag=read_user(clinic, desk).etag, **headers).ok()

    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("user.remove", "done")


def test_call_counts_of_a_removal(clinic: TestClinic) -> None:
    clinic.admin.get("/users").ok()

    calls = calls_during(
        clinic, "users", lambda: clinic.admin.delete(f"/users/{clinic.receptionist.user_id}", etag='"1"').ok()
    )

    # Two queries: running sessions and unsigned reports. An empty query counts as one read or none.
    assert [(service, method) for service, method, _ in calls] == [
        ("firestore", "BatchGetDocuments"),
        ("firestore", "RunQuery"),
        ("firestore", "RunQuery"),
        ("firestore", "Commit"),
    ]
    # The counters of sessions and reports are read and must not change: none is created meanwhile. The devices of the
    # person are read and written: none is registered meanwhile.
    assert calls[0] == reads(5)
    assert calls[-1] == commit(5)
