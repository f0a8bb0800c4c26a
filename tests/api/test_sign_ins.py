"""What ends a sign-in: a password, a revocation or a deletion at Identity Platform, and signing out (S13).

A token of an issuer whose clock is a little ahead is accepted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from firebase_admin import auth

from local.stack.stack import Stack, Variant
from shared.gateways import accounts
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.password_sign_in import PASSWORD
from tests.support.seconds import next_second
from tests.support.token_issuer import Verifying, verifying

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def uncached(stack: Stack) -> Iterator[Variant]:
    """Functions that look up the account for every request."""
    with stack.variant({"ACCOUNT_CACHE_SECONDS": "0"}) as variant:
        yield variant


def signed_in(clinic: TestClinic, variant: Variant) -> tuple[ApiClient, dict[str, Any]]:
    """The doctor, signed in by password a second ago; and the tokens."""
    user_id = clinic.doctor.user_id
    auth.update_user(user_id, password=PASSWORD, valid_since=1, app=accounts._app())
    next_second()
    tokens = toolkit(clinic.stack, "signInWithPassword", {"email": f"{user_id}@accounts.example", "password": PASSWORD})
    next_second()
    client = ApiClient(variant.url, user_id, clinic.id)
    client.token = tokens["idToken"]
    return client, tokens


def toolkit(stack: Stack, method: str, body: object) -> dict[str, Any]:
    url = f"{stack.url}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any"
    answer: dict[str, Any] = urllib3.request("POST", url, json=body, retries=False).json()
    return answer


def refreshed(stack: Stack, refresh_token: str) -> dict[str, Any]:
    body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    url = f"{stack.url}/securetoken.googleapis.com/v1/token?key=any"
    answer: dict[str, Any] = urllib3.request("POST", url, json=body, retries=False).json()
    return answer


ENDINGS: dict[str, Callable[[str], object]] = {
    "new password": lambda user_id: auth.update_user(user_id, password="another password", app=accounts._app()),
    "revocation": lambda user_id: auth.revoke_refresh_tokens(user_id, app=accounts._app()),
    "disabled account": lambda user_id: auth.update_user(user_id, disabled=True, app=accounts._app()),
    "deleted account": lambda user_id: auth.delete_user(user_id, app=accounts._app()),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_change_at_identity_platform_ends_older_tokens(own_clinic: TestClinic, uncached: Variant, ending: str) -> None:
    doctor, _ = signed_in(own_clinic, uncached)
    doctor.get("/users/doctors").ok()

    ENDINGS[ending](doctor.user_id)

    doctor.get("/profile").refused(401, "unauthenticated")


def test_person_who_changes_their_password_goes_on_with_the_new_token(
    own_clinic: TestClinic, uncached: Variant
) -> None:
    doctor, tokens = signed_in(own_clinic, uncached)

    changed = toolkit(own_clinic.stack, "update", {"idToken": tokens["idToken"], "password": "another password"})

    doctor.get("/profile").refused(401, "unauthenticated")
    doctor.token = changed["idToken"]
    doctor.get("/users/doctors").ok()


# Sign-out


def sign_out(client: ApiClient, **headers: str) -> Reply:
    return client.post("/profile/sign-out", key="", **headers)


def test_sign_out_ends_all_tokens_and_sign_ins_at_once(own_clinic: TestClinic, uncached: Variant) -> None:
    doctor, tokens = signed_in(own_clinic, uncached)
    elsewhere = own_clinic.doctor

    sign_out(doctor).ok(204)

    for client in (doctor, elsewhere):
        client.get("/profile").refused(401, "unauthenticated")
    own_clinic.stack.wait_idle(60)
    assert refreshed(own_clinic.stack, tokens["refreshToken"])["error"]["message"] == "TOKEN_EXPIRED"
    next_second()
    ApiClient(uncached.url, doctor.user_id, own_clinic.id).get("/users/doctors").ok()


def test_token_that_was_refreshed_after_the_sign_out_is_refused(own_clinic: TestClinic, uncached: Variant) -> None:
    """The sign-in behind the token is older, also while Identity Platform has not heard of the sign-out."""
    doctor, tokens = signed_in(own_clinic, uncached)
    sign_out(doctor).ok(204)
    next_second()
    own_clinic.stack.wait_idle(60)
    accounts.sign_out(doctor.user_id, 1)

    doctor.token = refreshed(own_clinic.stack, tokens["refreshToken"])["id_token"]

    doctor.get("/profile").refused(401, "unauthenticated")


def test_repeated_sign_out_is_refused_and_others_stay_signed_in(own_clinic: TestClinic) -> None:
    sign_out(own_clinic.receptionist).ok(204)

    sign_out(own_clinic.receptionist).refused(401, "unauthenticated")
    own_clinic.admin.get("/users/doctors").ok()
    own_clinic.doctor.get("/users/doctors").ok()


def test_sign_out_is_audited(own_clinic: TestClinic) -> None:
    trace, headers = new_trace()

    sign_out(own_clinic.doctor, **headers).ok(204)

    (entry,) = audit_of(own_clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("user.sign_out", "done")


# Look-ups


def test_account_is_looked_up_once_per_process_and_minute(own_clinic: TestClinic) -> None:
    own_clinic.stack.wait_idle(60)
    own_clinic.stack.functions.kill("profile")
    mark = own_clinic.stack.recorder.mark()

    replies = at_once(8, lambda _: own_clinic.doctor.get("/profile"))
    for _ in range(5):
        own_clinic.doctor.get("/profile").ok()

    calls = [call.method for call in own_clinic.stack.recorder.calls(mark) if call.service == "auth"]
    assert statuses(replies) == {200: 8}
    assert calls == ["accounts:lookup"]


def test_refused_tokens_cost_no_look_up(own_clinic: TestClinic) -> None:
    own_clinic.stack.wait_idle(60)
    mark = own_clinic.stack.recorder.mark()

    own_clinic.doctor.get("/profile", Authorization="Bearer a.b.c").refused(401, "unauthenticated")

    assert [call for call in own_clinic.stack.recorder.calls(mark) if call.service == "auth"] == []


# The issuer's clock


@pytest.fixture(scope="module")
def verifying_stack(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifying]:
    with verifying(stack, tmp_path_factory.mktemp("firebase")) as verifying_stack:
        yield verifying_stack


def status_of(verifying_stack: Verifying, clinic: TestClinic, **claims: int) -> int:
    return verifying_stack.client(clinic.doctor, clinic=clinic.id, **claims).get("/profile").status


@pytest.mark.parametrize("ahead", [1, 3, 5, 9])
def test_token_of_an_issuer_whose_clock_is_a_little_ahead_is_accepted(
    verifying_stack: Verifying, own_clinic: TestClinic, ahead: int
) -> None:
    now = int(time.time())

    claims = {"iat": now + ahead, "auth_time": now + ahead, "exp": now + ahead + 3600}

    assert status_of(verifying_stack, own_clinic, **claims) == 200


@pytest.mark.parametrize("claim", ["iat", "auth_time"])
def test_token_of_an_issuer_far_ahead_is_refused(
    verifying_stack: Verifying, own_clinic: TestClinic, claim: str
) -> None:
    now = int(time.time())

    assert status_of(verifying_stack, own_clinic, **{claim: now + 30, "exp": now + 3600}) == 401


def test_expired_token_gets_no_tolerance(verifying_stack: Verifying, own_clinic: TestClinic) -> None:
    now = int(time.time())

    assert status_of(verifying_stack, own_clinic, iat=now - 3600, exp=now - 1) == 401
