"""A resource of the API: routes a request, parses and checks it, calls the handler and serializes the result.

api = Api("patients")

@api.post("/", roles=FRONT_DESK, status=201)
def register(clinic: Clinic, new: NewPatient) -> Patient: ...

main = api.function()
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar, Unpack

from flask import Request, Response

from shared import settings
from shared.records.problems import BadRequest, Invalid, NotFound, Problem, TooLarge
from shared.records.types import Role, is_id
from shared.store.clinic import Clinic
from shared.store.context import RequestContext
from shared.store.idempotency import Replayed
from shared.web import PREFIX, auth, health, logs
from shared.web.event_stream import EventStream, stream_response
from shared.web.operations import Operation, Options, Problems
from shared.web.request import idempotency_of, is_cheap, origin_of, parse_arguments, parse_headers
from shared.web.response import (
    file_response,
    json_response,
    problem_response,
    reason_of,
    with_common_headers,
    with_cors_headers,
)
from shared.web.routes import Routes
from shared.web.serialization import Document, Renderer

_log = logging.getLogger("synapse.web")

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Api:
    """The operations of one resource."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.operations: list[Operation] = []
        self._routes = Routes(f"{PREFIX}/{resource}")

    def get(
        self, path: str, *, roles: frozenset[Role], problems: Problems = frozenset()
    ) -> Callable[[Handler], Handler]:
        return self._add("GET", path, roles=roles, problems=problems)

    def post(
        self,
        path: str,
        *,
        roles: frozenset[Role],
        status: int = 200,
        requires_idempotency_key: bool = True,
        requires_if_match: bool = False,
        problems: Problems = frozenset(),
    ) -> Callable[[Handler], Handler]:
        return self._add(
            "POST",
            path,
            roles=roles,
            status=status,
            requires_idempotency_key=requires_idempotency_key,
            requires_if_match=requires_if_match,
            problems=problems,
        )

    def put(
        self,
        path: str,
        *,
        roles: frozenset[Role],
        requires_if_match: bool = True,
        alias_of: str = "",
        problems: Problems = frozenset(),
    ) -> Callable[[Handler], Handler]:
        return self._add(
            "PUT", path, roles=roles, requires_if_match=requires_if_match, alias_of=alias_of, problems=problems
        )

    def patch(
        self, path: str, *, roles: frozenset[Role], problems: Problems = frozenset()
    ) -> Callable[[Handler], Handler]:
        return self._add("PATCH", path, roles=roles, requires_if_match=True, problems=problems)

    def delete(
        self,
        path: str,
        *,
        roles: frozenset[Role],
        status: int = 200,
        requires_if_match: bool = True,
        problems: Problems = frozenset(),
    ) -> Callable[[Handler], Handler]:
        return self._add(
            "DELETE", path, roles=roles, status=status, requires_if_match=requires_if_match, problems=problems
        )

    def _add(
        self, method: str, path: str, *, roles: frozenset[Role], **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self._serve(Operation(method, path, handler, roles, **options))
            return handler

        return register

    def _serve(self, operation: Operation) -> None:
        self.operations.append(operation)
        self._routes.add(operation)

    def include(self, *parts: Api) -> None:
        """Serve the operations of further modules of this resource too."""
        for added in (operation for part in parts for operation in part.operations):
            self._serve(added)

    def function(self, *others: Api) -> Callable[[Request], Response]:
        """The entry point of the deployed function, which serves the resources of `others` too."""
        settings.refuse_local_endpoints_in_the_cloud()
        apis = {api.resource: api for api in (self, *others)}
        health.install(*(f"{PREFIX}/{resource}{health.PATH}" for resource in apis), finish=with_cors_headers)

        def main(request: Request) -> Response:
            resource = request.path.removeprefix(f"{PREFIX}/").partition("/")[0]
            return apis.get(resource, self).handle(request)

        return main

    def handle(self, request: Request) -> Response:
        """Handle any request; errors become problem responses."""
        logs.configure()
        trace = logs.trace_of(request)
        token = logs.request_id.set(trace)
        try:
            return self._handle(request, trace)
        finally:
            logs.request_id.reset(token)

    def _handle(self, request: Request, trace: str) -> Response:
        started = time.monotonic()
        name, problem = "", None
        try:
            if request.method == "OPTIONS":
                response = Response(status=204)
            else:
                matched, parameters = self._route(request)
                name = matched.name
                response = self._call(matched, parameters, request, trace)
        except Replayed as replayed:
            response = json_response(replayed.response)
            response.headers["Idempotent-Replayed"] = "true"
        except Problem as refusal:
            problem, response = refusal, problem_response(refusal, trace)
        except Exception:
            _log.exception("unexpected error", extra={"operation": name})
            problem, response = Problem(), problem_response(Problem(), trace)
        with_cors_headers(request, with_common_headers(response, trace))

        def log() -> None:
            milliseconds = round((time.monotonic() - started) * 1000)
            extra = {
                "operation": name,
                "method": request.method,
                "status": response.status_code,
                "milliseconds": milliseconds,
                **({"reason": reason_of(problem)} if problem else {}),
            }
            _log.info("request", extra=extra)

        if response.is_streamed:
            context = copy_context()  # the server ends the stream after this request's context
            response.call_on_close(lambda: context.run(log))
        else:
            log()
        return response

    def _route(self, request: Request) -> tuple[Operation, dict[str, str]]:
        matched, parameters = self._routes.match(request.method, request.path)
        if not all(map(is_id, parameters.values())):
            raise NotFound  # no record has such an id
        return matched, parameters

    def _call(self, matched: Operation, parameters: dict[str, str], request: Request, trace: str) -> Response:
        identity = auth.identify(request.headers.get("Authorization"))
        headers = parse_headers(request, matched)
        scope = f"{identity.user_id} {matched.method} {self.resource}"
        idempotency = idempotency_of(headers.key, request, matched, scope, parameters)
        clinic = Clinic(
            RequestContext(
                clinic_id=identity.clinic_id,
                caller=identity.caller(matched.roles),
                origin=origin_of(request, trace),
                if_match=headers.if_match,
                idempotency=idempotency,
                shown_per_hour=settings.load(settings.Web).shown_records_per_hour if matched.counts_shown else None,
            )
        )
        if headers.refused:
            raise _with_errors_of_body(headers.refused, clinic, request, matched)
        result = matched.handler(clinic, **parameters, **_arguments(clinic, request, matched))
        if isinstance(result, Document):
            return file_response(result)
        if isinstance(result, EventStream):
            last_seen, clinical = request.headers.get("Last-Event-ID"), clinic.visibility.clinical
            return stream_response(result, last_seen, clinical=clinical, operation=matched.name)
        render = idempotency.render if idempotency else Renderer(matched.status)
        return json_response(render(result, clinic.visibility.clinical))


def _with_errors_of_body(refused: Problem, clinic: Clinic, request: Request, matched: Operation) -> Problem:
    """The refusal of the headers, with what is wrong with the body too; or that of a body that cannot be read."""
    try:
        _arguments(clinic, request, matched)
    except Invalid as invalid:
        return refused.with_errors(invalid.errors)
    except (BadRequest, TooLarge) as unreadable:
        return unreadable.with_errors(refused.errors)
    return refused


def _arguments(clinic: Clinic, request: Request, matched: Operation) -> dict[str, Any]:
    """Parse the arguments of the handler, for a caller who may call it.

    The caller is looked up before the body is parsed. A cheap body is the exception: the first read of the handler
    looks the caller up together with its records, which saves a call of Firestore in nearly every request.
    """
    if not is_cheap(request, matched):
        clinic.admit()
    try:
        return parse_arguments(request, matched)
    except Problem:
        clinic.admit()  # a stranger does not learn what is wrong with the request
        raise
