"""The methods that read: single documents, lists, queries."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from grpc import StatusCode

from local.services.firestore.embedded import messages
from local.services.firestore.embedded.deadline import Deadline
from local.services.firestore.embedded.documents import mask_of, masked
from local.services.firestore.embedded.execution import Execution
from local.services.firestore.embedded.messages import set_time
from local.services.firestore.embedded.names import DatabaseNames, collection_key, invalid
from local.services.firestore.embedded.query import Query
from local.services.firestore.embedded.rows import Row
from local.services.firestore.embedded.storage import Storage
from local.services.firestore.embedded.transactions import Transaction, Transactions
from local.services.kit.rpc import StatusError

_MAX_PAGE = 300
"""Documents of a page of ListDocuments."""


class ReadMethods:
    """Takes parsed requests, returns the responses. Every method raises StatusError."""

    def __init__(self, names: DatabaseNames, storage: Storage, transactions: Transactions) -> None:
        self._names = names
        self._storage = storage
        self._transactions = transactions

    def get(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_current(request)
        path = self._names.path(request.name)
        with self._storage.reading() as reader:
            row = reader.get(path)
        if row is None:
            raise StatusError(StatusCode.NOT_FOUND, f"Document not found: {request.name}")
        return [self._document(row, mask_of(request))]

    def batch_get(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        """Each document once, in the order of the request (production promises no order)."""
        self._names.require(request.database)
        begun, transaction = self._transaction(request)
        names = dict.fromkeys(request.documents)
        paths = [self._names.path(name) for name in names]
        with self._storage.reading() as reader:
            rows = [reader.get(path) for path in paths]
        deadline.check()
        read_time, mask = self._storage.read_time(), mask_of(request)
        responses = [messages.BatchGetDocumentsResponse(transaction=begun)] if begun else []
        for name, path, row in zip(names, paths, rows, strict=True):
            response = messages.BatchGetDocumentsResponse()
            if row is None:
                response.missing = name
            else:
                response.found.MergeFrom(self._document(row, mask))
            set_time(response.read_time, read_time)
            responses.append(response)
            if transaction is not None:
                transaction.note(path, row)
        return responses

    def list_documents(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_current(request)
        if request.order_by or request.show_missing:
            raise StatusError(StatusCode.UNIMPLEMENTED, "order_by and show_missing are not implemented locally")
        collection = collection_key(self._names.parent(request.parent), request.collection_id)
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        after = _decoded(request.page_token)
        with self._storage.reading() as reader:
            rows = list(reader.collection(collection, after, size + 1))
        response = messages.ListDocumentsResponse()
        response.documents.extend(self._document(row, mask_of(request)) for row in rows[:size])
        if len(rows) > size:
            response.next_page_token = base64.b64encode(rows[size - 1].name).decode()
        return [response]

    def list_collections(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        """The collections below a document, also those that contain only deeper documents."""
        self._require_current(request)
        parent = self._names.parent(request.parent)
        with self._storage.reading() as reader:
            found = list(reader.collections(b"\0".join(parent.segments)))
        ids = {path.split(b"\0")[len(parent.segments)].decode() for path in found}
        return [messages.ListCollectionIdsResponse(collection_ids=sorted(ids, key=str.encode))]

    def query(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        begun, transaction = self._transaction(request)
        rows = self._found(request.parent, request.structured_query, deadline)
        read_time, mask = self._storage.read_time(), _selected(request.structured_query)
        responses = [messages.RunQueryResponse(transaction=begun)] if begun else []
        for row in rows:
            response = messages.RunQueryResponse()
            response.document.MergeFrom(self._document(row, mask))
            responses.append(response)
            if transaction is not None:
                transaction.note(row.path, row)
        if not rows:  # a response with only the read time
            responses.append(messages.RunQueryResponse())
        for response in responses:
            set_time(response.read_time, read_time)
        return responses

    def aggregate(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        if request.WhichOneof("consistency_selector"):
            raise StatusError(StatusCode.UNIMPLEMENTED, "aggregations in transactions are not implemented locally")
        aggregated = request.structured_aggregation_query
        rows = self._found(request.parent, aggregated.structured_query, deadline)
        response = messages.RunAggregationQueryResponse()
        for number, aggregation in enumerate(aggregated.aggregations, start=1):
            if aggregation.WhichOneof("operator") != "count":
                raise StatusError(StatusCode.UNIMPLEMENTED, "only count is implemented locally")
            up_to = aggregation.count.up_to.value or len(rows)
            fields_ = response.result.aggregate_fields
            fields_[aggregation.alias or f"field_{number}"].integer_value = min(len(rows), up_to)
        set_time(response.read_time, self._storage.read_time())
        return [response]

    def _found(self, parent: str, structured: Any, deadline: Deadline) -> list[Row]:
        query = Query.parse(self._names.parent(parent), structured)
        with self._storage.reading() as reader:
            return Execution(query, self._names.name, reader, self._storage.indexes, deadline).rows()

    def _transaction(self, request: Any) -> tuple[bytes, Transaction | None]:
        """The id of a transaction that this read begins, and the transaction that it belongs to."""
        match request.WhichOneof("consistency_selector"):
            case "transaction":
                return b"", self._transactions.get(request.transaction)
            case "new_transaction":
                begun = self._transactions.begin()
                return begun, self._transactions.get(begun)
            case "read_time":
                raise StatusError(StatusCode.UNIMPLEMENTED, "reads in the past are not implemented locally")
        return b"", None

    def _require_current(self, request: Any) -> None:
        """Raises StatusError for a read in a transaction or in the past, by methods for which neither is used."""
        selector = "consistency_selector"
        if selector in request.DESCRIPTOR.oneofs_by_name and request.WhichOneof(selector):
            raise StatusError(StatusCode.UNIMPLEMENTED, "this method reads the newest state only")

    def _document(self, row: Row, mask: list[str] | None) -> Any:
        return masked(row.message(self._names.name), mask)


def _selected(query: Any) -> list[str] | None:
    """The selected fields of a query; the name is part of every document."""
    if not query.HasField("select"):
        return None
    return [field.field_path for field in query.select.fields if field.field_path != "__name__"]


def _decoded(page_token: str) -> bytes:
    try:
        return base64.b64decode(page_token, validate=True)
    except ValueError:
        raise invalid("the page token is malformed") from None
