"""The fields of a document: lookup by path, updates by mask, validation, and the documented size."""

from __future__ import annotations

from typing import Any

from local.services.firestore.embedded.names import FieldPath, Path, invalid, require_field_name

MAX_DEPTH = 20
MAX_VALUE = 1_048_487
"""Bytes of a string or of bytes."""
MAX_DOCUMENT = 1_048_576
"""Bytes, by the formula of `document_size`."""

_MOST_FOR_A_BYTE = 8
"""No value counts more bytes than this for one serialized byte. The point 0, 0 comes next to it: 16 bytes for 2."""
_ALWAYS_VALID = {"null_value", "boolean_value", "integer_value", "double_value", "reference_value", "geo_point_value"}
_VALID_IF_SHORT = _ALWAYS_VALID | {"string_value", "bytes_value"}


def find(fields: Any, path: FieldPath) -> Any:
    """The value at a path, or None."""
    *outer, last = path
    for name in outer:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            return None
        fields = fields[name].map_value.fields
    return fields.get(last)


def put(fields: Any, path: FieldPath, value: Any) -> None:
    """Set the value at a path. A value in the way that is no map is replaced by one."""
    *outer, last = path
    for name in outer:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            fields[name].Clear()
            fields[name].map_value.SetInParent()
        fields = fields[name].map_value.fields
    fields[last].CopyFrom(value)


def remove(fields: Any, path: FieldPath) -> None:
    """Delete the value at a path, if there is one. A map that is empty then stays."""
    *outer, last = path
    for name in outer:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            return
        fields = fields[name].map_value.fields
    if last in fields:
        del fields[last]


def copy_masked(source: Any, target: Any, paths: list[FieldPath]) -> None:
    """For each path: set the source's value in the target, or delete it where the source has none."""
    for path in paths:
        value = find(source, path)
        if value is None:
            remove(target, path)
        else:
            put(target, path, value)


def check(fields: Any, depth: int = 1) -> None:
    """Raises StatusError for fields that Firestore does not accept. Truncates timestamps to microseconds."""
    for name, value in fields.items():
        require_field_name(name)
        check_value(value, depth)


def check_value(value: Any, depth: int = 1, *, in_array: bool = False) -> None:
    """The same for one value."""
    kind = value.WhichOneof("value_type")
    if kind in _ALWAYS_VALID:
        return
    if kind is None:
        raise invalid("Cannot convert firestore.v1.Value with type unset.")
    if kind == "timestamp_value":
        value.timestamp_value.nanos -= value.timestamp_value.nanos % 1000
    elif kind == "map_value":
        if depth >= MAX_DEPTH:
            raise invalid("A property contains an invalid nested entity.")
        check(value.map_value.fields, depth + 1)
    elif kind == "array_value":
        if in_array:
            raise invalid("Cannot convert an array value in an array value.")
        _check_array(value.array_value, depth)
    elif len(getattr(value, kind)) > MAX_VALUE:
        raise invalid(f"The value of a property is longer than {MAX_VALUE} bytes.")


def _check_array(array: Any, depth: int) -> None:
    """An array of short scalars, such as search tokens, is valid without a look at each element."""
    kinds = {element.WhichOneof("value_type") for element in array.values}
    if not kinds <= _VALID_IF_SHORT or array.ByteSize() > MAX_VALUE:
        for element in array.values:
            check_value(element, depth, in_array=True)


def document_size(path: Path, fields: Any) -> int:
    """Bytes of a document as https://firebase.google.com/docs/firestore/storage-size counts them."""
    return _name_size(path) + _map_size(fields) + 32


def may_be_too_large(path: Path, serialized: int) -> bool:
    """False if a document with so many bytes of serialized fields is certainly within MAX_DOCUMENT."""
    return _name_size(path) + _MOST_FOR_A_BYTE * serialized + 32 > MAX_DOCUMENT


def exceeds(value: Any, size: int) -> bool:
    """True if the size of a value is over `size`."""
    return _MOST_FOR_A_BYTE * value.ByteSize() > size and value_size(value) > size


def _name_size(path: Path) -> int:
    return sum(len(segment) + 1 for segment in path.segments) + 16


def _map_size(fields: Any) -> int:
    return sum(len(name.encode()) + 1 + value_size(value) for name, value in fields.items())


def value_size(value: Any) -> int:
    """Bytes of one value, by the same source."""
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        return len(value.string_value.encode()) + 1
    if kind == "bytes_value":
        return len(value.bytes_value)
    if kind == "reference_value":
        return sum(len(segment.encode()) + 1 for segment in value.reference_value.split("/")[5:]) + 16
    if kind == "array_value":
        return sum(map(value_size, value.array_value.values))
    if kind == "map_value":
        return _map_size(value.map_value.fields)
    return {"null_value": 1, "boolean_value": 1, "geo_point_value": 16}.get(str(kind), 8)
