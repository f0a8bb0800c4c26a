"""How calls are authorised, beside Google's own sessions, at a server that speaks TLS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import compute_engine, impersonated_credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession
from google.cloud import kms_v1
from google.oauth2 import credentials as of_users
from google.oauth2 import service_account

from shared.rest.api import Api, Call, routing
from shared.rest.errors import DeadlineExceeded, Unauthenticated, Unavailable
from shared.rest.opening import open_api, open_plain_api
from shared.rest.retries import retried
from tests.support.planned_server import Failure, PlannedServer

HOST = "cloudkms.googleapis.com"
SCOPE = "cloud-platform"
KEY = "projects/aster/locations/asia-south1/keyRings/r/cryptoKeys/k"
CALL = Call(f"/v1/{KEY}:decrypt", routing("name", KEY), {})
HOUR = timedelta(hours=1)


@pytest.fixture
def server(secure_server: PlannedServer) -> PlannedServer:
    return secure_server


class Planned(Credentials):
    """Credentials whose refreshes do what was planned, in turn, and then what they did last."""

    def __init__(self, *planned: Callable[[], timedelta]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._planned = list(planned)
        self.refreshes = 0

    def refresh(self, _request: Any) -> None:
        self.refreshes += 1
        planned = self._planned.pop(0) if len(self._planned) > 1 else self._planned[0]
        valid_for = planned()
        self.token, self.expiry = f"token-{self.refreshes}", from_now(valid_for)


def from_now(distance: timedelta) -> datetime:
    """As google-auth writes moments: in UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None) + distance


def fails(error: Exception) -> Callable[[], timedelta]:
    def planned() -> timedelta:
        raise error

    return planned


@pytest.fixture
def connect(server: PlannedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Api]]:
    """Opens an API at the server with these credentials."""
    opened: list[Api] = []

    def connected(credentials: Any) -> Api:
        monkeypatch.setattr(google.auth, "default", lambda **_scopes: (credentials, "aster"))
        opened.append(open_api(HOST, [SCOPE], endpoint=server.address))
        return opened[-1]

    yield connected
    for one in opened:
        one.__exit__()


def call(api: Api, seconds: float = 5) -> None:
    api.call(CALL, seconds)


def call_by_google(credentials: Any, address: str) -> None:
    """The same call in a session of Google's clients."""
    with AuthorizedSession(credentials, default_host=HOST) as session:
        session.post(f"https://{address}{CALL.path}", json={}, headers={"x-goog-request-params": CALL.routing})


def _of_service() -> service_account.Credentials:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "client_email": "api@aster.iam.gserviceaccount.com",
        "token_uri": "https://127.0.0.1:9/token",
        "private_key": key.decode(),
    }
    credentials: service_account.Credentials = service_account.Credentials.from_service_account_info(account)
    return credentials


def _with_token(credentials: Any) -> Any:
    credentials.token, credentials.expiry = "given", from_now(HOUR)
    return credentials


