"""Firestore by REST: through Google's own clients, against the same calls by gRPC, and as a function sends them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport, FirestoreRestTransport
from google.protobuf.json_format import MessageToDict, Parse

from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.embedded.backend import EmbeddedFirestore
from local.services.firestore.embedded.database import Database
from local.services.firestore.proxy import FirestoreProxy
from local.services.firestore.rest import METHODS
from local.services.firestore.server import FirestoreServer
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.rpc import StatusError, status
from tests.local.firestore.differential import INDEXES, Side, differences
from tests.support.thorough import THOROUGH

DOCUMENTS = f"{DATABASE}/documents"
PATIENT = f"{DOCUMENTS}/clinics/a/patients/p1"
METADATA = [("authorization", OWNER)]
STEPS = 5_000 if THOROUGH else 300


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedFirestore]:
    backend = EmbeddedFirestore(tmp_path_factory.mktemp("firestore"))
    backend.wait_ready()
    yield backend
    backend.stop()


@pytest.fixture
def proxy(backend: EmbeddedFirestore, recorder: Recorder) -> Iterator[FirestoreProxy]:
    backend.clear()
    proxy = FirestoreProxy("patients", backend, recorder)
    yield proxy
    proxy.stop()


@dataclass
class Rest:
    """A connection that is kept."""

    connection: HTTPConnection

    def ask(self, path: str, body: Any = None, method: str = "POST", **headers: str) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        text = body if isinstance(body, bytes) or body is None else json.dumps(body)
        sent = {"Authorization": OWNER, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, f"/v1/{path}", text, sent)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture
def rest(proxy: FirestoreProxy) -> Iterator[Rest]:
    connection = HTTPConnection(proxy.address, timeout=10)
    yield Rest(connection)
    connection.close()


@pytest.fixture
def clients(proxy: FirestoreProxy) -> Iterator[tuple[FirestoreClient, FirestoreClient]]:
    """Google's client by REST, and by gRPC."""
    anonymous = AnonymousCredentials()
    by_rest = FirestoreRestTransport(host=proxy.address, url_scheme="http", credentials=anonymous)
    with grpc.insecure_channel(proxy.address) as channel:
        yield (
            FirestoreClient(transport=by_rest),
            FirestoreClient(transport=FirestoreGrpcTransport(channel=channel)),
        )


def query(collection: str = "patients", parent: str = f"{DOCUMENTS}/clinics/a", **more: Any) -> dict[str, Any]:
    return {"parent": parent, "structured_query": {"from_": [{"collection_id": collection}], **more}}


def error(code: int, name: str, answer: Any) -> str:
    """The message of an error."""
    (body,) = answer.values()
    assert (body["code"], body["status"]) == (code, name)
    return str(body["message"])


def test_googles_client_has_the_same_answers_by_both(
    clients: tuple[FirestoreClient, FirestoreClient], recorder: Recorder
) -> None:
    fields = {"name": {"string_value": "é/ %"}, "at": {"timestamp_value": "2026-11-30T04:05:06.123456Z"}}
    answers: list[list[Any]] = []
    marks = []
    for client in clients:
        marks.append(recorder.mark())
        write = {"update": {"name": PATIENT, "fields": fields}}
        commit = client.commit({"database": DATABASE, "writes": [write, {"delete": f"{PATIENT}2"}]}, metadata=METADATA)
        looked_up = {"database": DATABASE, "documents": [PATIENT, f"{PATIENT}2"], "mask": {"field_paths": ["name"]}}
        counted = {
            "parent": f"{DOCUMENTS}/clinics/a",
            "structured_aggregation_query": {
                "structured_query": query()["structured_query"],
                "aggregations": [{"alias": "n", "count": {}}],
            },
        }
        answers.append(
            [
                len(commit.write_results),
                [one.found.fields for one in client.batch_get_documents(looked_up, metadata=METADATA)],
                [one.document.fields for one in client.run_query(query(limit=5), metadata=METADATA)],
                [one.document.name for one in client.run_query(query("none"), metadata=METADATA)],
                [one.result for one in client.run_aggregation_query(counted, metadata=METADATA)],
                list(client.list_collection_ids({"parent": f"{DOCUMENTS}/clinics/a"}, metadata=METADATA)),
            ]
        )
        begun = client.begin_transaction({"database": DATABASE}, metadata=METADATA).transaction
        client.rollback({"database": DATABASE, "transaction": begun}, metadata=METADATA)
    assert answers[0] == answers[1]
    calls = recorder.calls()
    assert calls[: marks[1]] == calls[marks[1] :]
    assert [call.method for call in calls[: marks[1]]] == [
        *("Commit", "BatchGetDocuments", "RunQuery", "RunQuery", "RunAggregationQuery", "ListCollectionIds"),
        *("BeginTransaction", "Rollback"),
    ]
    assert len(recorder.queries()) == 2


