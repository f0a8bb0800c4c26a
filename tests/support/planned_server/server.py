"""The server and its plan."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest

from shared.rest import connections
from tests.support.planned_server.answers import Answer
from tests.support.planned_server.http1 import PlannedCall, Server


@dataclass
class PlannedServer:
    """Answers each call with the next answer that was planned, and then as it did last."""

    planned: list[Answer] = field(default_factory=list)
    calls: list[PlannedCall] = field(default_factory=list)
    connections: int = 0
    """How many were accepted."""
    left: list[float] = field(default_factory=list)
    """The seconds that each call gave the server."""
    chunked: bool = True
    """Answers come in chunks, as from Google; else with their length."""
    hang: threading.Event = field(default_factory=threading.Event)
    """Set to let calls end that answer nothing, or late."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when the caller closes the connection of a call that answers nothing, or late."""
    host: str = "127.0.0.1"
    address: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: set[socket.socket] = field(default_factory=set)

    @contextmanager
    def serving(self, certificate: tuple[bytes, bytes] | None = None) -> Iterator[Self]:
        """Serve at `address`; with a certificate (key, chain in PEM) over TLS."""
        server = Server(self, self.host, None if certificate is None else _tls(certificate))
        self.address = f"{self.host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="planned server", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.hang.set()
            server.shutdown()
            self.drop()
            server.server_close()
            thread.join()

    @property
    def open(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def drop(self) -> None:
        """Close all connections, as a server does with those that are idle, and wait until they are."""
        for one in [*self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        until(lambda: not self._open)

    def answer_to(self, _call: PlannedCall) -> Answer:
        """The planned answer to this call."""
        with self._lock:
            return self.planned.pop(0) if len(self.planned) > 1 else self.planned[0]

    def came(self, call: PlannedCall) -> None:
        """Record a call."""
        with self._lock:
            self.calls.append(call)
            if seconds := call.headers.get("x-server-timeout"):
                self.left.append(float(seconds))

    def accepted(self, connection: socket.socket) -> None:
        """Record a connection."""
        with self._lock:
            self.connections += 1
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Record that a connection is closed."""
        with self._lock:
            self._open.discard(connection)


def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until this is true. Raises AssertionError if it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)  # tests replace time.sleep


def _tls(certificate: tuple[bytes, bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:  # the context reads files only
        file = Path(folder) / "tls.pem"
        file.write_bytes(b"\n".join(certificate))
        context.load_cert_chain(file)
    return context


@contextmanager
def trusting(authority: Path) -> Iterator[None]:
    """While the connections that this process makes trust no certificates but those of this authority."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(authority))
        environment.setenv("REQUESTS_CA_BUNDLE", str(authority))
        connections._tls.cache_clear()
        yield
    connections._tls.cache_clear()
