"""Serves a Firestore backend by gRPC and REST.

Listen and Write, which stream both ways, are not implemented: no function uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol

import grpc

from local.services.firestore.costs import STREAMED, UNARY
from local.services.firestore.rest import rest_api
from local.services.kit.api_server import ApiServer
from local.services.kit.rpc import StatusError

SERVICE = "/google.firestore.v1.Firestore/"


class Callee(Protocol):
    """The part of a backend that a server needs."""

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]: ...


class FirestoreServer(grpc.GenericRpcHandler):
    """A server of gRPC and REST on a free port, at `address`; with `certificate` (key, chain in PEM) it speaks TLS."""

    def __init__(self, backend: Callee, port: int = 0, certificate: tuple[bytes, bytes] | None = None) -> None:
        self._backend = backend
        self._server = ApiServer([self], rest_api(self._respond), certificate, port)
        self.address = self._server.address

    def stop(self) -> None:
        self._server.stop()

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler | None:
        """The handler of a method; None makes the gRPC server answer UNIMPLEMENTED."""
        name: str = handler_call_details.method.removeprefix(SERVICE)
        handler: grpc.RpcMethodHandler | None = None
        if name in UNARY:
            handler = grpc.unary_unary_rpc_method_handler(partial(self._unary, name))
        elif name in STREAMED:
            handler = grpc.unary_stream_rpc_method_handler(partial(self._stream, name))
        return handler

    def _unary(self, name: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        return self._call(name, request, context)[0]

    def _stream(self, name: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from self._call(name, request, context)

    def _call(self, name: str, request: bytes, context: grpc.ServicerContext) -> list[bytes]:
        authorization = str(dict(context.invocation_metadata() or ()).get("authorization", ""))
        try:
            responses = self._respond(name, request, authorization, context.time_remaining())
        except StatusError as error:
            context.abort(error.code, error.message)
        return responses

    def _respond(self, name: str, request: bytes, authorization: str, timeout: float | None) -> list[bytes]:
        """All responses. They are complete before the first is sent, so that a failed call sends none.

        Raises StatusError.
        """
        responses = self._backend.call(name, request, authorization, timeout)
        self._answered(name, request, responses)
        return responses

    def _answered(self, name: str, request: bytes, responses: list[bytes]) -> None:
        """Called between the effect of a call and its responses. Raises StatusError if these are lost."""
