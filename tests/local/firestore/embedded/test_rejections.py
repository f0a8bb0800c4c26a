"""Rejected requests to the embedded database: limits, invalid names and unimplemented methods."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.api_core.exceptions import (
    InvalidArgument,
)
from google.cloud import firestore

from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.embedded import messages
from local.services.firestore.embedded.database import Database
from local.services.kit.rpc import StatusError


@pytest.mark.parametrize(
    "content",
    [
        {"__reserved__": 1},
        {"text": "x" * 1_048_488},
        {"tokens": ["x" * 1000] * 1100},
        {"long": "x" * 1501},
        {"map": {"long": "x" * 1501}},
        {"list": ["x" * 1501]},
        {"list": list(range(40_001))},
    ],
    ids=["reserved name", "value", "document", "indexed", "indexed in a map", "in an array", "entries"],
)
def test_documents_over_the_limits_are_rejected(client: firestore.Client, content: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        client.document("visits/a").set(content)
    assert not client.document("visits/a").get().exists


def test_exempt_fields_have_no_limit_on_indexed_values(client: firestore.Client) -> None:
    client.document("visits/a").set({"sealed": "x" * 100_000, "tokens": ["x" * 2000]})

    assert client.document("visits/a").get().exists


def test_an_empty_field_name_is_rejected(database: Database) -> None:
    write = messages.Write()
    write.update.name = f"{DATABASE}/documents/visits/a"
    write.update.fields[""].integer_value = 1
    request = messages.CommitRequest(database=DATABASE, writes=[write])

    with pytest.raises(StatusError) as refused:
        database.call("Commit", request.SerializeToString(), OWNER)

    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("path", ["visits/__a__", "visits/.", f"visits/{'x' * 1501}"])
def test_invalid_document_ids_are_rejected(database: Database, path: str) -> None:
    write = messages.Write()
    write.update.name = f"{DATABASE}/documents/{path}"
    request = messages.CommitRequest(database=DATABASE, writes=[write])

    with pytest.raises(StatusError) as refused:
        database.call("Commit", request.SerializeToString(), OWNER)

    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT


def test_another_database_does_not_exist(database: Database) -> None:
    other = DATABASE.replace("(default)", "other")
    request = messages.GetDocumentRequest(name=f"{other}/documents/visits/a")

    with pytest.raises(StatusError, match="does not exist") as refused:
        database.call("GetDocument", request.SerializeToString(), OWNER)

    assert refused.value.code == grpc.StatusCode.NOT_FOUND


def test_an_internal_failure_has_the_code_unknown(database: Database) -> None:
    """Not INTERNAL: Google's client retries a read for five minutes after INTERNAL."""
    database._storage.close()
    request = messages.CommitRequest(database=DATABASE, writes=[messages.Write(delete=f"{DATABASE}/documents/a/b")])

    with pytest.raises(StatusError) as failed:
        database.call("Commit", request.SerializeToString(), OWNER)

    assert failed.value.code == grpc.StatusCode.UNKNOWN


@pytest.mark.parametrize("method", ["BatchWrite", "PartitionQuery", "Listen", "ExecutePipeline", "Nothing"])
def test_other_methods_are_not_implemented(database: Database, method: str) -> None:
    with pytest.raises(StatusError) as refused:
        database.call(method, b"", OWNER)
    assert refused.value.code == grpc.StatusCode.UNIMPLEMENTED


def test_a_write_without_operation_is_an_invalid_argument(database: Database) -> None:
    request = messages.CommitRequest(database=DATABASE, writes=[messages.Write()])
    with pytest.raises(StatusError) as refused:
        database.call("Commit", request.SerializeToString(), OWNER)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT


def test_a_malformed_request_is_an_invalid_argument(database: Database) -> None:
    with pytest.raises(StatusError) as refused:
        database.call("Commit", b"\xff\xff", OWNER)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT
