"""Field transforms: server time, increment, maximum, minimum, and additions to and removals from arrays."""

from __future__ import annotations

from typing import Any

from local.services.firestore.embedded import fields
from local.services.firestore.embedded.messages import Value, set_time
from local.services.firestore.embedded.names import field_path
from local.services.firestore.embedded.ordering import encode

_ARRAY_TRANSFORMS = ("append_missing_elements", "remove_all_from_array")
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


def check(transform: Any) -> None:
    """Raises StatusError for elements that an array cannot contain."""
    kind = transform.WhichOneof("transform_type")
    if kind in _ARRAY_TRANSFORMS:
        for value in getattr(transform, kind).values:
            fields.check_value(value, in_array=True)


def apply(document: Any, transform: Any, now: int) -> Any:
    """Apply a transform to a document; returns its result as the response contains it. `now` in microseconds."""
    path, kind = field_path(transform.field_path), transform.WhichOneof("transform_type")
    before = fields.find(document.fields, path)
    if kind in _ARRAY_TRANSFORMS:
        fields.put(document.fields, path, _changed_array(before, kind, getattr(transform, kind).values))
        return Value(null_value=0)
    if kind == "set_to_server_value":
        result = Value()
        set_time(result.timestamp_value, now // 1000 * 1000)  # milliseconds, as Firestore
    else:
        result = _changed_number(before, kind, getattr(transform, kind))
    fields.put(document.fields, path, result)
    return result


def _changed_number(before: Any, kind: str, operand: Any) -> Any:
    """A missing value, or one that is no number, counts as absent. Integers saturate."""
    change, number = _number(operand), _number(before)
    if number is None:
        result = change
    elif kind == "increment":
        result = number + change
    else:
        result = max(number, change) if kind == "maximum" else min(number, change)
    if isinstance(result, int):
        return Value(integer_value=max(_MIN_INTEGER, min(_MAX_INTEGER, result)))
    return Value(double_value=result)


def _changed_array(before: Any, kind: str, operands: Any) -> Any:
    array = before is not None and before.WhichOneof("value_type") == "array_value"
    elements = list(before.array_value.values) if array else []
    if kind == "append_missing_elements":
        known = {encode(element) for element in elements}
        for operand in operands:
            if encode(operand) not in known:
                known.add(encode(operand))
                elements.append(operand)
    else:
        removed = {encode(operand) for operand in operands}
        elements = [element for element in elements if encode(element) not in removed]
    result = Value()
    result.array_value.SetInParent()
    for element in elements:
        result.array_value.values.add().CopyFrom(element)
    return result


def _number(value: Any) -> Any:
    kind = value.WhichOneof("value_type") if value is not None else None
    return getattr(value, kind) if kind in ("integer_value", "double_value") else None
