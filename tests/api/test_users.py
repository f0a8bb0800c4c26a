"""The clinic's people: invited, given roles, shut out and let in again; and their accounts, which follow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.clinic.people import Invitation, NewUser, User
from shared.records.record import SYSTEM, Detailed, Stamp
from shared.records.types import Role
from shared.store import database
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext
from shared.store.idempotency import Idempotency, StoredResponse
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic import staff
from tests.api.test_profile import LOGO, picture
from tests.api.test_profile import send as send_logo
from tests.journeys.test_open_clinic import LINK, PASSWORD, sign_in, toolkit
from tests.support.audit import audit_of, new_trace, verify
from tests.support.call_counts import CountedCall, calls_during, calls_when_repeated, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import PATIENT, PROFILE, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.problems import pointers

pytestmark = pytest.mark.long

ROUNDS = 5
"""How often a race is run."""
FOLLOWER = "on_staff_changed"


def address(clinic: TestClinic, name: str = "asha") -> str:
    return f"{name}@{clinic.id}.example"


def invite(clinic: TestClinic, *roles: str, name: str = "asha", **how: Any) -> Reply:
    return clinic.admin.post("/users", {"email": address(clinic, name), "roles": list(roles or ["doctor"])}, **how)


def user(clinic: TestClinic, person: ApiClient | str) -> Reply:
    user_id = person if isinstance(person, str) else person.user_id
    return clinic.admin.get(f"/users/{user_id}").ok()


def change(
    clinic: TestClinic, person: ApiClient, what: str, *roles: str, by: ApiClient | None = None, etag: str = ""
) -> Reply:
    """Do `roles`, `disable` or `enable` to somebody."""
    path, etag = f"/users/{person.user_id}/{what}", etag or user(clinic, person).etag
    by = by or clinic.admin
    return by.put(path, {"roles": list(roles)}, etag=etag) if roles else by.post(path, key="", etag=etag)


def make_admin(clinic: TestClinic, person: ApiClient) -> ApiClient:
    change(clinic, person, "roles", "admin").ok()
    return person


def enter(clinic: TestClinic, invited: Reply, name: str = "asha") -> ApiClient:
    """Choose a password by the link of an invitation, and sign in."""
    (code,) = LINK.findall(invited.body["invitation_link"])
    answer = toolkit(clinic.stack, "resetPassword", {"oobCode": code.partition("&")[0], "newPassword": PASSWORD})
    assert answer.status == 200, answer.data
    return sign_in(clinic.stack, address(clinic, name))


def people(clinic: TestClinic) -> list[ApiClient]:
    """Who was there when the clinic was opened."""
    return [clinic.doctor, clinic.other_doctor, clinic.receptionist, clinic.admin]


def stored(clinic: TestClinic, user_id: str) -> Any:
    return database.client().document(f"clinics/{clinic.id}/users/{user_id}").get()


def account(user_id: str) -> accounts.Account:
    found = accounts.find(user_id)
    assert found is not None
    return found


def renewed(stack: Stack, refresh_token: str) -> Any:
    """What somebody gets who asks for another ID token."""
    body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    url = f"{stack.url}/securetoken.googleapis.com/v1/token?key=any"
    return urllib3.request("POST", url, json=body, retries=False).json()


# Inviting


def test_whoever_is_invited_chooses_a_password_signs_in_and_has_their_roles(clinic: TestClinic) -> None:
    invited = invite(clinic, "receptionist").ok(201)

    person = enter(clinic, invited)

    assert (invited.body["id"], invited.etag) == (person.user_id, '"1"')
    assert invited.body["email"] == address(clinic)
    new = {**PATIENT, "owner_id": clinic.doctor.user_id}
    patient = person.post("/patients", new).ok(201).body["id"]
    person.post("/sessions", {"patient_id": patient}).refused(403, "forbidden")


def test_people_are_listed_newest_first_and_read_one_by_one(clinic: TestClinic) -> None:
    names = ["a", "b", "c"]
    ids = [invite(clinic, name=name).ok(201).body["id"] for name in names]

    first = clinic.admin.get("/users?page_size=2").ok().body
    rest = clinic.admin.get(f"/users?page_token={first['next_page_token']}").ok().body

    listed = [*first["items"], *rest["items"]]
    assert [item["id"] for item in listed[:3]] == ids[::-1]
    assert {item["id"] for item in listed[3:]} == {p.user_id for p in people(clinic)}
    assert listed == [user(clinic, item["id"]).body for item in listed]
    assert rest["next_page_token"] is None


def test_a_link_is_shown_to_who_invited_and_never_again(clinic: TestClinic) -> None:
    invited = invite(clinic, key="asha-is-invited").ok(201)

    again = invite(clinic, key="asha-is-invited").ok(201)

    shown = [user(clinic, invited.body["id"]), clinic.admin.get("/users").ok()]
    assert again.content == invited.content
    assert not any(b"oobCode" in reply.content or b"invitation" in reply.content for reply in shown)


def test_roles_are_kept_in_one_order_and_an_address_as_firebase_keeps_it(clinic: TestClinic) -> None:
    new = {"email": address(clinic, "Asha.RAO").replace(".example", ".EXAMPLE"), "roles": ["doctor", "admin"]}

    invited = clinic.admin.post("/users", new).ok(201).body

    assert (invited["email"], invited["roles"]) == (address(clinic, "asha.rao"), ["admin", "doctor"])


def test_who_is_of_the_clinic_already_is_not_invited_again(clinic: TestClinic) -> None:
    invited = invite(clinic).ok(201).body

    invite(clinic, "admin").refused(409, "conflict")

    assert user(clinic, invited["id"]).body["roles"] == ["doctor"]


def test_who_is_of_another_clinic_is_refused_and_nothing_is_told_of_it(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    email = address(other_clinic)
    theirs = other_clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).ok(201).body["id"]

    refused = clinic.admin.post("/users", {"email": email, "roles": ["doctor"]}).refused(422, "invalid")

    assert refused.body["errors"] == [{"pointer": "/email", "detail": "this address cannot be invited"}]
    assert account(theirs).clinic_id == other_clinic.id
    clinic.admin.get(f"/users/{theirs}").refused(404, "not-found")


def test_who_has_an_account_and_no_clinic_is_invited_with_it(clinic: TestClinic) -> None:
    known = accounts.account_of(address(clinic), clinic.id)

    invited = invite(clinic).ok(201)

    assert invited.body["id"] == known
    assert enter(clinic, invited).get("/profile").status == 404


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({}, {"/email", "/roles"}),
        ({"email": "nobody", "roles": []}, {"/email", "/roles"}),
        ({"email": "asha@clinic.example", "roles": ["owner"]}, {"/roles/0"}),
        ({"email": "asha@clinic.example", "roles": ["doctor", "doctor"]}, {"/roles"}),
        ({"email": "asha@clinic.example", "roles": ["doctor"], "disabled": False}, {"/disabled"}),
    ],
)
def test_every_wrong_field_of_an_invitation_is_named(shared_clinic: TestClinic, wrong: object, where: set[str]) -> None:
    assert pointers(shared_clinic.admin.post("/users", wrong).refused(422, "invalid")) == where


def test_of_ten_who_invite_the_same_person_one_does(clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: invite(clinic))

    assert statuses(replies) == {201: 1, 409: 9}
    assert len(clinic.admin.get("/users").ok().body["items"]) == len(people(clinic)) + 1


def test_of_two_clinics_that_invite_the_same_person_one_gets_them(clinic: TestClinic, other_clinic: TestClinic) -> None:
    clinics = [clinic, other_clinic]
    for number in range(ROUNDS):
        new = {"email": address(clinic, f"asha{number}"), "roles": ["doctor"]}

        replies = at_once(2, lambda n, new=new: clinics[n].admin.post("/users", new))  # type: ignore[misc]

        assert statuses(replies) == {201: 1, 422: 1}
        (winner,) = [n for n in range(2) if replies[n].status == 201]
        assert account(replies[winner].body["id"]).clinic_id == clinics[winner].id


# Changing


def test_a_role_counts_from_the_next_request_on(clinic: TestClinic) -> None:
    session = f"/sessions/{clinic.session().body['id']}"
    clinic.doctor.get(session).ok()

    desk = change(clinic, clinic.doctor, "roles", "receptionist").ok()

    clinic.doctor.get(session).refused(403, "forbidden")
    assert (desk.body["roles"], desk.etag) == (["receptionist"], '"2"')
    change(clinic, clinic.doctor, "roles", "doctor").ok()
    clinic.doctor.get(session).ok()


def test_who_is_disabled_is_shut_out_at_once_and_comes_in_again_by_signing_in_anew(clinic: TestClinic) -> None:
    old = clinic.doctor
    old.get("/profile").ok()

    disabled = change(clinic, old, "disable").ok()
    old.get("/profile").refused(401, "unauthenticated")
    enabled = change(clinic, old, "enable").ok()

    old.get("/profile").refused(401, "unauthenticated")
    assert (disabled.body["disabled"], enabled.body["disabled"], enabled.etag) == (True, False, '"3"')
    time.sleep(1)  # tokens tell the second
    ApiClient(clinic.stack.url, old.user_id, clinic.id).get("/profile").ok()


def test_who_is_out_cannot_be_shut_out_and_who_is_in_not_let_in(clinic: TestClinic) -> None:
    change(clinic, clinic.doctor, "enable").refused(409, "conflict")
    change(clinic, clinic.doctor, "disable").ok()
    change(clinic, clinic.doctor, "disable").refused(409, "conflict")

    assert user(clinic, clinic.doctor).etag == '"2"'


CHANGES: dict[str, Callable[[TestClinic, ApiClient, str], Reply]] = {
    "roles": lambda clinic, by, etag: change(clinic, clinic.doctor, "roles", "admin", by=by, etag=etag),
    "disable": lambda clinic, by, etag: change(clinic, clinic.doctor, "disable", by=by, etag=etag),
    "enable": lambda clinic, by, etag: change(clinic, clinic.doctor, "enable", by=by, etag=etag),
}
every_change = pytest.mark.parametrize("what", CHANGES)


@every_change
def test_people_are_changed_only_over_the_revision_seen(shared_clinic: TestClinic, what: str) -> None:
    path, body = f"/users/{shared_clinic.doctor.user_id}/{what}", {"roles": ["admin"]} if what == "roles" else None

    shared_clinic.admin.send("PUT" if body else "POST", path, body).refused(428, "precondition-required")
    CHANGES[what](shared_clinic, shared_clinic.admin, '"7"').refused(412, "stale")

    assert user(shared_clinic, shared_clinic.doctor).etag == '"1"'


@every_change
def test_only_admins_of_the_clinic_change_its_people(
    shared_clinic: TestClinic, other_clinic: TestClinic, what: str
) -> None:
    for nobody in (shared_clinic.doctor, shared_clinic.receptionist):
        CHANGES[what](shared_clinic, nobody, '"1"').refused(403, "forbidden")
    CHANGES[what](shared_clinic, other_clinic.admin, '"1"').refused(404, "not-found")

    assert user(shared_clinic, shared_clinic.doctor).etag == '"1"'


def test_only_admins_see_and_invite_people(shared_clinic: TestClinic) -> None:
    for nobody in (shared_clinic.doctor, shared_clinic.receptionist):
        nobody.get("/users").refused(403, "forbidden")
        nobody.get(f"/users/{nobody.user_id}").refused(403, "forbidden")
        nobody.post("/users", {"email": address(shared_clinic), "roles": ["admin"]}).refused(403, "forbidden")

    assert len(shared_clinic.admin.get("/users").ok().body["items"]) == len(people(shared_clinic))


def test_of_thirty_changes_over_one_etag_one_is_made(clinic: TestClinic) -> None:
    replies = at_once(30, lambda n: CHANGES["disable" if n % 2 else "roles"](clinic, clinic.admin, '"1"'))

    assert statuses(replies) == {200: 1, 412: 29}


def test_every_change_of_a_right_is_in_the_audit_trail(clinic: TestClinic) -> None:
    person = ApiClient(clinic.stack.url, invite(clinic).ok(201).body["id"], clinic.id)
    email = address(clinic, "other")
    new = {"email": email, "roles": ["doctor", "admin"]}
    asked: list[tuple[str, str, list[str], Callable[[dict[str, str]], Reply]]] = [
        ("user.roles", "done", ["receptionist"], lambda h: put_roles(clinic, person, '"1"', h)),
        ("user.roles", "stale", [], lambda h: put_roles(clinic, person, '"1"', h)),
        ("user.disable", "done", ["receptionist"], lambda h: act(clinic, person, "disable", '"2"', h)),
        ("user.enable", "done", ["receptionist"], lambda h: act(clinic, person, "enable", '"3"', h)),
        ("user.invite", "done", ["admin", "doctor"], lambda h: clinic.admin.post("/users", new, **h)),
    ]

    for action, outcome, roles, ask in asked:
        trace, headers = new_trace()
        reply = ask(headers)
        (entry,) = audit_of(clinic, trace)
        verify(clinic, entry)
        changed = reply.body["id"] if outcome == "done" else person.user_id
        assert (entry["action"], entry["outcome"], entry["actor_id"]) == (action, outcome, clinic.admin.user_id)
        assert entry["documents"] == [f"users/{changed}"]
        assert entry["granted"] == [f"{changed} {role}" for role in roles]
        assert ".example" not in repr(entry)


def put_roles(clinic: TestClinic, person: ApiClient, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.put(f"/users/{person.user_id}/roles", {"roles": ["receptionist"]}, etag=etag, **headers)


def act(clinic: TestClinic, person: ApiClient, what: str, etag: str, headers: dict[str, str]) -> Reply:
    return clinic.admin.post(f"/users/{person.user_id}/{what}", key="", etag=etag, **headers)


# The last admin


def test_the_last_admin_stays(clinic: TestClinic) -> None:
    former = make_admin(clinic, clinic.doctor)
    change(clinic, former, "disable").ok()

    refused = [
        change(clinic, clinic.admin, "roles", "doctor"),
        change(clinic, clinic.admin, "disable"),
    ]

    assert [reply.refused(409, "conflict").body["detail"] for reply in refused] == [
        "the clinic needs another admin first"
    ] * 2
    assert change(clinic, clinic.admin, "roles", "admin", "doctor").ok().etag == '"2"'


def test_an_admin_leaves_when_there_is_another_one(clinic: TestClinic) -> None:
    other = make_admin(clinic, clinic.doctor)

    change(clinic, clinic.admin, "roles", "receptionist").ok()

    clinic.admin.get("/users").refused(403, "forbidden")
    other.get("/users").ok()


def test_of_two_admins_who_demote_each_other_one_stays(clinic: TestClinic) -> None:
    pair = [clinic.admin, make_admin(clinic, clinic.doctor)]
    for _ in range(ROUNDS):
        replies = leave_at_once(clinic, pair, "roles", by=pair[::-1])

        assert statuses(replies) == {200: 1, 403: 1}
        pair = restore(clinic, pair[1] if replies[0].status == 200 else pair[0], pair)


@pytest.mark.parametrize("what", ["disable", "roles"])
def test_of_two_admins_who_leave_at_once_one_stays(clinic: TestClinic, what: str) -> None:
    pair = [clinic.admin, make_admin(clinic, clinic.doctor)]
    for _ in range(ROUNDS):
        replies = leave_at_once(clinic, pair, what, by=pair)

        assert statuses(replies) == {200: 1, 409: 1}
        pair = restore(clinic, pair[0] if replies[0].status == 409 else pair[1], pair)


def leave_at_once(clinic: TestClinic, pair: list[ApiClient], what: str, by: list[ApiClient]) -> list[Reply]:
    """Both admins are no longer admins, each by somebody's request; the answers."""
    etags = [pair[0].get(f"/users/{admin.user_id}").ok().etag for admin in pair]
    roles = ["receptionist"] if what == "roles" else []
    return at_once(2, lambda n: change(clinic, pair[n], what, *roles, by=by[n], etag=etags[n]))


