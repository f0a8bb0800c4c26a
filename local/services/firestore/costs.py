"""The resource, the billed operations and the query shape of a Firestore RPC, read from its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1 import types

from infra.query_shapes import QueryShape, shape_of

Amounts = dict[str, int]


@dataclass(frozen=True)
class Measured:
    """The recorded properties of one call."""

    resource: str
    """The first document or collection, below the database's root."""
    amounts: Amounts
    query: QueryShape | None


@dataclass(frozen=True)
class Rpc:
    """How to measure one method."""

    request: Any
    """The request's class of proto-plus. Messages are read without it: that is several times faster."""
    resource: Callable[[Any], str]
    """From the request: the name of the first document or collection."""
    amounts: Callable[[Any, list[Any]], Amounts]
    """From the request and the responses: the reads, writes and deletes."""
    response: Any = None
    """The responses' class, if the amounts depend on them."""
    query: Callable[[Any], Any] | None = None
    """From the request: the structured query, if the method is a query."""

    def measure(self, request: bytes, responses: list[bytes]) -> Measured:
        sent = self.request.pb().FromString(request)
        received = [self.response.pb().FromString(response) for response in responses] if self.response else []
        resource = self.resource(sent).partition("/documents/")[2]
        query = shape_of(self.query(sent)) if self.query else None
        return Measured(resource, self.amounts(sent, received), query)


def _always(**amounts: int) -> Callable[[Any, list[Any]], Amounts]:
    return lambda _sent, _received: dict(amounts)


def _looked_up(_sent: Any, received: list[Any]) -> Amounts:
    """A missing document is billed as a read too."""
    return {"reads": sum(answer.WhichOneof("result") is not None for answer in received)}


def _found(_sent: Any, received: list[Any]) -> Amounts:
    """A query without results is billed as one read."""
    return {"reads": max(1, sum(answer.HasField("document") for answer in received))}


def _listed(_sent: Any, received: list[Any]) -> Amounts:
    return {"reads": max(1, sum(len(answer.documents) for answer in received))}


def _written(sent: Any, _received: list[Any]) -> Amounts:
    deletes = sum(bool(write.delete) for write in sent.writes)
    return {"writes": len(sent.writes) - deletes, "deletes": deletes}


def _name(sent: Any) -> str:
    return str(sent.name)


def _parent(sent: Any) -> str:
    return str(sent.parent)


def _nothing(_sent: Any) -> str:
    return ""


def _collection(sent: Any) -> str:
    return f"{sent.parent}/{sent.collection_id}"


def _first_document(sent: Any) -> str:
    return str(next(iter(sent.documents), ""))


def _first_written(sent: Any) -> str:
    first = next(iter(sent.writes), None)
    return str(first.delete or first.update.name or first.transform.document) if first else ""


def _query(sent: Any) -> Any:
    return sent.structured_query


def _aggregated_query(sent: Any) -> Any:
    return sent.structured_aggregation_query.structured_query


def _queried(sent: Any) -> str:
    return _first_source(sent.parent, _query(sent))


def _aggregated(sent: Any) -> str:
    return _first_source(sent.parent, _aggregated_query(sent))


def _first_source(parent: str, query: Any) -> str:
    return f"{parent}/{next((source.collection_id for source in query.from_), '')}"


UNARY = {
    "GetDocument": Rpc(types.GetDocumentRequest, _name, _always(reads=1)),
    "ListDocuments": Rpc(types.ListDocumentsRequest, _collection, _listed, types.ListDocumentsResponse),
    "ListCollectionIds": Rpc(types.ListCollectionIdsRequest, _parent, _always(reads=1)),
    "PartitionQuery": Rpc(types.PartitionQueryRequest, _queried, _always(reads=1), query=_query),
    "CreateDocument": Rpc(types.CreateDocumentRequest, _collection, _always(writes=1)),
    "UpdateDocument": Rpc(types.UpdateDocumentRequest, lambda sent: str(sent.document.name), _always(writes=1)),
    "DeleteDocument": Rpc(types.DeleteDocumentRequest, _name, _always(deletes=1)),
    "Commit": Rpc(types.CommitRequest, _first_written, _written),
    "BatchWrite": Rpc(types.BatchWriteRequest, _first_written, _written),
    "BeginTransaction": Rpc(types.BeginTransactionRequest, _nothing, _always()),
    "Rollback": Rpc(types.RollbackRequest, _nothing, _always()),
}
"""The unary methods."""

STREAMED = {
    "BatchGetDocuments": Rpc(
        types.BatchGetDocumentsRequest, _first_document, _looked_up, types.BatchGetDocumentsResponse
    ),
    "RunQuery": Rpc(types.RunQueryRequest, _queried, _found, types.RunQueryResponse, query=_query),
    "RunAggregationQuery": Rpc(
        types.RunAggregationQueryRequest, _aggregated, _always(reads=1), query=_aggregated_query
    ),
}
"""The methods with a stream of responses."""

RPCS = {**UNARY, **STREAMED}
"""All methods."""
