"""How the server speaks HTTP/1.1: a thread a connection, which is kept open from call to call."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple, Protocol

from local.services.kit.rest import STATUSES
from tests.support.planned_server.answers import Answer, Failure, Half, Last, Late, Raw

_STREAMING = ("batchGet", "runQuery", "runAggregationQuery")
"""The methods that answer with a stream: an array, also of an error."""
_LONGEST_SILENCE = 5.0
"""Seconds."""


class PlannedCall(NamedTuple):
    """What was sent."""

    method: str
    path: str
    """Without the query."""
    content: Any
    """Parsed if it is JSON, else text; None for none."""
    headers: Mapping[str, str]
    """By their names in lower case."""
    query: str = ""


class Plan(Protocol):
    """What decides the answers."""

    chunked: bool
    hang: threading.Event
    ended: threading.Event

    def came(self, call: PlannedCall) -> None: ...

    def answer_to(self, call: PlannedCall, /) -> Answer: ...

    def accepted(self, connection: socket.socket) -> None: ...

    def closed(self, connection: socket.socket) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, plan: Plan, host: str, tls: ssl.SSLContext | None) -> None:
        self.plan, self._tls = plan, tls
        super().__init__((host, 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is not None:  # the handshake is made in the thread of the connection, by its first read
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.plan.accepted(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.plan.closed(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a caller that closes its connection is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize: ClassVar[int] = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._call()

    def do_POST(self) -> None:
        self._call()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: `calls` has them."""

    def _call(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        call = PlannedCall(
            self.command,
            self.path.partition("?")[0],
            _parsed(body),
            {name.lower(): value for name, value in self.headers.items()},
            self.path.partition("?")[2],
        )
        self.server.plan.came(call)
        self._answer(self.server.plan.answer_to(call))

    def _answer(self, answer: Answer) -> None:
        match answer:
            case None:
                self._wait()
                self.close_connection = True
            case Late(later):
                if self._wait():
                    self._answer(later)
            case Half(whole):
                self.close_connection = True
                if whole is not None:
                    self._send(*self._content(whole), half=True)
            case Last(last, said):
                self._send(*self._content(last), closing=said)
                self.close_connection = True
            case _:
                self._send(*self._content(answer))

    def _wait(self) -> bool:
        """Wait until `hang` is set; False if the caller closes the connection before."""
        deadline = time.monotonic() + _LONGEST_SILENCE
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        while time.monotonic() < deadline and not self.server.plan.hang.wait(0.005):
            if poll.poll(0):
                self.server.plan.ended.set()
                self.close_connection = True
                return False
        return True

    def _content(self, answer: Answer) -> tuple[int, bytes]:
        """The status and the content of an answer."""
        match answer:
            case Raw(status, content):
                return status, content
            case Failure(code, after):
                status = STATUSES[code]
                error = {"error": {"code": status, "message": "planned", "status": code}}
                if self.path.partition("?")[0].rpartition(":")[2] not in _STREAMING:
                    return status, _json(error)
                return (200 if after else status), _json([*after, error])
        return 200, _json(answer)

    def _send(self, status: int, content: bytes, *, half: bool = False, closing: bool = False) -> None:
        sent = content[: len(content) // 2] if half else content
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=UTF-8")
        if closing:
            self.send_header("connection", "close")
        if self.server.plan.chunked:
            self.send_header("transfer-encoding", "chunked")
            sent = b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b""
            sent += b"" if half else b"0\r\n\r\n"
        else:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(sent)
        self.wfile.flush()


def _json(answer: Any) -> bytes:
    return json.dumps(answer, indent=2).encode()  # in lines, as Google writes it


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode()
