"""Bytes passed on between two connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from local.services.kit.relay import relay

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Pair]:
    """The two ends, of a client and of a server, between which a relay runs."""
    client, near = socket.socketpair()
    far, server = socket.socketpair()

    def run() -> None:
        with near, far, suppress(OSError):
            relay(near, far, b"first ")

    thread = threading.Thread(target=run)
    thread.start()
    client.settimeout(10)
    server.settimeout(10)
    with client, server:
        yield client, server
    thread.join(10)
    assert not thread.is_alive()


def all_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_was_received_before_goes_first(ends: Pair) -> None:
    client, server = ends
    client.sendall(b"second")
    client.shutdown(socket.SHUT_WR)
    assert all_of(server) == b"first second"


def test_a_side_that_ended_its_own_direction_still_receives(ends: Pair) -> None:
    client, server = ends
    client.shutdown(socket.SHUT_WR)
    assert all_of(server) == b"first "
    server.sendall(b"late")
    server.shutdown(socket.SHUT_WR)
    assert all_of(client) == b"late"


def test_megabytes_go_both_ways_at_once(ends: Pair) -> None:
    client, server = ends
    block = bytes(range(256)) * 4096 * 8

    def send(connection: socket.socket) -> None:
        connection.sendall(block)
        connection.shutdown(socket.SHUT_WR)

    senders = [threading.Thread(target=send, args=(end,)) for end in ends]
    results: list[bytes] = []
    reader = threading.Thread(target=lambda: results.append(all_of(client)))
    for thread in (*senders, reader):
        thread.start()
    assert all_of(server) == b"first " + block
    for thread in (*senders, reader):
        thread.join(10)
    assert results == [block]


def test_a_reader_that_does_not_read_stops_the_writer(ends: Pair) -> None:
    client, _server = ends
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.sendall(bytes(50 * 2**20))


def test_a_side_that_breaks_ends_both(ends: Pair) -> None:
    client, server = ends
    server.close()
    client.settimeout(5)
    with suppress(OSError):
        client.sendall(bytes(2**20))
    with suppress(ConnectionError):
        assert all_of(client) == b""
