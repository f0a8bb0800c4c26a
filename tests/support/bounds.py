"""Finds the values of a model that have no bound, in the schema that pydantic validates with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

Schema = Mapping[str, Any]

_BOUNDED = {"bool", "date", "datetime", "enum", "literal", "none"}
"""Types whose values have a size of their own."""
_WRAPPERS = {"default", "function-after", "function-before", "function-wrap", "model", "nullable"}


def unbounded(model: type[BaseModel]) -> list[str]:
    """The paths of strings and lists without a largest length, and of numbers without a smallest and largest value."""
    schema = TypeAdapter(model).core_schema
    return sorted(set(_Walk().visit(schema, model.__name__)))


class _Walk:
    def __init__(self) -> None:
        self._definitions: dict[str, Schema] = {}
        self._seen: set[str] = set()

    def visit(self, schema: Schema, path: str) -> Iterator[str]:
        """The paths below this schema. Raises NotImplementedError for a type that is not known here."""
        kind = schema["type"]
        if kind == "definitions":
            self._definitions |= {definition["ref"]: definition for definition in schema["definitions"]}
            yield from self.visit(schema["schema"], path)
        elif kind == "definition-ref":
            if schema["schema_ref"] not in self._seen:
                self._seen.add(schema["schema_ref"])
                yield from self.visit(self._definitions[schema["schema_ref"]], path)
        elif kind in _WRAPPERS:
            yield from self.visit(schema["schema"], path)
        elif kind == "model-fields":
            for name, field in schema["fields"].items():
                yield from self.visit(field["schema"], f"{path}.{name}")
        elif kind in ("union", "tagged-union"):
            choices = schema["choices"]
            for choice in choices.values() if kind == "tagged-union" else choices:
                yield from self.visit(choice, path)
        elif kind == "list":
            if "max_length" not in schema:
                yield path
            yield from self.visit(schema["items_schema"], f"{path}[]")
        elif kind == "str":
            if not _is_bounded(schema):
                yield path
        elif kind in ("int", "float", "decimal"):
            if not ({"ge", "gt"} & schema.keys() and {"le", "lt"} & schema.keys()):
                yield path
        elif kind not in _BOUNDED:
            raise NotImplementedError(f"{path} has the type {kind}: teach this function its bounds")


def _is_bounded(schema: Schema) -> bool:
    """True for a string with a largest length, or a pattern that has one."""
    if "max_length" in schema:
        return True
    pattern = schema.get("pattern")
    return pattern is not None and pattern.endswith("$") and not re.search(r"[*+](?![^\[]*\])|\{\d*,\}", pattern)