def test_a_call_is_recorded_with_its_costs(rest: Rest, recorder: Recorder) -> None:
    rest.ask(f"{DOCUMENTS}:commit", {"writes": [{"update": {"name": PATIENT}}, {"delete": f"{PATIENT}2"}]})
    rest.ask(f"{DOCUMENTS}:batchGet", {"documents": [PATIENT, f"{PATIENT}2"]})
    assert recorder.calls() == [
        Call("firestore", "Commit", "patients", "clinics/a/patients/p1", {"writes": 1, "deletes": 1}),
        Call("firestore", "BatchGetDocuments", "patients", "clinics/a/patients/p1", {"reads": 2}),
    ]


def test_paths_are_percent_encoded(rest: Rest) -> None:
    name = f"{DOCUMENTS}/clinics/ä b:c/visits/1"
    encoded = DATABASE.replace("(", "%28").replace(")", "%29")
    assert rest.ask(f"{encoded}/documents:commit", {"writes": [{"update": {"name": name}}]})[0] == 200
    parent = quote(f"{DOCUMENTS}/clinics/ä b:c", safe="/")
    answer = rest.ask(f"{parent}:runQuery", {"structuredQuery": {"from": [{"collectionId": "visits"}]}})
    assert [one["document"]["name"] for one in answer[1]] == [name]


def test_the_empty_result_of_a_query_has_its_time(rest: Rest) -> None:
    status_code, answer = rest.ask(f"{DOCUMENTS}:runQuery", {"structuredQuery": {"from": [{"collectionId": "none"}]}})
    assert (status_code, [set(one) for one in answer]) == (200, [{"readTime"}])


def test_a_conflict_has_its_status_and_a_stream_of_one_error(rest: Rest) -> None:
    write = {"update": {"name": PATIENT}, "currentDocument": {"exists": False}}
    assert rest.ask(f"{DOCUMENTS}:commit", {"writes": [write]})[0] == 200
    code, answer = rest.ask(f"{DOCUMENTS}:commit", {"writes": [write]})
    assert (code, "patients/p1" in error(409, "ALREADY_EXISTS", answer)) == (409, True)
    missing = {"update": {"name": f"{PATIENT}2"}, "currentDocument": {"exists": True}}
    code, answer = rest.ask(f"{DOCUMENTS}:commit", {"writes": [missing]})
    assert (code, bool(error(404, "NOT_FOUND", answer))) == (404, True)
    limited = {"structuredQuery": {"from": [{"collectionId": "c"}], "limit": -1}}
    code, answers = rest.ask(f"{DOCUMENTS}:runQuery", limited)
    assert (code, len(answers), error(400, "INVALID_ARGUMENT", answers[0])) == (400, 1, "limit is negative")


