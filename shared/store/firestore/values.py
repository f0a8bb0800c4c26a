"""Values of documents: Python's, and those of Firestore's REST API
(cloud.google.com/firestore/docs/reference/rest/v1/Value)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

Json = dict[str, Any]
_LARGEST_INTEGER = 2**63 - 1


def write(value: Any) -> Json:
    """The `Value` of a Python value.

    Raises TypeError for a type that documents do not hold, ValueError for an integer of more than 64 bits or a moment
    without a zone.
    """
    writer = _WRITERS.get(type(value)) or _inherited(value)
    return writer(value)


def write_fields(document: Mapping[str, Any]) -> Json:
    """The fields of a `Document` or `MapValue`. Raises as `write`."""
    return {name: write(value) for name, value in document.items()}


def _write_integer(value: int) -> Json:
    if not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        raise ValueError("an integer has at most 64 bits")
    return {"integerValue": str(int(value))}


def _write_double(value: float) -> Json:
    if isfinite(value):
        return {"doubleValue": float(value)}
    return {"doubleValue": "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"}  # noqa: PLR0124 - NaN


def _write_moment(value: datetime) -> Json:
    if value.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return {"timestampValue": value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"}


_WRITERS: dict[type, Callable[[Any], Json]] = {
    str: lambda value: {"stringValue": value},
    bytes: lambda value: {"bytesValue": b64encode(value).decode()},
    bool: lambda value: {"booleanValue": value},
    int: _write_integer,
    float: _write_double,
    type(None): lambda _value: {"nullValue": None},
    datetime: _write_moment,
    dict: lambda value: {"mapValue": {"fields": write_fields(value)}},
    list: lambda value: {"arrayValue": {"values": [write(each) for each in value]}},
    tuple: lambda value: {"arrayValue": {"values": [write(each) for each in value]}},
}


def _inherited(value: Any) -> Callable[[Any], Json]:
    """Writes a value of a subclass, such as that of an enumeration, or another mapping."""
    for kind, writer in _WRITERS.items():
        if isinstance(value, kind):
            return writer
    if isinstance(value, Mapping):
        return _WRITERS[dict]
    raise TypeError(f"a document holds no {type(value).__name__}")


def read(value: Json) -> Any:
    """The Python value of a `Value`. A moment is in UTC, to the microsecond, as Firestore stores it.

    Raises TypeError for a value of a type that is not known here.
    """
    if "stringValue" in value:  # most are
        return value["stringValue"]
    [(kind, content)] = value.items()
    reader = _READERS.get(kind)
    if reader is None:
        raise TypeError(f"a value of the unknown type {kind}")
    return reader(content)


def read_fields(fields: Mapping[str, Json]) -> dict[str, Any]:
    """The Python values of the fields of a `Document` or `MapValue`. Raises as `read`."""
    return {name: read(value) for name, value in fields.items()}


def moment(timestamp: str) -> datetime:
    """The moment of a `Timestamp`."""
    return datetime.fromisoformat(timestamp)


_READERS: dict[str, Callable[[Any], Any]] = {
    "bytesValue": b64decode,
    "booleanValue": bool,
    "integerValue": int,
    "doubleValue": float,  # of text too, such as NaN
    "nullValue": lambda _content: None,
    "timestampValue": moment,
    "mapValue": lambda content: read_fields(content.get("fields", {})),
    "arrayValue": lambda content: [read(each) for each in content.get("values", [])],
    "referenceValue": str,
}
