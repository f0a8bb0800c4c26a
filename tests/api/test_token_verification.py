"""ID tokens are verified as in production: by firebase-admin, with certificates that it fetches over HTTPS."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local.services.auth.issuer import A_LONG_TIME, Key, Unsigned, encoded, usual
from local.stack.stack import Stack
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.problems import without_trace
from tests.support.scenarios import undo_sign_out
from tests.support.token_issuer import Verifying, verifying

pytestmark = pytest.mark.long

FUNCTION = "profile"
TIME_LIMIT = 10.0
"""Seconds within which a request must be answered when the certificates cannot be fetched."""


@pytest.fixture(scope="module")
def verifying_stack(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifying]:
    with verifying(stack, tmp_path_factory.mktemp("firebase")) as verifying_stack:
        yield verifying_stack


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic that the tests only read; old tokens of its doctor are not revoked."""
    clinic = clinic_with_profile(stack)
    undo_sign_out(clinic, clinic.doctor.user_id)
    return clinic


@pytest.fixture
def uncached(verifying_stack: Verifying) -> Iterator[Verifying]:
    """Functions that have not fetched any certificate yet."""
    verifying_stack.variant.functions.kill(FUNCTION)
    yield verifying_stack
    firebase = verifying_stack.firebase
    firebase.keys = {"first": firebase.key}
    firebase.max_age, firebase.status, firebase.delay, firebase.reachable = A_LONG_TIME, 200, 0.0, True
    verifying_stack.variant.functions.kill(FUNCTION)


def doctor_of(verifying_stack: Verifying, clinic: TestClinic, **claims: object) -> ApiClient:
    return verifying_stack.client(clinic.doctor, **{"clinic": clinic.id, **claims})


def request_profile(verifying_stack: Verifying, token: str) -> Reply:
    client = ApiClient(verifying_stack.variant.url, "", "")
    return client.get("/profile", Authorization=f"Bearer {token}")


# Tokens


def test_correctly_signed_token_is_accepted(verifying_stack: Verifying, clinic: TestClinic) -> None:
    assert doctor_of(verifying_stack, clinic).get("/profile").ok().body["last_name"] == "Iyer"


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
def test_signed_token_with_wrong_claims_is_refused(verifying_stack: Verifying, clinic: TestClinic, case: str) -> None:
    check_unauthenticated(verifying_stack, doctor_of(verifying_stack, clinic, **CLAIMS[case](int(time.time()))).token)


def signed_by_another_key(verifying_stack: Verifying, token: Unsigned) -> str:
    return token.signed(Key().sign(token.text))


def with_header(**changes: object) -> Callable[[Verifying, Unsigned], str]:
    """A forgery with a changed header, correctly signed."""

    def make(verifying_stack: Verifying, token: Unsigned) -> str:
        header = {name: value for name, value in {**token.header, **changes}.items() if value is not None}
        altered = Unsigned(header, token.claims)
        return altered.signed(verifying_stack.firebase.key.sign(altered.text))

    return make


def without_signature(_door: Verifying, token: Unsigned) -> str:
    return Unsigned({**token.header, "alg": "none"}, token.claims).signed(b"")


def with_the_certificate_as_secret(verifying_stack: Verifying, token: Unsigned) -> str:
    altered = Unsigned({**token.header, "alg": "HS256"}, token.claims)
    return altered.signed(hmac.digest(verifying_stack.firebase.key.certificate, altered.text, hashlib.sha256))


def tampered_payload(verifying_stack: Verifying, token: Unsigned) -> str:
    return Unsigned(token.header, {**token.claims, "admin": True}).signed(verifying_stack.firebase.key.sign(token.text))


FORGERIES: dict[str, Callable[[Verifying, Unsigned], str]] = {
    "another key under a known id": signed_by_another_key,
    "unknown key id": with_header(kid="unknown"),
    "no key id": with_header(kid=None),
    "key id that is no text": with_header(kid=["first"]),
    "alg none": without_signature,
    "alg none, signed": with_header(alg="none"),
    "alg RS512": with_header(alg="RS512"),
    "HS256 with the certificate as secret": with_the_certificate_as_secret,
    "tampered payload": tampered_payload,
    "no signature": lambda _, token: token.signed(b""),
    "two parts": lambda _, token: token.text.decode(),
    "no JSON": lambda _, token: "a.b.c",
    "deeply nested": lambda _, token: f"{encoded(b'[' * 10_000)}.{token.text.decode().rpartition('.')[2]}.",
}


