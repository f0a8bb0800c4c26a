"""The protobuf messages of google.firestore.v1, without the proto-plus wrappers: these are several times faster."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore_v1 import types

BatchGetDocumentsRequest: Any = types.BatchGetDocumentsRequest.pb()
BatchGetDocumentsResponse: Any = types.BatchGetDocumentsResponse.pb()
BeginTransactionRequest: Any = types.BeginTransactionRequest.pb()
BeginTransactionResponse: Any = types.BeginTransactionResponse.pb()
CommitRequest: Any = types.CommitRequest.pb()
CommitResponse: Any = types.CommitResponse.pb()
CreateDocumentRequest: Any = types.CreateDocumentRequest.pb()
DeleteDocumentRequest: Any = types.DeleteDocumentRequest.pb()
Document: Any = types.Document.pb()
GetDocumentRequest: Any = types.GetDocumentRequest.pb()
ListCollectionIdsRequest: Any = types.ListCollectionIdsRequest.pb()
ListCollectionIdsResponse: Any = types.ListCollectionIdsResponse.pb()
ListDocumentsRequest: Any = types.ListDocumentsRequest.pb()
ListDocumentsResponse: Any = types.ListDocumentsResponse.pb()
RollbackRequest: Any = types.RollbackRequest.pb()
RunAggregationQueryRequest: Any = types.RunAggregationQueryRequest.pb()
RunAggregationQueryResponse: Any = types.RunAggregationQueryResponse.pb()
RunQueryRequest: Any = types.RunQueryRequest.pb()
RunQueryResponse: Any = types.RunQueryResponse.pb()
UpdateDocumentRequest: Any = types.UpdateDocumentRequest.pb()
Value: Any = types.Value.pb()
Write: Any = types.Write.pb()

FieldOperator: Any = types.StructuredQuery.FieldFilter.Operator
UnaryOperator: Any = types.StructuredQuery.UnaryFilter.Operator
CompositeOperator: Any = types.StructuredQuery.CompositeFilter.Operator
Direction: Any = types.StructuredQuery.Direction


def set_time(timestamp: Any, microseconds: int) -> None:
    """Set a protobuf Timestamp to microseconds since the epoch."""
    timestamp.seconds, rest = divmod(microseconds, 1_000_000)
    timestamp.nanos = rest * 1000


def microseconds_of(timestamp: Any) -> int:
    """Microseconds since the epoch; nanoseconds are truncated."""
    return int(timestamp.seconds * 1_000_000 + timestamp.nanos // 1000)
