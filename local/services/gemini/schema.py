"""The response schema of a request: validation, and values that match it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.services.gemini.writer import Statement

Schema = Mapping[str, Any]

# Gemini compiles a schema into the states of its decoder and rejects a schema with too many; Google publishes no limit.
# These limits accept a flat report schema with a long template, and reject schemas that grow with nesting.
_MAX_BYTES = 32_768
_MAX_DEPTH = 6
_MAX_PROPERTIES = 100
_MAX_ENUM_VALUES = 200

_ROLES = {
    "section": ("section", "section_id", "sectionid"),
    "text": ("text", "statement", "content", "sentence"),
    "segments": ("segments", "segment_numbers", "segment_ids", "sources", "evidence", "citations"),
    "notes": ("notes",),
    "kind": ("kind",),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
_EMPTY: Mapping[str, Any] = {"STRING": "", "INTEGER": 0, "NUMBER": 0, "BOOLEAN": False}

DEFAULT: Schema = {
    "type": "OBJECT",
    "properties": {
        "statements": {
            "type": "ARRAY",
            "items": {
                "type": "OBJECT",
                "properties": {
                    "section": {"type": "STRING"},
                    "text": {"type": "STRING"},
                    "segments": {"type": "ARRAY", "items": {"type": "INTEGER"}},
                },
            },
        }
    },
}
"""The schema of a JSON response if the request has none."""


def problem(schema: Any) -> str | None:
    """The error message for a schema that is rejected; None for a valid one."""
    if not isinstance(schema, dict):
        return "Invalid value at 'generation_config.response_schema': it must be an object."
    depth, properties, values = _extent(schema, _MAX_DEPTH)
    if depth > _MAX_DEPTH:
        return f"The response schema is nested more than {_MAX_DEPTH} levels deep."
    size = len(json.dumps(schema))
    if size > _MAX_BYTES or properties > _MAX_PROPERTIES or values > _MAX_ENUM_VALUES:
        return "The specified schema produces a constraint that has too many states for serving."
    return None


def _extent(schema: Schema, deepest: int) -> tuple[int, int, int]:
    """The numbers of levels, properties and enum values; counts at most `deepest` + 1 levels."""
    properties = schema.get("properties") or {}
    below = [*properties.values(), *(schema.get("anyOf") or ())]
    below += [schema["items"]] if isinstance(schema.get("items"), dict) else []
    extents = [_extent(child, deepest - 1) for child in below if isinstance(child, dict)] if deepest > 0 else []
    levels = max((depth for depth, _, _ in extents), default=1 if below else 0)
    return (
        1 + levels,
        len(properties) + sum(count for _, count, _ in extents),
        len(schema.get("enum") or ()) + sum(count for _, _, count in extents),
    )


def fill(schema: Schema, statements: Sequence[Statement]) -> Any:
    """A value that matches the schema and contains the statements; other fields are null or empty."""
    kind = _kind(schema)
    if kind == "OBJECT":
        return {name: _property(name, form, statements) for name, form in _properties(schema).items()}
    if kind == "ARRAY":
        return _array(schema.get("items") or {}, statements)
    return None if _is_nullable(schema) else _EMPTY.get(kind, "")


def _property(name: str, schema: Schema, statements: Sequence[Statement]) -> Any:
    """The value of a property; a property with a section's name contains that section's statements."""
    own = [statement for statement in statements if statement.section == name]
    if own and _kind(schema) == "STRING":
        return " ".join(statement.text for statement in own)
    return fill(schema, own or statements) if _kind(schema) in ("OBJECT", "ARRAY") else fill(schema, ())


def _array(items: Schema, statements: Sequence[Statement]) -> list[Any]:
    kind = _kind(items)
    if kind == "STRING":
        return [statement.text for statement in statements]
    if kind == "OBJECT" and "text" in {_ROLE_OF.get(name) for name in _properties(items)}:
        return [_entry(items, statement) for statement in statements if _is_allowed(items, statement)]
    return []


def _entry(items: Schema, statement: Statement) -> dict[str, Any]:
    """One statement as an object of the schema."""
    values: Mapping[str, Any] = {
        "section": statement.section,
        "text": statement.text,
        "segments": list(statement.segments),
        "notes": list(statement.notes),
        "kind": statement.kind,
    }
    return {
        name: values[_ROLE_OF[name]] if name in _ROLE_OF else fill(form, ())
        for name, form in _properties(items).items()
    }


def _is_allowed(items: Schema, statement: Statement) -> bool:
    """True if the schema's enum of sections, if any, contains the statement's section."""
    enums = [form.get("enum") for name, form in _properties(items).items() if _ROLE_OF.get(name) == "section"]
    return all(not enum or statement.section in enum for enum in enums)


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):  # JSON Schema: ["string", "null"]
        kind = next((one for one in kind if one != "null"), None)
    return str(kind or ("OBJECT" if "properties" in schema else "STRING")).upper()


def _is_nullable(schema: Schema) -> bool:
    return bool(schema.get("nullable")) or (isinstance(schema.get("type"), list) and "null" in schema["type"])


def _properties(schema: Schema) -> Mapping[str, Schema]:
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    return properties
