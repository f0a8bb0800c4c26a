"""Compares a stored document with the conditions of a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.services.firestore.embedded import fields
from local.services.firestore.embedded.messages import FieldOperator, UnaryOperator, Value
from local.services.firestore.embedded.names import field_path
from local.services.firestore.embedded.ordering import NAN, NULL, encode
from local.services.firestore.embedded.query import NAME, Condition
from local.services.firestore.embedded.rows import Row

Predicate = Callable[[Row], bool]

_COMPARISONS: dict[Any, Callable[[bytes, bytes], bool]] = {
    FieldOperator.LESS_THAN: bytes.__lt__,
    FieldOperator.LESS_THAN_OR_EQUAL: bytes.__le__,
    FieldOperator.GREATER_THAN: bytes.__gt__,
    FieldOperator.GREATER_THAN_OR_EQUAL: bytes.__ge__,
}

_NEVER_EQUAL = {NULL, NAN}
"""Only the unary operators find them."""


def predicate(condition: Condition, database: str) -> Predicate:
    """True for the documents that satisfy the condition."""
    if condition.is_array:
        return _contains(condition)
    read, test = _reader(condition.field, database), _test(condition)

    def matches(row: Row) -> bool:
        value = read(row)
        return value is not None and test(value)

    return matches


def _reader(field: str, database: str) -> Callable[[Row], bytes | None]:
    """Reads a field, or the name, as encoded bytes; None if the document does not have it."""
    if field == NAME:
        return lambda row: encode(Value(reference_value=f"{database}/documents/{row.path}"))
    path = field_path(field)

    def read(row: Row) -> bytes | None:
        value = fields.find(row.document.fields, path)
        return None if value is None else encode(value)

    return read


def _contains(condition: Condition) -> Predicate:
    path, operands = field_path(condition.field), {encode(operand) for operand in condition.operands} - _NEVER_EQUAL

    def contains(row: Row) -> bool:
        value = fields.find(row.document.fields, path)
        if value is None or value.WhichOneof("value_type") != "array_value":
            return False
        return any(encode(element) in operands for element in value.array_value.values)

    return contains


def _test(condition: Condition) -> Callable[[bytes], bool]:
    """The test of a present value. Null and NaN are in no range; ranges stay within one type."""
    operator = condition.operator
    if operator in _UNARY_TESTS:
        return _UNARY_TESTS[operator]
    operands = {encode(operand) for operand in condition.operands}
    operand = next(iter(operands))
    if operator in _COMPARISONS:
        compare = _COMPARISONS[operator]
        return lambda value: (
            value[:1] == operand[:1] and operand not in _NEVER_EQUAL and value != NAN and compare(value, operand)
        )
    equal = operands - _NEVER_EQUAL
    if operator in (FieldOperator.EQUAL, FieldOperator.IN):
        return lambda value: value in equal
    # NOT_EQUAL and NOT_IN
    return lambda value: NULL not in operands and value != NULL and value not in equal


_UNARY_TESTS: dict[Any, Callable[[bytes], bool]] = {
    UnaryOperator.IS_NULL: lambda value: value == NULL,
    UnaryOperator.IS_NAN: lambda value: value == NAN,
    UnaryOperator.IS_NOT_NULL: lambda value: value != NULL,
    UnaryOperator.IS_NOT_NAN: lambda value: value not in (NAN, NULL),
}
