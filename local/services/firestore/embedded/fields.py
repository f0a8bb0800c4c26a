"""The fields of a document: lookup by path, updates by mask, validation, and the documented size."""

from __future__ import annotations

from typing import Any

from local.services.firestore.embedded.names import FieldPath, Path, invalid, require_field_name

MAX_DEPTH = 20
MAX_VALUE = 1_048_487
"""Bytes of a string or of bytes."""
MAX_DOCUMENT = 1_048_576
"""Bytes, by the formula of `document_size`."""


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
        for element in value.array_value.values:
            check_value(element, depth, in_array=True)
    elif kind in ("string_value", "bytes_value") and len(getattr(value, kind)) > MAX_VALUE:
        raise invalid(f"The value of a property is longer than {MAX_VALUE} bytes.")


def document_size(path: Path, fields: Any) -> int:
    """Bytes of a document as https://firebase.google.com/docs/firestore/storage-size counts them."""
    name = sum(len(segment) + 1 for segment in path.segments) + 16
    return name + _map_size(fields) + 32


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
