"""The requests that google-auth sends: beside `requests`, which it would take."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.auth.compute_engine import credentials as attached
from google.auth.credentials import TokenState
from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2 import credentials as of_users

from local.services.kit.servers import certificate
from shared.rest.transport import Transport
from tests.support.planned_server import CUT, Half, Last, PlannedServer, Raw, until

TOKEN = {"access_token": "given", "expires_in": 3600, "token_type": "Bearer"}


@pytest.fixture
def server() -> Iterator[PlannedServer]:
    with PlannedServer([TOKEN]).serving() as served:
        yield served


@pytest.mark.parametrize("answer", [TOKEN, Raw(400, b'{"error": "invalid_grant"}'), Raw(503), Last(TOKEN)])
@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("", {}),
        ("/token?scopes=a%2Cb&x=1", {"headers": {"Metadata-Flavor": "Google"}}),
        ("/token", {"method": "POST", "body": b"grant_type=refresh", "headers": {"Content-Type": "text/plain"}}),
        ("/token", {"method": "POST", "body": b"{}", "timeout": 3}),
    ],
)
def test_requests_and_answers_are_those_of_google_auth(
    server: PlannedServer, path: str, how: dict[str, Any], answer: Any
) -> None:
    server.planned = [answer]
    url = f"http://{server.address}{path}"

    ours, googles = Transport()(url, **how), Request()(url, **how)

    assert (ours.status, ours.data) == (googles.status, googles.data)
    assert ours.headers["content-type"] == googles.headers["content-type"]
    sent, expected = server.calls
    assert (sent.method, sent.path, sent.content) == (expected.method, expected.path, expected.content)
    for name in how.get("headers", {}):
        assert sent.headers[name.lower()] == expected.headers[name.lower()]


def test_the_query_is_sent(server: PlannedServer) -> None:
    Transport()(f"http://{server.address}/token?scopes=a%2Cb")

    assert server.calls[0].query == "scopes=a%2Cb"


@pytest.mark.parametrize("answer", [CUT, Half(TOKEN), None])
def test_without_a_whole_answer_it_is_an_error_of_google_auth(server: PlannedServer, answer: Any) -> None:
    server.planned = [answer]
    for transport in (Transport(), Request()):
        began = time.monotonic()
        with pytest.raises(TransportError):
            transport(f"http://{server.address}/token", timeout=0.3)
        assert time.monotonic() - began < 3
    until(lambda: server.open == 0)


def test_a_server_that_is_not_there_or_not_trusted_is_an_error_of_google_auth(
    tmp_path: Path, secure_server: PlannedServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = "{}:{}".format(*listening.getsockname())
    with PlannedServer([TOKEN]).serving(certificate(tmp_path)) as other:
        for url in (f"http://{address}/token", f"https://{other.address}/token", "http://nowhere.invalid/token"):
            with pytest.raises(TransportError):
                Transport()(url)
        assert not other.calls


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_token_of_a_user_is_refreshed_over_tls(secure_server: PlannedServer) -> None:
    secure_server.planned = [TOKEN]
    url = f"https://{secure_server.address}/token"
    user = of_users.Credentials(None, "refreshing", token_uri=url, client_id="client", client_secret="secret")

    user.refresh(Transport())

    assert user.token == "given"
    assert user.token_state is TokenState.FRESH
    assert "refresh_token=refreshing" in secure_server.calls[0].content
    until(lambda: secure_server.open == 0)


def test_a_token_that_is_refused_is_an_error_of_google_auth(server: PlannedServer) -> None:
    server.planned = [Raw(400, b'{"error": "invalid_grant", "error_description": "revoked"}')]
    url = f"http://{server.address}/token"
    user = of_users.Credentials(None, "refreshing", token_uri=url, client_id="client", client_secret="secret")

    with pytest.raises(RefreshError, match="revoked"):
        user.refresh(Transport())
    assert len(server.calls) == 1


def test_the_token_of_an_attached_account_comes_from_the_metadata_server(
    server: PlannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.auth.compute_engine import _metadata

    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", server.address)
    server.planned = [{"email": "api@aster.iam.gserviceaccount.com", "scopes": ["a"]}, TOKEN]
    account = attached.Credentials()

    account.refresh(Transport())

    assert account.token == "given"
    assert account.expiry is not None
    assert account.expiry > datetime.now(UTC).replace(tzinfo=None)
    assert all(call.headers["metadata-flavor"] == "Google" for call in server.calls)
