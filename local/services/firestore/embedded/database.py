"""One embedded database: the methods of google.firestore.v1, by name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from grpc import StatusCode

from infra import firestore_indexes
from local.services.firestore.backend import OWNER
from local.services.firestore.embedded import access, messages
from local.services.firestore.embedded.commits import Commits
from local.services.firestore.embedded.deadline import Deadline
from local.services.firestore.embedded.events import Listener, Listeners
from local.services.firestore.embedded.indexes import Indexes
from local.services.firestore.embedded.names import DatabaseNames, invalid
from local.services.firestore.embedded.outbox import Outbox, Receiver
from local.services.firestore.embedded.reads import ReadMethods
from local.services.firestore.embedded.storage import Clock, Storage, system_clock
from local.services.firestore.embedded.transactions import Transactions
from local.services.firestore.embedded.writes import WriteMethods
from local.services.kit.rpc import StatusError

log = logging.getLogger(__name__)


def _drop(_listener: str, _headers: Mapping[str, str], _body: bytes) -> None:
    """The receiver of a database without listeners."""


class Database:
    """A Firestore database in the folder `state`."""

    def __init__(
        self,
        name: str,
        state: Path,
        *,
        listeners: Iterable[Listener] = (),
        receiver: Receiver = _drop,
        indexes: firestore_indexes.FirestoreIndexes | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`name` is `projects/{project}/databases/{database}`. Changes that `listeners` match go to `receiver`."""
        storage = Storage(state / "firestore.sqlite", Indexes(indexes or firestore_indexes.declared()), clock)
        names, transactions = DatabaseNames(name), Transactions()
        self._names = names
        self._storage = storage
        self.outbox = Outbox(storage, receiver)
        reads = ReadMethods(names, storage, transactions)
        commits = Commits(name, storage, Listeners(name, listeners), self.outbox.notify)
        writes = WriteMethods(names, storage, transactions, commits)
        self._methods: dict[str, tuple[Any, Callable[[Any, Deadline], Sequence[Any]]]] = {
            "BatchGetDocuments": (messages.BatchGetDocumentsRequest, reads.batch_get),
            "BeginTransaction": (messages.BeginTransactionRequest, writes.begin),
            "Commit": (messages.CommitRequest, writes.commit),
            "CreateDocument": (messages.CreateDocumentRequest, writes.create),
            "DeleteDocument": (messages.DeleteDocumentRequest, writes.delete),
            "GetDocument": (messages.GetDocumentRequest, reads.get),
            "ListCollectionIds": (messages.ListCollectionIdsRequest, reads.list_collections),
            "ListDocuments": (messages.ListDocumentsRequest, reads.list_documents),
            "Rollback": (messages.RollbackRequest, writes.rollback),
            "RunAggregationQuery": (messages.RunAggregationQueryRequest, reads.aggregate),
            "RunQuery": (messages.RunQueryRequest, reads.query),
            "UpdateDocument": (messages.UpdateDocumentRequest, writes.update),
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
            if authorization != OWNER:
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
                access.require_get(self._names.path(name), authorization, reader)
