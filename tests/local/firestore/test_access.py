"""The access rules of the embedded Firestore for apps, compared with firestore.rules in Google's emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud.firestore_v1._helpers import encode_dict
from grpc import StatusCode

from infra.catalogue import ROOT
from local.services.firestore.backend import DATABASE, OWNER, Backend
from local.services.firestore.embedded import messages
from local.services.firestore.embedded.backend import EmbeddedFirestore
from local.services.firestore.google.backend import GoogleFirestore
from local.services.kit.rpc import StatusError
from tests.rules.principals import (
    CLINIC,
    DELETED_PATIENT,
    MEMBERS,
    OTHER_CLINIC,
    PATIENT,
    PRINCIPALS,
    patients,
    users,
)
from tests.support.prerequisites import needs_java

PROGRESS = f"clinics/{CLINIC}/progress/{PATIENT}-visit"
ABSENT = f"clinics/{CLINIC}/progress/{PATIENT}-absent"
PATHS = [
    PROGRESS,
    ABSENT,
    f"clinics/{CLINIC}/progress/{PATIENT}",
    f"clinics/{CLINIC}/progress/{DELETED_PATIENT}-visit",
    f"clinics/{CLINIC}/progress/stranger-visit",
    f"clinics/{OTHER_CLINIC}/progress/session-2",
    f"{PROGRESS}/parts/one",
    f"clinics/{CLINIC}",
    f"clinics/{CLINIC}/patients/one",
    f"clinics/{CLINIC}/users/doctor",
    "progress/session-1",
]
Request = tuple[str, Any]
"""Method and message."""


def name(path: str) -> str:
    return f"{DATABASE}/documents/{path}".rstrip("/")


def parent_and_collection(path: str) -> tuple[str, str]:
    parent, _, collection = path.rpartition("/")[0].rpartition("/")
    return name(parent), collection


def get(path: str) -> Request:
    return "GetDocument", messages.GetDocumentRequest(name=name(path))


def batch_get(path: str) -> Request:
    return "BatchGetDocuments", messages.BatchGetDocumentsRequest(database=DATABASE, documents=[name(path)])


def list_documents(path: str) -> Request:
    parent, collection = parent_and_collection(path)
    return "ListDocuments", messages.ListDocumentsRequest(parent=parent, collection_id=collection)


def list_collections(path: str) -> Request:
    return "ListCollectionIds", messages.ListCollectionIdsRequest(parent=name(path))


def query(path: str) -> Request:
    parent, collection = parent_and_collection(path)
    request = messages.RunQueryRequest(parent=parent)
    request.structured_query.from_.add(collection_id=collection)
    return "RunQuery", request


def query_group(path: str) -> Request:
    request = messages.RunQueryRequest(parent=name(""))
    request.structured_query.from_.add(collection_id=parent_and_collection(path)[1], all_descendants=True)
    return "RunQuery", request


def count(path: str) -> Request:
    parent, collection = parent_and_collection(path)
    request = messages.RunAggregationQueryRequest(parent=parent)
    request.structured_aggregation_query.structured_query.from_.add(collection_id=collection)
    request.structured_aggregation_query.aggregations.add(alias="n").count.SetInParent()
    return "RunAggregationQuery", request


def create(path: str) -> Request:
    parent, collection = parent_and_collection(path)
    return "CreateDocument", messages.CreateDocumentRequest(
        parent=parent, collection_id=collection, document_id="new", document=messages.Document()
    )


def update(path: str) -> Request:
    return "UpdateDocument", messages.UpdateDocumentRequest(document=messages.Document(name=name(path)))


def delete(path: str) -> Request:
    return "DeleteDocument", messages.DeleteDocumentRequest(name=name(path))


def commit(path: str) -> Request:
    write = messages.Write(update=messages.Document(name=name(path)))
    return "Commit", messages.CommitRequest(database=DATABASE, writes=[write])


GETS: list[Callable[[str], Request]] = [get, batch_get]
OTHERS = [list_documents, list_collections, query, query_group, count, create, update, delete, commit]


def allowed(backend: Backend, request: Request, token: str | None) -> bool:
    method, message = request
    try:
        backend.call(method, message.SerializeToString(), f"Bearer {token}" if token else "", 20)
    except StatusError as error:
        assert error.code in (StatusCode.PERMISSION_DENIED, StatusCode.NOT_FOUND), error.message
        return error.code == StatusCode.NOT_FOUND
    return True


FIELDS = ("live", "disabled", "tokens_valid_after", "roles", "owner_id", "shared_with")
"""The fields that the rules read."""


def filled(backend: Backend) -> Backend:
    """Write a document at every path, the users of the principals and their patients, as the owner."""
    request = messages.CommitRequest(database=DATABASE)
    for path in PATHS:
        if path != ABSENT:
            request.writes.add().update.name = name(path)
    for path, _, document in [*users(), *patients()]:
        values = encode_dict({field: document[field] for field in FIELDS if field in document})
        write = request.writes.add().update
        write.name = name(path)
        for field, value in values.items():
            write.fields[field].MergeFromString(type(value).serialize(value))
    backend.call("Commit", request.SerializeToString(), OWNER)
    return backend


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    backend = EmbeddedFirestore(tmp_path_factory.mktemp("embedded"))
    try:
        yield filled(backend)
    finally:
        backend.stop()


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    backend = GoogleFirestore(tmp_path_factory.mktemp("google"), [], lambda *_: None, died=lambda *_: None)
    try:
        backend.wait_ready()
        yield filled(backend)
    finally:
        backend.stop()


@pytest.mark.parametrize("method", GETS)
def test_members_get_only_the_progress_of_their_patient(embedded: Backend, method: Callable[[str], Request]) -> None:
    found = {
        (principal.name, path)
        for principal in PRINCIPALS.values()
        for path in PATHS
        if allowed(embedded, method(path), principal.token)
    }

    shown = (PROGRESS, ABSENT, f"clinics/{CLINIC}/progress/{PATIENT}")
    own = {(member.name, path) for member in MEMBERS for path in shown}
    assert {pair for pair in found if pair[1].startswith(f"clinics/{CLINIC}/")} == own
    assert {path for _, path in found - own} <= {f"clinics/{OTHER_CLINIC}/progress/session-2"}


@pytest.mark.parametrize("method", OTHERS)
def test_no_app_lists_queries_or_writes(embedded: Backend, method: Callable[[str], Request]) -> None:
    for principal in PRINCIPALS.values():
        for path in PATHS:
            assert not allowed(embedded, method(path), principal.token), f"{principal.name}: {path}"


@needs_java
@pytest.mark.long
@pytest.mark.parametrize("method", [*GETS, *OTHERS])
def test_the_emulator_allows_the_same(embedded: Backend, google: Backend, method: Callable[[str], Request]) -> None:
    for principal in PRINCIPALS.values():
        for path in PATHS:
            results = [allowed(backend, method(path), principal.token) for backend in (embedded, google)]
            assert results[0] == results[1], f"{principal.name}: {path}"


def test_the_rules_are_those_that_the_embedded_firestore_implements() -> None:
    """A change of firestore.rules needs the same change in embedded/access.py."""
    rules = (ROOT / "firestore.rules").read_text()
    code = "\n".join(line for line in rules.splitlines() if not line.strip().startswith("//"))

    assert [line.strip() for line in code.splitlines() if "allow" in line or "&&" in line or "return" in line] == [
        "return accepted(user) && sees(user);",
        "return user.live && !user.disabled",
        "&& timestamp.value(request.auth.token.iat * 1000) >= user.tokens_valid_after",
        "&& timestamp.value(request.auth.token.auth_time * 1000) >= user.tokens_valid_after;",
        "return patient.live && ('admin' in user.roles || ('doctor' in user.roles",
        "&& (request.auth.uid == patient.owner_id || request.auth.uid in patient.shared_with)));",
        "allow get: if request.auth != null && request.auth.token.clinic == clinic && admitted();",
        "allow read, write: if false;",
    ]
