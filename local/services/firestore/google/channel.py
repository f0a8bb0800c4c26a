"""Calls to the emulator by gRPC."""

from __future__ import annotations

from typing import Any

import grpc

from local.services.firestore.costs import STREAMED
from local.services.firestore.server import SERVICE
from local.services.kit.rpc import StatusError

_UNLIMITED = [("grpc.max_receive_message_length", -1)]


class EmulatorChannel:
    """A channel that connects when the emulator is ready."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address, options=_UNLIMITED)

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        """The emulator's responses. Raises StatusError with its code and message."""
        metadata = [("authorization", authorization)] if authorization else []
        path = SERVICE + method
        try:
            if method in STREAMED:
                return list(self._channel.unary_stream(path)(request, metadata=metadata, timeout=timeout))
            return [self._channel.unary_unary(path)(request, metadata=metadata, timeout=timeout)]
        except grpc.RpcError as failure:
            error: Any = failure  # documented to be a grpc.Call too
            raise StatusError(error.code(), error.details()) from None

    def close(self) -> None:
        self._channel.close()
