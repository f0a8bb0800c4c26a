"""Parses a request: argument, preconditions, idempotency key and origin. Raises a Problem for what it cannot parse.

A request costs little whatever its body holds: the size is checked before the body is read, and the number of values
before the model validates them.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from shared.records.problems import (
    BadRequest,
    FieldError,
    PreconditionRequired,
    Problem,
    TooLarge,
    UnsupportedMediaType,
    raise_if_any,
)
from shared.records.validation import field_errors
from shared.store.audit import Origin
from shared.store.idempotency import Idempotency
from shared.web import json_bounds, serialization
from shared.web.operations import Operation

T = TypeVar("T")

LARGEST_JSON = 1_000_000
"""Bytes; recordings go to Storage."""
CHEAP_BODY = 8_000
"""Bytes. A body up to this size is parsed within milliseconds, before the caller is looked up; see `Api`."""
_KEY = re.compile(r"^[\x21-\x7e]{8,200}$")
_SHA256 = re.compile(r"^\s*sha-256=:([A-Za-z0-9+/=]*):\s*(?:;.*)?$")
_ETAG = re.compile(r'^"(\d{1,9})"$')


def check_body(request: Request, operation: Operation) -> None:
    """Check the body's media type and size. Raises UnsupportedMediaType or TooLarge."""
    if not operation.media_types or _body_is_left_out(request, operation):
        return
    if _is_empty(request):
        raise BadRequest(f"a body is required: send {' or '.join(operation.media_types)}, {{}} if it has no fields")
    if request.mimetype not in operation.media_types:
        raise UnsupportedMediaType(f"send {' or '.join(operation.media_types)}")
    largest = operation.upload.largest if operation.upload else LARGEST_JSON
    too_large = TooLarge(f"at most {largest} bytes")
    if (request.content_length or 0) > largest:
        raise too_large
    request.max_content_length = largest  # of a body without Content-Length
    try:
        size = len(request.get_data())
    except RequestEntityTooLarge:
        raise too_large from None
    if size > largest:
        raise too_large


def _is_empty(request: Request) -> bool:
    """True if the request has no body."""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def _body_is_left_out(request: Request, operation: Operation) -> bool:
    """True if the body may be missing and is."""
    return operation.signature.optional_body and _is_empty(request)


def is_cheap(request: Request, operation: Operation) -> bool:
    """True if the body can be parsed before the caller is looked up. A picture is parsed by its workflow, later."""
    return operation.body is None or len(request.get_data()) <= CHEAP_BODY


def parse_arguments(request: Request, operation: Operation) -> dict[str, Any]:
    """The handler's argument from the query string or the body. Raises a Problem that names the errors."""
    errors: list[FieldError] = []
    query = _query(request, operation.query, errors)
    value: BaseModel | bytes | None = query
    if operation.upload:
        value = request.get_data()
    elif operation.body and not _body_is_left_out(request, operation):
        value = _parsed(request.get_data(), operation.body, errors)
    raise_if_any(errors)
    beside = {operation.signature.query_argument: query} if operation.signature.query_argument else {}
    return beside | ({operation.signature.argument: value} if operation.signature.argument else {})


class Headers(NamedTuple):
    """The preconditions of a request: its If-Match and Idempotency-Key."""

    if_match: int | None = None
    """The revision."""
    key: str | None = None
    refused: Problem | None = None
    """What is wrong with them; then neither is used."""


def parse_headers(request: Request, operation: Operation) -> Headers:
    """Parse the headers, all of them even if one is refused, and check the body: the client gets every error at once.

    Raises the problem of a body that cannot be read, with what is wrong with the headers too.
    """
    refused: list[Problem] = []

    def parsed(parse: Callable[[Request, Operation], T]) -> T | None:
        try:
            return parse(request, operation)
        except (BadRequest, PreconditionRequired) as problem:
            refused.append(problem)
            return None

    if_match, key = parsed(_if_match), parsed(_key)
    errors = [error for problem in refused for error in problem.errors]
    try:
        check_body(request, operation)
    except (BadRequest, UnsupportedMediaType, TooLarge) as problem:
        raise problem.with_errors(errors) from None
    if operation.upload and operation.upload.digested:
        parsed(_digest)
    if refused:
        return Headers(refused=refused[0].with_errors(*(problem.errors for problem in refused[1:])))
    return Headers(if_match, key)


