"""ID tokens are verified as when deployed: by firebase-admin, against certificates that it fetches over HTTPS."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local.stack.stack import Stack
from tests.support.charts import LONG_AGO
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.problems import without_trace
from tests.support.token_issuer import A_LONG_TIME, Key, Unsigned, Verifying, encoded, usual, verifying

pytestmark = pytest.mark.long

FUNCTION = "profile"
PATIENCE = 10.0
"""Seconds within which a request is answered, even if the certificates do not come."""


@pytest.fixture(scope="module")
def door(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifying]:
    with verifying(stack, tmp_path_factory.mktemp("firebase")) as door:
        yield door


@pytest.fixture(scope="module")
def shared_clinic(stack: Stack) -> TestClinic:
    """A clinic that these tests only read, whose doctor's tokens of long ago are not revoked."""
    shared_clinic = clinic_with_profile(stack)
    alter(shared_clinic, f"users/{shared_clinic.doctor.user_id}", {"tokens_valid_after": LONG_AGO})
    return shared_clinic


@pytest.fixture
def fresh(door: Verifying) -> Iterator[Verifying]:
    """The functions as they are before they have any certificate."""
    door.variant.functions.kill(FUNCTION)
    yield door
    firebase = door.firebase
    firebase.keys = {"first": firebase.key}
    firebase.max_age, firebase.status, firebase.delay, firebase.reachable = A_LONG_TIME, 200, 0.0, True
    door.variant.functions.kill(FUNCTION)


def doctor_of(door: Verifying, clinic: TestClinic, **claims: object) -> ApiClient:
    return door.client(clinic.doctor, **{"clinic": clinic.id, **claims})


def ask(door: Verifying, token: str) -> Reply:
    client = ApiClient(door.variant.url, "", "")
    return client.get("/profile", Authorization=f"Bearer {token}")


# Tokens


def test_a_properly_signed_token_is_accepted(door: Verifying, shared_clinic: TestClinic) -> None:
    assert doctor_of(door, shared_clinic).get("/profile").ok().body["last_name"] == "Iyer"


HOUR = 3600
CLAIMS: dict[str, Callable[[int], dict[str, object]]] = {
    "expired": lambda now: {"iat": now - 2 * HOUR, "exp": now - 1},
    "not yet valid": lambda now: {"iat": now + HOUR, "exp": now + 2 * HOUR},
    "no time of issue": lambda now: {"iat": None},
    "no expiry": lambda now: {"exp": None},
    "wrong audience": lambda now: {"aud": "another-project"},
    "two audiences": lambda now: {"aud": ["demo-synapse", "another-project"]},
    "wrong issuer": lambda now: {"iss": "https://securetoken.google.com/another-project"},
    "session cookie": lambda now: {"iss": "https://session.firebase.google.com/demo-synapse"},
    "no subject": lambda now: {"sub": None},
    "empty subject": lambda now: {"sub": ""},
    "subject that is no text": lambda now: {"sub": 7},
    "too long subject": lambda now: {"sub": "x" * 129},
}


@pytest.mark.parametrize("case", CLAIMS)
def test_a_signed_token_with_wrong_claims_is_refused(door: Verifying, shared_clinic: TestClinic, case: str) -> None:
    refused(door, doctor_of(door, shared_clinic, **CLAIMS[case](int(time.time()))).token)


def signed_by_another(door: Verifying, token: Unsigned) -> str:
    return token.signed(Key().sign(token.text))


def with_header(**changes: object) -> Callable[[Verifying, Unsigned], str]:
    """Signed with our key under another header."""

    def make(door: Verifying, token: Unsigned) -> str:
        header = {name: value for name, value in {**token.header, **changes}.items() if value is not None}
        altered = Unsigned(header, token.claims)
        return altered.signed(door.firebase.key.sign(altered.text))

    return make


def without_signature(_door: Verifying, token: Unsigned) -> str:
    return Unsigned({**token.header, "alg": "none"}, token.claims).signed(b"")


def with_the_certificate_as_secret(door: Verifying, token: Unsigned) -> str:
    altered = Unsigned({**token.header, "alg": "HS256"}, token.claims)
    return altered.signed(hmac.digest(door.firebase.key.certificate, altered.text, hashlib.sha256))


def tampered_with(door: Verifying, token: Unsigned) -> str:
    return Unsigned(token.header, {**token.claims, "admin": True}).signed(door.firebase.key.sign(token.text))


