"""The client of one database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from google.api_core import exceptions

from shared.rpc.channel import Channel
from shared.rpc.methods import retried, routing
from shared.store.firestore import messages, query
from shared.store.firestore.connection import READ_SECONDS, RETRIED_READS, RETRIED_WRITES, WRITE_SECONDS, methods_of
from shared.store.firestore.query import Query
from shared.store.firestore.snapshot import Snapshot, Whole
from shared.store.firestore.writes import Writes


class Client:
    """Documents are named by their paths below the database. Every method raises
    google.api_core.exceptions.GoogleAPICallError; reads are retried first, commits are not."""

    def __init__(self, project: str, database: str, channel: Channel, *, emulated: bool = False) -> None:
        self._database = f"projects/{project}/databases/{database}"
        self._root = f"{self._database}/documents/"
        self._of_database = routing("database", self._database)
        methods = methods_of(channel, self._database, emulated=emulated)
        run_queries = methods.streams("RunQuery", messages.RunQueryResponse)
        run_aggregation = methods.stream("RunAggregationQuery", messages.RunAggregationQueryResponse)
        self._batch_get = methods.stream("BatchGetDocuments", messages.BatchGetDocumentsResponse)
        self._commit = methods.unary("Commit", messages.CommitResponse)
        self._read_all = retried(self._all_of, RETRIED_READS, READ_SECONDS)
        self._run_queries = retried(run_queries, RETRIED_READS, READ_SECONDS)
        self._run_aggregation = retried(run_aggregation, RETRIED_READS, READ_SECONDS)
        self._create = retried(self.commit, RETRIED_WRITES, WRITE_SECONDS)

    def get(self, paths: Iterable[str]) -> dict[str, Whole]:
        """The documents at these paths, by path, as they were at one moment."""
        request = messages.BatchGetDocumentsRequest(database=self._database)
        request.documents.extend(self._root + path for path in paths)
        found: dict[str, Whole] = self._read_all(request)
        return found

    def get_one(self, path: str) -> Whole:
        """The document at a path."""
        return self.get([path])[path]

    def select(self, asked: Query, fields: Collection[str]) -> list[Snapshot]:
        """These fields of the results, in their order; without any, which documents there are."""
        [answers] = self._run_queries([self._request(asked, fields)], READ_SECONDS)
        found, names = (one.document for one in answers if one.HasField("document")), frozenset(fields)
        return [Snapshot(self._path(document), document, names) for document in found]

    def query(self, asked: Query) -> list[Whole]:
        """The results, in their order."""
        return self.queries([asked])[0]

    def queries(self, asked: Sequence[Query]) -> list[list[Whole]]:
        """The results of each of several queries, which are asked at once: if one fails, all are asked again."""
        if not asked:
            return []
        answered = self._run_queries([*map(self._request, asked)], READ_SECONDS)
        return [[self._whole(one.document) for one in answers if one.HasField("document")] for answers in answered]

    def count(self, asked: Query) -> int:
        """How many documents the query finds, at most its limit."""
        request = messages.RunAggregationQueryRequest()
        collection = query.fill_parent(request, asked, self._root)
        aggregation = request.structured_aggregation_query
        query.fill(aggregation.structured_query, asked, collection, self._root)
        aggregation.aggregations.add(alias="found").count.SetInParent()
        answers = self._run_aggregation(request, routing("parent", request.parent), READ_SECONDS)
        return next(int(answer.result.aggregate_fields["found"].integer_value) for answer in answers)

    def writes(self) -> Writes:
        """Writes to be committed."""
        return Writes(self._database, self._root)

    def commit(self, writes: Writes, seconds: float = WRITE_SECONDS) -> list[Any]:
        """Commit all writes or none, in one call; returns their `WriteResult` messages, in their order."""
        return list(self._commit(writes.request, self._of_database, seconds).write_results)

    def create(self, path: str, document: Mapping[str, Any], seconds: float = WRITE_SECONDS) -> None:
        """Write one document that must not exist. Unlike a commit this is retried: raises AlreadyExists then if the
        answer to the first attempt was lost."""
        writes = self.writes()
        writes.create(path, document)
        self._create(writes, seconds)

    def _request(self, asked: Query, fields: Collection[str] | None = None) -> tuple[Any, str]:
        """A `RunQueryRequest` for these fields, or all, with its routing parameter."""
        request = messages.RunQueryRequest()
        collection = query.fill_parent(request, asked, self._root)
        query.fill(request.structured_query, asked, collection, self._root)
        if fields is not None:
            query.select(request.structured_query, fields)
        return request, routing("parent", request.parent)

    def _all_of(self, request: Any) -> dict[str, Whole]:
        """Raises ServiceUnavailable when the stream ends before every document is answered for."""
        found = {}
        for answer in self._batch_get(request, self._of_database, READ_SECONDS):
            if answer.HasField("found"):
                snapshot = self._whole(answer.found)
                found[snapshot.path] = snapshot
            elif answer.missing:
                path = answer.missing.removeprefix(self._root)
                found[path] = Whole(path)
        if len(found) != len(set(request.documents)):
            raise exceptions.ServiceUnavailable("not every document was answered for")
        return found

    def _whole(self, document: Any) -> Whole:
        return Whole(self._path(document), document)

    def _path(self, document: Any) -> str:
        name: str = document.name
        return name.removeprefix(self._root)
