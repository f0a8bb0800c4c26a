"""gRPC handlers that use the message classes of Google's own clients.

A method takes (request, context) and returns a response, or raises `StatusError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import grpc

from local.services.kit.identity import caller
from local.services.kit.recorder import AnswerLost, Call, Recorder

UnaryMethod = Callable[[Any, grpc.ServicerContext], Any]
StreamMethod = Callable[[Iterator[Any], grpc.ServicerContext], Iterator[Any]]


class StatusError(Exception):
    """The call fails with this status and has no effect."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refuse(code: grpc.StatusCode, message: str) -> NoReturn:
    """Raise StatusError (as an expression: `value or refuse(…)`)."""
    raise StatusError(code, message)


def status(code: int) -> grpc.StatusCode:
    """The status with this number, as in google.rpc.Code."""
    return next(one for one in grpc.StatusCode if one.value[0] == code)


def unary(method: UnaryMethod, request_class: Any, response_class: Any) -> grpc.RpcMethodHandler:
    """A handler of a unary call; the classes may be proto-plus or plain protobuf."""

    def guarded(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(request, context)
        except StatusError as error:
            return context.abort(error.code, error.message)

    handler: grpc.RpcMethodHandler = grpc.unary_unary_rpc_method_handler(
        guarded, _reader(request_class), _writer(response_class)
    )
    return handler


def streams(method: StreamMethod, request_class: Any, response_class: Any) -> grpc.RpcMethodHandler:
    """A handler of a stream of requests that yields a stream of responses."""

    def guarded(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        try:
            yield from method(requests, context)
        except StatusError as error:
            context.abort(error.code, error.message)

    handler: grpc.RpcMethodHandler = grpc.stream_stream_rpc_method_handler(
        guarded, _reader(request_class), _writer(response_class)
    )
    return handler


def service(name: str, **handlers: grpc.RpcMethodHandler) -> grpc.GenericRpcHandler:
    """The handlers of one service, by method name: `service("google.cloud.speech.v2.Speech", Recognize=…)`."""
    generic: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(name, handlers)
    return generic


def caller_of(context: grpc.ServicerContext) -> str:
    """The function of the call's bearer token; empty for any other program."""
    metadata = dict(context.invocation_metadata() or ())
    return caller(metadata.get("authorization"))


def record_call(
    recorder: Recorder, context: grpc.ServicerContext, service: str, method: str, resource: str = "", **amounts: int
) -> None:
    """Record a call whose effect is applied; abort it with UNAVAILABLE if a fault loses its response."""
    try:
        recorder.record(Call(service, method, caller_of(context), resource, amounts))
    except AnswerLost:
        context.abort(grpc.StatusCode.UNAVAILABLE, "The answer was lost.")


def recorded(
    recorder: Recorder, service: str, methods: Mapping[str, tuple[Callable[[Any], Any], Any, Any]]
) -> dict[str, grpc.RpcMethodHandler]:
    """Unary handlers, by method name, of (method of the request alone, request class, response class).

    Each records its calls, with the resource named by the request or created by the response. A call that fails has no
    effect and is not recorded.
    """

    def handler(name: str, method: Callable[[Any], Any], request_class: Any, response_class: Any) -> Any:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            response = method(request)
            record_call(recorder, context, service, name, _resource(request, response))
            return response

        return unary(answer, request_class, response_class)

    return {name: handler(name, *method) for name, method in methods.items()}


def _resource(request: Any, response: Any) -> str:
    if hasattr(request, "name"):
        return str(request.name)
    if hasattr(response, "name"):
        return str(response.name)
    return str(request.parent)


def _reader(message: Any) -> Any:
    return message.deserialize if hasattr(message, "deserialize") else message.FromString


def _writer(message: Any) -> Any:
    return message.serialize if hasattr(message, "serialize") else message.SerializeToString