FORGERIES: dict[str, Callable[[Verifying, Unsigned], str]] = {
    "another key under a known id": signed_by_another,
    "unknown key id": with_header(kid="unknown"),
    "no key id": with_header(kid=None),
    "key id that is no text": with_header(kid=["first"]),
    "alg none": without_signature,
    "alg none, signed": with_header(alg="none"),
    "alg RS512": with_header(alg="RS512"),
    "HS256 with the certificate as secret": with_the_certificate_as_secret,
    "tampered payload": tampered_with,
    "no signature": lambda _, token: token.signed(b""),
    "two parts": lambda _, token: token.text.decode(),
    "no JSON": lambda _, token: "a.b.c",
    "deeply nested": lambda _, token: f"{encoded(b'[' * 10_000)}.{token.text.decode().rpartition('.')[2]}.",
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_token_is_refused(door: Verifying, shared_clinic: TestClinic, case: str) -> None:
    refused(door, FORGERIES[case](door, usual(shared_clinic.doctor.user_id, clinic=shared_clinic.id)))


def test_a_revoked_token_is_refused_and_a_later_one_accepted(door: Verifying, clinic: TestClinic) -> None:
    now = int(time.time())
    alter(clinic, f"users/{clinic.doctor.user_id}", {"tokens_valid_after": datetime.fromtimestamp(now - 60, UTC)})

    refused(door, doctor_of(door, clinic, iat=now - 61).token)
    doctor_of(door, clinic, iat=now - 60).get("/profile").ok()


def test_a_signed_token_of_a_disabled_user_is_refused(door: Verifying, clinic: TestClinic) -> None:
    alter(clinic, f"users/{clinic.doctor.user_id}", {"disabled": True})

    refused(door, doctor_of(door, clinic).token)


def refused(door: Verifying, token: str) -> None:
    """The answer says nothing of the reason."""
    reply = ask(door, token).refused(401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert without_trace(reply) == {
        "type": "urn:synapseai:problem:unauthenticated",
        "title": "A valid ID token is required",
        "status": 401,
    }


# Certificates


def test_certificates_are_fetched_once_by_a_process_while_they_are_good(
    fresh: Verifying, shared_clinic: TestClinic
) -> None:
    before = fresh.firebase.fetches

    for _ in range(5):
        doctor_of(fresh, shared_clinic).get("/profile").ok()

    assert fresh.firebase.fetches == before + 1


def test_certificates_that_are_no_longer_good_are_fetched_again(fresh: Verifying, shared_clinic: TestClinic) -> None:
    fresh.firebase.max_age = 0
    before = fresh.firebase.fetches

    for _ in range(3):
        doctor_of(fresh, shared_clinic).get("/profile").ok()

    assert fresh.firebase.fetches == before + 3


def test_a_new_key_is_accepted_as_soon_as_the_old_certificates_are_no_longer_good(
    fresh: Verifying, shared_clinic: TestClinic
) -> None:
    firebase, new = fresh.firebase, Key()
    token = usual(shared_clinic.doctor.user_id, clinic=shared_clinic.id)
    later = Unsigned({**token.header, "kid": "second"}, token.claims)
    signed = later.signed(new.sign(later.text))
    firebase.max_age = 2
    doctor_of(fresh, shared_clinic).get("/profile").ok()

    firebase.keys = {"first": firebase.key, "second": new}
    refused(fresh, signed)
    time.sleep(2.1)
    ask(fresh, signed).ok()

    firebase.keys = {"second": new}
    time.sleep(2.1)
    refused(fresh, firebase.token(shared_clinic.doctor.user_id, clinic=shared_clinic.id))


def test_without_certificates_nobody_is_let_in_and_nobody_is_blamed(
    fresh: Verifying, shared_clinic: TestClinic
) -> None:
    good, forged = doctor_of(fresh, shared_clinic).token, signed_by_another(fresh, usual(shared_clinic.doctor.user_id))
    firebase = fresh.firebase

    firebase.reachable = False
    for token in (good, forged):
        assert ask(fresh, token).refused(503, "busy").headers["Retry-After"]
    firebase.reachable, firebase.status = True, 500
    ask(fresh, good).refused(503, "busy")
    firebase.status = 200

    ask(fresh, good).ok()


def test_certificates_that_do_not_come_are_not_waited_for_long(fresh: Verifying, shared_clinic: TestClinic) -> None:
    token = doctor_of(fresh, shared_clinic).token
    fresh.firebase.delay = 2 * PATIENCE
    started = time.monotonic()

    ask(fresh, token).refused(503, "busy")

    assert time.monotonic() - started < PATIENCE


def test_many_first_requests_at_once_are_all_answered(fresh: Verifying, shared_clinic: TestClinic) -> None:
    doctor = doctor_of(fresh, shared_clinic)

    replies = at_once(8, lambda _: doctor.get("/profile"))

    assert statuses(replies) == {200: 8}