def restore(clinic: TestClinic, admin: ApiClient, pair: list[ApiClient]) -> list[ApiClient]:
    """Both are enabled admins again, with tokens of now."""
    for person in pair:
        path = f"/users/{person.user_id}"
        state = admin.get(path).ok()
        if state.body["disabled"]:
            state = admin.post(f"{path}/enable", key="", etag=state.etag).ok()
            time.sleep(1)  # tokens tell the second
        if state.body["roles"] != ["admin"]:
            admin.put(f"{path}/roles", {"roles": ["admin"]}, etag=state.etag).ok()
    return [ApiClient(clinic.stack.url, person.user_id, clinic.id) for person in pair]


# Doctors


def test_everybody_can_name_the_doctors(clinic: TestClinic) -> None:
    change(clinic, clinic.admin, "roles", "admin", "doctor").ok()
    change(clinic, clinic.other_doctor, "disable").ok()
    empty = {"first_name": None, "last_name": None, "specialization": None}
    named = {name: PROFILE[name] for name in empty}

    seen = [person.get("/users/doctors").ok().body for person in (clinic.receptionist, clinic.doctor, clinic.admin)]

    assert seen[0]["items"] == [
        {"id": clinic.doctor.user_id, **named},
        {"id": clinic.admin.user_id, **empty},
    ]
    assert seen[0]["next_page_token"] is None
    assert [page["items"] for page in seen] == [seen[0]["items"]] * 3


