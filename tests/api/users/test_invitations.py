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


def test_invited_user_sets_a_password_signs_in_and_has_the_roles(clinic: TestClinic) -> None:
    invited = invite(clinic, "receptionist").ok(201)

    person = accept_invitation(clinic, invited)

    assert (invited.body["id"], invited.etag) == (person.user_id, '"1"')
    assert invited.body["email"] == address(clinic)
    new = {**PATIENT, "owner_id": clinic.doctor.user_id}
    patient = person.post("/patients", new).ok(201).body["id"]
    person.post("/sessions", {"patient_id": patient}).refused(403, "forbidden")


def test_users_are_listed_newest_first_and_equal_single_reads(clinic: TestClinic) -> None:
    names = ["a", "b", "c"]
    ids = [invite(clinic, name=name).ok(201).body["id"] for name in names]
    clinic.stack.wait_idle(60)  # the mails are sent

    first = clinic.admin.get("/users?page_size=2").ok().body
    rest = clinic.admin.get(f"/users?page_token={first['next_page_token']}").ok().body

    listed = [*first["items"], *rest["items"]]
    assert [item["id"] for item in listed[:3]] == ids[::-1]
    assert {item["id"] for item in listed[3:]} == {p.user_id for p in initial_staff(clinic)}
    assert listed == [read_user(clinic, item["id"]).body for item in listed]
    assert rest["next_page_token"] is None


def test_invitation_sorts_roles_and_lowercases_the_email(clinic: TestClinic) -> None:
    new = {"email": address(clinic, "Asha.RAO").replace(".example", ".EXAMPLE"), "roles": ["doctor", "admin"]}

    invited = clinic.admin.post("/users", new).ok(201).body

    assert (invited["email"], invited["roles"]) == (address(clinic, "asha.rao"), ["admin", "doctor"])


def test_invitation_of_an_existing_member_is_a_conflict(clinic: TestClinic) -> None:
    invited = invite(clinic).ok(201).body

    invite(clinic, "admin").refused(409, "conflict")

    assert read_user(clinic, invited["id"]).body["roles"] == ["doctor"]


def test_invitation_of_a_member_of_another_clinic_is_invalid_and_reveals_nothing(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    email = address(other_clinic)
    theirs = other_clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).ok(201).body["id"]

    refused = clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).refused(422, "invalid")

    assert refused.body["errors"] == [{"pointer": "/email", "detail": "this address cannot be invited"}]
    assert firebase_account(theirs).clinic_id == other_clinic.id
    clinic.admin.get(f"/users/{theirs}").refused(404, "not-found")


def test_invitation_of_an_account_without_a_clinic_reuses_the_account(clinic: TestClinic) -> None:
    existing = accounts.account_of(address(clinic), clinic.id)

    invited = invite(clinic).ok(201)

    assert invited.body["id"] == existing
    assert accept_invitation(clinic, invited).get("/profile").status == 404


def test_invited_user_needs_a_token_issued_in_the_second_of_the_invitation_or_later(clinic: TestClinic) -> None:
    person = invite(clinic).ok(201).body["id"]
    since = stored_user(clinic, person).get("tokens_valid_after")

    def ask(issued: int) -> Reply:
        return clinic.doctor.get("/profile", Authorization=bearer(sub=person, clinic=clinic.id, iat=issued))

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
def test_invalid_invitation_names_every_wrong_field(shared_clinic: TestClinic, body: object, errors: set[str]) -> None:
    assert pointers(shared_clinic.admin.post("/users", body).refused(422, "invalid")) == errors


def test_ten_concurrent_invitations_of_one_person_create_one_user(clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: invite(clinic))

    assert statuses(replies) == {201: 1, 409: 9}
    assert len(clinic.admin.get("/users").ok().body["items"]) == len(initial_staff(clinic)) + 1


def test_concurrent_invitations_by_two_clinics_succeed_for_one(clinic: TestClinic, other_clinic: TestClinic) -> None:
    clinics = [clinic, other_clinic]
    for number in range(ROUNDS):
        new = {"email": address(clinic, f"asha{number}"), "roles": ["doctor"]}

        replies = at_once(2, lambda n, new=new: clinics[n].admin.post("/users", new))  # type: ignore[misc]

        assert statuses(replies) == {201: 1, 422: 1}
        (winner,) = [n for n in range(2) if replies[n].status == 201]
        assert firebase_account(replies[winner].body["id"]).clinic_id == clinics[winner].id


# Crashes and lost responses


def test_invitation_repeated_after_a_crash_before_the_record_reuses_the_account(clinic: TestClinic) -> None:
    # The second read gets the record: its id is the account id, which is known only then.
    crash = clinic.stack.recorder.plant(Fault("firestore", "BatchGetDocuments", "users", "kill", skip=1))

    assert invite(clinic, key="asha-is-invited").status == 502
    created = accounts.account_of(address(clinic), clinic.id)
    listed = clinic.admin.get("/users").ok()
    invited = invite(clinic, key="asha-is-invited").ok(201)

    assert crash.fired.is_set()
    assert created not in listed.content.decode()
    assert invited.body["id"] == created
    accept_invitation(clinic, invited)


class ProcessCrash(BaseException):
    """Simulates the end of the process."""


def test_crash_between_account_and_commit_leaves_an_account_without_access(clinic: TestClinic) -> None:
    def crash(invited: User, _clinical: bool) -> StoredResponse:
        raise ProcessCrash

    caller = Caller(clinic.admin.user_id, frozenset({Role.ADMIN}), datetime.now(UTC))
    crashing = Clinic(
        RequestContext(clinic.id, caller, Origin("dies"), idempotency=Idempotency("key-of-one", "scope", b"", crash))
    )
    with pytest.raises(ProcessCrash):
        staff.invite(crashing, NewUser(email=address(clinic), roles=[Role.DOCTOR]))

    accounts.mail_invitation(address(clinic))
    choose_password(clinic.stack, address(clinic))
    person = sign_in(clinic.stack, address(clinic))
    person.get("/profile").refused(403, "forbidden")
    assert invite(clinic).ok(201).body["id"] == person.user_id
    sign_in(clinic.stack, address(clinic)).get("/profile").refused(404, "not-found")


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_invitation_with_a_lost_response_is_replayed_with_a_valid_mail(clinic: TestClinic, outcome: str) -> None:
    lost = clinic.stack.recorder.plant(Fault("firestore", "Commit", "users", outcome))

    first = invite(clinic, key="asha-is-invited")
    again = invite(clinic, key="asha-is-invited").ok(201)

    assert lost.fired.is_set()
    assert first.status == (502 if outcome == "kill" else 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    accept_invitation(clinic, again)
