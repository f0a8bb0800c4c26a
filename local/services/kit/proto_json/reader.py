"""Messages from their JSON."""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from local.services.kit.proto_json import times
from local.services.kit.proto_json.names import NULL, WRAPPERS

Converter = Callable[[Any], Any]

_INTEGER = re.compile(r"-?[0-9]{1,20}")
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Malformed(ValueError):
    """The JSON is not of the message; `path` leads to the field. It says no value: that may be a patient's."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.path: list[str] = []

    def __str__(self) -> str:
        place = ".".join(reversed(self.path)) or "the message"
        return f"Invalid JSON payload received: {self.args[0]} at '{place}'."


def read(message: Any, data: object) -> None:
    """Set the fields of an empty message from its JSON. Raises Malformed."""
    _fill(message, data, _readers(message.DESCRIPTOR))


@dataclass
class _Readers:
    """How to set the fields of one message."""

    setters: dict[str, Callable[[Any, Any], None]] = field(default_factory=dict)
    """By the JSON name, and by the original name."""
    members: dict[str, str] = field(default_factory=dict)
    """What each of them may be set only once for: the field, or the oneof of the field."""
    nullable: set[str] = field(default_factory=set)
    """The fields that null sets; for all others, it means that they are not set."""


_CACHE: dict[Any, _Readers] = {}


def _readers(descriptor: Any) -> _Readers:
    found = _CACHE.get(descriptor)
    if found is None:
        found = _Readers()
        for one in descriptor.fields:
            setter = _setter(one)
            group = one.containing_oneof.name if one.containing_oneof else one.name
            for name in {one.json_name, one.name}:
                found.setters[name] = setter
                found.members[name] = group
                if one.enum_type and one.enum_type.full_name == NULL:
                    found.nullable.add(name)
        _CACHE[descriptor] = found
    return found


def _fill(message: Any, data: object, readers: _Readers) -> None:
    if type(data) is not dict:
        raise Malformed("an object is expected")
    name = ""
    try:
        for name, value in data.items():
            setter = readers.setters.get(name)
            if setter is None:
                raise Malformed("unknown name")
            if value is not None or name in readers.nullable:
                setter(message, value)
        if len(data) > 1:
            _check_once(data, readers)
    except Malformed as error:
        error.path.append(name)
        raise
    except (TypeError, ValueError, OverflowError) as error:
        wrong = Malformed("invalid value")
        wrong.path.append(name)
        raise wrong from error


def _check_once(data: dict[str, Any], readers: _Readers) -> None:
    members = [readers.members[name] for name, value in data.items() if value is not None or name in readers.nullable]
    if len(set(members)) < len(members):
        raise Malformed("a field is set twice, or with another one of its oneof")


def _setter(descriptor: Any) -> Callable[[Any, Any], None]:
    name = descriptor.name
    if descriptor.message_type is None:
        return _repeated(name, _scalar(descriptor)) if descriptor.is_repeated else _single(name, _scalar(descriptor))
    if descriptor.message_type.GetOptions().map_entry:
        return _map(name, descriptor.message_type.fields_by_name["value"])
    fill = _filler(descriptor.message_type)
    return _messages(name, fill) if descriptor.is_repeated else _submessage(name, fill)


def _single(name: str, convert: Converter) -> Callable[[Any, Any], None]:
    return lambda message, value: setattr(message, name, convert(value))


def _repeated(name: str, convert: Converter) -> Callable[[Any, Any], None]:
    return lambda message, value: getattr(message, name).extend([convert(one) for one in _list(value)])


def _messages(name: str, fill: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def add(message: Any, value: object) -> None:
        items = getattr(message, name)
        for one in _list(value):
            fill(items.add(), one)

    return add


def _submessage(name: str, fill: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def enter(message: Any, value: object) -> None:
        inner = getattr(message, name)
        inner.SetInParent()
        fill(inner, value)

    return enter


def _map(name: str, descriptor: Any) -> Callable[[Any, Any], None]:
    fill = _filler(descriptor.message_type) if descriptor.message_type else None
    convert = None if fill else _scalar(descriptor)

    def enter(message: Any, value: object) -> None:
        if type(value) is not dict:
            raise Malformed("an object is expected")
        items = getattr(message, name)
        key = ""
        try:
            for key, one in value.items():
                if fill:
                    fill(items[key], one)
                elif convert:
                    items[key] = convert(one)
        except Malformed as error:
            error.path.append(key)
            raise

    return enter


def _filler(descriptor: Any) -> Callable[[Any, Any], None]:
    special = _READ_MESSAGES.get(descriptor.full_name)
    if special:
        return special
    if descriptor.full_name in WRAPPERS:
        return _single("value", _scalar(descriptor.fields_by_name["value"]))
    return lambda message, data: _fill(message, data, _readers(descriptor))


def _list(value: object) -> list[Any]:
    if type(value) is not list:
        raise Malformed("an array is expected")
    return value


def _scalar(descriptor: Any) -> Converter:
    if descriptor.enum_type is None:
        return _READ_SCALARS[descriptor.cpp_type] if descriptor.type != FieldDescriptor.TYPE_BYTES else _bytes
    numbers: dict[str | None, int] = {value.name: value.number for value in descriptor.enum_type.values}
    if descriptor.enum_type.full_name == NULL:
        numbers[None] = 0
    return lambda value: value if type(value) is int else _enum(numbers, value)


def _enum(numbers: Mapping[str | None, int], value: Any) -> int:
    """By its name, or by its number in a text, as a query has it."""
    number = numbers.get(value)
    return _integer(value) if number is None else number


def _wrong() -> Any:
    raise Malformed("invalid value")


def _bytes(value: Any) -> bytes:
    text = value.replace("-", "+").replace("_", "/") if "-" in value or "_" in value else value
    return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)


def _boolean(value: Any) -> bool:
    return value if value is True or value is False else _wrong()


def _integer(value: Any) -> int:
    if type(value) is str and _INTEGER.fullmatch(value):
        return int(value)
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    return int(_wrong())


def _float(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return _finite(float(value))
    if type(value) is str and value == value.strip():
        return _SPECIAL[value] if value in _SPECIAL else _finite(float(value))
    return float(_wrong())


def _finite(value: float) -> float:
    return value if math.isfinite(value) else float(_wrong())


def _text(value: Any) -> str:
    return value if type(value) is str else str(_wrong())


def _read_mask(message: Any, value: Any) -> None:
    message.FromJsonString(_text(value))


_READ_SCALARS: dict[int, Converter] = {
    FieldDescriptor.CPPTYPE_BOOL: _boolean,
    FieldDescriptor.CPPTYPE_STRING: _text,
    **dict.fromkeys((FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT), _float),
    **dict.fromkeys((FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64), _integer),
    **dict.fromkeys((FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64), _integer),
}
_READ_MESSAGES: dict[str, Callable[[Any, Any], None]] = {
    "google.protobuf.Timestamp": times.read_timestamp,
    "google.protobuf.Duration": times.read_duration,
    "google.protobuf.FieldMask": _read_mask,
}
