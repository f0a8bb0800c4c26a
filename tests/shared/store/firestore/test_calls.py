"""How Firestore is called, against a server that fails as Firestore does, and beside Google's own client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import google.auth
import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from shared.store.firestore import messages
from shared.store.firestore.client import Client
from shared.store.firestore.connection import open_channel
from shared.store.firestore.query import Query
from tests.support.planned_server import Answers, PlannedServer

ROOT = "projects/aster/databases/(default)/documents/"
PATHS = ["clinics/a/visits/1", "clinics/a/visits/2"]
QUERY = Query("clinics/a/visits", limit=2)


@dataclass
class Server(PlannedServer):
    """A Firestore."""

    streaming: Collection[str] = ("BatchGetDocuments", "RunQuery", "RunAggregationQuery")
    by_limit: dict[int, Answers] = field(default_factory=dict)
    """Answers by the limit of a query, instead."""
    together: threading.Barrier | None = None
    """Calls are answered once so many have come."""
    threads: list[str] = field(default_factory=list)
    """Of this process, during the last call."""

    def answers_to(self, request: bytes) -> Answers:
        self.threads = [thread.name for thread in threading.enumerate()]
        if self.by_limit:
            answers = self.by_limit[messages.RunQueryRequest.FromString(request).structured_query.limit.value]
        else:
            answers = super().answers_to(request)
        if self.together is not None:
            self.together.wait(5)
        return answers

    def count(self) -> int:
        return len(self.calls)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().serving() as served:
        yield served


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with open_channel(server.address) as channel:
        yield Client("aster", "(default)", channel, emulated=True)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for no time; that they are bounded is seen by the clock of `time.monotonic`."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def found(path: str) -> Any:
    answer = messages.BatchGetDocumentsResponse()
    answer.found.name = ROOT + path
    answer.found.fields["live"].boolean_value = True
    return answer


def missing(path: str) -> Any:
    return messages.BatchGetDocumentsResponse(missing=ROOT + path)


def result(path: str) -> Any:
    answer = messages.RunQueryResponse()
    answer.document.name = ROOT + path
    return answer


def test_documents_are_answered_by_path(server: Server, client: Client) -> None:
    server.planned = [[missing(PATHS[1]), found(PATHS[0])]]

    read = client.get([*PATHS, PATHS[0]])

    assert [read[path].exists for path in PATHS] == [True, False]
    assert read[PATHS[0]].get("live") is True
    assert server.count() == 1


TRANSIENT = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL]


@pytest.mark.parametrize("code", TRANSIENT)
@pytest.mark.parametrize("before", [0, 1])
def test_a_read_that_fails_or_is_cut_in_the_middle_is_made_again(
    server: Server, client: Client, code: grpc.StatusCode, before: int
) -> None:
    whole = [found(PATHS[0]), missing(PATHS[1])]
    server.planned = [[*whole[:before], code], [code], whole]

    assert [one.exists for one in client.get(PATHS).values()] == [True, False]
    assert server.count() == 3


@pytest.mark.parametrize("code", TRANSIENT)
def test_a_query_that_is_cut_in_the_middle_is_asked_again(
    server: Server, client: Client, code: grpc.StatusCode
) -> None:
    server.planned = [[result(PATHS[0]), code], [result(PATHS[0]), result(PATHS[1])]]

    assert [one.path for one in client.query(QUERY)] == PATHS
    assert server.count() == 2


def test_queries_are_under_way_at_once_and_answered_in_their_order(server: Server, client: Client) -> None:
    server.planned = [[result(PATHS[0])], [], [result(PATHS[1])]]
    server.together = threading.Barrier(3)

    found = client.queries([QUERY] * 3)

    assert sorted([one.path for one in each] for each in found) == [[], [PATHS[0]], [PATHS[1]]]
    assert server.count() == 3, "each was answered only after all had come"
    assert client.queries([]) == []


@pytest.mark.parametrize("code", TRANSIENT)
def test_if_one_of_several_queries_fails_all_are_asked_again(
    server: Server, client: Client, code: grpc.StatusCode
) -> None:
    server.planned = [[result(PATHS[0]), code], [result(PATHS[0])], [result(PATHS[0])]]

    assert [[one.path for one in each] for each in client.queries([QUERY] * 2)] == [PATHS[:1]] * 2
    assert server.count() in (3, 4), "the second may have ended before it came"


def test_an_error_of_one_of_several_queries_is_raised_at_once_and_ends_the_others(
    server: Server, client: Client
) -> None:
    server.together = threading.Barrier(2)
    server.by_limit = {1: [grpc.StatusCode.PERMISSION_DENIED], 2: [None]}

    began = time.monotonic()
    with pytest.raises(exceptions.PermissionDenied):
        client.queries([replace(QUERY, limit=1), QUERY])
    assert server.count() == 2
    assert server.ended.wait(4), "the server learns that nobody waits"
    assert time.monotonic() - began < 4


def test_a_stream_that_ends_too_early_is_not_taken_for_whole(server: Server, client: Client) -> None:
    server.planned = [[found(PATHS[0])], [found(PATHS[0]), missing(PATHS[1])]]

    assert len(client.get(PATHS)) == 2
    assert server.count() == 2


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, exceptions.PermissionDenied),
        (grpc.StatusCode.FAILED_PRECONDITION, exceptions.FailedPrecondition),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, exceptions.ResourceExhausted),
        (grpc.StatusCode.INVALID_ARGUMENT, exceptions.InvalidArgument),
    ],
)
def test_other_errors_of_reads_are_raised_at_once(
    server: Server, client: Client, code: grpc.StatusCode, error: type[Exception]
) -> None:
    server.planned = [[code]]

    for read in (lambda: client.get(PATHS), lambda: client.query(QUERY), lambda: client.count(QUERY)):
        with pytest.raises(error):
            read()
    assert server.count() == 3


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.UNAVAILABLE, exceptions.ServiceUnavailable),
        (grpc.StatusCode.ABORTED, exceptions.Aborted),
        (grpc.StatusCode.ALREADY_EXISTS, exceptions.AlreadyExists),
    ],
)
def test_a_commit_is_sent_once(server: Server, client: Client, code: grpc.StatusCode, error: type[Exception]) -> None:
    server.planned = [[code]]

    with pytest.raises(error):
        client.commit(client.writes())
    assert server.count() == 1


def test_a_commit_without_an_answer_ends_at_its_deadline(server: Server, client: Client) -> None:
    server.planned = [[None]]

    began = time.monotonic()
    with pytest.raises(exceptions.DeadlineExceeded):
        client.commit(client.writes(), seconds=0.2)
    assert time.monotonic() - began < 4
    assert server.count() <= 1, "on a busy machine it may end before it comes"


def test_the_creation_of_one_document_is_sent_again(server: Server, client: Client) -> None:
    server.planned = [[grpc.StatusCode.UNAVAILABLE], [grpc.StatusCode.RESOURCE_EXHAUSTED], [messages.CommitResponse()]]

    client.create("clinics/a/audit/1", {"action": "patient.read"})

    assert server.count() == 3


def test_the_answers_of_a_commit_are_in_the_order_of_its_writes(server: Server, client: Client) -> None:
    answer = messages.CommitResponse()
    for number in (3, 4):
        answer.write_results.add().transform_results.add().integer_value = number
    server.planned = [[answer]]

    assert [one.transform_results[0].integer_value for one in client.commit(client.writes())] == [3, 4]


def test_counting(server: Server, client: Client) -> None:
    answer = messages.RunAggregationQueryResponse()
    answer.result.aggregate_fields["found"].integer_value = 7
    server.planned = [[answer]]

    assert client.count(QUERY) == 7


def test_a_stream_is_read_without_a_thread_of_its_own(server: Server, client: Client) -> None:
    server.planned = [[found(PATHS[0])]]
    before = {thread.name for thread in threading.enumerate()}

    client.get(PATHS[:1])

    begun = [name for name in server.threads if name not in before]
    assert [name.partition("-")[0] for name in begun] == ["ThreadPoolExecutor"], "that of the server alone"


def test_headers_are_those_of_googles_client(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for `x-goog-api-client`, which names the client that calls."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
    google = firestore.Client(project="aster", credentials=AnonymousCredentials())
    counted = messages.RunAggregationQueryResponse()
    counted.result.aggregate_fields["field_1"].integer_value = 1
    counted.result.aggregate_fields["found"].integer_value = 1
    counted.read_time.seconds = 1
    collection: Any = google.collection("clinics", "a", "visits")
    pairs: list[tuple[Any, Callable[[], Any], Callable[[], Any]]] = [
        (found(PATHS[0]), lambda: client.get(PATHS[:1]), lambda: list(google.get_all([google.document(PATHS[0])]))),
        (messages.RunQueryResponse(), lambda: client.query(QUERY), lambda: list(collection.limit(2).stream())),
        (counted, lambda: client.count(QUERY), lambda: collection.limit(2).count().get()),
        (messages.CommitResponse(), lambda: client.commit(client.writes()), lambda: google.batch().commit()),
    ]
    for answer, ours, googles in pairs:
        server.planned, server.calls = [[answer]], []
        ours()
        googles()
        (method, _, sent), (expected_method, _, expected) = server.calls
        assert method == expected_method
        assert _compared(sent) == _compared(expected)
        assert sent["x-goog-api-client"].startswith("gl-python/")


@pytest.mark.parametrize("endpoint", [None, "firestore.internal", "127.0.0.1:8443"])
def test_the_channel_is_opened_as_by_googles_client(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    """It has more options: streams are read without a thread, and messages may have any size."""
    opened: list[tuple[str, dict[str, Any]]] = []

    def secure_channel(target: str, _credentials: Any, options: Any = (), **_others: Any) -> Any:
        opened.append((target, dict(options)))
        return grpc.insecure_channel(target)

    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setattr(google.auth, "default", lambda **_scopes: (AnonymousCredentials(), "aster"))
    monkeypatch.setattr(grpc, "secure_channel", secure_channel)
    open_channel(None, endpoint).grpc.close()
    googles = firestore.Client("aster", AnonymousCredentials(), client_options={"api_endpoint": endpoint})
    assert googles._firestore_api is not None

    (target, options), (expected_target, expected_options) = opened
    assert target.removesuffix(":443") == expected_target.removesuffix(":443")
    assert expected_options.items() <= options.items()


def _compared(headers: dict[str, str]) -> dict[str, str]:
    names = "google-cloud-resource-prefix", "x-goog-request-params", "authorization"
    return {name: headers[name] for name in names}
