"""A structured query: validated, with its implicit order, as a list of conditions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grpc import StatusCode

from infra.query_shapes import needs_composite_index
from local.services.firestore.embedded.messages import (
    CompositeOperator,
    Direction,
    FieldOperator,
    UnaryOperator,
    Value,
)
from local.services.firestore.embedded.names import Path, invalid
from local.services.firestore.embedded.ordering import encode, inverted
from local.services.kit.rpc import StatusError

NAME = "__name__"
"""The field path of the document's name."""
RANGES = frozenset(
    (
        FieldOperator.LESS_THAN,
        FieldOperator.LESS_THAN_OR_EQUAL,
        FieldOperator.GREATER_THAN,
        FieldOperator.GREATER_THAN_OR_EQUAL,
    )
)
_ARRAYS = (FieldOperator.ARRAY_CONTAINS, FieldOperator.ARRAY_CONTAINS_ANY)
_LISTS = (FieldOperator.IN, FieldOperator.ARRAY_CONTAINS_ANY, FieldOperator.NOT_IN)
_NEGATIONS = (
    FieldOperator.NOT_EQUAL,
    FieldOperator.NOT_IN,
    UnaryOperator.IS_NOT_NULL,
    UnaryOperator.IS_NOT_NAN,
)
_MAX_DISJUNCTIONS = 30


@dataclass(frozen=True)
class Condition:
    """One filter on one field."""

    field: str
    operator: Any
    """Of FieldOperator or UnaryOperator."""
    operand: Any = None
    """None for a unary operator."""

    @property
    def is_range(self) -> bool:
        return self.operator in RANGES

    @property
    def is_negation(self) -> bool:
        return self.operator in _NEGATIONS

    @property
    def is_array(self) -> bool:
        return self.operator in _ARRAYS

    @property
    def is_inequality(self) -> bool:
        return self.is_range or self.is_negation

    @property
    def operands(self) -> list[Any]:
        """The operand, or the elements of the operand of `in` and its like; of a unary operator its value."""
        if self.operand is None:
            is_nan = self.operator in (UnaryOperator.IS_NAN, UnaryOperator.IS_NOT_NAN)
            return [Value(double_value=math.nan) if is_nan else Value(null_value=0)]
        return list(self.operand.array_value.values) if self.operator in _LISTS else [self.operand]


@dataclass(frozen=True)
class Cursor:
    """A position in the sort order: encoded values of its first fields."""

    values: tuple[bytes, ...]
    before: bool
    """True for the position before all documents with these values, otherwise after them."""


@dataclass(frozen=True)
class Query:
    """A query of one collection, of a collection group, or of all documents below the parent."""

    parent: Path
    collection_id: str
    """Empty for all collections."""
    group: bool
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    """Fields, each with True for descending. The last is the name."""
    start: Cursor | None
    end: Cursor | None
    limit: int | None
    offset: int

    @classmethod
    def parse(cls, parent: Path, query: Any) -> Query:
        """Raises StatusError for a query that Firestore refuses, and UNIMPLEMENTED for OR and vector search."""
        if query.HasField("find_nearest"):
            raise StatusError(StatusCode.UNIMPLEMENTED, "vector search is not implemented locally")
        if len(query.from_) != 1:
            raise invalid("a query needs one collection selector")
        source = query.from_[0]
        conditions = tuple(_conditions(query.where)) if query.HasField("where") else ()
        order = tuple(_order(query, conditions))
        _require_valid(query, source, parent, conditions, order)
        return cls(
            parent=parent,
            collection_id=source.collection_id,
            group=source.all_descendants,
            conditions=conditions,
            order=order,
            start=_cursor(query.start_at, order) if query.HasField("start_at") else None,
            end=_cursor(query.end_at, order) if query.HasField("end_at") else None,
            limit=query.limit.value if query.HasField("limit") else None,
            offset=query.offset,
        )

    @property
    def descending(self) -> bool:
        """The direction of the name, which decides between documents that are equal otherwise."""
        return self.order[-1][1]

    @property
    def sorted_by(self) -> tuple[tuple[str, bool], ...]:
        """The order without the name."""
        return tuple(entry for entry in self.order if entry[0] != NAME)

    @property
    def equalities(self) -> dict[str, Condition]:
        """The conditions that are no inequalities, by field."""
        return {each.field: each for each in self.conditions if not each.is_inequality}

    @property
    def needs_index(self) -> bool:
        """True if the automatic single-field indexes do not serve the query. A scan of all collections needs none."""
        filtered, sorted_by = self.equalities.keys() - {NAME}, {field for field, _ in self.sorted_by}
        if self.group and not self.collection_id:
            return False
        return needs_composite_index(filtered, sorted_by, group=self.group)