def test_doctors_come_in_pages(clinic: TestClinic) -> None:
    first = clinic.receptionist.get("/users/doctors?page_size=1").ok().body
    token = first["next_page_token"]
    rest = clinic.receptionist.get(f"/users/doctors?page_size=1&page_token={token}").ok().body

    found = {page["items"][0]["id"] for page in (first, rest)}
    assert found == {clinic.doctor.user_id, clinic.other_doctor.user_id}
    clinic.admin.get(f"/users?page_token={token}").refused(422, "invalid")


# The account follows


def test_an_account_follows_its_record(clinic: TestClinic) -> None:
    invited = invite(clinic).ok(201)
    person = enter(clinic, invited)
    clinic.stack.wait_idle(60)
    before = account(person.user_id)
    assert (before.clinic_id, before.disabled) == (clinic.id, False)

    time.sleep(1)  # so that it shows that tokens were revoked
    change(clinic, person, "disable").ok()
    clinic.stack.wait_idle(60)
    out = account(person.user_id)
    change(clinic, person, "enable").ok()
    clinic.stack.wait_idle(60)

    assert out.disabled
    assert out.valid_since > before.valid_since
    assert account(person.user_id) == replace(out, disabled=False)


def test_who_is_disabled_can_neither_sign_in_nor_stay_signed_in(clinic: TestClinic) -> None:
    person = enter(clinic, invite(clinic).ok(201))
    signed_in = toolkit(clinic.stack, "signInWithPassword", {"email": address(clinic), "password": PASSWORD}).json()
    time.sleep(1)  # tokens tell the second
    change(clinic, person, "disable").ok()
    clinic.stack.wait_idle(60)

    again = toolkit(clinic.stack, "signInWithPassword", {"email": address(clinic), "password": PASSWORD})

    assert again.json()["error"]["message"] == "USER_DISABLED"
    change(clinic, person, "enable").ok()
    clinic.stack.wait_idle(60)
    assert renewed(clinic.stack, signed_in["refreshToken"])["error"]["message"] == "TOKEN_EXPIRED"
    sign_in(clinic.stack, address(clinic))


