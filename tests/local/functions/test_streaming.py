"""Streamed responses through the gateway: parts arrive as they are sent; each end notices when the other is gone."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.staging import stage
from local.services.functions.processes import Functions
from local.services.functions.responses import FunctionDown
from local.stack.gateway import Gateway
from tests.support.toy_functions import toy_catalogue, write_functions

STREAM = """
    import os, time
    from pathlib import Path

    from flask import Response

    folder = Path(os.environ["FOLDER"])

    def parts(name):
        try:
            number = 0
            while not (folder / f"{name}.finish").exists():
                yield f"{number}\\n"
                number += 1
                time.sleep(0.02)
            yield "last\\n"
        finally:
            (folder / f"{name}.closed").touch()

    def main(request):
        if request.path.endswith("/whole"):
            return "whole"
        return Response(parts(request.path.rpartition("/")[2]), mimetype="text/event-stream", headers={"X-Own": "1"})
"""
CATALOGUE = toy_catalogue(
    stream={"kind": "http", "path": "/stream"}, short={"kind": "http", "path": "/short", "timeout": 1}
)


@pytest.fixture
def functions(tmp_path: Path) -> Iterator[Functions]:
    root = write_functions(tmp_path / "functions", {"stream": STREAM, "short": STREAM})
    environment = {"FOLDER": str(tmp_path)}
    functions = Functions(
        CATALOGUE, lambda name: stage(name, tmp_path / "build", root), lambda _: environment, tmp_path / "logs"
    )
    yield functions
    functions.stop()


@pytest.fixture
def gateway(functions: Functions) -> Iterator[Gateway]:
    gateway = Gateway(CATALOGUE)
    gateway.open(functions)
    yield gateway
    gateway.stop()


def opened(gateway: Gateway, path: str, method: str = "GET") -> http.client.HTTPResponse:
    """The response once its headers are there."""
    connection = http.client.HTTPConnection(gateway.url.removeprefix("http://"), timeout=20)
    connection.request(method, f"/api/v1{path}")
    return connection.getresponse()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_parts_arrive_while_the_function_still_sends(gateway: Gateway, tmp_path: Path) -> None:
    with closing(opened(gateway, "/stream/a")) as response:
        first = [response.readline(), response.readline()]
        (tmp_path / "a.finish").touch()
        rest = response.read().splitlines()

    assert first == [b"0\n", b"1\n"]
    assert rest[-1] == b"last"
    assert (response.status, response.headers["X-Own"]) == (200, "1")
    assert response.headers.get_all("Transfer-Encoding") == ["chunked"]
    assert (tmp_path / "a.closed").exists()


def test_a_response_of_known_length_stays_whole(gateway: Gateway) -> None:
    with closing(opened(gateway, "/stream/whole")) as response:
        assert (response.headers["Content-Length"], response.read()) == ("5", b"whole")


def test_the_head_of_a_stream_has_no_body_and_leaves_nothing_open(gateway: Gateway, tmp_path: Path) -> None:
    with closing(opened(gateway, "/stream/a", "HEAD")) as response:
        assert (response.status, response.headers["X-Own"], response.read()) == (200, "1", b"")
    assert not (tmp_path / "a.closed").exists(), "the generator was never started"


def test_the_function_notices_that_the_client_is_gone(gateway: Gateway, tmp_path: Path) -> None:
    with closing(opened(gateway, "/stream/a")) as response:
        response.readline()

    wait_for((tmp_path / "a.closed").exists)


def test_the_client_notices_that_the_function_was_killed(gateway: Gateway, functions: Functions) -> None:
    with closing(opened(gateway, "/stream/a")) as response:
        response.readline()
        functions.kill("stream")

        with pytest.raises(http.client.IncompleteRead):
            response.read()
    with closing(opened(gateway, "/stream/whole")) as again:
        assert again.read() == b"whole"


def test_a_stream_is_broken_off_at_the_timeout_of_its_function(gateway: Gateway, functions: Functions) -> None:
    functions.request("short", "GET", "/api/v1/short/whole")  # started before the timeout is measured
    started = time.monotonic()

    with closing(opened(gateway, "/short/a")) as response, pytest.raises(http.client.IncompleteRead):
        response.read()

    assert 0.9 < time.monotonic() - started < 10


def test_a_request_for_the_whole_response_fails_if_a_stream_breaks_off(functions: Functions) -> None:
    with pytest.raises(FunctionDown, match="broke off"):
        functions.request("short", "GET", "/api/v1/short/a")


def test_an_open_stream_does_not_hinder_the_end_of_the_functions(gateway: Gateway, functions: Functions) -> None:
    with closing(opened(gateway, "/stream/a")) as response:
        response.readline()
        started = time.monotonic()
        functions.stop()
        gateway.stop()

        assert time.monotonic() - started < 5
        with pytest.raises(http.client.IncompleteRead):
            response.read()
