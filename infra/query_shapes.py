"""The shape of a Firestore query: its fields and operators without values. The shape determines the required index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
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
_UNARY_EQUALITIES = (_UNARY.IS_NULL, _UNARY.IS_NAN)
_NAME = "__name__"
"""The last field of every index, in the direction of the field before it."""


@dataclass(frozen=True, order=True)
class QueryShape:
    """The filtered fields of a query by operator, sorted and without duplicates, and its order."""

    collection: str
    group: bool
    """True for a collection group query, over all collections of this name."""
    equal: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    array_contains: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    """Field and direction."""

    @property
    def needs_index(self) -> bool:
        """True if the automatic single-field indexes of the collection do not serve the query."""
        filtered = {*self.equal, *self.any_of, *self.array_contains}
        return needs_composite_index(filtered, {field for field, _ in self.order} | set(self.range), group=self.group)

    def to_json(self) -> dict[str, Any]:
        """The format of infra/queries.json."""
        return {"in" if name == "any_of" else name: value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> QueryShape:
        """The inverse of `to_json`, after a JSON round trip."""
        return cls(
            collection=entry["collection"],
            group=entry["group"],
            equal=tuple(entry["equal"]),
            any_of=tuple(entry["in"]),
            array_contains=tuple(entry["array_contains"]),
            range=tuple(entry["range"]),
            order=tuple((field, direction) for field, direction in entry["order"]),
        )


def needs_composite_index(filtered: Set[str], sorted_by: Set[str], *, group: bool) -> bool:
    """True if the automatic single-field indexes do not serve these equality and array filters and this order.

    Firestore merges them for equalities and one array filter. They do not cover collection groups. A field with a range
    is part of the order.
    """
    if group:
        return bool(sorted_by or filtered)
    return len(sorted_by) > 1 or bool(sorted_by and filtered - sorted_by)


def shape_of(query: Any) -> QueryShape:
    """The shape of a query as the client sends it, a protobuf message of StructuredQuery.

    Raises ValueError for unsupported queries: OR, vector search.
    """
    (source,) = query.from_
    if query.HasField("find_nearest"):
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


def _filters(where: Any) -> Iterator[tuple[str, str]]:
    """The kind and the field of every condition; the conditions are combined with AND."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        if where.composite_filter.op != StructuredQuery.CompositeFilter.Operator.AND:
            raise ValueError("a query with OR needs an index for each alternative")
        for part in where.composite_filter.filters:
            yield from _filters(part)
    elif kind == "unary_filter":
        equal = where.unary_filter.op in _UNARY_EQUALITIES
        yield "equal" if equal else "range", where.unary_filter.field.field_path
    elif kind == "field_filter":
        yield _KINDS[where.field_filter.op], where.field_filter.field.field_path
