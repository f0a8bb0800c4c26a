"""The client of one database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shared.rest.api import Api, Call, routing
from shared.rest.errors import Unavailable
from shared.rest.retries import retried
from shared.store.firestore import query
from shared.store.firestore.connection import READ_SECONDS, RETRIED_READS, RETRIED_WRITES, WRITE_SECONDS
from shared.store.firestore.query import Query
from shared.store.firestore.snapshot import Snapshot, Whole
from shared.store.firestore.values import Json
from shared.store.firestore.writes import WriteResult, Writes


class Client:
    """Documents are named by their paths below the database. Every method raises shared.rest.errors.ApiError; reads are
    retried first, commits are not."""

    def __init__(self, database: str, api: Api) -> None:
        """`database` is its resource name."""
        self._root = f"{database}/documents/"
        self._documents = f"/v1/{database}/documents"
        self._of_database = routing("database", database)
        self._api = api
        self._read_all = retried(self._all_of, RETRIED_READS, READ_SECONDS)
        self._ask = retried(api.calls, RETRIED_READS, READ_SECONDS)
        self._create = retried(self.commit, RETRIED_WRITES, WRITE_SECONDS)

    def get(self, paths: Iterable[str]) -> dict[str, Whole]:
        """The documents at these paths, by path, as they were at one moment."""
        found: dict[str, Whole] = self._read_all(dict.fromkeys(paths))
        return found

    def get_one(self, path: str) -> Whole:
        """The document at a path."""
        return self.get([path])[path]

    def select(self, asked: Query, fields: Collection[str]) -> list[Snapshot]:
        """These fields of the results, in their order; without any, which documents there are."""
        [answers] = self._ask([self._query(asked, fields)], READ_SECONDS)
        found, names = (one["document"] for one in answers if "document" in one), frozenset(fields)
        return [Snapshot(self._path(document), document, names) for document in found]

    def query(self, asked: Query) -> list[Whole]:
        """The results, in their order."""
        return self.queries([asked])[0]

    def queries(self, asked: Sequence[Query]) -> list[list[Whole]]:
        """The results of each of several queries, which are asked at once: if one fails, all are asked again."""
        if not asked:
            return []
        answered = self._ask([*map(self._query, asked)], READ_SECONDS)
        return [[self._whole(one["document"]) for one in answers if "document" in one] for answers in answered]

    def count(self, asked: Query) -> int:
        """How many documents the query finds, at most its limit."""
        counting = {"structuredQuery": query.structured(asked, self._root), "aggregations": [_COUNT]}
        call = self._below(asked, "runAggregationQuery", {"structuredAggregationQuery": counting})
        [answers] = self._ask([call], READ_SECONDS)
        [found] = (one["result"]["aggregateFields"]["found"] for one in answers if "result" in one)
        return int(found["integerValue"])

    def writes(self) -> Writes:
        """Writes to be committed."""
        return Writes(self._root)

    def commit(self, writes: Writes, seconds: float = WRITE_SECONDS) -> list[WriteResult]:
        """Commit all writes or none, in one call; returns what it did, in their order."""
        call = Call(f"{self._documents}:commit", self._of_database, {"writes": writes.content})
        return [WriteResult.of(each) for each in self._api.call(call, seconds).get("writeResults", [])]

    def create(self, path: str, document: Mapping[str, Any], seconds: float = WRITE_SECONDS) -> None:
        """Write one document that must not exist. Unlike a commit this is retried: raises AlreadyExists then if the
        answer to the first attempt was lost."""
        writes = self.writes()
        writes.create(path, document)
        self._create(writes, seconds)

    def _query(self, asked: Query, fields: Collection[str] | None = None) -> Call:
        """A query for these fields, or all."""
        return self._below(asked, "runQuery", {"structuredQuery": query.structured(asked, self._root, fields)})

    def _below(self, asked: Query, method: str, content: Json) -> Call:
        """A call of a method of the document, or the database, that has the collection."""
        parent = f"{self._root}{asked.parent}".rstrip("/")
        return Call(f"/v1/{quote(parent, safe='/()')}:{method}", routing("parent", parent), content)

    def _all_of(self, paths: Collection[str]) -> dict[str, Whole]:
        """Raises Unavailable when not every document is answered for."""
        names = {"documents": [self._root + path for path in paths]}
        found = {}
        for answer in self._api.call(Call(f"{self._documents}:batchGet", self._of_database, names), READ_SECONDS):
            if "found" in answer:
                snapshot = self._whole(answer["found"])
                found[snapshot.path] = snapshot
            elif "missing" in answer:
                path = answer["missing"].removeprefix(self._root)
                found[path] = Whole(path)
        if len(found) != len(paths):
            raise Unavailable("not every document was answered for")
        return found

    def _whole(self, document: Json) -> Whole:
        return Whole(self._path(document), document)

    def _path(self, document: Json) -> str:
        name: str = document["name"]
        return name.removeprefix(self._root)


_COUNT = {"alias": "found", "count": {}}
