"""How Firestore is called, against a server that fails as Firestore does, and beside Google's own client."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreRestTransport
from google.protobuf.json_format import ParseDict

from shared.rest import opening
from shared.rest.errors import (
    Aborted,
    AlreadyExists,
    ApiError,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
)
from shared.store.firestore.client import Client
from shared.store.firestore.connection import open_firestore
from shared.store.firestore.query import Query
from shared.store.firestore.writes import WriteResult
from tests.support.planned_server import CUT, Answer, Failure, Half, PlannedCall, PlannedServer

DATABASE = "projects/aster/databases/(default)"
ROOT = f"{DATABASE}/documents/"
PATHS = ["clinics/a/visits/1", "clinics/a/visits/2"]
QUERY = Query("clinics/a/visits", limit=2)
AT = "2026-11-30T09:00:00.000001Z"


@dataclass
class Server(PlannedServer):
    """A Firestore."""

    by_limit: dict[int, Answer] = field(default_factory=dict)
    """Answers by the limit of a query, instead."""
    together: threading.Barrier | None = None
    """Calls are answered once so many have come."""

    def answer_to(self, call: PlannedCall) -> Answer:
        if self.together is not None:
            self.together.wait(5)
        if self.by_limit:
            return self.by_limit[call.content["structuredQuery"]["limit"]]
        return super().answer_to(call)

    def count(self) -> int:
        return len(self.calls)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().serving() as served:
        yield served


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with open_firestore(DATABASE, server.address) as api:
        yield Client(DATABASE, api)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for no time; that they are bounded is seen by the clock of `time.monotonic`."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def found(path: str) -> dict[str, Any]:
    return {
        "found": {"name": ROOT + path, "fields": {"live": {"booleanValue": True}}},
        "readTime": "2026-11-30T09:00:00Z",
    }


def missing(path: str) -> dict[str, Any]:
    return {"missing": ROOT + path}


def result(path: str) -> dict[str, Any]:
    return {"document": {"name": ROOT + path}}


DONE = {"readTime": AT, "done": True}
"""The last answer to a query: it has no document."""
TRANSIENT = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"]
whole_or_cut = pytest.mark.parametrize("before", [0, 1])
transient = pytest.mark.parametrize("code", TRANSIENT)


def test_documents_are_answered_by_path(server: Server, client: Client) -> None:
    server.planned = [[missing(PATHS[1]), found(PATHS[0])]]

    read = client.get([*PATHS, PATHS[0]])

    assert [read[path].exists for path in PATHS] == [True, False]
    assert read[PATHS[0]].get("live") is True
    assert server.count() == 1


@transient
@whole_or_cut
def test_a_read_that_fails_or_is_cut_in_the_middle_is_made_again(
    server: Server, client: Client, code: str, before: int
) -> None:
    whole = [found(PATHS[0]), missing(PATHS[1])]
    server.planned = [Failure(code, after=whole[:before]), Failure(code), CUT, Half(whole), whole]

    assert [one.exists for one in client.get(PATHS).values()] == [True, False]
    assert server.count() == 5


@transient
def test_a_query_that_is_cut_in_the_middle_is_asked_again(server: Server, client: Client, code: str) -> None:
    server.planned = [Failure(code, after=[result(PATHS[0])]), [result(PATHS[0]), result(PATHS[1]), DONE]]

    assert [one.path for one in client.query(QUERY)] == PATHS
    assert server.count() == 2


def test_queries_are_under_way_at_once_and_answered_in_their_order(server: Server, client: Client) -> None:
    server.by_limit = {1: [result(PATHS[0])], 2: [DONE], 3: [result(PATHS[1])]}
    server.together = threading.Barrier(3)

    answered = client.queries([replace(QUERY, limit=limit) for limit in (1, 2, 3)])

    assert [[one.path for one in each] for each in answered] == [[PATHS[0]], [], [PATHS[1]]]
    assert server.count() == 3, "each was answered only after all had come"
    assert client.queries([]) == []


@transient
def test_if_one_of_several_queries_fails_all_are_asked_again(server: Server, client: Client, code: str) -> None:
    answers: dict[int, list[Answer]] = {1: [Failure(code), [result(PATHS[0])]], 2: [[result(PATHS[0])]] * 2}
    server.answer_to = lambda call: answers[call.content["structuredQuery"]["limit"]].pop(0)  # type: ignore[method-assign]

    asked = client.queries([replace(QUERY, limit=1), QUERY])

    assert [[one.path for one in each] for each in asked] == [PATHS[:1]] * 2
    assert server.count() == 4


def test_an_error_of_one_of_several_queries_is_raised_at_once_and_ends_the_others(
    server: Server, client: Client
) -> None:
    server.together = threading.Barrier(2)
    server.by_limit = {1: Failure("PERMISSION_DENIED"), 2: None}

    began = time.monotonic()
    with pytest.raises(PermissionDenied):
        client.queries([replace(QUERY, limit=1), QUERY])
    assert server.count() == 2
    assert server.ended.wait(4), "the server learns that nobody waits"
    assert time.monotonic() - began < 4


def test_a_stream_that_ends_too_early_is_not_taken_for_whole(server: Server, client: Client) -> None:
    server.planned = [[found(PATHS[0])], [found(PATHS[0]), missing(PATHS[1])]]

    assert len(client.get(PATHS)) == 2
    assert server.count() == 2


@pytest.mark.parametrize("error", [PermissionDenied, FailedPrecondition, ResourceExhausted, InvalidArgument])
def test_other_errors_of_reads_are_raised_at_once(server: Server, client: Client, error: type[ApiError]) -> None:
    server.planned = [Failure(error.code)]

    for read in (lambda: client.get(PATHS), lambda: client.query(QUERY), lambda: client.count(QUERY)):
        with pytest.raises(error):
            read()
    assert server.count() == 3


@pytest.mark.parametrize("error", [Unavailable, Aborted, AlreadyExists, FailedPrecondition])
def test_a_commit_is_sent_once(server: Server, client: Client, error: type[ApiError]) -> None:
    server.planned = [Failure(error.code)]

    with pytest.raises(error):
        client.commit(client.writes())
    assert server.count() == 1


@pytest.mark.parametrize("answer", [CUT, Half({"writeResults": []})])
def test_a_commit_whose_answer_is_lost_is_not_sent_again(server: Server, client: Client, answer: Answer) -> None:
    server.planned = [answer, {}]

    with pytest.raises(Unavailable):
        client.commit(client.writes())
    assert server.count() == 1


def test_a_commit_without_an_answer_ends_at_its_deadline(server: Server, client: Client) -> None:
    server.planned = [None]

    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        client.commit(client.writes(), seconds=0.2)
    assert time.monotonic() - began < 4
    assert server.count() <= 1, "on a busy machine it may end before it comes"


def test_the_creation_of_one_document_is_sent_again(server: Server, client: Client) -> None:
    server.planned = [Failure("UNAVAILABLE"), Failure("RESOURCE_EXHAUSTED"), CUT, {}]

    client.create("clinics/a/audit/1", {"action": "patient.read"})

    assert server.count() == 4


def test_the_answers_of_a_commit_are_in_the_order_of_its_writes(server: Server, client: Client) -> None:
    counted = [{"updateTime": AT, "transformResults": [{"integerValue": str(number)}]} for number in (3, 4)]
    server.planned = [{"writeResults": [*counted, {}], "commitTime": AT}]

    assert client.commit(client.writes()) == [WriteResult(AT, [3]), WriteResult(AT, [4]), WriteResult("", [])]


def test_counting(server: Server, client: Client) -> None:
    server.planned = [[{"result": {"aggregateFields": {"found": {"integerValue": "7"}}}, **DONE}]]

    assert client.count(QUERY) == 7


def test_a_call_starts_no_thread(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    server.planned = [[found(PATHS[0])]]
    client.get(PATHS[:1])  # whose connection the server has a thread for
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail(thread.name))

    client.get(PATHS[:1])


def test_calls_are_those_of_googles_client(server: Server, client: Client) -> None:
    """But for `x-goog-api-client`, which names the client that calls; and Google's says enumerations as numbers."""
    host = f"http://{server.address}"
    transport = FirestoreRestTransport(host=host, credentials=AnonymousCredentials(), url_scheme="http")
    google = FirestoreClient(transport=transport)
    metadata = [("google-cloud-resource-prefix", DATABASE)]
    below = {"parent": f"{ROOT}clinics/a", "structured_query": {"from_": [{"collection_id": "visits"}], "limit": 2}}
    counting = {"structured_query": below["structured_query"], "aggregations": [{"alias": "found", "count": {}}]}
    written = client.writes()
    written.create(PATHS[0], {"live": True})
    write = {"update": {"name": ROOT + PATHS[0], "fields": {"live": {"boolean_value": True}}}}
    pairs: list[tuple[Answer, Any, Any, Any, dict[str, Any]]] = [
        (
            [found(PATHS[0])],
            lambda: client.get(PATHS[:1]),
            google.batch_get_documents,
            types.BatchGetDocumentsRequest,
            {"database": DATABASE, "documents": [ROOT + PATHS[0]]},
        ),
        ([DONE], lambda: client.query(QUERY), google.run_query, types.RunQueryRequest, below),
        (
            [{"result": {"aggregateFields": {"found": {"integerValue": "1"}}}}],
            lambda: client.count(QUERY),
            google.run_aggregation_query,
            types.RunAggregationQueryRequest,
            {"parent": below["parent"], "structured_aggregation_query": counting},
        ),
        (
            {},
            lambda: client.commit(written),
            lambda **asked: [google.commit(**asked)],
            types.CommitRequest,
            {"database": DATABASE, "writes": [{**write, "current_document": {"exists": False}}]},
        ),
    ]
    for answer, ours, googles, kind, request in pairs:
        server.planned, server.calls = [answer], []
        ours()
        list(googles(request=request, metadata=metadata))

        sent, expected = server.calls
        assert (sent.method, sent.path) == (expected.method, unquote(expected.path.partition("?")[0]))
        assert ParseDict(sent.content, kind.pb()()) == ParseDict(expected.content, kind.pb()())
        for name in ("google-cloud-resource-prefix", "x-goog-request-params", "content-type"):
            assert sent.headers[name] == expected.headers[name], name
        assert sent.headers["authorization"] == "Bearer owner", "as Google's client calls an emulator"
        assert sent.headers["x-goog-api-client"].startswith("gl-python/")


