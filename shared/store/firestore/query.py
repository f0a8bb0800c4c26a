"""Queries of documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shared.store.firestore import values
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.values import Json

Filter = tuple[str, str, Any]
"""A field, an operator, and a value: `("status", "==", "paid")`."""

NAME = "__name__"
"""The field that stands for a document's name."""
_OPERATORS = {
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
    "==": "EQUAL",
    "array_contains": "ARRAY_CONTAINS",
    "in": "IN",
    "array_contains_any": "ARRAY_CONTAINS_ANY",
}
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

    @property
    def parent(self) -> str:
        """The path of the document that has the collection; empty if the database has it."""
        return self.collection.rpartition("/")[0]

    def _ranged(self) -> set[str]:
        return {field for field, operator, _ in self.filters if operator in _RANGES}


def structured(query: Query, root: str, fields: Collection[str] | None = None) -> Json:
    """The `StructuredQuery` for these fields, or for all; without any, for names alone. `root` is the name of the
    database's documents with a slash at its end."""
    source: Json = {"collectionId": query.collection.rpartition("/")[2]}
    if query.in_all_collections:
        source["allDescendants"] = True
    made: Json = {"from": [source]}
    if fields is not None:
        made["select"] = {"fields": [_field(name) for name in fields or (NAME,)]}
    if query.filters:
        made["where"] = _where([_filter(*one) for one in query.filters])
    if query.order:
        made["orderBy"] = [_order(field, descends=descends) for field, descends in query.order]
    if query.after:
        made["startAt"] = {"values": _cursor(query, root)}
    if query.limit:
        made["limit"] = query.limit
    return made


def _field(name: str) -> Json:
    return {"fieldPath": name}


def _where(filters: Sequence[Json]) -> Json:
    return filters[0] if len(filters) == 1 else {"compositeFilter": {"op": "AND", "filters": filters}}


def _filter(field: str, operator: str, value: Any) -> Json:
    if value is None and operator == "==":
        return {"unaryFilter": {"field": _field(field), "op": "IS_NULL"}}
    compared = values.write(value)
    return {"fieldFilter": {"field": _field(field), "op": _OPERATORS[operator], "value": compared}}


def _order(field: str, *, descends: bool) -> Json:
    return {"field": _field(field), "direction": "DESCENDING" if descends else "ASCENDING"}


def _cursor(query: Query, root: str) -> list[Json]:
    return [
        {"referenceValue": root + value} if field == NAME else values.write(value)
        for (field, _), value in zip(query.order, query.after, strict=False)
    ]
