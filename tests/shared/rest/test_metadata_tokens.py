"""Access tokens of the metadata server: beside google-auth, at a server that fails as it does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from google.auth import compute_engine
from google.auth.compute_engine import _metadata
from google.auth.credentials import TokenState

from shared.rest import metadata_tokens, opening
from shared.rest.api import Call
from shared.rest.errors import Unavailable
from shared.rest.metadata_tokens import MetadataTokens
from shared.rest.transport import Transport
from tests.support.planned_server import CUT, Answer, Failure, Half, PlannedServer, Raw

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ACCOUNT = "fn@aster.iam.gserviceaccount.com"
TOKEN: dict[str, Any] = {"access_token": "of-the-function", "expires_in": 3599, "token_type": "Bearer"}
TOKEN |= {"email": ACCOUNT, "scopes": [SCOPE]}  # which google-auth asks for too, at another path
OTHER = {**TOKEN, "access_token": "of-the-next-hour"}


@pytest.fixture
def server() -> Iterator[PlannedServer]:
    with PlannedServer([TOKEN]).serving() as served:
        yield served


@pytest.fixture
def tokens(server: PlannedServer) -> MetadataTokens:
    return MetadataTokens(server.address)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def ask(tokens: MetadataTokens) -> str:
    return tokens.headers("POST", "https://firestore.googleapis.com/v1/x:commit")["authorization"]


def test_what_is_asked_and_sent_is_what_google_auth_asks_and_sends(
    server: PlannedServer, tokens: MetadataTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", server.address)
    monkeypatch.setattr(compute_engine.Credentials, "_after_refresh", lambda *_asked: None)
    googles: Any = compute_engine.Credentials(ACCOUNT, scopes=[SCOPE])
    sent: dict[str, str] = {}

    authorization = ask(tokens)
    googles.before_request(Transport(), "POST", "https://firestore.googleapis.com/v1/x:commit", sent)

    ours, *_, theirs = server.calls
    assert authorization == sent["authorization"] == "Bearer of-the-function"
    assert (ours.method, ours.headers["metadata-flavor"]) == (theirs.method, theirs.headers["metadata-flavor"])
    assert unquote(ours.path) == unquote(theirs.path).replace("token/?", "token?")


def test_a_token_is_asked_for_once(server: PlannedServer, tokens: MetadataTokens) -> None:
    assert not tokens.is_fresh()
    assert {ask(tokens) for _ in range(5)} == {"Bearer of-the-function"}
    assert tokens.is_fresh()
    assert len(server.calls) == 1


@pytest.mark.parametrize(("seconds", "fresh"), [(3599, True), (226, True), (225, False), (60, False), (0, False)])
def test_a_token_is_refreshed_when_google_auth_would(
    server: PlannedServer, tokens: MetadataTokens, seconds: int, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.planned = [{**TOKEN, "expires_in": seconds}, OTHER]
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", server.address)

    assert ask(tokens) == "Bearer of-the-function", "it is valid yet"
    assert tokens.is_fresh() is fresh
    assert ask(tokens) == ("Bearer of-the-function" if fresh else "Bearer of-the-next-hour")

    googles: Any = compute_engine.Credentials(ACCOUNT, scopes=[SCOPE])
    server.planned = [{**TOKEN, "expires_in": seconds}]
    googles.refresh(Transport())
    assert (googles.token_state is TokenState.FRESH) is fresh


@pytest.mark.parametrize("failure", [Failure("UNAVAILABLE"), Raw(500), Raw(503), CUT, Half(TOKEN)])
def test_a_server_that_fails_for_a_moment_is_asked_again(
    server: PlannedServer, tokens: MetadataTokens, failure: Answer
) -> None:
    server.planned = [failure, failure, TOKEN]

    assert ask(tokens) == "Bearer of-the-function"
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        (Raw(503), 5),
        (Raw(404), 1),
        (Raw(403), 1),
        ({}, 1),
        ([], 1),
        ({"access_token": "t"}, 1),
        ({"access_token": "t", "expires_in": "soon"}, 1),
    ],
)
def test_without_a_token_calls_are_unavailable(
    server: PlannedServer, tokens: MetadataTokens, answer: Answer, calls: int
) -> None:
    server.planned = [answer]

    with pytest.raises(Unavailable, match="no access token"):
        ask(tokens)
    assert len(server.calls) == calls
    server.planned = [TOKEN]
    assert ask(tokens) == "Bearer of-the-function"


def test_a_server_that_does_not_answer_is_bounded(
    server: PlannedServer, tokens: MetadataTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata_tokens, "_TIMEOUT", 0.05)
    server.planned = [None]

    began = time.monotonic()
    with pytest.raises(Unavailable):
        ask(tokens)
    assert time.monotonic() - began < 4
    assert len(server.calls) <= 5


def test_all_apis_of_an_instance_have_one_token(
    server: PlannedServer, secure_server: PlannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "metadata_server", lambda: server.address)
    for host in ("firestore.googleapis.com", "cloudkms.googleapis.com"):
        with opening.open_api(host, ["cloud-platform"], endpoint=secure_server.address) as api:
            api.call(Call("/v1/x", content={}), 5)

    assert [call.headers["authorization"] for call in secure_server.calls] == ["Bearer of-the-function"] * 2
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("variables", "server"),
    [
        ({}, None),
        ({"K_SERVICE": "patients"}, "metadata.google.internal"),
        ({"K_SERVICE": "patients", "GCE_METADATA_HOST": "127.0.0.1:8080"}, "127.0.0.1:8080"),
        ({"GCE_METADATA_HOST": "127.0.0.1:8080"}, "127.0.0.1:8080"),
        ({"K_SERVICE": "patients", "GOOGLE_APPLICATION_CREDENTIALS": "key.json"}, None),
    ],
)
def test_a_deployed_function_has_its_tokens_from_the_metadata_server(
    variables: dict[str, str], server: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("K_SERVICE", "GCE_METADATA_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert opening.metadata_server() == server
