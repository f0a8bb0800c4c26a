"""The stored schemas of the Google providers, typed as `terraform providers schema -json` writes them.

`values` is an addition to that format: the documented values of an argument.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

SCHEMAS = Path(__file__).parent / "schemas"
PROVIDERS = ("google", "google-beta")
Type = str | list[Any]
"""A type in Terraform's JSON notation: "string", ["list", "string"], ["object", {"name": "string"}]."""


class Attribute(TypedDict):
    """An argument, a value that the provider computes, or both."""

    type: Type
    required: NotRequired[bool]
    optional: NotRequired[bool]
    computed: NotRequired[bool]
    values: NotRequired[list[str]]
    """The documented values, if the documentation lists all of them."""


class Nested(TypedDict):
    """A block inside a block."""

    nesting_mode: str
    block: Block
    min_items: NotRequired[int]
    max_items: NotRequired[int]


class Block(TypedDict):
    """The attributes and nested blocks of a resource or of a block."""

    attributes: dict[str, Attribute]
    block_types: dict[str, Nested]


class Schema(TypedDict):
    """A provider: its own configuration, and its resources and data sources by type."""

    provider_version: str
    provider: Block
    resource: dict[str, Block]
    data: dict[str, Block]


class SchemaError(Exception):
    """A schema cannot be built or is missing; the message names it and the reason."""


def schema_file(provider: str) -> Path:
    """The file that stores the schema of a provider."""
    return SCHEMAS / f"{provider}.json"


def load(provider: str) -> Schema:
    """The stored schema of `google` or `google-beta`."""
    schema: Schema = json.loads(schema_file(provider).read_text())
    return schema


def section(schema: Schema, kind: Literal["resource", "data"]) -> dict[str, Block]:
    """The blocks of one kind, by type."""
    return schema["resource"] if kind == "resource" else schema["data"]
