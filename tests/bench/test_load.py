"""The generator of load: open loop, and delays from when requests are due."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest
from werkzeug import Request, Response

from bench.load import Instance, Load
from bench.visit import Asked
from local.services.kit.servers import HttpServer
from tests.support.programs import run

_STALL = 0.4


@pytest.fixture
def stalling() -> Iterator[int]:
    """The port of a server whose first answer takes _STALL seconds."""
    first = iter([_STALL])

    def answer(_request: Request) -> Response:
        time.sleep(next(first, 0.0))
        return Response()

    server = HttpServer(Request.application(answer))
    yield server.port
    server.stop()


def test_requests_that_wait_behind_a_slow_answer_count_from_when_they_were_due(stalling: int) -> None:
    instance = Instance(stalling, psutil.Process(), ("Authorization", "Bearer none"))

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
