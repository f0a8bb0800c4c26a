"""A proxy between one function and the Firestore emulator: forwards every RPC unchanged, and records it.

Listen and Write, which stream both ways, are not implemented: no function uses them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from local.services.firestore.costs import STREAMED, UNARY, Rpc
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.servers import GrpcServer

_SERVICE = "/google.firestore.v1.Firestore/"
_UNLIMITED = [("grpc.max_receive_message_length", -1)]
_HOP_BY_HOP = ("grpc-", ":", "user-agent", "content-type", "te")
"""Prefixes of metadata that is not forwarded."""


class FirestoreProxy(grpc.GenericRpcHandler):
    """One function's Firestore, at `address`: every caller there is that function."""

    def __init__(self, caller: str, upstream: grpc.Channel, recorder: Recorder) -> None:
        self._caller = caller
        self._upstream = upstream
        self._recorder = recorder
        self._server = GrpcServer([self])
        self.address = self._server.address

    def stop(self) -> None:
        self._server.stop()

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler | None:
        """The handler of a method; None makes the gRPC server answer UNIMPLEMENTED."""
        path: str = handler_call_details.method
        name = path.removeprefix(_SERVICE)
        handler: grpc.RpcMethodHandler | None = None
        if name in UNARY:
            handler = grpc.unary_unary_rpc_method_handler(self._unary(path, name))
        elif name in STREAMED:
            handler = grpc.unary_stream_rpc_method_handler(self._streamed(path, name))
        return handler

    def _unary(self, path: str, name: str) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        call = self._upstream.unary_unary(path)

        def forward(request: bytes, context: grpc.ServicerContext) -> bytes:
            options = _call_options(context)
            response: bytes = _passing_errors(context, lambda: call(request, **options))
            self._record(context, name, UNARY[name], request, [response])
            return response

        return forward

    def _streamed(self, path: str, name: str) -> Callable[[bytes, grpc.ServicerContext], Iterator[bytes]]:
        call = self._upstream.unary_stream(path)

        def forward(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            options = _call_options(context)
            # Collect all responses first: the call is recorded, and may be lost, before the first response is sent.
            responses: list[bytes] = _passing_errors(context, lambda: list(call(request, **options)))
            self._record(context, name, STREAMED[name], request, responses)
            yield from responses

        return forward

    def _record(
        self, context: grpc.ServicerContext, name: str, rpc: Rpc, request: bytes, responses: list[bytes]
    ) -> None:
        measured = rpc.measure(request, responses)
        if measured.query is not None:
            self._recorder.note_query(measured.query)
        try:
            self._recorder.record(Call("firestore", name, self._caller, measured.resource, measured.amounts))
        except AnswerLost:
            context.abort(grpc.StatusCode.UNAVAILABLE, "The answer was lost.")


def channel(address: str) -> grpc.Channel:
    """A channel to the emulator for the proxies of all functions; it connects when the emulator is ready."""
    upstream: grpc.Channel = grpc.insecure_channel(address, options=_UNLIMITED)
    return upstream


def _call_options(context: grpc.ServicerContext) -> dict[str, Any]:
    """The caller's metadata and deadline, as arguments of the call to the emulator."""
    metadata = [(key, value) for key, value in context.invocation_metadata() if not key.startswith(_HOP_BY_HOP)]
    return {"metadata": metadata, "timeout": context.time_remaining()}


def _passing_errors(context: grpc.ServicerContext, call: Callable[[], Any]) -> Any:
    """The emulator's response; an error is returned with its code, message and details."""
    try:
        return call()
    except grpc.RpcError as failure:
        error: Any = failure  # documented to be a grpc.Call too
        trailing = error.trailing_metadata() or ()
        context.set_trailing_metadata([item for item in trailing if not item[0].startswith(_HOP_BY_HOP[1:])])
        return context.abort(error.code(), error.details())
