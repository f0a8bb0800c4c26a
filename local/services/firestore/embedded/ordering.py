"""Bytes that compare as Firestore compares values, across all types.

The order of the types is documented: null, boolean, NaN, numbers, timestamp, string, bytes, reference, geographical
point, array, map. The encoding of a value is never the beginning of another value's, so encodings may be joined, and
inverted for a descending order.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from local.services.firestore.embedded.messages import microseconds_of
from local.services.firestore.embedded.names import invalid

NULL, BOOLEAN, NUMBER, TIMESTAMP, STRING, BYTES, REFERENCE, GEO_POINT, ARRAY, MAP = (
    bytes([tag]) for tag in range(0x10, 0xB0, 0x10)
)
NAN = NUMBER + b"\x00"
REAL_NUMBER = NUMBER + b"\x01"
"""How the encodings of all numbers but NaN begin."""

_INVERSE = bytes(range(255, -1, -1))
_EPOCH = 1 << 63


def encode(value: Any) -> bytes:
    """The bytes of a value. Raises StatusError for a value without a type."""
    kind = value.WhichOneof("value_type")
    if kind is None:
        raise invalid("Cannot convert firestore.v1.Value with type unset.")
    encoded: bytes = _ENCODERS[kind](getattr(value, kind))
    return encoded


def inverted(key: bytes) -> bytes:
    """Bytes that compare the other way round."""
    return key.translate(_INVERSE)


def successor(prefix: bytes) -> bytes:
    """The first bytes after all that begin with `prefix`."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else b"\xff" * 64


def _terminated(raw: bytes) -> bytes:
    return raw.replace(b"\x00", b"\x00\xff") + b"\x00\x01"


def _double(number: float) -> bytes:
    """The bits of a double; the sign decides whether they compare directly or inverted. Minus zero equals zero."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]
    return struct.pack(">Q", bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | _EPOCH)


def _from_double(number: float) -> bytes:
    return NAN if math.isnan(number) else REAL_NUMBER + _double(number) + b"\x80\x00"


def _from_integer(number: int) -> bytes:
    """Integers and doubles compare exactly: the nearest double, then the difference from it."""
    nearest = float(number)
    return REAL_NUMBER + _double(nearest) + struct.pack(">H", 0x8000 + number - int(nearest))


def _from_timestamp(timestamp: Any) -> bytes:
    return TIMESTAMP + struct.pack(">Q", microseconds_of(timestamp) + _EPOCH)


def _from_bytes(raw: bytes) -> bytes:
    """As fast as possible: a document may have thousands of search tokens."""
    return BYTES + raw.replace(b"\x00", b"\x00\xff") + b"\x00\x01"


def _from_reference(name: str) -> bytes:
    segments = (b"\x02" + _terminated(segment.encode()) for segment in name.split("/"))
    return REFERENCE + b"".join(segments) + b"\x01"


def _from_map(value: Any) -> bytes:
    keys = sorted(value.fields, key=str.encode)
    entries = (STRING + _terminated(key.encode()) + encode(value.fields[key]) for key in keys)
    return MAP + b"".join(entries) + b"\x00"


_ENCODERS: dict[str, Any] = {
    "null_value": lambda _null: NULL,
    "boolean_value": lambda boolean: BOOLEAN + (b"\x01" if boolean else b"\x00"),
    "integer_value": _from_integer,
    "double_value": _from_double,
    "timestamp_value": _from_timestamp,
    "string_value": lambda text: STRING + _terminated(text.encode()),
    "bytes_value": _from_bytes,
    "reference_value": _from_reference,
    "geo_point_value": lambda point: GEO_POINT + _double(point.latitude) + _double(point.longitude),
    "array_value": lambda array: ARRAY + b"".join(map(encode, array.values)) + b"\x00",
    "map_value": _from_map,
}
