"""A client of the database with all operations that apps have, through the emulator's REST and gRPC interfaces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from threading import Event
from typing import Any

import grpc
import urllib3
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import ListenRequest, ListenResponse, TargetChange

from local.services.firestore.google.emulator import Emulator
from tests.rules.principals import CLINIC

_Change: Any = TargetChange.TargetChangeType
_LISTEN_SECONDS = 20.0
_REFUSED = grpc.StatusCode.PERMISSION_DENIED.value[0]


class RulesClient:
    """The database of one project in a running emulator."""

    def __init__(self, emulator: Emulator, project: str) -> None:
        self.project = project
        self.database = f"projects/{project}/databases/(default)"
        self._emulator = emulator
        self._http = urllib3.PoolManager(retries=False, timeout=20)

    def use(self, rules: str) -> None:
        """Set the rules of the project."""
        files = {"rules": {"files": [{"name": "firestore.rules", "content": rules}]}}
        self._emulator.call("PUT", f"/emulator/v1/projects/{self.project}:securityRules", files)

    def rule_coverage(self) -> dict[str, Any]:
        """The emulator's report on the evaluated expressions of the rules and their values."""
        url = f"http://{self._emulator.address}/emulator/v1/projects/{self.project}:ruleCoverage"
        report: dict[str, Any] = self._http.request("GET", url).json()
        return report

    def allows(self, method: str, path: str, token: str | None, body: object = None) -> bool:
        """True if a request to `path`, below `documents`, is allowed. Raises AssertionError if it is malformed."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"http://{self._emulator.address}/v1/{self.database}/documents{path}"
        content = None if body is None else json.dumps(body)
        response = self._http.request(method, url, body=content, headers=headers)
        assert response.status in (200, 403, 404), f"{method} {path}: {response.data.decode()}"
        return response.status != 403

    def listen(self, target: dict[str, Any], token: str | None) -> Listener:
        """Listen to a target as apps do, by the streaming call Listen."""
        return Listener(self._client, self.database, target, token)

    def name(self, path: str) -> str:
        """The full name of a document; for an empty path, of the parent of all documents."""
        return f"{self.database}/documents/{path}".rstrip("/")

    @cached_property
    def _client(self) -> FirestoreClient:
        channel = grpc.insecure_channel(self._emulator.address)
        return FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))


class Listener:
    """An open Listen call. The end of the `with` block closes it."""

    def __init__(self, client: FirestoreClient, database: str, target: dict[str, Any], token: str | None) -> None:
        self._done = Event()
        self._first = ListenRequest(database=database, add_target={**target, "target_id": 1})
        metadata = [("google-cloud-resource-prefix", database)]
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        self._responses: Any = client.listen(requests=self._requests(), metadata=metadata, timeout=_LISTEN_SECONDS)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._responses.cancel()

    def next(self) -> dict[str, Any] | None:
        """The fields of the next document; {} at the end of the first snapshot; None if the listener is refused."""
        for response in self._responses:
            if response.target_change.target_change_type == _Change.REMOVE:
                assert response.target_change.cause.code == _REFUSED, response
                return None
            if "document_change" in response:
                document = ListenResponse.to_dict(response)["document_change"]["document"]
                return dict(document["fields"])
            if response.target_change.target_change_type == _Change.CURRENT:
                return {}
        raise AssertionError("the stream ended")

    def _requests(self) -> Iterator[ListenRequest]:
        yield self._first
        self._done.wait(_LISTEN_SECONDS)


Verb = Callable[[RulesClient, str, str | None], bool]
"""True if a principal with this token may do this with the document at this path, or with its collection."""


def get(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("GET", f"/{path}", token)


def batch_get(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("POST", ":batchGet", token, {"documents": [client.name(path)]})


def listen(client: RulesClient, path: str, token: str | None) -> bool:
    with client.listen({"documents": {"documents": [client.name(path)]}}, token) as listener:
        return listener.next() is not None


def list_documents(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("GET", f"/{path.rpartition('/')[0]}", token)


def list_collections(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("POST", f"/{path}:listCollectionIds", token, {})


def query(client: RulesClient, path: str, token: str | None) -> bool:
    parent, collection = _collection_of(path)
    return client.allows("POST", f"{parent}:runQuery", token, {"structuredQuery": _all(collection)})


def query_one(client: RulesClient, path: str, token: str | None) -> bool:
    parent, collection = _collection_of(path)
    return client.allows("POST", f"{parent}:runQuery", token, {"structuredQuery": {**_all(collection), "limit": 1}})


def count(client: RulesClient, path: str, token: str | None) -> bool:
    parent, collection = _collection_of(path)
    counted = {"structuredQuery": _all(collection), "aggregations": [{"count": {}}]}
    return client.allows("POST", f"{parent}:runAggregationQuery", token, {"structuredAggregationQuery": counted})


def query_group(client: RulesClient, path: str, token: str | None) -> bool:
    _, collection = _collection_of(path)
    return client.allows("POST", ":runQuery", token, {"structuredQuery": _all(collection, everywhere=True)})


def query_group_of_clinic(client: RulesClient, path: str, token: str | None) -> bool:
    _, collection = _collection_of(path)
    return client.allows(
        "POST", f"/clinics/{CLINIC}:runQuery", token, {"structuredQuery": _all(collection, everywhere=True)}
    )


def listen_to_group(client: RulesClient, path: str, token: str | None) -> bool:
    _, collection = _collection_of(path)
    group = {"collection_id": collection, "all_descendants": True}
    target = {"query": {"parent": client.name(""), "structured_query": {"from_": [group]}}}
    with client.listen(target, token) as listener:
        return listener.next() is not None


def create(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("POST", f"/{path.rpartition('/')[0]}?documentId=new", token, {"fields": {}})


def update(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("PATCH", f"/{path}?currentDocument.exists=true", token, {"fields": {}})


def put(client: RulesClient, path: str, token: str | None) -> bool:
    return _commit(client, token, {"update": {"name": client.name(path), "fields": {}}})


def transform(client: RulesClient, path: str, token: str | None) -> bool:
    set_to_now = {"fieldPath": "at", "setToServerValue": "REQUEST_TIME"}
    return _commit(client, token, {"transform": {"document": client.name(path), "fieldTransforms": [set_to_now]}})


def delete(client: RulesClient, path: str, token: str | None) -> bool:
    return client.allows("DELETE", f"/{path}", token)


def batch_delete(client: RulesClient, path: str, token: str | None) -> bool:
    return _commit(client, token, {"delete": client.name(path)})


GETS: list[Verb] = [get, batch_get, listen]
GROUPS: list[Verb] = [query_group, query_group_of_clinic, listen_to_group]
LISTS: list[Verb] = [list_documents, list_collections, query, query_one, count, *GROUPS]
WRITES: list[Verb] = [create, update, put, transform, delete, batch_delete]
VERBS = [*GETS, *LISTS, *WRITES]


def _commit(client: RulesClient, token: str | None, write: dict[str, object]) -> bool:
    return client.allows("POST", ":commit", token, {"writes": [write]})


def _collection_of(path: str) -> tuple[str, str]:
    """The collection of a document: the path of its parent, with a leading slash, and its id."""
    parent, _, collection = path.rpartition("/")[0].rpartition("/")
    return f"/{parent}" if parent else "", collection


def _all(collection: str, *, everywhere: bool = False) -> dict[str, object]:
    return {"from": [{"collectionId": collection, "allDescendants": everywhere}]}
