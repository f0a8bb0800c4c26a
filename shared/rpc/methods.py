"""How a method is called: headers, deadlines, retries and errors as in Google's clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any
from urllib.parse import quote_plus

import grpc
from google.api_core import exceptions, retry
from google.api_core.client_info import ClientInfo

from shared.rpc.channel import Channel

_FIRST_PAUSE = 0.1
_GROWTH = 1.3
_LONGEST_PAUSE = 60.0
"""Seconds between attempts, and their factor: as in Google's clients."""

Call = Callable[[Any, str, float], Any]
"""Takes a request, the routing parameter and the seconds of one attempt."""


class Methods:
    """The methods of one service. All raise google.api_core.exceptions.GoogleAPICallError."""

    def __init__(self, channel: Channel, service: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        self._channel = channel
        self._service = service
        self._common = [*headers, ("x-goog-api-client", ClientInfo().to_user_agent())]

    def unary(self, name: str, answer: Any) -> Call:
        """A method with one answer, of this class of messages."""
        begin = self._method(self._channel.grpc.unary_unary, name, answer)

        def call(request: Any, routing: str, seconds: float) -> Any:
            try:
                return begin(request, routing, seconds)
            except grpc.RpcError as error:
                raise exceptions.from_grpc_error(error) from error

        return call

    def stream(self, name: str, answer: Any) -> Callable[[Any, str, float], list[Any]]:
        """As `unary`, of a method with a stream of answers, which are read to the end."""
        calls = self.streams(name, answer)
        return lambda request, routing, seconds: calls([(request, routing)], seconds)[0]

    def streams(self, name: str, answer: Any) -> Callable[[Sequence[tuple[Any, str]], float], list[list[Any]]]:
        """As `stream`, of several requests, each with its routing parameter: all are sent before an answer is read. One
        that fails, seen in their order, ends the others."""
        begin = self._method(self._channel.grpc.unary_stream, name, answer)

        def call(requests: Sequence[tuple[Any, str]], seconds: float) -> list[list[Any]]:
            begun: list[Any] = []
            try:
                for request, routing in requests:
                    begun.append(begin(request, routing, seconds))
                return [list(answers) for answers in begun]
            except grpc.RpcError as error:
                raise exceptions.from_grpc_error(error) from error
            finally:
                for one in begun:
                    one.cancel()  # which does nothing to those that have ended

        return call

    def _method(self, kind: Callable[..., Any], name: str, answer: Any) -> Call:
        """Begins a call; the seconds of an attempt are those for its credentials and its answer together."""
        method = kind(
            f"/{self._service}/{name}", request_serializer=_serialized, response_deserializer=answer.FromString
        )
        credentials = self._channel.credentials

        def begin(request: Any, routing: str, seconds: float) -> Any:
            headers = [*self._common, ("x-goog-request-params", routing)]
            if credentials is not None:
                begun = monotonic()
                headers += credentials.headers(self._service, name, seconds)
                seconds -= monotonic() - begun
            return method(request, timeout=seconds, metadata=headers)

        return begin


def retried(
    call: Callable[..., Any],
    errors: tuple[type[Exception], ...],
    seconds: float,
    *,
    longest_pause: float = _LONGEST_PAUSE,
) -> Callable[..., Any]:
    """The call, made again after such errors, with growing pauses, for at most so many seconds in all."""
    policy = retry.Retry(
        predicate=retry.if_exception_type(*errors),
        initial=_FIRST_PAUSE,
        maximum=longest_pause,
        multiplier=_GROWTH,
        timeout=seconds,
    )
    return policy(call)


def routing(field: str, value: str) -> str:
    """The parameter by which Google's front end finds the resource."""
    return f"{field}={quote_plus(value, safe='/')}"


def _serialized(request: Any) -> bytes:
    return bytes(request.SerializeToString())
