"""The description of the API (OpenAPI 3.1), made from its operations: what the code does is what it says.

It is made when the product is built (`make openapi`) and no function loads this module: it reads docstrings from the
sources, and takes its time. What a client generator would stumble over is avoided: no defaults in bodies (they make a
field look required), no unnamed pages, and problems that can be told apart by their `type`.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.records import problems
from shared.records.page import Page
from shared.records.privacy import fields_of
from shared.records.record import Detailed, Record
from shared.records.types import Id
from shared.web import PREFIX, serialization
from shared.web.api import Api
from shared.web.operations import ANYONE, Operation
from shared.web.response import problem_response
from shared.web.serialization import Document, hidden
from tools.openapi.examples import EXAMPLES, HEADERS, TRACE, Example, refused

Schema = dict[str, Any]
_References = dict[tuple[type[BaseModel], JsonSchemaMode], Schema]
_Problem = type[problems.Problem]
_ALWAYS = (
    problems.Unauthenticated,
    problems.Forbidden,
    problems.NotFound,
    problems.Invalid,  # a parameter that the operation does not know
    problems.Problem,
    problems.Unavailable,
)
_OF_BODIES = (problems.TooLarge, problems.UnsupportedMediaType)
_OF_REVISIONS = (problems.BadRequest, problems.PreconditionFailed, problems.PreconditionRequired)
_MEMBERS: Mapping[_Problem, Schema] = {
    problems.Duplicate: {"duplicates": {"type": "array", "items": TypeAdapter(Id).json_schema()}},
}
"""What kinds of problems say besides."""
_PROBLEM_HEADERS = {401: {"WWW-Authenticate": "`Bearer`."}, 503: {"Retry-After": "Seconds."}}
_CLINICAL = "Clinical: only in answers to those who may see clinical content of the patient."
_ABOUT = (
    "Times are RFC 3339 in UTC, money is in minor units. Fields and parameters that an operation does not know are "
    "refused; answers may get new fields. Refusals are `application/problem+json` (RFC 9457), told apart by `type`, "
    "and name every invalid field."
)
_ID_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Firebase ID token."}


class WrongField(BaseModel):
    """One thing wrong with a request."""

    pointer: str
    """A JSON pointer into the body, or the name of a parameter or header."""
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
    """What exactly, where there is more to say than the title."""
    errors: list[WrongField] = []
    """Everything that is wrong with the request."""


def describe(apis: Sequence[Api], title: str, version: str) -> Schema:
    """The whole document."""
    operations = [operation for api in apis for operation in api.operations]
    references, schemas = _schemas_of(operations)
    paths: dict[str, Schema] = {}
    for api, operation in of(apis):
        paths.setdefault(path_of(api, operation), {})[operation.method.lower()] = _operation(
            api, operation, references, schemas
        )
    refusals = {_refusal_name(kinds): _refusal(kinds) for one in operations for kinds in _by_status(one)}
    kinds = sorted({kind for one in operations for kind in _problems_of(one)}, key=lambda kind: kind.name)
    problem_schemas = {_schema_name(kind): _problem_schema(kind) for kind in kinds}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"idToken": []}],
        "tags": [{"name": api.resource} for api in apis if api.operations],
        "paths": paths,
        "components": {
            "schemas": _used({**schemas, **problem_schemas}, paths, refusals),
            "responses": dict(sorted(refusals.items())),
            "securitySchemes": {"idToken": _ID_TOKEN},
        },
    }


def of(apis: Iterable[Api]) -> Iterator[tuple[Api, Operation]]:
    """Every operation with its resource, in the order of the code."""
    return ((api, operation) for api in apis for operation in api.operations)


def path_of(api: Api, operation: Operation) -> str:
    """The whole path, with parameters in braces."""
    return f"{PREFIX}/{api.resource}{operation.path}".removesuffix("/")


def operation_id(api: Api, operation: Operation) -> str:
    """The operation's name in generated clients."""
    return f"{api.resource}_{operation.name}"


# Operations


