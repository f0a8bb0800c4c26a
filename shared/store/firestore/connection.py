"""The channel to Firestore, and how it is called: headers, deadlines, retries and errors as in Google's client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import grpc
from google.api_core import exceptions, grpc_helpers, retry
from google.api_core.client_info import ClientInfo
from grpc.experimental import ChannelOptions

READ_SECONDS = 300.0
"""How long one read may take with its retries: as in google-cloud-firestore 2.34."""
RETRIED_READS = (exceptions.DeadlineExceeded, exceptions.InternalServerError, exceptions.ServiceUnavailable)
RETRIED_WRITES = (exceptions.ResourceExhausted, exceptions.ServiceUnavailable)
"""Errors after which a write of a document that must not exist is sent again."""
WRITE_SECONDS = 60.0
_SERVICE = "/google.firestore.v1.Firestore"
_ENDPOINT = "firestore.googleapis.com"
_SCOPES = "https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/datastore"
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A stream of results is read by the thread that asks for it; otherwise each call starts a thread.
    (ChannelOptions.SingleThreadedUnaryStream, 1),
)
_KEEPALIVE = ("grpc.keepalive_time_ms", 30_000)


def open_channel(emulator: str | None) -> grpc.Channel:
    """A channel to Firestore with the application's default credentials, or to an emulator at this address.

    Raises google.auth.exceptions.DefaultCredentialsError when there are no credentials.
    """
    if emulator is not None:
        plain: grpc.Channel = grpc.insecure_channel(emulator, options=_OPTIONS)
        return plain
    channel: grpc.Channel = grpc_helpers.create_channel(
        f"{_ENDPOINT}:443", default_scopes=_SCOPES, default_host=_ENDPOINT, options=(*_OPTIONS, _KEEPALIVE)
    )
    return channel


def retried(call: Callable[..., Any], errors: tuple[type[Exception], ...], seconds: float) -> Callable[..., Any]:
    """The call, made again after such errors, with growing pauses, for at most so many seconds in all."""
    policy = retry.Retry(
        predicate=retry.if_exception_type(*errors), initial=0.1, maximum=60.0, multiplier=1.3, timeout=seconds
    )
    return policy(call)


class Methods:
    """The four methods of the service that the store calls. All raise google.api_core.exceptions.GoogleAPICallError."""

    def __init__(self, channel: grpc.Channel, database: str, *, emulated: bool) -> None:
        self._channel = channel
        self._metadata = [
            ("google-cloud-resource-prefix", database),
            ("x-goog-api-client", ClientInfo().to_user_agent()),
        ]
        if emulated:
            self._metadata.append(("authorization", "Bearer owner"))

    def unary(self, name: str, answer: Any) -> Callable[[Any, str, float], Any]:
        """A method with one answer; it is called with a request, the routing parameter and seconds."""
        method = self._method(self._channel.unary_unary, name, answer)

        def call(request: Any, routing: str, seconds: float) -> Any:
            try:
                return method(request, timeout=seconds, metadata=self._headers(routing))
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
        method = self._method(self._channel.unary_stream, name, answer)

        def call(requests: Sequence[tuple[Any, str]], seconds: float) -> list[list[Any]]:
            begun: list[Any] = []
            try:
                for request, routing in requests:
                    begun.append(method(request, timeout=seconds, metadata=self._headers(routing)))
                return [list(answers) for answers in begun]
            except grpc.RpcError as error:
                raise exceptions.from_grpc_error(error) from error
            finally:
                for one in begun:
                    one.cancel()  # which does nothing to those that have ended

        return call

    def _method(self, kind: Callable[..., Any], name: str, answer: Any) -> Any:
        return kind(f"{_SERVICE}/{name}", request_serializer=_serialized, response_deserializer=answer.FromString)

    def _headers(self, routing: str) -> list[tuple[str, str]]:
        return [*self._metadata, ("x-goog-request-params", routing)]


def routing(field: str, value: str) -> str:
    """The parameter by which Google's front end finds the database."""
    return f"{field}={quote(value, safe='/')}"


def _serialized(request: Any) -> bytes:
    return bytes(request.SerializeToString())
