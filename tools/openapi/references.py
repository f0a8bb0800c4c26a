"""Parts of the OpenAPI document that recur: references to components, and headers of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

Schema = dict[str, Any]
References = dict[tuple[type[BaseModel], JsonSchemaMode], Schema]
"""The reference to the schema of each model, as it is sent (validation) or answered (serialization)."""


def reference_to(component: str, name: str) -> Schema:
    """A reference to a component of the document."""
    return {"$ref": f"#/components/{component}/{name}"}


def schema_path(name: str) -> str:
    """The JSON pointer of a schema."""
    return f"#/components/schemas/{name}"


def name_of(reference: Mapping[str, Any]) -> str:
    """The name of the component that a reference points to."""
    return str(reference["$ref"]).rpartition("/")[2]


def reachable(schemas: Mapping[str, Schema], *roots: Any) -> dict[str, Schema]:
    """The schemas that the roots refer to, directly or through other schemas, sorted by name."""
    found: dict[str, Schema] = {}
    waiting = [*_schemas_named_in(list(roots))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += _schemas_named_in(schemas[name])
    return dict(sorted(found.items()))


def _schemas_named_in(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(schema_path("")):
            yield name_of(node)
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from _schemas_named_in(child)


def answer_header(text: str) -> Schema:
    """The description of a header of an answer."""
    return {"description": text, "schema": {"type": "string"}}
