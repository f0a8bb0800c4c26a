"""Builds responses: JSON, files and problems, with the headers that all of them carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Request, Response

from shared import settings
from shared.records.problems import (
    FreshSignInRequired,
    MethodNotAllowed,
    Problem,
    SecondFactorRequired,
)

if TYPE_CHECKING:  # the page of the API needs neither, and they import Tink
    from shared.store.idempotency import StoredResponse
    from shared.web.serialization import Document

_SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_PROBLEM_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
_STEP_UP = 'Bearer error="insufficient_user_authentication"'
"""RFC 9470: the token is valid, but the sign-in behind it does not suffice."""
_STEP_UP_HEADERS: Mapping[type[Problem], Mapping[str, str]] = {
    FreshSignInRequired: {
        "WWW-Authenticate": f"{_STEP_UP}, max_age={int(FreshSignInRequired.max_age.total_seconds())}",
    },
    SecondFactorRequired: {"WWW-Authenticate": f'{_STEP_UP}, acr_values="second_factor"'},
}
_ASKED_HEADERS = "Authorization, Content-Digest, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Traceparent"
_EXPOSED_HEADERS = "Content-Disposition, ETag, Idempotent-Replayed, Retry-After, WWW-Authenticate, X-Request-Id"


def json_response(answer: StoredResponse) -> Response:
    """A JSON response, or an empty one."""
    content_type = "application/json" if answer.body else None
    return Response(answer.body, answer.status, dict(answer.headers), content_type=content_type)


def file_response(document: Document) -> Response:
    """A file response, displayed inline."""
    from shared.web.serialization import etag

    headers = {
        "Content-Disposition": f'inline; filename="{document.filename}"',
        "ETag": etag(document.revision),
    }
    return Response(document.content, 200, headers, content_type=document.media_type)


def problem_response(problem: Problem, trace: str) -> Response:
    """A problem response (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"urn:synapseai:problem:{problem.name}",
        "title": problem.title,
        "status": problem.status,
        "trace_id": trace,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in problem.errors]
    headers = dict(_STEP_UP_HEADERS.get(type(problem)) or _PROBLEM_HEADERS.get(problem.status, {}))
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = ", ".join(problem.allowed)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    content_type = "application/problem+json"
    return Response(json.dumps({**body, **problem.members}), problem.status, headers, content_type=content_type)


def reason_of(problem: Problem) -> str:
    """The most precise public name of the cause: the code of the problem, or without one its name."""
    return str(problem.members.get("code", problem.name))


def with_common_headers(response: Response, trace: str) -> Response:
    """The response with the headers that every response carries, unless it has its own."""
    for name, value in _SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = trace
    return response


def with_cors_headers(request: Request, response: Response) -> Response:
    """The response with CORS headers for web clients of the configured origins."""
    response.vary.add("Origin")  # also without Origin: a cache must not serve it to another origin
    origin = request.headers.get("Origin")
    if origin and origin in settings.load(settings.Web).cors_origins.split(","):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = _ASKED_HEADERS
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
        response.headers["Access-Control-Max-Age"] = "3600"
    return response