@pytest.mark.parametrize("method", ["commit", "batchGet", "runQuery"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{nope", "no JSON"),
        (b"[]", "an object is expected"),
        (b'"text"', "an object is expected"),
        (b"\xff", "no JSON"),
        (b'{"readTime": NaN}', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        ({"nope": 1}, "'nope'"),
    ],
)
def test_a_malformed_body_is_refused(rest: Rest, recorder: Recorder, method: str, body: Any, said: str) -> None:
    code, answer = rest.ask(f"{DOCUMENTS}:{method}", body)
    assert code == 400
    assert said in error(400, "INVALID_ARGUMENT", answer if method == "commit" else answer[0])
    assert recorder.calls() == []


@pytest.mark.parametrize("depth", [60, 300, 100_000])
def test_a_value_nested_too_deep_is_refused(rest: Rest, depth: int) -> None:
    value = b'{"arrayValue": {"values": [' * depth + b"]}}" * depth
    body = b'{"writes": [{"update": {"name": "%b", "fields": {"v": %b}}}]}' % (PATIENT.encode(), value)
    code, answer = rest.ask(f"{DOCUMENTS}:commit", body)
    assert (code, bool(error(400, "INVALID_ARGUMENT", answer))) == (400, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{DOCUMENTS}:nope"),
        ("GET", f"{DOCUMENTS}:commit"),
        ("POST", "projects/p/documents:commit"),
        ("POST", f"{DATABASE}/documents/%FF:runQuery"),
        ("POST", ""),
    ],
)
def test_an_unknown_path_is_not_found(rest: Rest, method: str, path: str) -> None:
    assert error(404, "NOT_FOUND", rest.ask(path, {}, method)[1])


def test_the_body_names_no_other_database_than_the_path(rest: Rest) -> None:
    body = {"database": "projects/other/databases/x", "documents": [PATIENT]}
    assert rest.ask(f"{DOCUMENTS}:batchGet", body)[1][0]["missing"] == PATIENT


def test_the_rules_apply_to_a_client(rest: Rest) -> None:
    code, answer = rest.ask(f"{DOCUMENTS}:batchGet", {"documents": [PATIENT]}, Authorization="Bearer x.e30.y")
    assert (code, bool(error(403, "PERMISSION_DENIED", answer[0]))) == (403, True)


def test_a_lost_answer_is_unavailable_and_keeps_its_effect(rest: Rest, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("firestore", "Commit", "patients", "cut", resource="clinics/a"))
    code, answer = rest.ask(f"{DOCUMENTS}:commit", {"writes": [{"update": {"name": PATIENT}}]})
    assert (code, error(503, "UNAVAILABLE", answer)) == (503, "The answer was lost.")
    assert fault.fired.is_set()
    recorder.plant(Fault("firestore", "BatchGetDocuments", "patients", "cut"))
    assert error(503, "UNAVAILABLE", rest.ask(f"{DOCUMENTS}:batchGet", {"documents": [PATIENT]})[1][0])
    assert rest.ask(f"{DOCUMENTS}:batchGet", {"documents": [PATIENT]})[1][0]["found"]["name"] == PATIENT


def test_a_deadline_ends_the_call(tmp_path: Path, recorder: Recorder) -> None:
    """The commit waits for another commit, which ends after the deadline."""
    database = Database(DATABASE, tmp_path)
    proxy = FirestoreProxy("patients", database, recorder)
    rest = Rest(HTTPConnection(proxy.address, timeout=10))
    try:
        with database._storage.writing(timeout=1):
            code, answer = rest.ask(f"{DOCUMENTS}:commit", {"writes": [{"delete": PATIENT}]}, X_Server_Timeout="0.2")
    finally:
        rest.connection.close()
        proxy.stop()
        database.stop()
    assert (code, bool(error(504, "DEADLINE_EXCEEDED", answer))) == (504, True)
    assert recorder.calls() == []


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", "inf", ""])
def test_a_malformed_deadline_is_refused(rest: Rest, seconds: str) -> None:
    code, answer = rest.ask(f"{DOCUMENTS}:commit", {}, X_Server_Timeout=seconds)
    assert (code, "X-Server-Timeout" in error(400, "INVALID_ARGUMENT", answer)) == (400, True)


def test_googles_client_raises_what_the_status_says(clients: tuple[FirestoreClient, FirestoreClient]) -> None:
    write = {"update": {"name": PATIENT}, "current_document": {"exists": True}}
    with pytest.raises(exceptions.NotFound):
        clients[0].commit({"database": DATABASE, "writes": [write]}, metadata=METADATA)


class ByRest:
    """A Firestore that is called by REST with the JSON of protobuf's own conversion."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address, timeout=60)

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        rule = METHODS[method]
        body = MessageToDict(rule.request.pb().FromString(request))
        place = f"{body.pop('database')}/documents" if "database" in body else body.pop("parent")
        headers = {"Authorization": authorization, "X-Server-Timeout": str(timeout)}
        verb = rule.rule.split()[1].rpartition(":")[2]
        self._connection.request("POST", f"/v1/{quote(place)}:{verb}", json.dumps(body), headers)
        answer = self._connection.getresponse()
        parsed = json.loads(answer.read())
        messages = parsed if isinstance(parsed, list) else [parsed]
        if answer.status != 200:
            failure = messages[0]["error"]
            code = next(one for one in grpc.StatusCode if one.name == failure["status"])
            raise StatusError(status(code.value[0]), failure["message"])
        response = rule.response.pb()
        return [Parse(json.dumps(one), response()).SerializeToString() for one in messages]

    def close(self) -> None:
        self._connection.close()


def test_random_commits_and_queries_have_the_same_answers_as_by_grpc(tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    databases = [Database(DATABASE, tmp_path / name, indexes=INDEXES) for name in ("direct", "rest")]
    server = FirestoreServer(databases[1])
    by_rest = ByRest(server.address)
    try:
        found = list(differences(Side(databases[0]), Side(by_rest), seed, STEPS))
    finally:
        by_rest.close()
        server.stop()
        for database in databases:
            database.stop()
    assert not found, f"seed {seed}, {len(found)} of {STEPS} steps differ:\n\n" + "\n\n".join(found[:5])


def test_large_answers_pass(rest: Rest) -> None:
    for number in range(8):
        fields = {"sealed": {"bytesValue": "A" * 1_000_000}}
        write = {"update": {"name": f"{DOCUMENTS}/patients/{number}", "fields": fields}}
        assert rest.ask(f"{DOCUMENTS}:commit", {"writes": [write]})[0] == 200
    answers = rest.ask(f"{DOCUMENTS}:runQuery", {"structuredQuery": {"from": [{"collectionId": "patients"}]}})[1]
    assert sum(len(one["document"]["fields"]["sealed"]["bytesValue"]) for one in answers) == 8_000_000


def test_every_method_by_rest_has_its_request() -> None:
    assert {name: rule.request for name, rule in METHODS.items()} == {
        name: getattr(types, f"{name}Request") for name in METHODS
    }
