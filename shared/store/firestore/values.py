"""Values of documents: Python's, and those of google.firestore.v1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALARS = {
    str: "string_value",
    bytes: "bytes_value",
    bool: "boolean_value",
    int: "integer_value",
    float: "double_value",
}


def write(value: Any, target: Any) -> None:
    """Fill an empty `Value` message.

    Raises TypeError for a type that documents do not hold, ValueError for an integer of more than 64 bits or a moment
    without a zone.
    """
    if field := _SCALARS.get(type(value)):
        setattr(target, field, value)
    elif value is None:
        target.null_value = 0
    elif isinstance(value, datetime):
        _write_moment(value, target.timestamp_value)
    elif isinstance(value, Mapping):
        target.map_value.SetInParent()
        write_fields(value, target.map_value.fields)
    elif isinstance(value, list | tuple):
        target.array_value.SetInParent()
        add = target.array_value.values.add
        for each in value:
            write(each, add())
    else:
        _write_derived(value, target)


def _write_derived(value: Any, target: Any) -> None:
    """Fill a `Value` message with a value of a subclass, such as that of an enumeration."""
    for kind, field in _SCALARS.items():
        if isinstance(value, kind):
            setattr(target, field, value)
            return
    raise TypeError(f"a document holds no {type(value).__name__}")


def write_fields(document: Mapping[str, Any], target: Any) -> None:
    """Fill the fields of a `Document` or `MapValue` message. Raises as `write`."""
    for name, value in document.items():
        write(value, target[name])


def _write_moment(moment: datetime, target: Any) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment has a time zone")
    since = moment - _EPOCH
    target.seconds = since.days * 86_400 + since.seconds
    target.nanos = since.microseconds * 1_000


def read(value: Any) -> Any:
    """The Python value of a `Value` message. A moment is in UTC, to the microsecond, as Firestore stores it."""
    kind = value.WhichOneof("value_type")
    if kind == "string_value":  # most are
        return value.string_value
    if kind == "map_value":
        return read_fields(value.map_value.fields)
    if kind == "array_value":
        return [read(each) for each in value.array_value.values]
    if kind == "timestamp_value":
        return moment(value.timestamp_value)
    return None if kind == "null_value" else getattr(value, kind)


def read_fields(fields: Any) -> dict[str, Any]:
    """The Python values of the fields of a `Document` or `MapValue` message."""
    return {name: read(value) for name, value in fields.items()}


def moment(timestamp: Any) -> datetime:
    """The moment of a `Timestamp` message."""
    return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1_000)
