"""One address for gRPC and REST, plain and over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import grpc
import pytest

from local.services.kit import http1
from local.services.kit.api_server import ApiServer
from local.services.kit.http1 import HttpRequest, HttpResponse
from local.services.kit.servers import certificate

LIMIT = 11 * 1024 * 1024
PART = bytes(range(256)) * 1024


class Echo(grpc.GenericRpcHandler):
    """Answers with what it gets, by call or by stream."""

    def service(self, handler_call_details: Any) -> Any:
        if handler_call_details.method.endswith("Stream"):
            return grpc.stream_stream_rpc_method_handler(lambda requests, _context: requests)
        return grpc.unary_unary_rpc_method_handler(lambda request, _context: request)


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, request.body or request.path.encode(), "text/plain")


@contextmanager
def serving(chain: tuple[bytes, bytes] | None = None, answer: http1.Answer = echo) -> Iterator[ApiServer]:
    before = threading.active_count()
    server = ApiServer([Echo()], answer, chain)
    try:
        yield server
    finally:
        server.stop()
    until(lambda: threading.active_count() <= before)


def until(condition: Any) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(params=["plain", "tls"])
def server(request: pytest.FixtureRequest, certificate_folder: Path) -> Iterator[ApiServer]:
    with serving(certificate(certificate_folder) if request.param == "tls" else None) as server:
        yield server


@pytest.fixture
def http(server: ApiServer, certificate_folder: Path) -> Iterator[HTTPConnection]:
    host, _, port = server.address.partition(":")
    if host == "localhost":
        trusted = ssl.create_default_context(cafile=str(certificate_folder / "tls.crt"))
        connection: HTTPConnection = HTTPSConnection(host, int(port), timeout=10, context=trusted)
    else:
        connection = HTTPConnection(host, int(port), timeout=10)
    yield connection
    connection.close()


@pytest.fixture
def channel(server: ApiServer, certificate_folder: Path) -> Iterator[grpc.Channel]:
    if server.address.startswith("localhost"):
        credentials = grpc.ssl_channel_credentials((certificate_folder / "tls.crt").read_bytes())
        channel = grpc.secure_channel(server.address, credentials)
    else:
        channel = grpc.insecure_channel(server.address)
    with channel:
        yield channel


@pytest.fixture
def plain() -> Iterator[socket.socket]:
    """A bare connection to a server without TLS."""
    with serving() as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        yield connection


def received(connection: socket.socket, end: bytes = b"") -> str:
    """What arrives until this end, or until the server hangs up."""
    text = b""
    while (part := connection.recv(65_536)) and not (end and (text + part).endswith(end)):
        text += part
    return (text + part).decode()


def test_both_protocols_are_spoken_at_one_address(http: HTTPConnection, channel: grpc.Channel) -> None:
    call = channel.unary_unary("/echo/Call")
    for number in range(3):
        http.request("POST", "/", str(number))
        assert http.getresponse().read() == str(number).encode()
        assert call(f"by gRPC {number}".encode()) == f"by gRPC {number}".encode()


def test_a_connection_is_kept_for_many_calls(http: HTTPConnection) -> None:
    http.connect()
    port = http.sock.getsockname()[1]
    for number in range(200):
        http.request("GET", f"/{number}")
        assert http.getresponse().read() == f"/{number}".encode()
    assert http.sock.getsockname()[1] == port


def test_large_bodies_go_both_ways(http: HTTPConnection, channel: grpc.Channel) -> None:
    body = PART * 16
    http.request("POST", "/", body)
    assert http.getresponse().read() == body
    assert channel.unary_unary("/echo/Call")(body[: 3 * 2**20]) == body[: 3 * 2**20]


def test_a_stream_of_grpc_goes_both_ways_at_once(channel: grpc.Channel) -> None:
    turns = threading.Semaphore(1)

    def requests() -> Iterator[bytes]:
        for number in range(20):
            turns.acquire()
            yield str(number).encode()

    answers = []
    for answer in channel.stream_stream("/echo/Stream")(requests(), timeout=10):
        answers.append(int(answer))
        turns.release()
    assert answers == list(range(20))


def test_a_slow_reader_of_a_stream_slows_its_writer_and_loses_nothing(channel: grpc.Channel) -> None:
    sent = []

    def requests() -> Iterator[bytes]:
        for number in range(200):
            sent.append(number)
            yield PART

    answers = channel.stream_stream("/echo/Stream")(requests(), timeout=30)
    assert next(answers) == PART
    time.sleep(0.3)
    assert len(sent) < 200
    assert sum(1 for answer in answers if answer == PART) == 199


def test_several_connections_are_answered_at_once() -> None:
    together = threading.Barrier(8)

    def meet(request: HttpRequest) -> HttpResponse:
        together.wait(10)
        return echo(request)

    with serving(answer=meet) as server:
        connections = [HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(8)]
        for connection in connections:
            connection.request("GET", "/met")
        assert [connection.getresponse().read() for connection in connections] == [b"/met"] * 8
        for connection in connections:
            connection.close()


def test_it_stops_with_open_connections(certificate_folder: Path) -> None:
    for chain in (None, certificate(certificate_folder)):
        with serving(chain) as server:
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
            idle[1].sendall(b"POST / HTTP/1.1\r\nContent-Le")
            idle[2].sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            began = time.monotonic()
        assert time.monotonic() - began < 4
        for connection in idle:
            connection.close()


def test_a_call_in_flight_is_answered_when_it_stops() -> None:
    begun = threading.Event()

    def take_time(request: HttpRequest) -> HttpResponse:
        begun.set()
        time.sleep(0.05)
        return echo(request)

    with serving(answer=take_time) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/slow")
        assert begun.wait(10)
    assert connection.getresponse().read() == b"/slow"
    connection.close()


def test_a_port_that_is_taken_is_refused() -> None:
    with serving() as server, pytest.raises(OSError, match="in use"):
        ApiServer([], echo, port=server.port)


def test_a_request_may_arrive_in_pieces_and_two_in_one(plain: socket.socket) -> None:
    for byte in b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi":
        plain.sendall(bytes([byte]))
    assert received(plain, b"hi").startswith("HTTP/1.1 200 OK\r\n")
    plain.sendall(b"GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received(plain).count("HTTP/1.1 200 OK") == 2


def test_a_client_that_hangs_up_in_the_middle_harms_no_other(server: ApiServer, http: HTTPConnection) -> None:
    for text in (
        b"",
        b"P",
        b"POST / HT",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
        b"PRI * HTTP/2.0\r\n\r\nSM",
    ):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(text)
    http.request("GET", "/still")
    assert http.getresponse().read() == b"/still"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"\x16\x03\x01\x02\x00 a client hello of TLS", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 400),
        (b"GET nothing HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nName : spaced\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1), 413),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000, 431),
    ],
)
def test_what_is_no_request_is_refused_and_ends_the_connection(
    plain: socket.socket, request_text: bytes, status: int
) -> None:
    plain.sendall(request_text)
    answer = received(plain)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert f'"code":{status}' in answer
    assert "Connection: close" in answer


def test_the_largest_body_is_taken(plain: socket.socket) -> None:
    plain.sendall(b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % LIMIT + bytes(LIMIT))
    assert len(received(plain)) > LIMIT


def test_a_client_may_wait_before_it_sends_the_body(plain: socket.socket) -> None:
    plain.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert received(plain, b"\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n"
    plain.sendall(b"hi")
    assert received(plain, b"hi").startswith("HTTP/1.1 200")


def test_the_answer_to_head_has_no_body(plain: socket.socket) -> None:
    plain.sendall(b"HEAD /abc HTTP/1.1\r\n\r\n")
    assert "Content-Length: 4" in received(plain, b"\r\n\r\n")


def test_a_failing_answer_ends_its_connection_only(http: HTTPConnection, server: ApiServer) -> None:
    del server

    def fail(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with serving(answer=fail) as failing, socket.create_connection(("127.0.0.1", failing.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert received(connection) == ""
    http.request("GET", "/other")
    assert http.getresponse().read() == b"/other"
