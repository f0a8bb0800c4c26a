"""The channel to Firestore, and how it is called: headers, deadlines, retries and errors as in Google's client."""

from __future__ import annotations

from collections.abc import Callable
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
        return self._calling(self._channel.unary_unary, name, answer, lambda answered: answered)

    def stream(self, name: str, answer: Any) -> Callable[[Any, str, float], list[Any]]:
        """As `unary`, of a method with a stream of answers, which are read to the end."""
        return self._calling(self._channel.unary_stream, name, answer, list)

    def _calling(
        self, kind: Callable[..., Any], name: str, answer: Any, whole: Callable[[Any], Any]
    ) -> Callable[[Any, str, float], Any]:
        """A method of a kind; `whole` reads what it answers to the end."""
        method = kind(f"{_SERVICE}/{name}", request_serializer=_serialized, response_deserializer=answer.FromString)

        def call(request: Any, routing: str, seconds: float) -> Any:
            metadata = [*self._metadata, ("x-goog-request-params", routing)]
            try:
                return whole(method(request, timeout=seconds, metadata=metadata))
            except grpc.RpcError as error:
                raise exceptions.from_grpc_error(error) from error

        return call


def routing(field: str, value: str) -> str:
    """The parameter by which Google's front end finds the database."""
    return f"{field}={quote(value, safe='/')}"


def _serialized(request: Any) -> bytes:
    return bytes(request.SerializeToString())