def test_an_account_that_was_changed_by_hand_is_brought_in_line_by_any_delivery(clinic: TestClinic) -> None:
    user_id = invite(clinic).ok(201).body["id"]
    clinic.stack.wait_idle(60)
    whole = account(user_id)
    accounts.follow(user_id, "", disabled=True)

    staff.follow(system_clinic(clinic.id, "again"), user_id)

    assert account(user_id) == whole


def test_old_deliveries_in_any_order_leave_the_account_as_the_record_is(clinic: TestClinic) -> None:
    person = ApiClient(clinic.stack.url, invite(clinic).ok(201).body["id"], clinic.id)
    change(clinic, person, "disable").ok()
    clinic.stack.wait_idle(60)
    events = [d.event for d in clinic.stack.triggers.history if person.user_id in d.event.headers["ce-subject"]]
    before, record = account(person.user_id), stored(clinic, person.user_id)

    statuses = [clinic.stack.triggers.deliver(FOLLOWER, event) for event in [*reversed(events), *events]]

    assert len(events) == 2
    assert {status // 100 for status in statuses} == {2}
    assert account(person.user_id) == before
    assert stored(clinic, person.user_id) == record


def test_who_follows_looks_again_and_so_misses_no_change_meanwhile(clinic: TestClinic) -> None:
    person = ApiClient(clinic.stack.url, invite(clinic).ok(201).body["id"], clinic.id)
    clinic.stack.wait_idle(60)
    accounts.follow(person.user_id, "", disabled=False)

    class Overtaken(Clinic):
        """It is disabled right after the first look."""

        def perform(self, action: str, transaction: Any) -> Any:
            looks.append(super().perform(action, transaction))
            if len(looks) == 1:
                change(clinic, person, "disable").ok()
                clinic.stack.wait_idle(60)
            return looks[-1]

    looks: list[Any] = []
    seen = system_clinic(clinic.id, "overtaken")
    staff.follow(Overtaken(seen.context), person.user_id)

    assert [look.disabled for look in looks] == [False, True, True]
    assert account(person.user_id).disabled


def test_an_account_of_another_clinic_is_left_alone(clinic: TestClinic, other_clinic: TestClinic) -> None:
    theirs = other_clinic.admin.post("/users", {"email": address(clinic), "roles": ["doctor"]}).ok(201).body["id"]
    other_clinic.stack.wait_idle(60)
    before = account(theirs)

    def transaction(work: UnitOfWork) -> None:
        work.prefetch()
        values = {"email": address(clinic), "roles": [Role.DOCTOR], "tokens_valid_after": work.now, "disabled": True}
        work.create(User.new(theirs, Stamp(SYSTEM, work.now), **values))

    system_clinic(clinic.id, "planted").perform("user.invite", transaction)
    clinic.stack.wait_idle(60)

    assert account(theirs) == before


def test_following_writes_no_record(clinic: TestClinic) -> None:
    mark = clinic.stack.recorder.mark()
    user_id = invite(clinic).ok(201).body["id"]
    clinic.stack.wait_idle(60)

    calls = [call for call in clinic.stack.recorder.calls(mark) if call.caller == FOLLOWER and user_id in repr(call)]
    events = [d for d in clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"]]

    assert calls
    assert {call.method for call in calls} == {"BatchGetDocuments"}
    assert len(events) == 1


# Crashes and lost answers


def test_a_crash_between_the_account_and_the_record_leaves_nothing_that_is_not_taken_up(clinic: TestClinic) -> None:
    # The second read asks for the record, once it is known which account it is.
    crash = clinic.stack.recorder.plant(Fault("firestore", "BatchGetDocuments", "users", "kill", skip=1))

    assert invite(clinic, key="asha-is-invited").status == 502
    made = accounts.account_of(address(clinic), clinic.id)
    listed = clinic.admin.get("/users").ok()
    invited = invite(clinic, key="asha-is-invited").ok(201)

    assert crash.fired.is_set()
    assert made not in listed.content.decode()
    assert invited.body["id"] == made
    enter(clinic, invited)


class Died(BaseException):
    """The end of a process."""


def test_who_invites_and_dies_before_the_commit_leaves_an_account_that_opens_nothing(clinic: TestClinic) -> None:
    def die(invited: Detailed[User, Invitation], _clinical: bool) -> StoredResponse:
        links.append(invited.extra.invitation_link)
        raise Died

    links: list[str] = []
    caller = Caller(clinic.admin.user_id, frozenset({Role.ADMIN}), datetime.now(UTC))
    dying = Clinic(
        RequestContext(clinic.id, caller, Origin("dies"), idempotency=Idempotency("key-of-one", "scope", b"", die))
    )
    with pytest.raises(Died):
        staff.invite(dying, NewUser(email=address(clinic), roles=[Role.DOCTOR]))

    (code,) = LINK.findall(links[0])
    toolkit(clinic.stack, "resetPassword", {"oobCode": code.partition("&")[0], "newPassword": PASSWORD})
    person = sign_in(clinic.stack, address(clinic))
    person.get("/profile").refused(403, "forbidden")
    assert invite(clinic).ok(201).body["id"] == person.user_id
    person.get("/profile").refused(404, "not-found")


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_an_invitation_whose_answer_is_lost_is_answered_again_with_the_same_link(
    clinic: TestClinic, outcome: str
) -> None:
    lost = clinic.stack.recorder.plant(Fault("firestore", "Commit", "users", outcome))

    first = invite(clinic, key="asha-is-invited")
    again = invite(clinic, key="asha-is-invited").ok(201)

    assert lost.fired.is_set()
    assert first.status == (502 if outcome == "kill" else 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    enter(clinic, again)


def test_who_follows_and_dies_is_followed_by_another_delivery(clinic: TestClinic) -> None:
    person = ApiClient(clinic.stack.url, invite(clinic).ok(201).body["id"], clinic.id)
    clinic.stack.wait_idle(60)
    crashes = [
        clinic.stack.recorder.plant(Fault("firestore", method, FOLLOWER, "kill", skip=skip))
        for method, skip in (("BatchGetDocuments", 0), ("Commit", 0), ("BatchGetDocuments", 1))
    ]

    change(clinic, person, "disable").ok()
    clinic.stack.wait_idle(90)

    assert all(crash.fired.is_set() for crash in crashes)
    assert account(person.user_id).disabled


# What it costs


def test_requests_about_people_ask_google_for_exactly_this(clinic: TestClinic) -> None:
    admin, desk, names = clinic.admin, clinic.receptionist, iter("ab")

    asked = {
        "list": calls_when_repeated(clinic, "users", lambda: admin.get("/users").ok()),
        "get": calls_when_repeated(clinic, "users", lambda: admin.get(f"/users/{desk.user_id}").ok()),
        "doctors": calls_when_repeated(clinic, "users", lambda: desk.get("/users/doctors").ok()),
        "invite": calls_when_repeated(clinic, "users", lambda: invite(clinic, name=next(names)).ok(201)),
    }

    # The caller is read first, before anything is looked for or asked of Firebase.
    assert asked == {
        "list": [reads(1), query(len(people(clinic))), commit(1)],
        "get": [reads(2), commit(1)],
        "doctors": [reads(1), query(2), reads(2), commit(1)],
        # The caller and an earlier answer; the record. Record, answer and audit entry.
        "invite": [reads(2), reads(1), commit(3)],
    }


def test_changes_of_people_ask_google_for_exactly_this(clinic: TestClinic) -> None:
    admin, doctor = clinic.admin, clinic.doctor
    make_admin(clinic, doctor)

    asked = {
        "disable": calls_of_change(clinic, lambda: change(clinic, doctor, "disable", etag='"2"').ok()),
        "enable": calls_of_change(clinic, lambda: change(clinic, doctor, "enable", etag='"3"').ok()),
        "own": calls_of_change(clinic, lambda: change(clinic, admin, "roles", "receptionist", etag='"1"').ok()),
    }

    assert asked == {
        # The caller is the other admin, who must stay one.
        "disable": [reads(2), commit(3)],
        "enable": [reads(2), commit(2)],
        # Another one is looked for.
        "own": [reads(1), query(2), commit(3)],
    }


def test_an_account_that_follows_asks_google_for_exactly_this(clinic: TestClinic) -> None:
    user_id = invite(clinic).ok(201).body["id"]

    asked = calls_when_repeated(clinic, FOLLOWER, lambda: staff_event(clinic, user_id))

    assert asked == [reads(1), commit(1)]


def test_requests_about_a_logo_ask_google_for_exactly_this(clinic: TestClinic) -> None:
    doctor, etags = clinic.doctor, iter(f'"{number}"' for number in range(1, 9))

    asked = {
        "write": calls_when_repeated(
            clinic, "profile", lambda: send_logo(doctor, picture("PNG"), etag=next(etags)).ok()
        ),
        "read": calls_when_repeated(clinic, "profile", lambda: doctor.get(LOGO).ok()),
        "delete": calls_during(clinic, "profile", lambda: doctor.delete(LOGO, etag=next(etags)).ok(204)),
    }

    assert asked == {
        "write": [reads(2), commit(2)],
        "read": [reads(2), commit(1)],
        "delete": [reads(2), commit(2)],
    }


def query(documents: int) -> CountedCall:
    return ("firestore", "RunQuery", documents)


def calls_of_change(clinic: TestClinic, act: Callable[[], object]) -> list[CountedCall]:
    return calls_during(clinic, "users", act)


def staff_event(clinic: TestClinic, user_id: str) -> None:
    """Deliver what told of somebody's last change again."""
    clinic.stack.wait_idle(60)
    *_, last = (d for d in clinic.stack.triggers.history if user_id in d.event.headers["ce-subject"])
    assert clinic.stack.triggers.deliver(FOLLOWER, last.event) // 100 == 2