def _conditions(where: Any) -> Iterator[Condition]:
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        if where.composite_filter.op != CompositeOperator.AND:
            raise StatusError(StatusCode.UNIMPLEMENTED, "OR is not implemented locally")
        for part in where.composite_filter.filters:
            yield from _conditions(part)
    elif kind == "field_filter":
        condition = where.field_filter
        yield Condition(condition.field.field_path, FieldOperator(condition.op), condition.value)
    elif kind == "unary_filter":
        yield Condition(where.unary_filter.field.field_path, UnaryOperator(where.unary_filter.op))
    else:
        raise invalid("a filter needs a condition")


def _order(query: Any, conditions: tuple[Condition, ...]) -> Iterator[tuple[str, bool]]:
    """The explicit order, then the fields with inequalities, then the name, each in the last direction."""
    explicit = [(each.field.field_path, each.direction == Direction.DESCENDING) for each in query.order_by]
    descending = explicit[-1][1] if explicit else False
    fields = [field for field, _ in explicit]
    implicit = sorted({each.field for each in conditions if each.is_inequality} - set(fields))
    yield from explicit
    yield from ((field, descending) for field in implicit)
    if NAME not in (*fields, *implicit):
        yield NAME, descending


def _cursor(cursor: Any, order: tuple[tuple[str, bool], ...]) -> Cursor:
    if len(cursor.values) > len(order):
        raise invalid("a cursor has more values than the query has orders")
    values = (position(field, descending, value) for (field, descending), value in zip(order, cursor.values))  # noqa: B905 - may be shorter
    return Cursor(tuple(values), cursor.before)


def position(field: str, descending: bool, value: Any) -> bytes:
    """The encoded place of a value in the sort order of a field."""
    if field == NAME:
        if value.WhichOneof("value_type") != "reference_value":
            raise invalid("a cursor at __name__ needs a reference")
        part = Path.parse(value.reference_value).key
    else:
        part = encode(value)
    return inverted(part) if descending else part


def _require_valid(
    query: Any, source: Any, parent: Path, conditions: tuple[Condition, ...], order: tuple[tuple[str, bool], ...]
) -> None:
    if query.HasField("limit") and query.limit.value < 0:
        raise invalid("limit is negative")
    if query.offset < 0:
        raise invalid("offset is negative")
    if source.all_descendants and parent.segments and (conditions or query.order_by):
        raise invalid("collection group queries are only allowed at the root parent")
    if sum(each.is_array for each in conditions) > 1:
        raise invalid("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.")
    if sum(each.is_negation for each in conditions) > 1:
        raise invalid("Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.")
    _require_valid_lists(conditions)
    if order == ((NAME, True),):
        raise StatusError(StatusCode.FAILED_PRECONDITION, "Firestore does not support descending key scans")


def _require_valid_lists(conditions: tuple[Condition, ...]) -> None:
    lists = [each for each in conditions if each.operator in _LISTS]
    disjunctions = 1
    for condition in lists:
        count = len(condition.operands)
        if not count:
            raise invalid(f"'{condition.operator.name}' requires an non-empty ArrayValue.")
        if count > _MAX_DISJUNCTIONS:
            raise invalid(f"'{condition.operator.name}' supports up to {_MAX_DISJUNCTIONS} comparison values.")
        disjunctions *= count if condition.operator != FieldOperator.NOT_IN else 1
    if disjunctions > _MAX_DISJUNCTIONS:
        raise invalid(f"Too many disjunctions after normalization: limit is {_MAX_DISJUNCTIONS}.")
    operators = {each.operator for each in lists}
    if FieldOperator.NOT_IN in operators and len(operators) > 1:
        raise invalid("'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.")
