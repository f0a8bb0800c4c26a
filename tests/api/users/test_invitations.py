"""Invitations: links, existing members and accounts, races, crashes and lost responses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local.services.kit.recorder import Fault
from shared.gateways import accounts
from shared.records.clinic.people import NewUser, User
from shared.records.types import Role
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext
from shared.store.idempotency import Idempotency, StoredResponse
from shared.web import serialization
from shared.workflows.clinic import staff
from tests.api.conventions.helpers import bearer
from tests.api.users.helpers import (
    ROUNDS,
    accept_invitation,
    address,
    firebase_account,
    initial_staff,
    invite,
    read_user,
    stored_user,
)
from tests.support.client import Reply
from tests.support.clinics import PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.mails import choose_password
from tests.support.password_sign_in import sign_in
from tests.support.problems import pointers

pytestmark = pytest.mark.long


def test_invited_user_sets_a_password_signs_in_and_has_the_roles(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic, "receptionist").ok(201)

    person = accept_invitation(own_clinic, invited)

    assert (invited.body["id"], invited.etag) == (person.user_id, '"1"')
    assert invited.body["email"] == address(own_clinic)
    new = {**PATIENT, "owner_id": own_clinic.doctor.user_id}
    patient = person.post("/patients", new).ok(201).body["id"]
    person.post("/sessions", {"patient_id": patient}).refused(403, "forbidden")


def test_users_are_listed_newest_first_and_equal_single_reads(own_clinic: TestClinic) -> None:
    names = ["a", "b", "c"]
    ids = [invite(own_clinic, name=name).ok(201).body["id"] for name in names]
    own_clinic.stack.wait_idle(60)  # the mails are sent

    first = own_clinic.admin.get("/users?page_size=2").ok().body
    rest = own_clinic.admin.get(f"/users?page_token={first['next_page_token']}").ok().body

    listed = [*first["items"], *rest["items"]]
    assert [item["id"] for item in listed[:3]] == ids[::-1]
    assert {item["id"] for item in listed[3:]} == {p.user_id for p in initial_staff(own_clinic)}
    assert listed == [read_user(own_clinic, item["id"]).body for item in listed]
    assert rest["next_page_token"] is None


def test_invitation_sorts_roles_and_lowercases_the_email(own_clinic: TestClinic) -> None:
    new = {"email": address(own_clinic, "Asha.RAO").replace(".example", ".EXAMPLE"), "roles": ["doctor", "admin"]}

    invited = own_clinic.admin.post("/users", new).ok(201).body

    assert (invited["email"], invited["roles"]) == (address(own_clinic, "asha.rao"), ["admin", "doctor"])


def test_invitation_of_an_existing_member_is_a_conflict(own_clinic: TestClinic) -> None:
    invited = invite(own_clinic).ok(201).body

    invite(own_clinic, "admin").refused(409, "conflict")

    assert read_user(own_clinic, invited["id"]).body["roles"] == ["doctor"]


def test_invitation_of_a_member_of_another_clinic_is_invalid_and_reveals_nothing(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    email = address(other_clinic)
    theirs = other_clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).ok(201).body["id"]

    refused = own_clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).refused(422, "invalid")

    assert refused.body["errors"] == [{"pointer": "/email", "detail": "this address cannot be invited"}]
    assert firebase_account(theirs).clinic_id == other_clinic.id
    own_clinic.admin.get(f"/users/{theirs}").refused(404, "not-found")


def test_invitation_of_an_account_without_a_clinic_reuses_the_account(own_clinic: TestClinic) -> None:
    existing = accounts.account_of(address(own_clinic), own_clinic.id)

    invited = invite(own_clinic).ok(201)

    assert invited.body["id"] == existing
    assert accept_invitation(own_clinic, invited).get("/profile").status == 404


def test_invited_user_needs_a_token_issued_in_the_second_of_the_invitation_or_later(own_clinic: TestClinic) -> None:
    person = invite(own_clinic).ok(201).body["id"]
    since = stored_user(own_clinic, person).get("tokens_valid_after")

    def ask(issued: int) -> Reply:
        return own_clinic.doctor.get("/profile", Authorization=bearer(sub=person, clinic=own_clinic.id, iat=issued))

    assert since.microsecond == 0
    ask(int(since.timestamp()) - 1).refused(401, "unauthenticated")
    ask(int(since.timestamp())).refused(404, "not-found")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/email", "/roles"}),
        ({"email": "nobody", "roles": []}, {"/email", "/roles"}),
        ({"email": "asha@clinic.example", "roles": ["owner"]}, {"/roles/0"}),
        ({"email": "asha@clinic.example", "roles": ["doctor", "doctor"]}, {"/roles"}),
        ({"email": "asha@clinic.example", "roles": ["doctor"], "disabled": False}, {"/disabled"}),
    ],
)
def test_invalid_invitation_names_every_wrong_field(clinic: TestClinic, body: object, errors: set[str]) -> None:
    assert pointers(clinic.admin.post("/users", body).refused(422, "invalid")) == errors


def test_ten_concurrent_invitations_of_one_person_create_one_user(own_clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: invite(own_clinic))

    assert statuses(replies) == {201: 1, 409: 9}
    assert len(own_clinic.admin.get("/users").ok().body["items"]) == len(initial_staff(own_clinic)) + 1


def test_concurrent_invitations_by_two_clinics_succeed_for_one(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    clinics = [own_clinic, other_clinic]
    for number in range(ROUNDS):
        new = {"email": address(own_clinic, f"asha{number}"), "roles": ["doctor"]}

        replies = at_once(2, lambda n, new=new: clinics[n].admin.post("/users", new))  # type: ignore[misc]

        assert statuses(replies) == {201: 1, 422: 1}
        (winner,) = [n for n in range(2) if replies[n].status == 201]
        assert firebase_account(replies[winner].body["id"]).clinic_id == clinics[winner].id


# Crashes and lost responses


def test_invitation_repeated_after_a_crash_before_the_record_reuses_the_account(own_clinic: TestClinic) -> None:
    # The second read gets the record: its id is the account id, which is known only then.
    crash = own_clinic.stack.recorder.plant(Fault("firestore", "BatchGetDocuments", "users", "kill", skip=1))

    assert invite(own_clinic, key="asha-is-invited").status == 502
    created = accounts.account_of(address(own_clinic), own_clinic.id)
    listed = own_clinic.admin.get("/users").ok()
    invited = invite(own_clinic, key="asha-is-invited").ok(201)

    assert crash.fired.is_set()
    assert created not in listed.content.decode()
    assert invited.body["id"] == created
    accept_invitation(own_clinic, invited)


class ProcessCrash(BaseException):
    """Simulates the end of the process."""


def test_crash_between_account_and_commit_leaves_an_account_without_access(own_clinic: TestClinic) -> None:
    def crash(invited: User, _clinical: bool) -> StoredResponse:
        raise ProcessCrash

    caller = Caller(own_clinic.admin.user_id, frozenset({Role.ADMIN}), datetime.now(UTC))
    request = Idempotency("key-of-one", "scope", b"", crash, serialization.has_clinical)
    crashing = Clinic(RequestContext(own_clinic.id, caller, Origin("dies"), idempotency=request))
    with pytest.raises(ProcessCrash):
        staff.invite(crashing, NewUser(email=address(own_clinic), roles=[Role.DOCTOR]))

    accounts.mail_invitation(address(own_clinic))
    choose_password(own_clinic.stack, address(own_clinic))
    person = sign_in(own_clinic.stack, address(own_clinic))
    person.get("/profile").refused(403, "forbidden")
    assert invite(own_clinic).ok(201).body["id"] == person.user_id
    sign_in(own_clinic.stack, address(own_clinic)).get("/profile").refused(404, "not-found")


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_invitation_with_a_lost_response_is_replayed_with_a_valid_mail(own_clinic: TestClinic, outcome: str) -> None:
    lost = own_clinic.stack.recorder.plant(Fault("firestore", "Commit", "users", outcome))

    first = invite(own_clinic, key="asha-is-invited")
    again = invite(own_clinic, key="asha-is-invited").ok(201)

    assert lost.fired.is_set()
    assert first.status == (502 if outcome == "kill" else 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    accept_invitation(own_clinic, again)