@pytest.mark.parametrize("case", FORGERIES)
def test_forged_token_is_refused(verifying_stack: Verifying, clinic: TestClinic, case: str) -> None:
    check_unauthenticated(
        verifying_stack, FORGERIES[case](verifying_stack, usual(clinic.doctor.user_id, clinic=clinic.id))
    )


def test_revoked_token_is_refused_and_a_later_one_accepted(verifying_stack: Verifying, own_clinic: TestClinic) -> None:
    now = int(time.time())
    undo_sign_out(own_clinic, own_clinic.doctor.user_id, datetime.fromtimestamp(now - 60, UTC))

    check_unauthenticated(verifying_stack, doctor_of(verifying_stack, own_clinic, iat=now - 61).token)
    doctor_of(verifying_stack, own_clinic, iat=now - 60).get("/profile").ok()


def test_signed_token_of_a_disabled_user_is_refused(verifying_stack: Verifying, own_clinic: TestClinic) -> None:
    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"disabled": True})

    check_unauthenticated(verifying_stack, doctor_of(verifying_stack, own_clinic).token)


def check_unauthenticated(verifying_stack: Verifying, token: str) -> None:
    """The response does not reveal the reason of the refusal."""
    reply = request_profile(verifying_stack, token).refused(401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert without_trace(reply) == {
        "type": "urn:synapseai:problem:unauthenticated",
        "title": "A valid ID token is required",
        "status": 401,
    }


# Certificates


def test_valid_certificates_are_fetched_once_per_process(uncached: Verifying, clinic: TestClinic) -> None:
    before = uncached.firebase.fetches

    for _ in range(5):
        doctor_of(uncached, clinic).get("/profile").ok()

    assert uncached.firebase.fetches == before + 1


def test_expired_certificates_are_fetched_again(uncached: Verifying, clinic: TestClinic) -> None:
    uncached.firebase.max_age = 0
    before = uncached.firebase.fetches

    for _ in range(3):
        doctor_of(uncached, clinic).get("/profile").ok()

    assert uncached.firebase.fetches == before + 3


def test_new_key_is_accepted_when_the_cached_certificates_expire(uncached: Verifying, clinic: TestClinic) -> None:
    firebase, new = uncached.firebase, Key()
    token = usual(clinic.doctor.user_id, clinic=clinic.id)
    later = Unsigned({**token.header, "kid": "second"}, token.claims)
    signed = later.signed(new.sign(later.text))
    firebase.max_age = 2
    doctor_of(uncached, clinic).get("/profile").ok()

    firebase.keys = {"first": firebase.key, "second": new}
    check_unauthenticated(uncached, signed)
    time.sleep(2.1)
    request_profile(uncached, signed).ok()

    firebase.keys = {"second": new}
    time.sleep(2.1)
    check_unauthenticated(uncached, firebase.token(clinic.doctor.user_id, clinic=clinic.id))


def test_request_without_available_certificates_is_busy_whatever_its_token(
    uncached: Verifying, clinic: TestClinic
) -> None:
    valid, forged = (
        doctor_of(uncached, clinic).token,
        signed_by_another_key(uncached, usual(clinic.doctor.user_id)),
    )
    firebase = uncached.firebase

    firebase.reachable = False
    for token in (valid, forged):
        assert request_profile(uncached, token).refused(503, "busy").headers["Retry-After"]
    firebase.reachable, firebase.status = True, 500
    request_profile(uncached, valid).refused(503, "busy")
    firebase.status = 200

    request_profile(uncached, valid).ok()


def test_fetch_of_certificates_times_out(uncached: Verifying, clinic: TestClinic) -> None:
    token = doctor_of(uncached, clinic).token
    uncached.firebase.delay = 2 * TIME_LIMIT
    started = time.monotonic()

    request_profile(uncached, token).refused(503, "busy")

    assert time.monotonic() - started < TIME_LIMIT


def test_concurrent_first_requests_all_succeed(uncached: Verifying, clinic: TestClinic) -> None:
    doctor = doctor_of(uncached, clinic)

    replies = at_once(8, lambda _: doctor.get("/profile"))

    assert statuses(replies) == {200: 8}
