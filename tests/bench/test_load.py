"""The generator of load: open loop, and delays from when requests are due."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from bench.load import Instance, Load
from bench.visit import Asked
from tests.support.programs import run

_STALL = 0.4


@pytest.fixture
def stalling() -> Iterator[ThreadingHTTPServer]:
    """A server whose first answer takes _STALL seconds."""
    first = iter([_STALL])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(next(first, 0.0))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_requests_that_wait_behind_a_slow_answer_count_from_when_they_were_due(stalling: ThreadingHTTPServer) -> None:
    instance = Instance(stalling.server_address[1], psutil.Process(), ("Authorization", "Bearer none"))

    delays = instance._send(lambda: Asked("GET", "/", {}), 1, 0.8, 20.0)

    assert len(delays) in (16, 17), "none is left out"
    assert delays[0] >= _STALL
    assert delays[3] > _STALL - 0.2, "it was due 0.15 s after the first, and waited for it"
    assert delays[-1] < delays[0] / 2


def test_percentiles_are_of_the_delays() -> None:
    one = Load("GET patient", 1, 100.0, [number / 100 for number in range(101)], 0.003, 0.0004)

    assert one.percentile(50) == pytest.approx(0.5)
    assert one.percentile(99) == pytest.approx(0.99)


@pytest.mark.long
def test_an_instance_answers_under_load() -> None:
    code, output = run("from bench import load; load.CONCURRENCIES = (1, 2); raise SystemExit(len(load.run(1)))")

    rows = [line for line in output.splitlines() if "at once" in line]
    assert code == 0
    assert [row.split(",")[0].strip() for row in rows] == ["GET patient", "GET patient", "POST patient", "POST patient"]
