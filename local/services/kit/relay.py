"""Passes the bytes of a connection on to another one, both ways."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl

_MOST = 256 * 1024
"""Bytes of one direction that wait to be sent. While they do, no more are received: a slow reader slows its writer."""
_AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class _Direction:
    """The bytes on their way from `source` to `sink`."""

    def __init__(self, source: socket.socket, sink: socket.socket, waiting: bytes = b"") -> None:
        self._source, self._sink = source, sink
        self._waiting = bytearray(waiting)
        self._ended = False
        self.done = False
        """True when the source has ended and the sink knows it."""

    def move(self) -> bool:
        """Receive and send what goes at once; True if anything did. Raises OSError when a side broke."""
        if self.done:
            return False
        moved = self._receive()
        moved = self._send() or moved
        if self._ended and not self._waiting:
            end_of_stream(self._sink)
            self.done = True
        return moved

    def events(self) -> dict[int, int]:
        """What it waits for, by file. A TLS side that must read to write, or write to read, is rare: so both."""
        wanted = {}
        if not self._ended and len(self._waiting) < _MOST:
            wanted[self._source.fileno()] = select.POLLIN
        if self._waiting:
            wanted[self._sink.fileno()] = select.POLLOUT
        return {} if self.done else wanted

    def _receive(self) -> bool:
        if self._ended or len(self._waiting) >= _MOST:
            return False
        try:
            received = self._source.recv(_MOST)
        except _AGAIN:
            return False
        self._waiting += received
        self._ended = not received
        return True

    def _send(self) -> bool:
        if not self._waiting:
            return False
        try:
            sent = self._sink.send(self._waiting)
        except _AGAIN:
            return False
        del self._waiting[:sent]
        return sent > 0


def relay(client: socket.socket, server: socket.socket, received: bytes) -> None:
    """Pass on both ways what follows the bytes `received` from the client, until both sides have ended.

    A side that ended its own direction still receives the other one. Raises OSError when a side breaks.
    """
    client.setblocking(False)
    server.setblocking(False)
    directions = (_Direction(client, server, received), _Direction(server, client))
    while not all(one.done for one in directions):
        moved = [one.move() for one in directions]  # both, also if the first moved
        if not any(moved):
            _wait(directions)


def _wait(directions: tuple[_Direction, ...]) -> None:
    poll, wanted = select.poll(), dict[int, int]()
    for one in directions:
        for file, events in one.events().items():
            wanted[file] = wanted.get(file, 0) | events
    for file, events in wanted.items():
        poll.register(file, events)
    if wanted:
        poll.poll()


def end_of_stream(connection: socket.socket, how: int = socket.SHUT_WR) -> None:
    """Shut down a direction of a connection, which may be a TLS one that another thread uses.

    The method of an SSLSocket would go on without TLS.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, how)
