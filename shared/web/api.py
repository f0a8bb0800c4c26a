"""A resource of the API: routes, reads and checks a request, calls its handler, and answers.

api = Api("patients")

@api.post("/", roles=FRONT_DESK, status=201)
def register(clinic: Clinic, new: NewPatient) -> Patient: ...

main = api.function()
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Request, Response
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.routing import Map, Rule

from shared import settings
from shared.records.problems import (
    BadRequest,
    FieldError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    PreconditionRequired,
    Problem,
    TooLarge,
    UnsupportedMediaType,
)
from shared.records.types import Id, Role
from shared.store.answers import Answer, Idempotency, Replayed
from shared.store.audit import Origin
from shared.store.clinic import Caller, Clinic
from shared.web import auth, logs, views
from shared.web.operations import Operation, operation

PREFIX = "/api/v1"
LARGEST_BODY = 1_000_000
"""Bytes; recordings go to Storage."""
_ID = re.compile(typing.get_args(Id)[1].pattern)
_KEY = re.compile(r"^[\x21-\x7e]{8,200}$")
_ETAG = re.compile(r'^"(\d{1,9})"$')
_TRACE = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000",
}
_PROBLEM_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
_ASKED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, Traceparent"
_log = logging.getLogger("synapse.web")

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Api:
    """The operations of one resource."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.operations: list[Operation] = []
        self._map = Map(strict_slashes=False)

    def get(self, path: str, *, roles: frozenset[Role]) -> Callable[[Handler], Handler]:
        return self._add("GET", path, roles=roles)

    def post(
        self, path: str, *, roles: frozenset[Role], status: int = 200, once: bool = True, changes: bool = False
    ) -> Callable[[Handler], Handler]:
        return self._add("POST", path, roles=roles, status=status, once=once, changes=changes)

    def put(self, path: str, *, roles: frozenset[Role], changes: bool = True) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, roles=roles, changes=changes)

    def delete(self, path: str, *, roles: frozenset[Role]) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, roles=roles, changes=True)

    def _add(
        self,
        method: str,
        path: str,
        *,
        roles: frozenset[Role],
        status: int = 200,
        once: bool = False,
        changes: bool = False,
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            added = operation(method, path, handler, roles=roles, status=status, once=once, changes=changes)
            self.operations.append(added)
            rule = f"{PREFIX}/{self.resource}{path}".rstrip("/").replace("{", "<").replace("}", ">")
            self._map.add(Rule(rule, methods=[method], endpoint=added))
            return handler

        return register

    def function(self) -> Callable[[Request], Response]:
        """The entry point of the deployed function."""
        settings.refuse_local_endpoints_in_the_cloud()

        def main(request: Request) -> Response:
            return self.answer(request)

        return main

    def answer(self, request: Request) -> Response:
        """Answer a request, whatever it is."""
        logs.configure()
        trace = _trace_of(request)
        token = logs.request_id.set(trace)
        try:
            return self._answer(request, trace)
        finally:
            logs.request_id.reset(token)

    def _answer(self, request: Request, trace: str) -> Response:
        started = time.monotonic()
        name = ""
        try:
            if request.method == "OPTIONS":
                response = Response(status=204)
            else:
                chosen, parameters = self._route(request)
                name = chosen.name
                response = self._call(chosen, parameters, request, trace)
        except Replayed as replayed:
            response = _json(replayed.answer)
            response.headers["Idempotent-Replayed"] = "true"
        except Problem as problem:
            response = _problem(problem, trace)
        except Exception:
            _log.exception("unexpected error", extra={"operation": name})
            response = _problem(Problem(), trace)
        if response.status_code == MethodNotAllowed.status:
            response.headers["Allow"] = ", ".join(sorted(self._map.bind("").allowed_methods(request.path)))
        _finish(request, response, trace)
        milliseconds = round((time.monotonic() - started) * 1000)
        extra = {
            "operation": name,
            "method": request.method,
            "status": response.status_code,
            "milliseconds": milliseconds,
        }
        _log.info("request", extra=extra)
        return response

    def _route(self, request: Request) -> tuple[Operation, dict[str, str]]:
        try:
            chosen, parameters = self._map.bind("").match(request.path, request.method)
        except NoRoute:
            raise NotFound from None
        except WrongMethod:
            raise MethodNotAllowed from None
        if not all(_ID.fullmatch(value) for value in parameters.values()):
            raise NotFound  # nothing has such an id
        return chosen, dict(parameters)

    def _call(self, chosen: Operation, parameters: dict[str, str], request: Request, trace: str) -> Response:
        identity = auth.identify(request.headers.get("Authorization"))
        arguments: dict[str, Any] = dict(parameters)
        if chosen.body is not None:
            arguments[chosen.body_name] = _body(request, chosen.body)
        clinic = Clinic(
            id=identity.clinic_id,
            caller=Caller(identity.user_id, chosen.roles, identity.issued_at),
            origin=_origin(request, trace),
            if_match=_if_match(request, chosen),
            idempotency=_idempotency(request, chosen, identity),
        )
        result = chosen.handler(clinic, **arguments)
        if isinstance(result, views.Document):
            return _file(result)
        return _json(views.answer(result, clinic.clinical, chosen.status))


def _body(request: Request, model: type[BaseModel]) -> BaseModel:
    """The JSON body as the model. Raises a Problem naming every wrong field."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if (request.content_length or 0) > LARGEST_BODY or len(request.get_data()) > LARGEST_BODY:
        raise TooLarge
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        if problems[0]["type"] == "json_invalid":
            raise BadRequest("the body is not JSON") from None
        raise Invalid(errors=[FieldError(_pointer(p["loc"]), p["msg"]) for p in problems]) from None


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)


def _if_match(request: Request, chosen: Operation) -> int | None:
    given = request.headers.get("If-Match") if chosen.takes_revision else None
    if given is None:
        if chosen.changes:
            raise PreconditionRequired
        return None
    match = _ETAG.match(given.removeprefix("W/"))
    if match is None:
        raise BadRequest("If-Match must be an ETag of this resource")
    return int(match[1])


def _idempotency(request: Request, chosen: Operation, identity: auth.Identity) -> Idempotency | None:
    """The request's idempotency, where it asks for it or the operation needs it."""
    key = request.headers.get("Idempotency-Key")
    if not chosen.takes_key or (key is None and not chosen.once):
        return None
    if key is None or not _KEY.match(key):
        raise BadRequest("Idempotency-Key is required: 8 to 200 visible ASCII characters")
    return Idempotency(
        key=key,
        scope=f"{identity.user_id} {request.method} {request.path}",
        body=request.get_data(),
        render=lambda result, clinical: views.answer(result, clinical, chosen.status),
    )


def _origin(request: Request, trace: str) -> Origin:
    headers = request.headers
    # Google's external load balancer appends the client's address and its own, and functions are reached through it
    # alone; what stands before is the client's claim.
    forwarded = [address.strip() for address in headers.get("X-Forwarded-For", "").split(",")]
    return Origin(
        request_id=trace,
        address=forwarded[-2] if len(forwarded) > 1 else request.remote_addr or "",
        agent=headers.get("User-Agent", "")[:200],
        web_origin=headers.get("Origin", "")[:200],
    )


def _trace_of(request: Request) -> str:
    match = _TRACE.match(request.headers.get("traceparent", ""))
    return match[1] if match else secrets.token_hex(16)


def _json(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), content_type="application/json")


def _file(document: views.Document) -> Response:
    headers = {
        "Content-Disposition": f'inline; filename="{document.filename}"',
        "ETag": views.etag(document.revision),
    }
    return Response(document.content, 200, headers, content_type=document.media_type)


def _problem(problem: Problem, trace: str) -> Response:
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
    headers = _PROBLEM_HEADERS.get(problem.status, {})
    return Response(json.dumps(body), problem.status, headers, content_type="application/problem+json")


def _finish(request: Request, response: Response, trace: str) -> None:
    """What every answer carries."""
    response.headers.extend(_SAFE_HEADERS)
    response.headers["X-Request-Id"] = trace
    origin = request.headers.get("Origin")
    if origin and origin in settings.load(settings.Web).cors_origins.split(","):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = _ASKED_HEADERS
        response.headers["Access-Control-Expose-Headers"] = "ETag, Idempotent-Replayed, X-Request-Id"
        response.headers["Vary"] = "Origin"