@pytest.mark.parametrize("collection", ["clinics/a/visits", "visits", "clinics/é ?#/visits"])
def test_the_parent_of_a_query_is_quoted_as_by_googles_client(server: Server, client: Client, collection: str) -> None:
    server.planned = [[DONE]]
    client.query(Query(collection, limit=1))

    [call] = server.calls
    assert unquote(call.path) == f"/v1/{ROOT}{collection.rpartition('/')[0]}".rstrip("/") + ":runQuery"
    assert not {"?", "#", " "} & {*call.path}


@pytest.mark.parametrize("endpoint", [None, "firestore.internal", "127.0.0.1:8443"])
def test_without_an_emulator_calls_go_over_tls(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    """With the scopes of Google's client."""
    asked: list[Any] = []

    def default(**scopes: Any) -> Any:
        asked.append(scopes["default_scopes"])
        return AnonymousCredentials(), "aster"

    monkeypatch.setattr(google.auth, "default", default)
    monkeypatch.setattr(opening, "metadata_server", lambda: None)
    api = open_firestore(DATABASE, None, endpoint)

    connections = api._connections
    host, _, port = (endpoint or "firestore.googleapis.com").partition(":")
    assert (connections.host, connections._port, connections._secure) == (host, int(port) if port else None, True)
    assert {*asked[0]} == {*FirestoreRestTransport.AUTH_SCOPES}
