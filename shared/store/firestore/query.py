"""Queries of documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shared.store.firestore import values
from shared.store.firestore.snapshot import Snapshot

Filter = tuple[str, str, Any]
"""A field, an operator, and a value: `("status", "==", "paid")`."""

NAME = "__name__"
"""The field that stands for a document's name."""
_ASCENDING, _DESCENDING = 1, 2
_AND = 1
_IS_NULL = 3
_OPERATORS = {"<": 1, "<=": 2, ">": 3, ">=": 4, "==": 5, "array_contains": 7, "in": 8, "array_contains_any": 9}
_RANGES = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class Query:
    """Documents of one collection, or of all collections of a name, that match all filters."""

    collection: str
    """Its path below the database, or the name of all collections that are asked."""
    filters: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Fields in whose order the results come, each with True if it descends."""
    limit: int = 0
    after: tuple[Any, ...] = ()
    """The values of the ordered fields after which results begin; that of `__name__` is a document's path."""
    in_all_collections: bool = False

    def page_after(self, last: Snapshot) -> Query:
        """The next page, after the last result of this one."""
        named = {field for field, _ in self.order}
        implied = (field for field in (*sorted(self._ranged()), NAME) if field not in named)
        descending = bool(self.order) and self.order[-1][1]
        order = (*self.order, *((field, descending) for field in implied))
        after = tuple(last.path if field == NAME else last.get(field) for field, _ in order)
        return dataclasses.replace(self, order=order, after=after)

    def _ranged(self) -> set[str]:
        return {field for field, operator, _ in self.filters if operator in _RANGES}


def fill_parent(request: Any, query: Query, root: str) -> str:
    """Fill the parent of a request; returns the name of the collection below it. `root` is the name of the database's
    documents with a slash at its end."""
    parent, _, collection = query.collection.rpartition("/")
    request.parent = f"{root}{parent}".rstrip("/")
    return collection


def fill(target: Any, query: Query, collection: str, root: str) -> None:
    """Fill a `StructuredQuery`."""
    source = target.from_.add(collection_id=collection)
    if query.in_all_collections:
        source.all_descendants = True
    _fill_filters(target, query.filters)
    for field, descending in query.order:
        target.order_by.add(field={"field_path": field}, direction=_DESCENDING if descending else _ASCENDING)
    _fill_cursor(target, query, root)
    if query.limit:
        target.limit.value = query.limit


def select(target: Any, fields: Collection[str]) -> None:
    """Let a `StructuredQuery` answer these fields alone; without any, only names."""
    for field in fields or (NAME,):
        target.select.fields.add(field_path=field)


def _fill_filters(target: Any, filters: Sequence[Filter]) -> None:
    if len(filters) > 1:
        target.where.composite_filter.op = _AND
    for field, operator, value in filters:
        one = target.where if len(filters) == 1 else target.where.composite_filter.filters.add()
        if value is None and operator == "==":
            one.unary_filter.field.field_path, one.unary_filter.op = field, _IS_NULL
            continue
        one.field_filter.field.field_path, one.field_filter.op = field, _OPERATORS[operator]
        values.write(value, one.field_filter.value)


def _fill_cursor(target: Any, query: Query, root: str) -> None:
    for (field, _), value in zip(query.order, query.after, strict=False):
        if field == NAME:
            target.start_at.values.add().reference_value = root + value
        else:
            values.write(value, target.start_at.values.add())
