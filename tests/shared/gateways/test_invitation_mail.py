"""The mail of an invitation: what is asked of Identity Toolkit, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import firebase_admin
import pytest
from werkzeug import Request, Response

from local.services.kit.servers import HttpServer, free_port
from shared import settings
from shared.gateways import accounts, identity_platform
from shared.records.problems import Unavailable

EMAIL = "asha@clinic.example"


@contextmanager
def identity_toolkit(address: str) -> Iterator[None]:
    """The environment of a function whose Identity Toolkit is at this host and port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", address)
        patch.setenv("GOOGLE_CLOUD_PROJECT", "synapse-test")
        patch.setenv("FIRESTORE_DATABASE", "(default)")
        forget()
        try:
            yield
        finally:
            forget()


def forget() -> None:
    """Discard clients that were created for another endpoint."""
    settings.load.cache_clear()
    firebase_admin.delete_app(accounts._app())
    accounts._app.cache_clear()
    identity_platform._api.cache_clear()
    settings.load.cache_clear()


def mail(answer: Callable[[Request], Response]) -> None:
    """Send a mail through a service that answers so."""
    server = HttpServer(Request.application(answer))
    try:
        with identity_toolkit(f"127.0.0.1:{server.port}"):
            accounts.mail_invitation(EMAIL)
    finally:
        server.stop()


def refusing(status: int, message: str) -> Callable[[Request], Response]:
    body = json.dumps({"error": {"code": status, "message": message}})
    return lambda _: Response(body, status, mimetype="application/json")


def test_request_names_the_address_and_does_not_ask_for_the_link() -> None:
    requests: list[tuple[str, str, object]] = []

    def answer(request: Request) -> Response:
        requests.append((request.method, request.path, request.get_json()))
        return Response(json.dumps({"email": EMAIL}), mimetype="application/json")

    mail(answer)

    path = "/identitytoolkit.googleapis.com/v1/projects/synapse-test/accounts:sendOobCode"
    assert requests == [("POST", path, {"requestType": "PASSWORD_RESET", "email": EMAIL})]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "RESET_PASSWORD_EXCEED_LIMIT"),
        (400, "TOO_MANY_ATTEMPTS_TRY_LATER : Too many attempts"),
        (400, "QUOTA_EXCEEDED : Exceeded daily quota for email"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "no JSON"),
    ],
)
def test_limit_or_outage_of_the_service_is_retried(status: int, message: str) -> None:
    with pytest.raises(Unavailable):
        mail(refusing(status, message))


def test_unreachable_service_is_retried() -> None:
    with identity_toolkit(f"127.0.0.1:{free_port()}"), pytest.raises(Unavailable):
        accounts.mail_invitation(EMAIL)


@pytest.mark.parametrize("message", ["EMAIL_NOT_FOUND", "INVALID_EMAIL", "USER_DISABLED : The account is disabled"])
def test_refused_address_is_no_reason_to_retry(message: str) -> None:
    with pytest.raises(accounts.AddressError):
        mail(refusing(400, message))


@pytest.mark.parametrize(("status", "message"), [(403, "PERMISSION_DENIED"), (401, "UNAUTHENTICATED"), (400, "")])
def test_wrong_configuration_is_an_error_that_names_the_reason_and_no_address(status: int, message: str) -> None:
    with pytest.raises(RuntimeError, match=f"{status} {message}") as error:
        mail(refusing(status, message))

    assert EMAIL not in str(error.value)
