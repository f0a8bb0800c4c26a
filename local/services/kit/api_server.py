"""A server that speaks gRPC and REST at one address, as Google's hosts and its emulators do."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import grpc

from local.services.kit import http1
from local.services.kit.relay import end_of_stream, relay
from local.services.kit.rest import refusal
from local.services.kit.servers import LOOPBACK, GrpcServer

log = logging.getLogger(__name__)

_HTTP2 = b"PRI"
"""How every connection of HTTP/2 begins: gRPC's. No method of HTTP/1.1 begins so."""
_BACKLOG = 128
_HANDSHAKE_SECONDS = 10.0
_GRACE = 0.5
"""Seconds that calls have to end when the server stops; it waits no longer than they take."""


class ApiServer:
    """Serves gRPC handlers, and REST by `answer`, at `address`; with `certificate` (key, chain in PEM) over TLS.

    A connection of gRPC is passed on to a gRPC server; one of HTTP/1.1 is answered here, by a thread of its own.
    """

    def __init__(
        self,
        handlers: Iterable[grpc.GenericRpcHandler],
        answer: http1.Answer,
        certificate: tuple[bytes, bytes] | None = None,
        port: int = 0,
    ) -> None:
        """`port` 0 is a free one. Raises OSError when the port is taken."""
        self._answer = answer
        self._tls = _context(*certificate) if certificate else None
        self._listener = socket.create_server((LOOPBACK, port), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"{'localhost' if certificate else LOOPBACK}:{self.port}"
        self._grpc = GrpcServer(handlers)
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._stopping = False
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """End all connections: first those without a call, and after a moment all others."""
        self._stopping = True
        while self._acceptor.is_alive():
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), timeout=1):
                pass  # wakes the acceptor
            self._acceptor.join(0.1)
        self._listener.close()
        for connection in self._connections().values():
            end_of_stream(connection, socket.SHUT_RD)
        self._grpc.stop()
        self._join(_GRACE)
        for connection in self._connections().values():
            end_of_stream(connection, socket.SHUT_RDWR)
        self._join(_GRACE)

    def _connections(self) -> dict[threading.Thread, socket.socket]:
        with self._lock:
            return dict(self._open)

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._connections():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the client is gone already, or there are too many open files
                time.sleep(0.01)
                continue
            if self._stopping:
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._converse(self._secured(connection))
        except Exception:
            log.exception("a connection failed")
        finally:
            with self._lock:
                self._open.pop(threading.current_thread()).close()

    def _secured(self, connection: socket.socket) -> socket.socket:
        """The connection after the handshake of TLS. Raises OSError if that fails."""
        if self._tls is None:
            return connection
        secured = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:  # the plain socket is detached now
            self._open[threading.current_thread()] = secured
        secured.settimeout(_HANDSHAKE_SECONDS)
        secured.do_handshake()
        secured.settimeout(None)
        return secured

    def _converse(self, connection: socket.socket) -> None:
        received = b""
        while len(received) < len(_HTTP2) and _HTTP2.startswith(received):
            more = connection.recv(65_536)
            if not more:
                return
            received += more
        if not received.startswith(_HTTP2):
            http1.serve(connection, received, self._answer, refusal)
            return
        with socket.create_connection((LOOPBACK, self._grpc.port)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay(connection, server, received)


def _context(key: bytes, chain: bytes) -> ssl.SSLContext:
    """A TLS server's context. Python reads keys and certificates from files only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "tls.pem")
        file.touch(mode=0o600)
        file.write_bytes(key + chain)
        context.load_cert_chain(file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context
