"""Firestore by REST: the methods of functions, and those that have their paths.

The methods for a single document, whose paths depend on its depth, are by gRPC only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.cloud.firestore_v1 import types
from google.protobuf import empty_pb2

from local.services.kit.rest import Headers, Method, RestApi, timeout_of

_DATABASE = "POST /v1/{database=projects/*/databases/*}/documents"
_PARENT = "POST /v1/{parent=projects/*/databases/*/documents/**}"

_Empty: Any = empty_pb2.Empty  # type: ignore[attr-defined]  # made at import

METHODS = {
    "BatchGetDocuments": Method(
        f"{_DATABASE}:batchGet *", types.BatchGetDocumentsRequest, types.BatchGetDocumentsResponse, streamed=True
    ),
    "Commit": Method(f"{_DATABASE}:commit *", types.CommitRequest, types.CommitResponse),
    "RunQuery": Method(f"{_PARENT}:runQuery *", types.RunQueryRequest, types.RunQueryResponse, streamed=True),
    "RunAggregationQuery": Method(
        f"{_PARENT}:runAggregationQuery *",
        types.RunAggregationQueryRequest,
        types.RunAggregationQueryResponse,
        streamed=True,
    ),
    "BeginTransaction": Method(
        f"{_DATABASE}:beginTransaction *", types.BeginTransactionRequest, types.BeginTransactionResponse
    ),
    "Rollback": Method(f"{_DATABASE}:rollback *", types.RollbackRequest, _Empty),
    "BatchWrite": Method(f"{_DATABASE}:batchWrite *", types.BatchWriteRequest, types.BatchWriteResponse),
    "ListCollectionIds": Method(
        f"{_PARENT}:listCollectionIds *", types.ListCollectionIdsRequest, types.ListCollectionIdsResponse
    ),
    "PartitionQuery": Method(f"{_PARENT}:partitionQuery *", types.PartitionQueryRequest, types.PartitionQueryResponse),
}

Respond = Callable[[str, bytes, str, float | None], list[bytes]]
"""Takes the method, the serialized request, the authorization and the seconds left; returns the responses."""


def rest_api(respond: Respond) -> RestApi:
    """The methods by REST. `respond` raises StatusError for a failed call."""

    def call(method: str, request: bytes, headers: Headers) -> list[bytes]:
        return respond(method, request, headers.get("authorization", ""), timeout_of(headers))

    return RestApi(METHODS, call)