_USER = of_users.Credentials("given", quota_project_id="aster-quota")
# In another universe, which has no lookup of regions by network.
_ELSEWHERE = "apis.example"
KINDS: dict[str, Callable[[], Any]] = {
    "user, who names a project that pays": lambda: _USER,
    "attached account": lambda: _with_token(compute_engine.Credentials(scopes=[SCOPE], universe_domain=_ELSEWHERE)),
    "impersonated account": lambda: _with_token(
        impersonated_credentials.Credentials(_USER, "api@aster.iam.gserviceaccount.com", [SCOPE], quota_project_id="p")
    ),
    "key of an account, in another universe": lambda: _of_service().with_universe_domain(_ELSEWHERE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_headers_are_those_of_googles_sessions(
    server: PlannedServer, connect: Callable[[Any], Api], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impersonated_credentials.Credentials, "_after_refresh", lambda *_asked: None)
    credentials = KINDS[kind]()

    call(connect(credentials))
    call_by_google(credentials, server.address)

    ours, googles = (sent.headers for sent in server.calls)
    assert ours["authorization"].startswith("Bearer ")
    for name in ("authorization", "x-goog-user-project", "x-goog-request-params", "x-allowed-locations"):
        assert ours.get(name) == googles.get(name), name


def test_a_token_that_an_account_signs_itself_is_for_googles_host(
    server: PlannedServer, connect: Callable[[Any], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another endpoint serves the API."""
    monkeypatch.setattr(service_account.Credentials, "_after_refresh", lambda *_asked: None)
    call(connect(_of_service()))
    options = {"api_endpoint": server.address}
    kms_v1.KeyManagementServiceClient(credentials=_of_service(), transport="rest", client_options=options).decrypt(
        name=KEY
    )

    ours, googles = (
        jwt.decode(sent.headers["authorization"].removeprefix("Bearer "), options={"verify_signature": False})
        for sent in server.calls
    )
    assert ours["aud"] == googles["aud"] == f"https://{HOST}/"
    assert ours.keys() == googles.keys()


def test_one_refresh_serves_all_who_wait(server: PlannedServer, connect: Callable[[Any], Api]) -> None:
    def slowly() -> timedelta:
        time.sleep(0.3)
        return HOUR

    credentials = Planned(slowly)
    api = connect(credentials)

    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(call, api)

    assert credentials.refreshes == 1
    assert {sent.headers["authorization"] for sent in server.calls} == {"Bearer token-1"}
    assert len(server.calls) == 8


@pytest.mark.parametrize("left", [timedelta(seconds=-1), timedelta(minutes=3)])
def test_a_token_that_has_expired_or_soon_will_is_refreshed(
    server: PlannedServer, connect: Callable[[Any], Api], left: timedelta
) -> None:
    credentials = Planned(lambda: left, lambda: HOUR)
    api = connect(credentials)

    for _ in range(4):
        call(api)

    tokens = [sent.headers["authorization"] for sent in server.calls]
    assert tokens == ["Bearer token-1", *["Bearer token-2"] * 3]


@pytest.mark.parametrize("error", [RefreshError("revoked"), TransportError("no route")])
def test_without_a_token_nothing_is_sent(
    server: PlannedServer, connect: Callable[[Any], Api], error: GoogleAuthError
) -> None:
    """The error is one that reads are retried after."""
    with pytest.raises(Unavailable, match=str(error)):
        call(connect(Planned(fails(error))))

    assert (server.connections, server.calls) == (0, [])


def test_a_refresh_that_fails_for_a_moment_is_tried_again(
    server: PlannedServer, connect: Callable[[Any], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = fails(TransportError("no route"))
    credentials = Planned(gone, gone, lambda: HOUR)
    again = retried(connect(credentials).call, (Unavailable,), 5)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)

    again(CALL, 5)

    assert credentials.refreshes == 3
    assert len(server.calls) == 1


def test_nobody_waits_for_a_refresh_longer_than_for_an_answer(
    server: PlannedServer, connect: Callable[[Any], Api]
) -> None:
    let = threading.Event()

    def hangs() -> timedelta:
        let.wait(5)
        return HOUR

    credentials = Planned(hangs)
    api = connect(credentials)

    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            call(api, 0.2)
        assert time.monotonic() - began < 4
    assert not server.calls
    let.set()
    call(api)

    assert credentials.refreshes == 1, "the one that was under way is waited for again"


def test_the_time_of_a_refresh_is_part_of_the_call(server: PlannedServer, connect: Callable[[Any], Api]) -> None:
    def slowly() -> timedelta:
        time.sleep(0.6)
        return HOUR

    server.planned = [None]

    with pytest.raises(DeadlineExceeded):
        call(connect(Planned(slowly)), 1)
    assert all(left < 0.5 for left in server.left), "on a busy machine the call may end before it comes"


def test_a_fault_of_credentials_is_no_failure_of_the_service(connect: Callable[[Any], Api]) -> None:
    with pytest.raises(ValueError, match="a fault"):
        call(connect(Planned(fails(ValueError("a fault")))))


def test_a_token_that_the_server_refuses_is_not_sent_again(
    server: PlannedServer, connect: Callable[[Any], Api]
) -> None:
    server.planned = [Failure("UNAUTHENTICATED")]

    with pytest.raises(Unauthenticated):
        call(connect(Planned(lambda: HOUR)))
    assert len(server.calls) == 1


def test_a_plain_address_gets_no_token() -> None:
    with PlannedServer([{}]).serving() as server, open_plain_api(server.address) as api:
        call(api)

        [sent] = server.calls
        assert "authorization" not in sent.headers


def test_an_api_needs_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(**_scopes: Any) -> Any:
        raise DefaultCredentialsError

    monkeypatch.setattr(google.auth, "default", none)
    with pytest.raises(DefaultCredentialsError):
        open_api(HOST, [SCOPE])


def test_only_a_refresh_starts_a_thread(
    server: PlannedServer, connect: Callable[[Any], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = connect(Planned(lambda: HOUR))
    begun: list[str] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        if "process_request_thread" not in thread.name:  # of the server
            begun.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    for _ in range(3):
        call(api)
    api.calls([CALL] * 3, 5)

    assert begun == ["refresh"]
    assert len(server.calls) == 6


def test_headers_say_who_calls_not_how_the_token_was_made(server: PlannedServer, connect: Callable[[Any], Api]) -> None:
    class Talkative(Planned):
        def before_request(self, request: Any, method: str, url: str, headers: Any) -> None:
            super().before_request(request, method, url, headers)  # type: ignore[no-untyped-call]
            headers["x-goog-api-client"] = "auth-request-type/at"

    call(connect(Talkative(lambda: HOUR)))

    [sent] = server.calls
    assert sent.headers["x-goog-api-client"].startswith("gl-python/")
