"""The JSON of messages."""

from __future__ import annotations

import binascii
import math
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from local.services.kit.proto_json import times
from local.services.kit.proto_json.names import NULL, WRAPPERS

Converter = Callable[[Any], Any]


def write(message: Any) -> dict[str, Any]:
    """The JSON of a message, as json.dumps takes it; fields with default values are left out."""
    converted = {}
    for descriptor, value in message.ListFields():
        name, convert = _WRITERS[descriptor]
        converted[name] = convert(value)
    return converted


class _Writers(dict[Any, tuple[str, Converter]]):
    """The JSON name and the converter of each field; made when a field is first written."""

    def __missing__(self, descriptor: Any) -> tuple[str, Converter]:
        made = self[descriptor] = (descriptor.json_name, _field_writer(descriptor))
        return made


_WRITERS = _Writers()


def _field_writer(descriptor: Any) -> Converter:
    if descriptor.message_type and descriptor.message_type.GetOptions().map_entry:
        convert = _one_writer(descriptor.message_type.fields_by_name["value"])
        return lambda items: {key: convert(one) for key, one in items.items()}
    convert = _one_writer(descriptor)
    return (lambda items: [convert(one) for one in items]) if descriptor.is_repeated else convert


def _one_writer(descriptor: Any) -> Converter:
    if descriptor.message_type is not None:
        name = descriptor.message_type.full_name
        if name in WRAPPERS:
            inner = _one_writer(descriptor.message_type.fields_by_name["value"])
            return lambda message: inner(message.value)
        return _WRITE_MESSAGES.get(name, write)
    if descriptor.enum_type is not None:
        if descriptor.enum_type.full_name == NULL:
            return lambda _value: None
        names = {value.number: value.name for value in descriptor.enum_type.values}
        return lambda number: names.get(number, number)
    if descriptor.type == FieldDescriptor.TYPE_BYTES:
        return lambda value: binascii.b2a_base64(value, newline=False).decode()
    return _WRITE_SCALARS.get(descriptor.cpp_type, lambda value: value)


def _special_float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


_WRITE_MESSAGES: dict[str, Converter] = {
    "google.protobuf.Timestamp": times.timestamp,
    "google.protobuf.Duration": times.duration,
    "google.protobuf.FieldMask": lambda message: message.ToJsonString(),
}
_WRITE_SCALARS: dict[int, Converter] = {
    **dict.fromkeys((FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64), str),
    **dict.fromkeys((FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT), _special_float),
}
