"""One embedded database: the methods of google.firestore.v1, by name."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from google.protobuf.message import DecodeError
from grpc import StatusCode

from infra import firestore_indexes
from local.services.firestore.embedded import access, fields, messages
from local.services.firestore.embedded.deadline import Deadline
from local.services.firestore.embedded.events import Listener, Listeners
from local.services.firestore.embedded.execution import Execution
from local.services.firestore.embedded.indexes import Indexes
from local.services.firestore.embedded.messages import Document, set_time
from local.services.firestore.embedded.names import Path, collection_key, database_of, field_path, invalid, require_id
from local.services.firestore.embedded.outbox import Outbox, Receiver
from local.services.firestore.embedded.query import Query
from local.services.firestore.embedded.storage import Clock, Row, Storage, system_clock
from local.services.firestore.embedded.transactions import Transaction, Transactions
from local.services.firestore.embedded.writes import Commits, Result
from local.services.kit.rpc import StatusError

_MAX_PAGE = 300
"""Documents of a page of ListDocuments."""

log = logging.getLogger(__name__)


def _drop(_listener: str, _headers: Mapping[str, str], _body: bytes) -> None:
    """The receiver of a database without listeners."""


class Database:
    """A Firestore database in the folder `state`."""

    def __init__(
        self,
        name: str,
        state: FilePath,
        *,
        listeners: Iterable[Listener] = (),
        receiver: Receiver = _drop,
        indexes: firestore_indexes.FirestoreIndexes | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`name` is `projects/{project}/databases/{database}`. Changes that `listeners` match go to `receiver`."""
        self.name = name
        self._storage = Storage(state / "firestore.sqlite", Indexes(indexes or firestore_indexes.declared()), clock)
        self._commits = Commits(name, self._storage, Listeners(name, listeners))
        self._transactions = Transactions()
        self.outbox = Outbox(self._storage, receiver)
        self._methods: dict[str, tuple[Any, Callable[[Any, Deadline], Sequence[Any]]]] = {
            "BatchGetDocuments": (messages.BatchGetDocumentsRequest, self._batch_get),
            "BeginTransaction": (messages.BeginTransactionRequest, self._begin),
            "Commit": (messages.CommitRequest, self._commit),
            "CreateDocument": (messages.CreateDocumentRequest, self._create),
            "DeleteDocument": (messages.DeleteDocumentRequest, self._delete),
            "GetDocument": (messages.GetDocumentRequest, self._get),
            "ListCollectionIds": (messages.ListCollectionIdsRequest, self._list_collections),
            "ListDocuments": (messages.ListDocumentsRequest, self._list),
            "Rollback": (messages.RollbackRequest, self._rollback),
            "RunAggregationQuery": (messages.RunAggregationQueryRequest, self._aggregate),
            "RunQuery": (messages.RunQueryRequest, self._query),
            "UpdateDocument": (messages.UpdateDocumentRequest, self._update),
        }

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        """The serialized responses to a call: one for a unary method. Raises StatusError.

        An error of this program is UNKNOWN, not INTERNAL: Google's client would repeat the call for minutes.
        """
        if method not in self._methods:
            raise StatusError(StatusCode.UNIMPLEMENTED, f"{method} is not implemented locally")
        message, handler = self._methods[method]
        deadline = Deadline(timeout)
        deadline.check()
        try:
            parsed = message.FromString(request)
            if authorization != access.OWNER:
                self._require_access(parsed, authorization)
            return [response.SerializeToString() for response in handler(parsed, deadline)]
        except DecodeError as error:
            raise invalid(f"the request is no {message.DESCRIPTOR.name}") from error
        except StatusError:
            raise
        except Exception as error:
            log.exception("%s failed", method)
            raise StatusError(StatusCode.UNKNOWN, f"{method} failed with {type(error).__name__}") from error

    def clear(self) -> None:
        """Delete all data."""
        self._storage.clear()

    def stop(self) -> None:
        self.outbox.stop()
        self._storage.close()

    def _require_access(self, request: Any, authorization: str) -> None:
        """Apply firestore.rules. Raises StatusError."""
        if isinstance(request, messages.GetDocumentRequest):
            names = [request.name]
        elif isinstance(request, messages.BatchGetDocumentsRequest) and not request.WhichOneof("consistency_selector"):
            names = list(request.documents)
        else:
            raise access.denied()
        with self._storage.reading() as reader:
            for name in names:
                access.require_get(self._path(name), authorization, reader)

    # Reads

    def _get(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_current(request)
        path = self._path(request.name)
        with self._storage.reading() as reader:
            row = reader.get(path)
        if row is None:
            raise StatusError(StatusCode.NOT_FOUND, f"Document not found: {request.name}")
        return [self._document(row, _mask(request))]

    def _batch_get(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        """Each document once, in the order of the request (production promises no order)."""
        self._require_database(request.database)
        begun, transaction = self._transaction(request)
        names = dict.fromkeys(request.documents)
        paths = [self._path(name) for name in names]
        with self._storage.reading() as reader:
            rows = [reader.get(path) for path in paths]
        deadline.check()
        read_time, mask = self._storage.read_time(), _mask(request)
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

    def _list(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_current(request)
        if request.order_by or request.show_missing:
            raise StatusError(StatusCode.UNIMPLEMENTED, "order_by and show_missing are not implemented locally")
        collection = collection_key(self._parent(request.parent), request.collection_id)
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        after = _decoded(request.page_token)
        with self._storage.reading() as reader:
            rows = list(reader.collection(collection, after, size + 1))
        response = messages.ListDocumentsResponse()
        response.documents.extend(self._document(row, _mask(request)) for row in rows[:size])
        if len(rows) > size:
            response.next_page_token = base64.b64encode(rows[size - 1].name).decode()
        return [response]

    def _list_collections(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        """The collections below a document, also those that contain only deeper documents."""
        self._require_current(request)
        parent = self._parent(request.parent)
        with self._storage.reading() as reader:
            found = list(reader.collections(b"\0".join(parent.segments)))
        ids = {path.split(b"\0")[len(parent.segments)].decode() for path in found}
        return [messages.ListCollectionIdsResponse(collection_ids=sorted(ids, key=str.encode))]

    def _query(self, request: Any, deadline: Deadline) -> Sequence[Any]:
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

    def _aggregate(self, request: Any, deadline: Deadline) -> Sequence[Any]:
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
        query = Query.parse(self._parent(parent), structured)
        with self._storage.reading() as reader:
            return Execution(query, self.name, reader, self._storage.indexes, deadline).rows()

    # Writes

    def _commit(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        self._require_database(request.database)
        transaction = self._transactions.end(request.transaction) if request.transaction else None
        response = messages.CommitResponse()
        if not request.writes:
            return [response]
        results, time = self._apply(request.writes, deadline, transaction)
        for result in results:
            written = response.write_results.add()
            if result.updated:
                set_time(written.update_time, result.updated)
            written.transform_results.extend(result.transformed)
        set_time(response.commit_time, time)
        return [response]

    def _create(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        document_id = request.document_id or secrets.token_hex(10)
        require_id(document_id)
        write = messages.Write(update=request.document)
        write.update.name = f"{request.parent}/{request.collection_id}/{document_id}"
        write.current_document.exists = False
        return self._write_one(write, write.update.name, request, deadline)

    def _update(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        write = messages.Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return self._write_one(write, request.document.name, request, deadline)

    def _delete(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        write = messages.Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        self._path(request.name)
        self._apply([write], deadline)
        return [messages.Value()]  # as google.protobuf.Empty, without bytes

    def _write_one(self, write: Any, name: str, request: Any, deadline: Deadline) -> Sequence[Any]:
        path = self._path(name)
        self._apply([write], deadline)
        with self._storage.reading() as reader:
            row = reader.get(path)
        if row is None:
            raise StatusError(StatusCode.ABORTED, "the document was deleted at once")
        return [self._document(row, _mask(request))]

    def _apply(
        self, writes: Sequence[Any], deadline: Deadline, transaction: Transaction | None = None
    ) -> tuple[list[Result], int]:
        for write in writes:
            self._require_own(write.update.name or write.delete or write.transform.document)
        results, time = self._commits.apply(writes, deadline, transaction)
        self.outbox.notify()
        return results, time

    # Transactions

    def _begin(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_database(request.database)
        return [messages.BeginTransactionResponse(transaction=self._transactions.begin())]

    def _rollback(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._require_database(request.database)
        self._transactions.end(request.transaction)
        return [messages.Value()]  # as google.protobuf.Empty

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

    # Names

    def _path(self, name: str) -> Path:
        self._require_own(name)
        return Path.parse(name)

    def _parent(self, name: str) -> Path:
        self._require_own(name)
        return Path.parent(name)

    def _require_own(self, name: str) -> None:
        self._require_database(database_of(name))

    def _require_database(self, name: str) -> None:
        if name != self.name:
            raise StatusError(StatusCode.NOT_FOUND, f"The database {name} does not exist.")

    def _document(self, row: Row, mask: list[str] | None) -> Any:
        message = row.message(self.name)
        if mask is None:
            return message
        masked = Document(name=message.name, create_time=message.create_time, update_time=message.update_time)
        present = [path for path in map(field_path, mask) if fields.find(message.fields, path) is not None]
        fields.copy_masked(message.fields, masked.fields, present)
        return masked


def _mask(request: Any) -> list[str] | None:
    return list(request.mask.field_paths) if request.HasField("mask") else None


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
