"""A function that receives tasks on a free port and responds as a test says."""

from __future__ import annotations

import queue
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TIMEOUT = 10.0
"""Seconds."""
RESET = "reset"
"""Response that resets the connection, as a killed process does."""
HANG = "hang"
"""Response that does not come before the test ends."""


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


class Server(ThreadingHTTPServer):
    def shutdown_request(self, request: Any) -> None:
        """Close without a shutdown: a shutdown would turn the reset into a normal close."""
        self.close_request(request)


class Worker:
    """A function on a free port: records requests and responds with the statuses set by the test, then with 200."""

    def __init__(self) -> None:
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                worker.handle(self)

            def do_PUT(self) -> None:
                worker.handle(self)

            def log_message(self, *args: object) -> None:
                """Log nothing."""

        self.received: queue.Queue[Received] = queue.Queue()
        self._answers: queue.Queue[int | str] = queue.Queue()
        self._ended = threading.Event()
        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answers(self, *answers: int | str) -> None:
        for answer in answers:
            self._answers.put(answer)

    def next(self) -> Received:
        return self.received.get(timeout=TIMEOUT)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            answer = 200
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.received.put(Received(handler.command, handler.path, dict(handler.headers), body, time.time()))
        if answer == HANG:
            self._ended.wait()
        elif answer == RESET:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            handler.send_response(int(answer))
            handler.end_headers()

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
