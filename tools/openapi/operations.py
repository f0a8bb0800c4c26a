"""The description of one operation: parameters, body, and the successful answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from shared.records.types import Id
from shared.web import serialization
from shared.web.api import Api
from shared.web.event_stream import MEDIA_TYPE
from shared.web.operations import ANYONE, JSON, Operation
from shared.web.signatures import hints_of
from tools.openapi.answers import answer_schema, has_revision, is_repeatable, is_stream, item_schema, media_types_of
from tools.openapi.names import operation_id, operation_name
from tools.openapi.operation_cases import CASES
from tools.openapi.operation_cases.case import OperationCase
from tools.openapi.problems import TRACE, by_status, response_name
from tools.openapi.references import References, Schema, answer_header, name_of, reference_to

_HEADERS = {
    "Content-Digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "Idempotency-Key": "0f8e8a52-6c1f-4d57-9b0e-2f4d1c9a7e31",
    "If-Match": '"3"',
    "Last-Event-ID": "2026-09-14T04:54:00.480000+00:00",
    "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
}
"""An example of each header."""
_SEEN: Schema = {
    "description": "The state is final, and Last-Event-ID names it: do not reconnect.",
    "headers": {"X-Request-Id": answer_header("The trace id.")},
}


def describe_operation(api: Api, operation: Operation, references: References, schemas: Mapping[str, Schema]) -> Schema:
    case = CASES.get(operation_name(api, operation), OperationCase())
    described: Schema = {
        "operationId": operation_id(api, operation),
        "tags": [api.resource],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, [operation.description, _roles_text(operation)])),
        "x-roles": sorted(operation.roles),
        "parameters": [*_parameters(operation, case, references, schemas)],
        "responses": {
            str(operation.status): _success(operation, case, references),
            **({"204": _SEEN} if is_stream(operation) else {}),
            **({"200": _success(operation, case, references)} if is_repeatable(operation) else {}),
            **{str(kinds[0].status): reference_to("responses", response_name(kinds)) for kinds in by_status(operation)},
        },
    }
    if operation.media_types:
        content = _with_example(_body_schema(operation, references), case.body)
        described["requestBody"] = {
            "required": not operation.signature.optional_body,
            "content": dict.fromkeys(operation.media_types, content),
        }
    return described


def _body_schema(operation: Operation, references: References) -> Schema:
    """The schema of a request's body."""
    return references[operation.body, "validation"] if operation.body else {"type": "string", "format": "binary"}


def _roles_text(operation: Operation) -> str:
    if operation.roles == ANYONE:
        return "Open to everybody of the clinic."
    return f"Open to: {', '.join(sorted(operation.roles))}."


def _parameters(
    operation: Operation, case: OperationCase, references: References, schemas: Mapping[str, Schema]
) -> Iterator[Schema]:
    hints = hints_of(operation.handler)
    for name in operation.signature.parameters:
        schema = TypeAdapter(Id if hints[name] is str else hints[name]).json_schema()
        text = schema.pop("description", "The id, or the number that people use, where there is one.")
        example = case.path.get(name)
        yield _parameter(name, "path", text, schema, _of_type(schema, example), required=True)
    if operation.query:
        query = schemas[name_of(references[operation.query, "validation"])]
        for name, parameter in query["properties"].items():
            schema = _without_null(parameter)
            text = schema.pop("description", "")
            required = name in query.get("required", [])
            yield _parameter(name, "query", text, schema, case.query.get(name), required=required)
    if operation.upload and operation.upload.digested:
        text = "The SHA-256 of the body (RFC 9530). A body that differs from it is refused, and nothing is stored."
        schema = {"type": "string", "pattern": "sha-256=:[A-Za-z0-9+/=]+:"}
        yield _header("Content-Digest", text, schema, required=True)
    if operation.accepts_idempotency_key:
        text = "Makes the request safe to repeat for 24 hours: a repetition gets the first answer and has no effect."
        schema = {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"}
        yield _header("Idempotency-Key", text, schema, required=operation.requires_idempotency_key)
    if operation.accepts_if_match:
        text = "The ETag that the client saw. The change is refused when somebody else was faster."
        schema = {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}"$'}
        yield _header("If-Match", text, schema, required=operation.requires_if_match)
    if is_stream(operation):
        text = "The `id` of the last event that the client got; that event is not sent again. Any other id is ignored."
        yield _header("Last-Event-ID", text, {"type": "string"}, required=False)
    yield _header("traceparent", "W3C trace context.", {"type": "string"}, required=False)


def _without_null(parameter: Schema) -> Schema:
    """The schema of a query parameter: a query string has no null."""
    kinds = [kind for kind in parameter.get("anyOf", []) if kind != {"type": "null"}]
    rest = {key: value for key, value in parameter.items() if key != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else dict(parameter)


def _header(name: str, text: str, schema: Schema, *, required: bool) -> Schema:
    return _parameter(name, "header", text, schema, _HEADERS[name], required=required)


def _of_type(schema: Schema, example: str | None) -> str | int | None:
    return int(example) if example and schema["type"] == "integer" else example


def _parameter(name: str, place: str, text: str, schema: Schema, example: Any, *, required: bool) -> Schema:
    described = {"name": name, "in": place, "required": required, "description": text, "schema": schema}
    if schema.get("type") == "array":
        described |= {"style": "form", "explode": False}  # separated by commas
    return {key: value for key, value in described.items() if value != ""} | (
        {} if example is None else {"example": example}
    )


def _success(operation: Operation, case: OperationCase, references: References) -> Schema:
    headers = {"X-Request-Id": answer_header("The trace id.")}
    if has_revision(operation):
        headers["ETag"] = answer_header("The revision, for If-Match.")
    if operation.accepts_idempotency_key:
        headers["Idempotent-Replayed"] = answer_header("`true` when this is the answer to an earlier request.")
    success = {"description": "Done.", "headers": headers}
    is_empty = operation.signature.returns is type(None)
    return success | ({} if is_empty else {"content": _content(operation, case, references)})


def _file_content(media_type: str, case: OperationCase) -> Schema:
    """A file; one of JSON may have any members, and the case has an example."""
    if media_type == JSON:
        return {"schema": {"type": "object", "additionalProperties": True}, "example": case.answer}
    return {"schema": {"type": "string", "format": "binary"}}


def _content(operation: Operation, case: OperationCase, references: References) -> Schema:
    if files := media_types_of(operation):
        return {media_type: _file_content(media_type, case) for media_type in files}
    if is_stream(operation):
        return {MEDIA_TYPE: _events(operation, case, references)}
    example = None if case.answer is None else serialization.shown(case.answer, clinical=True)
    return {"application/json": _with_example(answer_schema(operation, references), example)}


def _events(operation: Operation, case: OperationCase, references: References) -> Schema:
    """The content of a stream: the schema of one event, as a parser of the format returns it (as in OpenAPI 3.2)."""
    data = {"type": "string", "contentMediaType": JSON, "contentSchema": item_schema(operation, references)}
    schema = {
        "type": "object",
        "description": "One of the server-sent events.",
        "properties": {"id": {"type": "string", "description": "For Last-Event-ID."}, "data": data},
        "required": ["id", "data"],
    }
    if case.answer is None:
        return {"schema": schema}
    shown = json.dumps(serialization.shown(case.answer.data, clinical=True))
    return _with_example(schema, {"id": case.answer.id, "data": shown})


def _with_example(schema: Schema, example: Any) -> Schema:
    return {"schema": schema} | ({} if example is None else {"example": example})
