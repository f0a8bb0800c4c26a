"""The description of the API (OpenAPI 3.1), made from its operations: what the code does is what it says."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.records import problems
from shared.records.page import Page
from shared.records.privacy import fields_of
from shared.records.record import Detailed, Record
from shared.records.types import Id
from shared.web.api import PREFIX, Api
from shared.web.operations import ANYONE, Operation
from shared.web.views import Document, hidden

Schema = dict[str, Any]
_References = dict[tuple[type[BaseModel], JsonSchemaMode], Schema]
_ALWAYS = (problems.Unauthenticated, problems.Forbidden, problems.NotFound, problems.Problem, problems.Busy)
_OF_BODIES = (problems.BadRequest, problems.TooLarge, problems.UnsupportedMediaType, problems.Invalid)
_OF_KEYS = (problems.BadRequest, problems.Invalid)
_OF_REVISIONS = (problems.BadRequest, problems.Stale, problems.PreconditionRequired)
_CLINICAL = "Clinical: only in answers to those who may see clinical content of the patient."
_ABOUT = (
    "Times are RFC 3339 in UTC, money is in minor units. Fields that an operation does not know are refused; "
    "answers may get new fields. Refusals are `application/problem+json` (RFC 9457) and name every invalid field."
)


class WrongField(BaseModel):
    """One thing wrong with a request."""

    pointer: str
    """A JSON pointer into the body, or the name of a header."""
    detail: str


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    """Stable: `urn:synapseai:problem:` and a name."""
    title: str
    status: int
    trace_id: str
    """Of the request; support asks for it."""
    detail: str = ""
    errors: list[WrongField] = []


class _Schemas(GenerateJsonSchema):
    """In answers every field is always there, and there may be more some day."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def model_schema(self, schema: Any) -> Schema:
        described = super().model_schema(schema)
        if self.mode == "serialization":
            described.pop("additionalProperties", None)
        return described


def describe(apis: Sequence[Api], title: str, version: str) -> Schema:
    """The whole document."""
    operations = [operation for api in apis for operation in api.operations]
    references, schemas = _schemas_of(operations)
    paths: dict[str, Schema] = {}
    for api in apis:
        for operation in api.operations:
            path = f"{PREFIX}/{api.resource}{operation.path}".removesuffix("/")
            paths.setdefault(path, {})[operation.method.lower()] = _operation(api, operation, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"idToken": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {problem.name: _refusal(problem) for problem in _problems_of(operations)},
            "securitySchemes": {"idToken": _ID_TOKEN},
        },
    }


_ID_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Firebase ID token."}
_PROBLEM_SCHEMA = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}


# Operations


def _operation(api: Api, operation: Operation, references: _References) -> Schema:
    described: Schema = {
        "operationId": f"{api.resource}_{operation.name}",
        "tags": [api.resource],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, [operation.description, _open_to(operation)])),
        "x-roles": sorted(operation.roles),
        "parameters": [*_parameters(operation)],
        "responses": {
            str(operation.status): _success(operation, references),
            **{str(p.status): {"$ref": f"#/components/responses/{p.name}"} for p in _problems_of([operation])},
        },
    }
    if operation.media_types:
        content = {media_type: {"schema": _taken(operation, references)} for media_type in operation.media_types}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _taken(operation: Operation, references: _References) -> Schema:
    """The schema of a request's body."""
    return references[operation.body, "validation"] if operation.body else {"type": "string", "format": "binary"}


def _open_to(operation: Operation) -> str:
    if operation.roles == ANYONE:
        return "Open to everybody of the clinic."
    return f"Open to: {', '.join(sorted(operation.roles))}."


