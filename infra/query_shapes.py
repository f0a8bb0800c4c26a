"""What a Firestore query looks like, without its values: that decides which index it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from google.cloud.firestore_v1.types import StructuredQuery

_Op: Any = StructuredQuery.FieldFilter.Operator
_KINDS = {
    _Op.EQUAL: "equal",
    _Op.IN: "any_of",
    _Op.ARRAY_CONTAINS: "array_contains",
    _Op.ARRAY_CONTAINS_ANY: "array_contains",
    _Op.LESS_THAN: "range",
    _Op.LESS_THAN_OR_EQUAL: "range",
    _Op.GREATER_THAN: "range",
    _Op.GREATER_THAN_OR_EQUAL: "range",
    _Op.NOT_EQUAL: "range",
    _Op.NOT_IN: "range",
}
_UNARY: Any = StructuredQuery.UnaryFilter.Operator
_EQUAL_TO_NOTHING = (_UNARY.IS_NULL, _UNARY.IS_NAN)
_NAME = "__name__"
"""Every index ends with it, in the direction of the field before."""


@dataclass(frozen=True, order=True)
class QueryShape:
    """Of which fields a query asks what, and how it sorts; filters by name, each once."""

    collection: str
    group: bool
    """Whether it asks all collections of this name, wherever they are."""
    equal: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    array_contains: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    """Field and direction."""

    @property
    def needs_index(self) -> bool:
        """Whether the single-field indexes, which Firestore makes by itself in every collection, do not serve it.

        They are merged for equalities and one array filter. They do not span collections of the same name.
        """
        sorted_by = {field for field, _ in self.order} | set(self.range)
        filtered = {*self.equal, *self.any_of, *self.array_contains}
        if self.group:
            return bool(sorted_by or filtered)
        return len(sorted_by) > 1 or bool(sorted_by and filtered - sorted_by)

    def to_json(self) -> dict[str, Any]:
        """As infra/queries.json has it."""
        return {"in" if name == "any_of" else name: value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> QueryShape:
        """From what `to_json` gave, after it was written and read."""
        return cls(
            collection=entry["collection"],
            group=entry["group"],
            equal=tuple(entry["equal"]),
            any_of=tuple(entry["in"]),
            array_contains=tuple(entry["array_contains"]),
            range=tuple(entry["range"]),
            order=tuple((field, direction) for field, direction in entry["order"]),
        )


def shape_of(query: StructuredQuery) -> QueryShape:
    """Read a query as the client sends it. Raises ValueError for what nothing here understands: OR, vectors."""
    (source,) = query.from_
    if query.find_nearest:
        raise ValueError("a search for the nearest vectors needs a vector index")
    fields: dict[str, set[str]] = defaultdict(set)
    for kind, field in _filters(query.where):
        fields[kind].add(field)
    directions: Any = StructuredQuery.Direction
    order = [(order.field.field_path, directions(order.direction).name) for order in query.order_by]
    return QueryShape(
        collection=source.collection_id,
        group=source.all_descendants,
        order=tuple(entry for entry in order if entry[0] != _NAME),
        **{kind: tuple(sorted(names)) for kind, names in fields.items()},
    )


def _filters(where: StructuredQuery.Filter) -> Iterator[tuple[str, str]]:
    """The kind and the field of every condition, all of which must hold."""
    if "composite_filter" in where:
        if where.composite_filter.op != StructuredQuery.CompositeFilter.Operator.AND:
            raise ValueError("a query with OR needs an index for each alternative")
        for part in where.composite_filter.filters:
            yield from _filters(part)
    elif "unary_filter" in where:
        equal = where.unary_filter.op in _EQUAL_TO_NOTHING
        yield "equal" if equal else "range", where.unary_filter.field.field_path
    elif "field_filter" in where:
        yield _KINDS[where.field_filter.op], where.field_filter.field.field_path
