"""The schemas of the models that requests and answers consist of.

A client generator must not stumble over them: no defaults in bodies (they make a field look required) and no unnamed
pages.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.records.page import Page
from shared.records.privacy import fields_of
from shared.records.record import Record
from shared.records.reports.failure import ReportFailure
from shared.records.reports.resolutions import UnresolvedFinding
from shared.records.visits.failure import RecordingRefusal, TranscriptionFailure
from shared.web.operations import Operation
from shared.web.serialization import hidden
from tools.codes import described_codes
from tools.openapi.answers import (
    is_detailed,
    is_page,
    item_schema,
    merged_name,
    models_of,
    page_fields,
    page_name,
    page_type,
)
from tools.openapi.problems import ProblemDetails
from tools.openapi.references import References, Schema, name_of, schema_path
from tools.sources import definition_of

_CLINICAL = "Clinical: only in answers to those who may see clinical content of the patient."


_REASONS = (TranscriptionFailure, ReportFailure, RecordingRefusal)
"""Enums whose members are published with their texts."""


class _Schemas(GenerateJsonSchema):
    """Every field of an answer is required, and unknown fields are allowed: answers may get new ones. Fields are
    described by the docstrings below them.
    """

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - it is the name in other words
        return False

    def model_schema(self, schema: Any) -> Schema:
        described = super().model_schema(schema)
        if self.mode == "serialization":
            described.pop("additionalProperties", None)
        texts = _texts(schema["cls"])
        for name, field in described.get("properties", {}).items():
            if self.mode == "serialization" or field.get("default", ...) is None:
                field.pop("default", None)
            if name in texts:
                field["description"] = texts[name]
        return described


@cache
def _texts(model: type[BaseModel]) -> Mapping[str, str]:
    """The docstrings below the fields of a model, by field; they exist in the source only."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if issubclass(owner, BaseModel) and owner is not BaseModel:
            found.update(_own_texts(owner))
    return found


@cache
def _own_texts(model: type[BaseModel]) -> Mapping[str, str]:
    return dict(_texts_in(definition_of(model)))


def _texts_in(definition: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(docstring))):
                yield name, " ".join(inspect.cleandoc(docstring).split())


def schemas_of(operations: Sequence[Operation]) -> tuple[References, dict[str, Schema]]:
    """The reference to the schema of each model, and all schemas by name."""
    variants: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
        (ProblemDetails, "validation"): None,
        (UnresolvedFinding, "serialization"): None,
    }
    for operation in operations:
        variants.update({(model, "serialization"): None for model in models_of(operation)})
        variants.update({(model, "serialization"): None for model in page_fields(operation).values()})
        variants.update({(model, "validation"): None for model in (operation.body, operation.query) if model})
    found, document = models_json_schema(list(variants), ref_template=schema_path("{model}"), schema_generator=_Schemas)
    references = {key: found[key] for key in variants}
    schemas: dict[str, Schema] = document["$defs"]
    for codes in (one for one in _REASONS if one.__name__ in schemas):
        schemas[codes.__name__]["description"] = described_codes(codes)
    for model, mode in variants:
        if issubclass(model, Record) and mode == "serialization":
            _hide(model, schemas[name_of(references[model, mode])])
    for operation in filter(is_detailed, operations):
        models = models_of(operation)
        schemas[merged_name(models)] = _merged([schemas[name_of(references[m, "serialization"])] for m in models])
    for operation in filter(is_page, operations):
        item = item_schema(operation, references)
        more = {name: references[model, "serialization"] for name, model in page_fields(operation).items()}
        schemas[page_name(operation, name_of(item))] = _page_of(item, page_type(operation) or Page, more)
    queries = {name_of(references[operation.query, "validation"]) for operation in operations if operation.query}
    for name in schemas.keys() - queries:
        _describe_defaults(schemas[name])
    return references, schemas


def _describe_defaults(schema: Schema) -> None:
    """Move defaults into the descriptions: generated types require a field that has a default."""
    for field in schema.get("properties", {}).values():
        default = field.pop("default", None)
        if default not in (None, "", [], {}):
            text = f"When it is not sent: `{json.dumps(default, ensure_ascii=False)}`."
            field["description"] = " ".join(filter(None, [field.get("description"), text]))


def _hide(model: type[Record], schema: Schema) -> None:
    """Remove internal fields, and mark clinical ones."""
    clinical = fields_of(model).clinical
    for name in hidden(model, clinical=True):
        del schema["properties"][name]
    for name in clinical & schema["properties"].keys():
        field = schema["properties"][name]
        text = " ".join(filter(None, [field.get("description"), _CLINICAL]))
        schema["properties"][name] |= {"description": text, "x-clinical": True}
    schema["required"] = [name for name in schema["properties"] if name not in clinical]


def _merged(parts: Sequence[Schema]) -> Schema:
    """One object with the properties of all."""
    return {
        **parts[0],
        "title": " with ".join(part["title"] for part in parts),
        "properties": {name: schema for part in parts for name, schema in part["properties"].items()},
        "required": [name for part in parts for name in part["required"]],
    }


def _page_of(item: Schema, page: type[Page[Any]], more: Mapping[str, Schema]) -> Schema:
    """A page of a list, with more fields that may be null."""
    token = {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "For `page_token`, to get what follows; null on the last page.",
    }
    nullable = {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in more.items()}
    properties = {"items": {"type": "array", "items": item}, "next_page_token": token, **nullable}
    text = inspect.cleandoc(page.__doc__ or "")
    return {"type": "object", "description": text, "properties": properties, "required": list(properties)}