def _parameters(operation: Operation) -> Iterator[Schema]:
    for name in operation.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": TypeAdapter(Id).json_schema()}
    if operation.query:
        described = operation.query.model_json_schema(mode="validation")
        for name, schema in described["properties"].items():
            required = name in described.get("required", [])
            text = schema.pop("description", "")
            yield {"name": name, "in": "query", "required": required, "description": text, "schema": schema}
    if operation.takes_key:
        text = "Makes the request safe to repeat for 24 hours: a repetition gets the first answer and has no effect."
        schema = {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"}
        yield _header("Idempotency-Key", text, schema, required=operation.once)
    if operation.takes_revision:
        text = "The ETag of what the caller saw." + ("" if operation.changes else " Required once there is one.")
        yield _header("If-Match", text, {"type": "string", "examples": ['"1"']}, required=operation.changes)
    trace = {"type": "string", "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]}
    yield _header("traceparent", "W3C trace context; the answer carries its trace id.", trace, required=False)


def _header(name: str, text: str, schema: Schema, *, required: bool) -> Schema:
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def _success(operation: Operation, references: _References) -> Schema:
    headers = {"X-Request-Id": _answered("The trace id.")}
    if operation.returns is Document or (
        _answers(operation) and not _is_page(operation) and issubclass(_answers(operation)[0], Record)
    ):
        headers["ETag"] = _answered("The revision, for If-Match.")
    if operation.takes_key:
        headers["Idempotent-Replayed"] = _answered("`true` when this is the answer to an earlier request.")
    success = {"description": "Done.", "headers": headers}
    return success | ({"content": _content(operation, references)} if operation.returns is not type(None) else {})


def _answered(text: str) -> Schema:
    return {"description": text, "schema": {"type": "string"}}


def _content(operation: Operation, references: _References) -> Schema:
    if operation.returns is Document:
        return {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
    models = _answers(operation)
    name = _merged_name(models)
    schema = {"$ref": _reference(name)} if len(models) > 1 else references[models[0], "serialization"]
    return {"application/json": {"schema": _page_of(schema) if _is_page(operation) else schema}}


def _page_of(item: Schema) -> Schema:
    """A page of a list."""
    token = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "None on the last page."}
    properties = {"items": {"type": "array", "items": item}, "next_page_token": token}
    return {"type": "object", "properties": properties, "required": list(properties)}


# Problems


def _problems_of(operations: Iterable[Operation]) -> list[type[problems.Problem]]:
    """What these operations can be refused with, by status."""
    found: set[type[problems.Problem]] = set()
    for operation in operations:
        found.update(_ALWAYS)
        found.update(_OF_BODIES if operation.media_types else ())
        found.update([problems.Invalid] if operation.query else ())
        found.update(_OF_KEYS if operation.takes_key else ())
        found.update(_OF_REVISIONS if operation.takes_revision else ())
        found.update([problems.Conflict] if _depends_on_state(operation) else ())
    return sorted(found, key=lambda problem: problem.status)


def _depends_on_state(operation: Operation) -> bool:
    """What acts on a thing, or renders it, may find it in a state that does not allow that."""
    return bool(operation.parameters) and (operation.method != "GET" or operation.returns is Document)


def _refusal(problem: type[problems.Problem]) -> Schema:
    content = {"application/problem+json": {"schema": _PROBLEM_SCHEMA}}
    return {"description": f"{problem.title} (`{problem.name}`).", "content": content}


# Schemas


def _answers(operation: Operation) -> tuple[type[BaseModel], ...]:
    """The models whose fields an answer has: one, or the two of a `Detailed`."""
    if operation.returns in (Document, type(None)):
        return ()
    shown = _item_of(operation)
    return typing.get_args(shown) if _is_detailed(operation) else (shown,)


def _item_of(operation: Operation) -> Any:
    """What an operation answers, or what its list holds."""
    return typing.get_args(operation.returns)[0] if _is_page(operation) else operation.returns


def _is_page(operation: Operation) -> bool:
    return typing.get_origin(operation.returns) is Page


def _is_detailed(operation: Operation) -> bool:
    return typing.get_origin(_item_of(operation)) is Detailed


def _schemas_of(operations: Sequence[Operation]) -> tuple[_References, Schema]:
    """Where the schema of each model is, and all schemas by name."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDetails, "validation"): None}
    for operation in operations:
        wanted.update({(model, "serialization"): None for model in _answers(operation)})
        wanted.update({(operation.body, "validation"): None} if operation.body else {})
    found, document = models_json_schema(list(wanted), ref_template=_reference("{model}"), schema_generator=_Schemas)
    references = {key: found[key] for key in wanted}
    schemas: Schema = document["$defs"]
    for model, mode in wanted:
        if issubclass(model, Record) and mode == "serialization":
            _hide(model, schemas[_name(references[model, mode])])
    for operation in filter(_is_detailed, operations):
        models = _answers(operation)
        parts = [schemas[_name(references[model, "serialization"])] for model in models]
        schemas[_merged_name(models)] = _merged(parts)
    return references, schemas


def _hide(model: type[Record], schema: Schema) -> None:
    """Leave out what no client sees, and mark what not every client sees."""
    clinical = fields_of(model).clinical
    for name in hidden(model, clinical=True):
        del schema["properties"][name]
    for name in clinical & schema["properties"].keys():
        schema["properties"][name] |= {"description": _CLINICAL, "x-clinical": True}
    schema["required"] = [name for name in schema["properties"] if name not in clinical]


def _merged(parts: Sequence[Schema]) -> Schema:
    """One object with the properties of all."""
    return {
        **parts[0],
        "title": " with ".join(part["title"] for part in parts),
        "properties": {name: schema for part in parts for name, schema in part["properties"].items()},
        "required": [name for part in parts for name in part["required"]],
    }


def _merged_name(models: Sequence[type[BaseModel]]) -> str:
    return "With".join(model.__name__ for model in models)


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