def _operation(api: Api, operation: Operation, references: _References, schemas: Mapping[str, Schema]) -> Schema:
    name = operation_id(api, operation)
    example = EXAMPLES.get(name, Example())
    described: Schema = {
        "operationId": name,
        "tags": [api.resource],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, [operation.description, _open_to(operation)])),
        "x-roles": sorted(operation.roles),
        "parameters": [*_parameters(operation, example, references, schemas)],
        "responses": {
            str(operation.status): _success(operation, example, references),
            **{str(kinds[0].status): _in("responses", _refusal_name(kinds)) for kinds in _by_status(operation)},
        },
    }
    if operation.media_types:
        content = _with_example(_taken(operation, references), example.body)
        described["requestBody"] = {"required": True, "content": dict.fromkeys(operation.media_types, content)}
    return described


def _taken(operation: Operation, references: _References) -> Schema:
    """The schema of a request's body."""
    return references[operation.body, "validation"] if operation.body else {"type": "string", "format": "binary"}


def _open_to(operation: Operation) -> str:
    if operation.roles == ANYONE:
        return "Open to everybody of the clinic."
    return f"Open to: {', '.join(sorted(operation.roles))}."


def _parameters(
    operation: Operation, example: Example, references: _References, schemas: Mapping[str, Schema]
) -> Iterator[Schema]:
    for name in operation.parameters:
        text = "The id, or the number that people use, where there is one."
        yield _parameter(name, "path", text, TypeAdapter(Id).json_schema(), example.path.get(name), required=True)
    if operation.query:
        query = schemas[_name(references[operation.query, "validation"])]
        for name, asked in query["properties"].items():
            schema = _given(asked)
            text = schema.pop("description", "")
            required = name in query.get("required", [])
            yield _parameter(name, "query", text, schema, example.query.get(name), required=required)
    if operation.accepts_idempotency_key:
        text = "Makes the request safe to repeat for 24 hours: a repetition gets the first answer and has no effect."
        schema = {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"}
        yield _header("Idempotency-Key", text, schema, required=operation.requires_idempotency_key)
    if operation.accepts_if_match:
        text = "The ETag that the client saw. The change is refused when somebody else was faster."
        schema = {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}"$'}
        yield _header("If-Match", text, schema, required=operation.requires_if_match)
    yield _header("traceparent", "W3C trace context.", {"type": "string"}, required=False)


def _given(asked: Schema) -> Schema:
    """The schema of a parameter that is given: a query string has no null."""
    kinds = [kind for kind in asked.get("anyOf", []) if kind != {"type": "null"}]
    rest = {key: value for key, value in asked.items() if key != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else dict(asked)


def _header(name: str, text: str, schema: Schema, *, required: bool) -> Schema:
    return _parameter(name, "header", text, schema, HEADERS[name], required=required)


def _parameter(name: str, place: str, text: str, schema: Schema, example: Any, *, required: bool) -> Schema:
    described = {"name": name, "in": place, "required": required, "description": text, "schema": schema}
    return {key: value for key, value in described.items() if value != ""} | (
        {} if example is None else {"example": example}
    )


def _success(operation: Operation, example: Example, references: _References) -> Schema:
    headers = {"X-Request-Id": _answered("The trace id.")}
    if _has_revision(operation):
        headers["ETag"] = _answered("The revision, for If-Match.")
    if operation.accepts_idempotency_key:
        headers["Idempotent-Replayed"] = _answered("`true` when this is the answer to an earlier request.")
    success = {"description": "Done.", "headers": headers}
    return success | (
        {"content": _content(operation, example, references)} if operation.returns is not type(None) else {}
    )


def _has_revision(operation: Operation) -> bool:
    models = _answers(operation)
    return bool(_files(operation)) or bool(models and not _is_page(operation) and issubclass(models[0], Record))


def _answered(text: str) -> Schema:
    return {"description": text, "schema": {"type": "string"}}


def _content(operation: Operation, example: Example, references: _References) -> Schema:
    if files := _files(operation):
        return {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in files}
    schema = _shown(operation, references)
    wanted = _in("schemas", f"{_name(schema)}Page") if _is_page(operation) else schema
    shown = None if example.answer is None else serialization.shown(example.answer, clinical=True)
    return {"application/json": _with_example(wanted, shown)}


def _shown(operation: Operation, references: _References) -> Schema:
    """The schema of what an operation answers, or of what its list holds."""
    models = _answers(operation)
    return _in("schemas", _merged_name(models)) if len(models) > 1 else references[models[0], "serialization"]


def _with_example(schema: Schema, example: Any) -> Schema:
    return {"schema": schema} | ({} if example is None else {"example": example})


# Problems


def _problems_of(operation: Operation) -> set[_Problem]:
    """What an operation can be refused with."""
    found: set[_Problem] = {*_ALWAYS}
    found.update(_OF_BODIES if operation.media_types else ())
    found.update([problems.BadRequest] if operation.body or operation.accepts_idempotency_key else ())
    found.update(_OF_REVISIONS if operation.accepts_if_match else ())
    found.update([problems.Conflict] if _depends_on_state(operation) else ())
    found.update([problems.Duplicate] if _finds_duplicates(operation) else ())
    return found


def _by_status(operation: Operation) -> Iterator[list[_Problem]]:
    """What it can be refused with, one status after the other."""
    found: list[_Problem] = sorted(_problems_of(operation), key=lambda kind: (kind.status, kind.name))
    return (list(kinds) for _, kinds in groupby(found, key=lambda kind: kind.status))


def _depends_on_state(operation: Operation) -> bool:
    """What creates a thing, acts on one, or renders it, may find a state that does not allow that."""
    acts = bool(operation.parameters) and operation.method != "GET"
    return acts or operation.requires_idempotency_key or bool(_files(operation))


def _finds_duplicates(operation: Operation) -> bool:
    """Whether the request can say that it knows better than a warning of duplicates."""
    return operation.body is not None and any("duplicate" in name for name in operation.body.model_fields)


def _refusal_name(kinds: Sequence[_Problem]) -> str:
    return "-or-".join(kind.name for kind in kinds)


def _refusal(kinds: Sequence[_Problem]) -> Schema:
    """The answer with one of these problems, all of one status."""
    references = [_in("schemas", _schema_name(kind)) for kind in kinds]
    examples = {kind.name: {"value": problem_response(refused(kind), TRACE).get_json()} for kind in kinds}
    told = "; ".join(f"{kind.title} (`{kind.name}`)" for kind in kinds)
    texts = {"X-Request-Id": "The trace id.", **_PROBLEM_HEADERS.get(kinds[0].status, {})}
    content = {"schema": references[0] if len(references) == 1 else {"oneOf": references}, "examples": examples}
    return {
        "description": f"{told}.",
        "headers": {name: _answered(text) for name, text in texts.items()},
        "content": {"application/problem+json": content},
    }


def _schema_name(kind: _Problem) -> str:
    return f"{kind.name.title().replace('-', '')}Problem"


def _problem_schema(kind: _Problem) -> Schema:
    """The schema of one kind of problem: its `type` tells it apart."""
    members = _MEMBERS.get(kind, {})
    own = {
        "type": {"type": "string", "const": f"urn:synapseai:problem:{kind.name}"},
        "status": {"type": "integer", "const": kind.status},
        **members,
    }
    told = {"description": inspect.cleandoc(kind.__doc__)} if kind.__doc__ else {}
    properties = {"type": "object", "properties": own, "required": [*own]}
    return {"title": kind.title, **told, "allOf": [_in("schemas", ProblemDetails.__name__), properties]}


# Schemas


class _Schemas(GenerateJsonSchema):
    """In answers every field is always there, and there may be more some day. Fields are described by the docstrings
    below them.
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
            [definition] = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
            assert isinstance(definition, ast.ClassDef)
            found.update(_texts_in(definition))
    return found


def _texts_in(definition: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, " ".join(inspect.cleandoc(said).split())


def _answers(operation: Operation) -> tuple[type[BaseModel], ...]:
    """The models whose fields an answer has: one, or the two of a `Detailed`."""
    if operation.returns is type(None) or _files(operation):
        return ()
    shown = _item_of(operation)
    return typing.get_args(shown) if _is_detailed(operation) else (shown,)


def _files(operation: Operation) -> tuple[str, ...]:
    """The media types of the file that is answered: PDF, or others as in `Annotated[Document, "image/png"]`."""
    if operation.returns is Document:
        return ("application/pdf",)
    document, *media_types = typing.get_args(operation.returns) or (None,)
    return tuple(media_types) if document is Document else ()


def _item_of(operation: Operation) -> Any:
    """What an operation answers, or what its list holds."""
    return typing.get_args(operation.returns)[0] if _is_page(operation) else operation.returns


def _is_page(operation: Operation) -> bool:
    return typing.get_origin(operation.returns) is Page


def _is_detailed(operation: Operation) -> bool:
    return typing.get_origin(_item_of(operation)) is Detailed


def _schemas_of(operations: Sequence[Operation]) -> tuple[_References, dict[str, Schema]]:
    """Where the schema of each model is, and all schemas by name."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDetails, "validation"): None}
    for operation in operations:
        wanted.update({(model, "serialization"): None for model in _answers(operation)})
        wanted.update({(model, "validation"): None for model in (operation.body, operation.query) if model})
    found, document = models_json_schema(list(wanted), ref_template=_reference("{model}"), schema_generator=_Schemas)
    references = {key: found[key] for key in wanted}
    schemas: dict[str, Schema] = document["$defs"]
    for model, mode in wanted:
        if issubclass(model, Record) and mode == "serialization":
            _hide(model, schemas[_name(references[model, mode])])
    for operation in filter(_is_detailed, operations):
        models = _answers(operation)
        schemas[_merged_name(models)] = _merged([schemas[_name(references[m, "serialization"])] for m in models])
    for operation in filter(_is_page, operations):
        item = _shown(operation, references)
        schemas[f"{_name(item)}Page"] = _page_of(item)
    queries = {_name(references[operation.query, "validation"]) for operation in operations if operation.query}
    for name in schemas.keys() - queries:
        _tell_defaults(schemas[name])
    return references, schemas


def _tell_defaults(schema: Schema) -> None:
    """Say in words what a field is when it is not sent: generated types require what has a default."""
    for field in schema.get("properties", {}).values():
        default = field.pop("default", None)
        if default not in (None, "", [], {}):
            told = f"When it is not sent: `{json.dumps(default, ensure_ascii=False)}`."
            field["description"] = " ".join(filter(None, [field.get("description"), told]))


def _hide(model: type[Record], schema: Schema) -> None:
    """Leave out what no client sees, and mark what not every client sees."""
    clinical = fields_of(model).clinical
    for name in hidden(model, clinical=True):
        del schema["properties"][name]
    for name in clinical & schema["properties"].keys():
        field = schema["properties"][name]
        told = " ".join(filter(None, [field.get("description"), _CLINICAL]))
        schema["properties"][name] |= {"description": told, "x-clinical": True}
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


def _page_of(item: Schema) -> Schema:
    """A page of a list."""
    token = {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "For `page_token`, to get what follows; null on the last page.",
    }
    properties = {"items": {"type": "array", "items": item}, "next_page_token": token}
    told = inspect.cleandoc(Page.__doc__ or "")
    return {"type": "object", "description": told, "properties": properties, "required": list(properties)}


def _used(schemas: Mapping[str, Schema], *roots: Any) -> dict[str, Schema]:
    """The schemas that something refers to, over any number of steps, by name."""
    found: dict[str, Schema] = {}
    waiting = [*_named_in(list(roots))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += _named_in(schemas[name])
    return dict(sorted(found.items()))


def _named_in(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_reference("")):
            yield _name(node)
    for child in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _named_in(child)


def _in(component: str, name: str) -> Schema:
    return {"$ref": f"#/components/{component}/{name}"}


def _reference(name: str) -> str:
    return f"#/components/schemas/{name}"


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
