"""Path templates of google.api.http, and the fields of a request in its path and query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from local.services.kit.proto_json.reader import Malformed

_VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")
_SYSTEM = {"alt", "prettyPrint", "key", "fields", "quotaUser", "uploadType"}
"""Parameters of every method, beside those that begin with `$`; they change nothing here."""


class PathTemplate:
    """A template such as `/v1/{parent=projects/*/queues/*}/tasks`."""

    def __init__(self, template: str) -> None:
        self._names: list[str] = []
        parts, end = [], 0
        for found in _VARIABLE.finditer(template):
            parts.append(re.escape(template[end : found.start()]))
            parts.append(self._variable(found[1], found[2]))
            end = found.end()
        self._pattern = re.compile("".join([*parts, re.escape(template[end:])]))
        self._has_verb = ":" in template

    def match(self, path: str) -> Mapping[str, str] | None:
        """The decoded values of the variables in a percent-encoded path; None if it is another path."""
        found = self._pattern.fullmatch(path)
        if found is None or (":" in path.rpartition("/")[2] and not self._has_verb):
            return None
        try:
            return dict(zip(self._names, map(_decoded, found.groups()), strict=True))
        except UnicodeDecodeError:
            return None

    def _variable(self, name: str, pattern: str) -> str:
        self._names.append(name)
        return f"({_segments(pattern)})"


def bind(data: dict[str, Any], descriptor: Any, name: str, values: list[str]) -> None:
    """Set a field, which may be one of a message within, in a request's JSON. Raises Malformed."""
    first, _, rest = name.partition(".")
    field = descriptor.fields_by_camelcase_name.get(first) or descriptor.fields_by_name.get(first)
    if field is None or (rest and field.message_type is None):
        raise Malformed(f"there is no parameter {name[:100]!r}")
    if rest:
        inner = data.setdefault(field.json_name, {})
        if not isinstance(inner, dict):
            raise Malformed("an object is expected")
        bind(inner, field.message_type, rest, values)
        return
    data.pop(field.name, None)
    texts = [_boolean(value) for value in values] if field.cpp_type == field.CPPTYPE_BOOL else values
    data[field.json_name] = texts if field.is_repeated else texts[-1]


def decoded_query(query: str) -> dict[str, list[str]]:
    """The parameters that name fields. Raises Malformed."""
    if not query:
        return {}
    try:
        found = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise Malformed("the query is malformed") from None
    return {name: values for name, values in found.items() if name not in _SYSTEM and not name.startswith("$")}


def _segments(pattern: str) -> str:
    """The expression for `*`, one segment, and `**`, any number of them."""
    return re.escape(pattern).replace(r"/\*\*", "(?:/[^/]+)*").replace(r"\*", "[^/]+")


def _decoded(value: str) -> str:
    """An encoded slash stays encoded, as Google's servers leave it in a value of several segments."""
    return "%2F".join(unquote(part, errors="strict") for part in re.split("%2[Ff]", value))


def _boolean(value: str) -> Any:
    return {"true": True, "false": False}.get(value, value)
