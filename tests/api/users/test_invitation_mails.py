"""The invitation goes to the person's mailbox only (security review, S6), and an interruption cannot lose it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local.services.kit.recorder import Fault
from shared.gateways import accounts
from shared.records.clinic.people import INVITATION_INTERVAL
from tests.api.users.helpers import FOLLOWER, address, change, invite, read_user
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.mails import choose_password, mails_to
from tests.support.password_sign_in import sign_in
from tools import google_firestore

pytestmark = pytest.mark.long


def invite_again(clinic: TestClinic, user_id: str, *, by: ApiClient | None = None, key: str | None = None) -> Reply:
    return (by or clinic.admin).post(f"/users/{user_id}/invitation", key=key)


def let_time_pass(clinic: TestClinic, user_id: str) -> None:
    """Make the last invitation old enough for another one."""
    stored = google_firestore.client().document(f"clinics/{clinic.id}/users/{user_id}").get()
    alter(clinic, f"users/{user_id}", {"invited_at": stored.get("invited_at") - INVITATION_INTERVAL})


def invited_a_while_ago(clinic: TestClinic) -> str:
    """The id of a person whose invitation was sent, and who may be invited again."""
    user_id = str(invite(clinic).ok(201).body["id"])
    clinic.stack.wait_idle(60)
    let_time_pass(clinic, user_id)
    return user_id


def settled(clinic: TestClinic, user_id: str) -> Reply:
    """The user once no event is on its way."""
    clinic.stack.wait_idle(90)
    return read_user(clinic, user_id)


def test_no_response_to_an_admin_contains_a_link_or_a_code(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic, key="asha-is-invited").ok(201)
    user_id = invited.body["id"]
    own_clinic.stack.wait_idle(60)
    let_time_pass(own_clinic, user_id)
    replies = [
        invited,
        invite(own_clinic, key="asha-is-invited").ok(201),
        invite_again(own_clinic, user_id).ok(),
        settled(own_clinic, user_id),
        own_clinic.admin.get("/users").ok(),
    ]

    codes = mails_to(own_clinic.stack, address(own_clinic))

    assert len(codes) == 2
    for reply in replies:
        content = reply.content.decode() + repr(dict(reply.headers))
        assert "oobCode" not in content
        assert "link" not in content
        assert not any(code in content for code in codes)


def test_mail_of_an_invitation_reaches_the_person_who_then_signs_in(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic).ok(201)

    assert (invited.body["invitation"], invited.body["invited_at"]) == ("waiting", invited.body["created_at"])
    choose_password(own_clinic.stack, address(own_clinic))
    assert sign_in(own_clinic.stack, address(own_clinic)).user_id == invited.body["id"]
    sent = settled(own_clinic, invited.body["id"])
    assert sent.body["invitation"] == "sent"
    assert sent.etag == invited.etag, "the state of the mail is no change by a person"
    assert {**sent.body, "invitation": "waiting"} == invited.body


def test_people_who_were_not_invited_have_no_invitation(clinic: TestClinic) -> None:
    body = read_user(clinic, clinic.doctor).body

    assert (body["invitation"], body["invited_at"]) == (None, None)


@pytest.mark.parametrize(
    ("method", "skip", "mails"),
    [
        ("BatchGetDocuments", 0, 1),  # before the mail
        ("Commit", 0, 1),
        ("BatchGetDocuments", 1, 2),  # after the mail, before its outcome is stored
        ("Commit", 1, 1),  # after that
    ],
)
def test_crash_between_commit_and_mail_loses_no_invitation(
    own_clinic: TestClinic, method: str, skip: int, mails: int
) -> None:
    own_clinic.stack.wait_idle(60)  # the follower has seen the users with whom the clinic was opened
    crash = own_clinic.stack.recorder.plant(Fault("firestore", method, FOLLOWER, "kill", skip=skip))

    user_id = invite(own_clinic).ok(201).body["id"]
    sent = settled(own_clinic, user_id)

    assert crash.fired.is_set()
    assert sent.body["invitation"] == "sent"
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == mails
    choose_password(own_clinic.stack, address(own_clinic))


def test_mail_service_without_an_answer_is_called_again(own_clinic: TestClinic) -> None:
    faults = [own_clinic.stack.recorder.plant(Fault("auth", "accounts:sendOobCode", "", "cut")) for _ in range(2)]

    user_id = invite(own_clinic).ok(201).body["id"]
    sent = settled(own_clinic, user_id)

    assert all(fault.fired.is_set() for fault in faults)
    assert sent.body["invitation"] == "sent"
    choose_password(own_clinic.stack, address(own_clinic))


def test_repeated_deliveries_send_one_mail(own_clinic: TestClinic) -> None:
    user_id = invite(own_clinic).ok(201).body["id"]
    own_clinic.stack.wait_idle(60)
    events = [d.event for d in own_clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"]]

    statuses = [own_clinic.stack.triggers.deliver(FOLLOWER, event) for event in [*reversed(events), *events]]

    assert {status // 100 for status in statuses} == {2}
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 1


def test_invitation_of_a_deleted_account_is_refused_and_shown_so(own_clinic: TestClinic) -> None:
    user_id = invite(own_clinic).ok(201).body["id"]
    own_clinic.stack.wait_idle(60)
    delete_account(user_id)
    let_time_pass(own_clinic, user_id)

    invite_again(own_clinic, user_id).ok()

    assert settled(own_clinic, user_id).body["invitation"] == "refused"


def delete_account(user_id: str) -> None:
    from firebase_admin import auth

    auth.delete_user(user_id, app=accounts._app())


def test_invitation_is_sent_again_with_another_link(own_clinic: TestClinic) -> None:
    user_id = invited_a_while_ago(own_clinic)

    again = invite_again(own_clinic, user_id).ok()

    assert (again.body["invitation"], again.etag) == ("waiting", '"2"')
    assert settled(own_clinic, user_id).body["invitation"] == "sent"
    assert len(set(mails_to(own_clinic.stack, address(own_clinic)))) == 2
    choose_password(own_clinic.stack, address(own_clinic))


def test_further_invitation_within_ten_minutes_is_refused_with_the_time_to_wait(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic).ok(201).body

    refused = invite_again(own_clinic, invited["id"]).refused(429, "too-many-requests")

    wait = int(refused.headers["Retry-After"])
    assert timedelta(0) < timedelta(seconds=wait) <= INVITATION_INTERVAL
    assert datetime.fromisoformat(invited["invited_at"])
    own_clinic.stack.wait_idle(60)
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 1


def test_repeated_request_for_a_further_invitation_sends_one(own_clinic: TestClinic) -> None:
    user_id = invited_a_while_ago(own_clinic)

    first = invite_again(own_clinic, user_id, key="asha-once-more").ok()
    again = invite_again(own_clinic, user_id, key="asha-once-more").ok()

    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    own_clinic.stack.wait_idle(60)
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 2


def test_disabled_person_is_not_invited_and_a_waiting_mail_is_sent_once_enabled(own_clinic: TestClinic) -> None:
    user_id = invite(own_clinic).ok(201).body["id"]
    own_clinic.stack.wait_idle(60)
    person = ApiClient(own_clinic.stack.url, user_id, own_clinic.id)
    change(own_clinic, person, "disable").ok()
    let_time_pass(own_clinic, user_id)

    invite_again(own_clinic, user_id).refused(409, "conflict")

    alter(own_clinic, f"users/{user_id}", {"invitation": "waiting"})
    own_clinic.stack.wait_idle(60)
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 1
    change(own_clinic, person, "enable").ok()
    assert settled(own_clinic, user_id).body["invitation"] == "sent"
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 2


def test_only_the_clinics_own_admin_invites_again(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    user_id = invited_a_while_ago(own_clinic)

    for person in (own_clinic.doctor, own_clinic.receptionist):
        invite_again(own_clinic, user_id, by=person).refused(403, "forbidden")
    invite_again(own_clinic, user_id, by=other_clinic.admin).refused(404, "not-found")

    own_clinic.stack.wait_idle(60)
    assert len(mails_to(own_clinic.stack, address(own_clinic))) == 1


def test_invitations_and_their_outcome_are_audited_without_the_address(own_clinic: TestClinic) -> None:
    user_id = invited_a_while_ago(own_clinic)
    invite_again(own_clinic, user_id).ok()
    own_clinic.stack.wait_idle(60)

    stored = google_firestore.client().collection("clinics", own_clinic.id, "audit").stream()
    entries = [entry.to_dict() or {} for entry in stored]
    actions = [entry["action"] for entry in entries if f"users/{user_id}" in repr(entry)]

    assert [actions.count(a) for a in ("user.invite", "user.invite_again", "user.invitation_sent")] == [1, 1, 2]
    assert ".example" not in repr(entries)
