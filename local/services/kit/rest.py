"""Google's REST: calls of an API's methods by HTTP/1.1 and JSON, as the methods' HTTP rules say.

A rule is written `POST /v1/{name=keys/*}:encrypt *`: the HTTP method, the template of the path with the fields of the
request in it, and what the body is: `*` the other fields, a name one field, nothing no body.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc

from local.services.kit.http1 import HttpRequest, HttpResponse
from local.services.kit.path_templates import PathTemplate, bind, decoded_query
from local.services.kit.proto_json.reader import Malformed, read
from local.services.kit.proto_json.writer import write
from local.services.kit.rpc import StatusError

log = logging.getLogger(__name__)

Headers = Mapping[str, str]
Call = Callable[[str, bytes, Headers], list[bytes]]
"""Takes the method, the serialized request and the headers by lower-case name; returns the serialized responses, one if
the method is unary. Raises StatusError."""

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
STATUSES: Mapping[str, int] = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 401,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
}
"""HTTP's status by google.rpc.Code, of errors."""
_STATUS = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 411: "INVALID_ARGUMENT", 413: "INVALID_ARGUMENT"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode


@dataclass(frozen=True)
class Method:
    """A method of an API."""

    rule: str
    request: Any
    """The message's class of proto-plus or of plain protobuf."""
    response: Any
    streamed: bool = False
    """True if it answers with any number of messages: by REST, with an array of them."""


class CallContext:
    """What a unary handler of gRPC asks about its call, for a call by REST."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._headers.items())

    def abort(self, code: grpc.StatusCode, message: str) -> NoReturn:
        raise StatusError(code, message)


class RestApi:
    """Answers the calls of these methods by `call`."""

    def __init__(self, methods: Mapping[str, Method], call: Call) -> None:
        self._call = call
        self._routes = [_Route(name, method) for name, method in methods.items()]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for route in self._routes:
            if (fields := route.fields(request)) is not None:
                return self._answer(route, fields, request)
        return refusal(404, "The requested URL was not found on this server.")

    def _answer(self, route: _Route, fields: Mapping[str, str], request: HttpRequest) -> HttpResponse:
        try:
            responses = self._call(route.name, route.message(fields, request), request.headers)
            return HttpResponse(200, _encode(route.json(responses)).encode())
        except StatusError as error:
            return _failure(error.code, error.message, streamed=route.streamed)
        except Exception as error:
            log.exception("%s failed", route.name)
            message = f"{route.name} failed with {type(error).__name__}"
            return _failure(grpc.StatusCode.UNKNOWN, message, streamed=route.streamed)


def of_handlers(
    rules: Mapping[str, str], methods: Mapping[str, tuple[Any, Any, Any]], handlers: Mapping[str, grpc.RpcMethodHandler]
) -> RestApi:
    """The methods that have a rule, of (anything, request class, response class), answered by their gRPC handlers."""

    def call(name: str, request: bytes, headers: Headers) -> list[bytes]:
        handler: Any = handlers[name]
        timeout_of(headers)
        answer = handler.unary_unary(handler.request_deserializer(request), CallContext(headers))
        return [handler.response_serializer(answer)]

    return RestApi({name: Method(rule, *methods[name][1:]) for name, rule in rules.items()}, call)


def refusal(status: int, message: str) -> HttpResponse:
    """The answer to a request that calls no method."""
    return HttpResponse(status, _encode(_error(status, message, _STATUS.get(status, "UNKNOWN"))).encode())


def timeout_of(headers: Headers) -> float | None:
    """The seconds that the caller gives the call; None without a limit. Raises StatusError."""
    text = headers.get("x-server-timeout")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise StatusError(_INVALID, "The header X-Server-Timeout is no number of seconds.")
    return seconds


class _Route:
    """One method's rule."""

    def __init__(self, name: str, method: Method) -> None:
        self.name, self.streamed = name, method.streamed
        self._verb, template, *body = method.rule.split()
        self._template = PathTemplate(template)
        self._body = body[0] if body else ""
        self._request, self._response = _plain(method.request), _plain(method.response)

    def fields(self, request: HttpRequest) -> Mapping[str, str] | None:
        """The fields in the path; None if the request is not for this method. Raises no error."""
        return self._template.match(request.path) if request.method == self._verb else None

    def message(self, fields: Mapping[str, str], request: HttpRequest) -> bytes:
        """The serialized request. Raises StatusError."""
        message = self._request()
        try:
            data = self._data(request)
            for name, value in fields.items():
                bind(data, message.DESCRIPTOR, name, [value])
            read(message, data)
        except Malformed as error:
            raise StatusError(_INVALID, str(error)) from None
        except RecursionError:
            raise StatusError(_INVALID, "Invalid JSON payload received: it is nested too deep.") from None
        serialized: bytes = message.SerializeToString()
        return serialized

    def json(self, responses: list[bytes]) -> Any:
        messages = [write(self._response.FromString(one)) for one in responses]
        return messages if self.streamed else messages[0]

    def _data(self, request: HttpRequest) -> dict[str, Any]:
        body = _parsed(request.body) if request.body else {}
        if body and not self._body:
            raise Malformed("this method has no body")
        data = {self._body: body} if self._body not in ("", "*") else body
        for name, values in decoded_query(request.query).items():
            bind(data, self._request.DESCRIPTOR, name, values)
        return data


def _plain(message: Any) -> Any:
    """The class of plain protobuf."""
    return message.pb() if hasattr(message, "pb") else message


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body, parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Malformed("this is no JSON") from None
    if not isinstance(data, dict):
        raise Malformed("an object is expected")
    return data


def _no_json(_constant: str) -> None:
    """`NaN` without quotes is no JSON."""
    raise ValueError


def _failure(code: grpc.StatusCode, message: str, *, streamed: bool) -> HttpResponse:
    status = STATUSES[code.name]
    error = _error(status, message, code.name)
    return HttpResponse(status, _encode([error] if streamed else error).encode())


def _error(status: int, message: str, name: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": name}}
