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


def test_removed_person_has_no_access_from_the_next_request_and_their_account_is_deleted(
    own_clinic: TestClinic,
) -> None:
    person = member(own_clinic)
    person.get("/users/doctors").ok()

    removed = remove(own_clinic, person.user_id).ok()

    assert person.get("/users/doctors").status in (401, 403)
    assert removed.body["removed_at"] == removed.body["updated_at"]
    own_clinic.stack.wait_idle(60)
    assert accounts.find(person.user_id) is None
    listed = (
        own_clinic.admin.get("/users").ok().body["items"] + own_clinic.admin.get("/users/doctors").ok().body["items"]
    )
    assert person.user_id not in [item["id"] for item in listed]


def test_record_of_a_removed_person_stays_readable_as_an_author(own_clinic: TestClinic) -> None:
    person = member(own_clinic, "receptionist")

    removed = remove(own_clinic, person.user_id).ok()

    assert {**read_user(own_clinic, person.user_id).body, "coming_appointments": 0} == removed.body


def test_another_clinic_can_invite_the_address_of_a_removed_person(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    person, new = member(own_clinic), {"email": address(own_clinic), "roles": ["doctor"]}
    other_clinic.admin.post("/users", new).refused(422, "invalid")

    remove(own_clinic, person.user_id).ok()
    own_clinic.stack.wait_idle(60)
    theirs = other_clinic.admin.post("/users", new).ok(201).body["id"]

    assert theirs != person.user_id
    other_clinic.stack.wait_idle(60)
    assert accounts.clinic_of(theirs) == other_clinic.id


def test_own_clinic_can_invite_a_removed_person_again_as_another_user(own_clinic: TestClinic) -> None:
    person = member(own_clinic)
    remove(own_clinic, person.user_id).ok()
    own_clinic.stack.wait_idle(60)

    again = invite(own_clinic).ok(201)

    assert again.body["id"] != person.user_id
    own_clinic.stack.wait_idle(60)  # its mail is the newest
    assert accept_invitation(own_clinic, again).user_id == again.body["id"]


def adopted_account(clinic: TestClinic) -> str:
    """The id of an account that no clinic created."""
    account = auth.create_user(uid=f"outside{clinic.id}", email=address(clinic), app=accounts._app())
    return str(account.uid)


def test_account_that_was_there_before_loses_the_clinic_and_is_not_deleted(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    user_id = adopted_account(own_clinic)
    assert invite(own_clinic).ok(201).body["id"] == user_id
    own_clinic.stack.wait_idle(60)

    remove(own_clinic, user_id).ok()
    own_clinic.stack.wait_idle(60)

    released = accounts.find(user_id)
    assert released is not None
    assert (released.clinic_id, released.claims) == ("", {})
    theirs = other_clinic.admin.post("/users", {"email": address(own_clinic), "roles": ["doctor"]}).ok(201)
    assert theirs.body["id"] == user_id


def test_person_with_an_account_of_their_own_returns_to_the_same_record(own_clinic: TestClinic) -> None:
    user_id = adopted_account(own_clinic)
    invite(own_clinic).ok(201)
    own_clinic.stack.wait_idle(60)
    remove(own_clinic, user_id).ok()
    own_clinic.stack.wait_idle(60)

    again = invite(own_clinic, "receptionist").ok(201)

    assert (again.body["id"], again.body["roles"], again.body["removed_at"]) == (user_id, ["receptionist"], None)
    assert again.etag == '"3"'
    own_clinic.stack.wait_idle(60)
    assert accounts.clinic_of(user_id) == own_clinic.id
    accept_invitation(own_clinic, again).get("/users/doctors").ok()


# Refusals


def test_last_admin_is_not_removed(own_clinic: TestClinic) -> None:
    refused = remove(own_clinic, own_clinic.admin.user_id).refused(409, "conflict")

    assert refused.body["detail"] == "the clinic needs another admin first"
    other = make_admin(own_clinic, own_clinic.receptionist)
    remove(own_clinic, own_clinic.admin.user_id).ok()
    other.get("/users").ok()


def test_two_admins_concurrently_removing_themselves_leave_one(own_clinic: TestClinic) -> None:
    pair = [own_clinic.admin, make_admin(own_clinic, own_clinic.receptionist)]
    etags = [read_user(own_clinic, person).etag for person in pair]

    replies = at_once(2, lambda n: remove(own_clinic, pair[n].user_id, by=pair[n], etag=etags[n]))

    assert statuses(replies) == {200: 1, 409: 1}


def test_doctor_with_running_sessions_or_unsigned_reports_is_not_removed_and_all_are_named(
    own_clinic: TestClinic,
) -> None:
    running, paused, ended = (own_clinic.session() for _ in range(3))
    own_clinic.doctor.put(f"/sessions/{paused.body['id']}", {"status": "paused"}, etag=paused.etag).ok()
    own_clinic.doctor.post(f"/sessions/{ended.body['id']}/complete", key="", etag=ended.etag).ok()
    report = plant_report(own_clinic, ended.body["id"])

    refused = remove(own_clinic, own_clinic.doctor.user_id).refused(409, "conflict")

    assert {error["pointer"]: error["detail"] for error in refused.body["errors"]} == {
        f"sessions/{running.body['id']}": "is running",
        f"sessions/{paused.body['id']}": "is running",
        f"reports/{report}": "is not signed",
    }
    own_clinic.doctor.get("/profile").ok()


def test_removal_names_a_bounded_number_of_open_sessions(own_clinic: TestClinic) -> None:
    for _ in range(21):
        own_clinic.session()

    refused = remove(own_clinic, own_clinic.doctor.user_id).refused(409, "conflict")

    assert len(refused.body["errors"]) == 20


def test_other_doctors_open_sessions_do_not_matter(own_clinic: TestClinic) -> None:
    own_clinic.session()

    remove(own_clinic, own_clinic.other_doctor.user_id).ok()


def test_removal_requires_the_current_etag_and_an_admin_of_the_clinic(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    desk = own_clinic.receptionist.user_id

    own_clinic.admin.delete(f"/users/{desk}").refused(428, "precondition-required")
    remove(own_clinic, desk, etag='"9"').refused(412, "stale")
    for person in (own_clinic.doctor, own_clinic.receptionist):
        remove(own_clinic, desk, by=person).refused(403, "forbidden")
    remove(own_clinic, desk, by=other_clinic.admin).refused(404, "not-found")
    own_clinic.receptionist.get("/users/doctors").ok()


@pytest.mark.parametrize("action", ["roles", "disable", "enable", "remove", "invitation"])
def test_removed_user_is_not_changed_any_more(own_clinic: TestClinic, action: str) -> None:
    person = own_clinic.receptionist
    etag = remove(own_clinic, person.user_id).ok().etag

    if action == "remove":
        reply = remove(own_clinic, person.user_id, etag=etag)
    elif action == "invitation":
        reply = own_clinic.admin.post(f"/users/{person.user_id}/invitation")
    else:
        reply = change(own_clinic, person, action, *(["doctor"] if action == "roles" else []), etag=etag)

    reply.refused(404, "not-found")


# Crashes, audit and costs


@pytest.mark.parametrize(("method", "skip"), [("BatchGetDocuments", 0), ("Commit", 0), ("BatchGetDocuments", 1)])
def test_crash_of_the_follower_does_not_keep_the_address(own_clinic: TestClinic, method: str, skip: int) -> None:
    person = member(own_clinic)
    crash = own_clinic.stack.recorder.plant(Fault("firestore", method, FOLLOWER, "kill", skip=skip))

    remove(own_clinic, person.user_id).ok()
    own_clinic.stack.wait_idle(90)

    assert crash.fired.is_set()
    assert accounts.find(person.user_id) is None


def test_repeated_deliveries_do_not_touch_the_account_of_the_next_clinic(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    user_id = adopted_account(own_clinic)
    invite(own_clinic).ok(201)
    own_clinic.stack.wait_idle(60)
    remove(own_clinic, user_id).ok()
    own_clinic.stack.wait_idle(60)
    events = [d.event for d in own_clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"]]
    other_clinic.admin.post("/users", {"email": address(own_clinic), "roles": ["doctor"]}).ok(201)
    other_clinic.stack.wait_idle(60)
    before = accounts.find(user_id)

    answers = [own_clinic.stack.triggers.deliver(FOLLOWER, event) for event in events]

    assert {status // 100 for status in answers} == {2}
    assert accounts.find(user_id) == before


def test_removal_is_audited(own_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    desk = own_clinic.receptionist.user_id

    own_clinic.admin.send("DELETE", f"/users/{desk}", etag=read_user(own_clinic, desk).etag, **headers).ok()

    (entry,) = audit_of(own_clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("user.remove", "done")


def test_call_counts_of_a_removal(own_clinic: TestClinic) -> None:
    own_clinic.admin.get("/users").ok()

    calls = calls_during(
        own_clinic,
        "users",
        lambda: own_clinic.admin.delete(f"/users/{own_clinic.receptionist.user_id}", etag='"1"').ok(),
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
