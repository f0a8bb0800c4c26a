"""A gRPC server that answers as it was planned: with messages, with errors, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import grpc

from local.services.kit.servers import GrpcServer

Answers = list[Any]
"""What a call answers, in turn: messages, then perhaps a status code that ends it, or None to answer nothing."""


@dataclass
class PlannedServer(grpc.GenericRpcHandler):
    """Answers each call with the next answers that were planned, and then as it did last."""

    planned: list[Answers] = field(default_factory=list)
    calls: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    """Path, content and headers of each."""
    left: list[float] = field(default_factory=list)
    """The seconds that each had before its deadline when it came."""
    streaming: Collection[str] = ()
    """The methods that answer with a stream."""
    hang: threading.Event = field(default_factory=threading.Event)
    """Set to let calls end that answer nothing."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when a call ends that answers nothing."""
    address: str = ""

    @contextmanager
    def serving(self, certificate: tuple[bytes, bytes] | None = None) -> Iterator[Self]:
        """Serve at `address`; with a certificate (key, chain in PEM) over TLS."""
        server = GrpcServer([self], certificate)
        self.address = server.address
        try:
            yield self
        finally:
            self.hang.set()
            server.stop()

    def answers_to(self, request: bytes) -> Answers:
        """The planned answers to this request."""
        return self.planned.pop(0) if len(self.planned) > 1 else self.planned[0]

    def service(self, handler_call_details: Any) -> Any:
        path = handler_call_details.method

        def answer(request: bytes, context: Any) -> Iterator[bytes]:
            self.left.append(context.time_remaining())
            self.calls.append((path, request, dict(context.invocation_metadata())))
            for one in self.answers_to(request):
                if one is None:
                    if not context.add_callback(self.ended.set):
                        self.ended.set()  # the call had ended before
                    self.hang.wait(5)
                elif isinstance(one, grpc.StatusCode):
                    context.abort(one, "planned")
                else:
                    yield one.SerializeToString()

        if path.rpartition("/")[2] in self.streaming:
            return grpc.unary_stream_rpc_method_handler(answer)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: next(answer(request, context), b""))