def _if_match(request: Request, operation: Operation) -> int | None:
    """The revision in If-Match. Raises PreconditionRequired when the operation requires it."""
    header = request.headers.get("If-Match") if operation.accepts_if_match else None
    if header is None:
        if operation.requires_if_match:
            raise PreconditionRequired(errors=[FieldError("If-Match", "is required: the ETag that you read")])
        return None
    match = _ETAG.match(header.removeprefix("W/"))
    if match is None:
        raise BadRequest(errors=[FieldError("If-Match", 'must be an ETag of this resource, in quotes: "3"')])
    return int(match[1])


def _digest(request: Request, operation: Operation) -> None:  # noqa: ARG001 - as the others
    """Check that the body is what the client sent. Raises BadRequest for another digest, or none."""
    sent = [match[1] for one in request.headers.get("Content-Digest", "").split(",") if (match := _SHA256.match(one))]
    if not sent:
        raise BadRequest(errors=[FieldError("Content-Digest", "is required: sha-256=:(Base64):, as RFC 9530 has it")])
    if sent[-1] != b64encode(sha256(request.get_data()).digest()).decode():
        raise BadRequest(errors=[FieldError("Content-Digest", "the body that arrived has another SHA-256")])


def _key(request: Request, operation: Operation) -> str | None:
    """The Idempotency-Key. Raises BadRequest when the operation requires one."""
    key = request.headers.get("Idempotency-Key")
    if not operation.accepts_idempotency_key or (key is None and not operation.requires_idempotency_key):
        return None
    if key is None or not _KEY.match(key):
        raise BadRequest(errors=[FieldError("Idempotency-Key", "is required: 8 to 200 visible ASCII characters")])
    return key


def idempotency_of(
    key: str | None, request: Request, operation: Operation, scope: str, parameters: Mapping[str, str]
) -> Idempotency | None:
    """The idempotency of a request with a key, within a scope (caller, method and resource) and the path."""
    if key is None:
        return None
    path = operation.path.format(**{**parameters, "id": "{id}"})  # the id may be given as a number, too
    return Idempotency(
        key=key,
        scope=f"{scope}{path}",
        target=parameters.get("id", ""),
        body=request.get_data(),
        render=serialization.Renderer(operation.status),
        has_clinical=serialization.has_clinical,
    )


def origin_of(request: Request, trace: str) -> Origin:
    """The origin of the request, for the audit trail."""
    headers = request.headers
    # Google's external load balancer appends the client's address and its own, and only the load balancer reaches
    # functions. Earlier entries are the client's claim.
    forwarded = [address.strip() for address in headers.get("X-Forwarded-For", "").split(",")]
    return Origin(
        request_id=trace,
        address=forwarded[-2] if len(forwarded) > 1 else request.remote_addr or "",
        agent=headers.get("User-Agent", "")[:200],
        web_origin=headers.get("Origin", "")[:200],
    )


def _query(request: Request, model: type[BaseModel] | None, errors: list[FieldError]) -> BaseModel | None:
    """The parsed query string; errors are added to `errors`, and the rest is checked as well."""
    known = model.model_fields if model else {}
    sent = request.args.to_dict(flat=False)
    errors += [FieldError(name, "is not known here") for name in sent if name not in known]
    errors += [FieldError(name, "is given twice") for name in sent if name in known and len(sent[name]) > 1]
    if model is None:
        return None
    try:
        return model.model_validate_strings({name: sent[name][0] for name in sent if name in known})
    except ValidationError as error:
        errors += [FieldError(field.pointer.removeprefix("/"), field.detail) for field in field_errors(error)]
        return None


def _parsed(body: bytes, model: type[BaseModel], errors: list[FieldError]) -> BaseModel | None:
    json_bounds.check(body)
    try:
        return model.model_validate_json(body, strict=True)  # strict: "5" is not a number, 1 is not a boolean
    except ValidationError as error:
        if _is_malformed(error):  # such as half of a surrogate pair
            raise BadRequest(json_bounds.NOT_JSON) from None
        errors += field_errors(error)
        return None


def _is_malformed(error: ValidationError) -> bool:
    """True if the parser of the model refused the JSON; it then reports nothing else."""
    if error.error_count() > 1:
        return False
    (only,) = error.errors(include_url=False, include_input=False, include_context=False)
    return only["type"] == "json_invalid"
