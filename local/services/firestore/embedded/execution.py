"""Runs a query: by a composite index where one is declared for it, otherwise by a scan of the collection.

A scan stands for most of the automatic single-field indexes (`indexes.AUTOMATIC` has the others). A query that these do
not serve needs a declared index, as in production: without it the query fails.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator

from grpc import StatusCode

from local.services.firestore.embedded import fields
from local.services.firestore.embedded.deadline import Deadline
from local.services.firestore.embedded.indexes import Index, Indexes
from local.services.firestore.embedded.matching import predicate
from local.services.firestore.embedded.messages import FieldOperator
from local.services.firestore.embedded.names import collection_key, field_path
from local.services.firestore.embedded.ordering import REAL_NUMBER, encode, inverted, successor
from local.services.firestore.embedded.query import NAME, Condition, Cursor, Query, position
from local.services.firestore.embedded.reader import Reader
from local.services.firestore.embedded.rows import Row
from local.services.kit.rpc import StatusError

_END = b"\xff" * 64
"""Sorts after every tail."""
SortKey = tuple[bytes, ...]


class Execution:
    """One run of a query in a snapshot."""

    def __init__(self, query: Query, database: str, reader: Reader, indexes: Indexes, deadline: Deadline) -> None:
        self._query = query
        self._reader = reader
        self._indexes = indexes
        self._deadline = deadline
        self._order = [(field, field_path(field), descending) for field, descending in query.order]
        self._predicates = [predicate(condition, database) for condition in query.conditions]

    def rows(self) -> list[Row]:
        """The results. Raises StatusError (FAILED_PRECONDITION) for a query without its index."""
        query = self._query
        if query.limit == 0:
            return []
        found = self._found()
        stop = None if query.limit is None else query.offset + query.limit
        return list(itertools.islice(found, query.offset, stop))

    def _found(self) -> Iterator[Row]:
        if index := self._index():
            return self._by_index(index)
        if self._query.needs_index or self._filters_by_exempt_field():
            raise StatusError(StatusCode.FAILED_PRECONDITION, _missing_index(self._query))
        return self._by_scan()

    def _index(self) -> Index | None:
        """The index with the query's equality and array filters, and its order."""
        query = self._query
        if NAME in query.equalities or any(each.is_negation for each in query.conditions):
            return None
        array = next((each.field for each in query.conditions if each.is_array), None)
        equal = query.equalities.keys() - {array}
        for index in self._indexes.of(query.collection_id):
            declared = index.declared
            same = (declared.group, declared.contains, declared.order) == (query.group, array, query.sorted_by)
            last_descending = bool(declared.order) and declared.order[-1][1]
            if same and set(declared.equal) == equal and query.order[-1] == (NAME, last_descending):
                return index
        return None

    def _filters_by_exempt_field(self) -> bool:
        used = {*(each.field for each in self._query.conditions), *(field for field, _ in self._query.sorted_by)}
        collection = self._query.collection_id
        return any(self._indexes.is_exempt(collection, field_path(field)) for field in used - {NAME})

    # By index

    def _by_index(self, index: Index) -> Iterator[Row]:
        """Merge the entries of every combination of the values asked for. Reads documents up to the limit only."""
        lower, upper = self._tails(index)
        heads = sorted(self._heads(index))
        entries: Iterator[tuple[bytes, int]]
        if index.declared.contains is None:
            entries = heapq.merge(*(self._reader.entries(head, lower, upper) for head in heads))
        else:
            entries = self._reader.postings(index.number, heads, lower, upper)
        for tail, group in itertools.groupby(entries, key=lambda entry: entry[0]):
            documents = self._by_name(tail, {document for _, document in group})
            rows = self._of_collection(map(self._reader.by_id, documents))
            yield from (row for _, row in self._matching(rows))

    def _by_name(self, tail: bytes, documents: set[int]) -> Iterable[int]:
        """Documents with this tail, in the order of their names, which it does not contain; from the start on if the
        start has the same tail. So a page among thousands of equal values reads the documents of this page only."""
        if len(documents) == 1:
            return documents
        descending = self._query.order[-1][1]
        names = [(inverted(key) if descending else key, document) for key, document in self._reader.keys(documents)]
        start, length = self._query.start, len(self._query.order) - 1
        if start is None or b"".join(start.values[:length]) != tail:
            return [document for _, document in sorted(names)]
        equal = start.values[:length]
        return [document for name, document in sorted(names) if not _precedes((*equal, name), start)]

    def _of_collection(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Without the documents of other collections, whose heads are the same by chance."""
        query = self._query
        if query.group:
            return (row for row in rows if row.path.collection_id == query.collection_id)
        collection = collection_key(query.parent, query.collection_id)
        return (row for row in rows if row.collection == collection)

    def _heads(self, index: Index) -> set[int]:
        query, declared = self._query, index.declared
        names = [*declared.equal, *([declared.contains] if declared.contains else [])]
        operands = [{encode(operand) for operand in query.equalities[name].operands} for name in names]
        scope = b"" if query.group else collection_key(query.parent, query.collection_id)
        return {index.head(scope, values) for values in itertools.product(*operands)}

    def _tails(self, index: Index) -> tuple[bytes, bytes]:
        """The bounds of the tails, from the ranges on the first field of the order and from the cursors."""
        lower, upper = b"", _END
        for condition in self._query.conditions:
            if condition.is_range:
                low, high = _range(condition, descending=index.declared.order[0][1])
                lower, upper = max(lower, low), min(upper, high)
        # A cursor may end with a name, which the tails do not contain; `_sorted` compares the whole cursor.
        length = len(index.declared.order)
        if self._query.start:
            lower = max(lower, b"".join(self._query.start.values[:length]))
        if self._query.end:
            upper = min(upper, successor(b"".join(self._query.end.values[:length])) or _END)
        return lower, upper

    # By scan

    def _by_scan(self) -> Iterator[Row]:
        query = self._query
        if query.group:
            rows = self._reader.group(b"\0".join(query.parent.segments), query.collection_id)
        elif query.collection_id:
            rows = self._reader.collection(collection_key(query.parent, query.collection_id))
        else:
            depth = len(query.parent.segments) + 2
            below = self._reader.group(b"\0".join(query.parent.segments))
            rows = (row for row in below if len(row.path.segments) == depth)
        if query.collection_id and not query.group and query.order == ((NAME, False),):
            return (row for _, row in self._matching(rows))  # in order already
        return self._sorted(rows)

    def _sorted(self, rows: Iterator[Row]) -> Iterator[Row]:
        return (row for _, row in sorted(self._matching(rows), key=lambda entry: entry[0]))

    def _matching(self, rows: Iterator[Row]) -> Iterator[tuple[SortKey, Row]]:
        """The rows that match the conditions and lie between the cursors, each with its place in the order."""
        for row in self._checked(rows):
            if all(matches(row) for matches in self._predicates):
                key = self._key(row)
                if key is not None and self._within(key):
                    yield key, row

    def _checked(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self._deadline.check()
            yield row

    def _key(self, row: Row) -> SortKey | None:
        """The place of a document; None if it lacks a field of the order, and is not a result."""
        key = []
        for field, path, descending in self._order:
            if field == NAME:
                key.append(inverted(row.key) if descending else row.key)
                continue
            value = fields.find(row.document.fields, path)
            if value is None:
                return None
            key.append(position(field, descending, value))
        return tuple(key)

    def _within(self, key: SortKey) -> bool:
        start, end = self._query.start, self._query.end
        return (start is None or not _precedes(key, start)) and (end is None or _precedes(key, end))


def _precedes(key: SortKey, cursor: Cursor) -> bool:
    """True if a document lies before the cursor. Only the fields that the cursor names are compared."""
    beginning = key[: len(cursor.values)]
    return beginning < cursor.values if cursor.before else beginning <= cursor.values


def _range(condition: Condition, *, descending: bool) -> tuple[bytes, bytes]:
    """The bounds of the tails with a first field in the range, which stays within the operand's type."""
    operand = encode(condition.operand)
    kind = REAL_NUMBER if operand.startswith(REAL_NUMBER) else operand[:1]
    lower, upper = kind, successor(kind)
    match condition.operator:
        case FieldOperator.LESS_THAN:
            upper = operand
        case FieldOperator.LESS_THAN_OR_EQUAL:
            upper = successor(operand)
        case FieldOperator.GREATER_THAN:
            lower = successor(operand)
        case _:
            lower = operand
    # The tails that begin with an inverted bound lie before its successor.
    return (successor(inverted(upper)), successor(inverted(lower))) if descending else (lower, upper)


def _missing_index(query: Query) -> str:
    """The message for a query without its index, with the line to add to infra/firestore.yaml."""
    scope = "COLLECTION_GROUP" if query.group else "COLLECTION"
    array = next((each.field for each in query.conditions if each.is_array), None)
    equal = ", ".join(sorted(query.equalities.keys() - {array}))
    contains = f" contains: [{array}]," if array else ""
    order = ", ".join(field + " descending" * descending for field, descending in query.sorted_by)
    line = f"{{ collection: {query.collection_id}, scope: {scope}, equal: [{equal}],{contains} order: [{order}] }}"
    return f"The query requires an index. Declare it in infra/firestore.yaml: {line}"
