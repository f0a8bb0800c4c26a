"""The methods that write, and those that begin and end transactions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from grpc import StatusCode

from local.services.firestore.embedded import messages
from local.services.firestore.embedded.commits import Commits, Result
from local.services.firestore.embedded.deadline import Deadline
from local.services.firestore.embedded.documents import mask_of, masked
from local.services.firestore.embedded.messages import set_time
from local.services.firestore.embedded.names import DatabaseNames, require_id
from local.services.firestore.embedded.storage import Storage
from local.services.firestore.embedded.transactions import Transaction, Transactions
from local.services.kit.rpc import StatusError


class WriteMethods:
    """Takes parsed requests, returns the responses. Every method raises StatusError."""

    def __init__(self, names: DatabaseNames, storage: Storage, transactions: Transactions, commits: Commits) -> None:
        self._names = names
        self._storage = storage
        self._transactions = transactions
        self._commits = commits

    def commit(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        self._names.require(request.database)
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

    def create(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        document_id = request.document_id or secrets.token_hex(10)
        require_id(document_id)
        write = messages.Write(update=request.document)
        write.update.name = f"{request.parent}/{request.collection_id}/{document_id}"
        write.current_document.exists = False
        return self._write_one(write, write.update.name, request, deadline)

    def update(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        write = messages.Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return self._write_one(write, request.document.name, request, deadline)

    def delete(self, request: Any, deadline: Deadline) -> Sequence[Any]:
        write = messages.Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        self._names.path(request.name)
        self._apply([write], deadline)
        return [messages.Value()]  # as google.protobuf.Empty, without bytes

    def _write_one(self, write: Any, name: str, request: Any, deadline: Deadline) -> Sequence[Any]:
        path = self._names.path(name)
        self._apply([write], deadline)
        with self._storage.reading() as reader:
            row = reader.get(path)
        if row is None:
            raise StatusError(StatusCode.ABORTED, "the document was deleted at once")
        return [masked(row.message(self._names.name), mask_of(request))]

    def _apply(
        self, writes: Sequence[Any], deadline: Deadline, transaction: Transaction | None = None
    ) -> tuple[list[Result], int]:
        for write in writes:
            if name := write.update.name or write.delete or write.transform.document:
                self._names.require_own(name)
        return self._commits.apply(writes, deadline, transaction)

    def begin(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._names.require(request.database)
        return [messages.BeginTransactionResponse(transaction=self._transactions.begin())]

    def rollback(self, request: Any, _deadline: Deadline) -> Sequence[Any]:
        self._names.require(request.database)
        self._transactions.end(request.transaction)
        return [messages.Value()]  # as google.protobuf.Empty
