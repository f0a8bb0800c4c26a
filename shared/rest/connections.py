"""Connections to the host of an API: HTTP/1.1, kept open from call to call."""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections import deque
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

from shared.rest.http1 import Connection, SecureConnection
from shared.singleton import singleton

_MOST = 64
"""Idle connections: more than the requests of an instance ask for at once."""
_IDLE_SECONDS = 120.0
"""Google's front end, and networks on the way, close connections that were idle for longer."""
_PROBES = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 50_000}
"""A connection whose other end is gone fails within 50 seconds (the last is in milliseconds), as Google's clients have
it for Firestore, however long the call may take."""


class Connections:
    """Connections to one address. Thread-safe; each connection is used by one thread at a time."""

    def __init__(self, address: str, *, secure: bool) -> None:
        """`address` is a host, with or without a port."""
        self._address = address
        self.host, _, port = address.partition(":")
        self._port = int(port) if port else None
        self._secure = secure
        self._proxy = _proxy_for(self.host) if secure else None
        self._idle: deque[tuple[Connection, float]] = deque()

    def take(self, seconds: float) -> Connection:
        """A connection that has no call. Raises OSError when none can be made; each step of that may take so long."""
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                connection, since = self._idle.pop()
                if monotonic() - since < _IDLE_SECONDS and not _is_dropped(connection):
                    return connection
                connection.close()
        return self._made(seconds)

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer was read, unless that said that it is the last, or enough are kept."""
        if connection.sock is None:
            return
        if len(self._idle) < _MOST:
            self._idle.append((connection, monotonic()))
        else:
            connection.close()

    def close(self) -> None:
        """Close the connections that have no call."""
        while self._idle:
            self._idle.pop()[0].close()

    def _made(self, seconds: float) -> Connection:
        host, port = self._proxy or (self.host, self._port)
        if self._secure:
            connection: Connection = SecureConnection(host, port, timeout=seconds, context=_tls())
        else:
            connection = Connection(host, port, timeout=seconds)
        connection.authority = self._address
        if self._proxy is not None:
            connection.set_tunnel(self.host, self._port)
        try:
            connection.connect()
        except BaseException:
            connection.close()  # which has a socket if a proxy did not answer
            raise
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _PROBES.items():
            with suppress(AttributeError, OSError):  # not every system has all of them
                connection.sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return connection


def _is_dropped(connection: Connection) -> bool:
    """True if the other end closed an idle connection, or sent what nobody asked for."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _proxy_for(host: str) -> tuple[str, int] | None:
    """Host and port of the proxy to HTTPS that the environment names for this host, as for Google's clients. It is
    spoken to without TLS, and has no password."""
    if not any(name in os.environ for name in ("HTTPS_PROXY", "https_proxy")):  # noqa: TID251 - of the system
        return None
    from urllib.request import getproxies_environment, proxy_bypass

    named = getproxies_environment().get("https", "")
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    return None if proxy.hostname is None or proxy_bypass(host) else (proxy.hostname, proxy.port or 80)


@singleton
def _tls() -> ssl.SSLContext:
    """Trusts the certificates that the system trusts; those of certifi on one that has none."""
    context, system = ssl.create_default_context(), ssl.get_default_verify_paths()
    if not (system.cafile or system.capath):
        import certifi

        context.load_verify_locations(cadata=certifi.contents())
    context.set_alpn_protocols(["http/1.1"])
    return context
