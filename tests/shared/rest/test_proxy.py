"""Calls through the proxy that the environment names."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from shared.rest.api import Api, Call
from shared.rest.connections import Connections
from shared.rest.errors import DeadlineExceeded, Unavailable
from tests.support.planned_server import PlannedServer, until

CALL = Call("/v1/things:get", "name=things", {"thing": 1})
pytestmark = [
    pytest.mark.filterwarnings("error::ResourceWarning"),
    pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning"),
]


@dataclass
class Proxy:
    """Connects each caller to the host that it names, whatever the name, at this address."""

    to: str
    answer: bytes = b"HTTP/1.1 200 Connection established\r\nvia: proxy\r\n\r\n"
    asked: list[str] = field(default_factory=list)
    open: int = 0

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        self.open += 1
        with suppress(OSError), caller, socket.create_connection(tuple(self.to.split(":"))) as server:  # type: ignore[arg-type]
            self.asked.append(caller.recv(4096).decode().split("\r\n")[0])
            caller.sendall(self.answer)
            threading.Thread(target=_pass, args=(server, caller), daemon=True).start()
            _pass(caller, server)
        self.open -= 1


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(secure_server: PlannedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    served = Proxy(secure_server.address)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=served.serve, args=(listening,), daemon=True).start()
        for name in ("https_proxy", "no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", "http://{}:{}".format(*listening.getsockname()))
        yield served
        listening.shutdown(socket.SHUT_RDWR)


def test_calls_go_through_the_proxy_on_a_connection_that_is_kept(proxy: Proxy, secure_server: PlannedServer) -> None:
    with Api(Connections("localhost:8443", secure=True)) as api:
        for _ in range(10):
            assert api.call(CALL, 5) == {}

    assert [asked.rpartition(" ")[0] for asked in proxy.asked] == ["CONNECT localhost:8443"]
    assert {call.headers["host"] for call in secure_server.calls} == {"localhost:8443"}
    until(lambda: proxy.open == 0)


def test_the_usual_port_is_named(proxy: Proxy) -> None:
    with Api(Connections("localhost", secure=True)) as api:
        api.call(CALL, 5)

    assert proxy.asked[0].startswith("CONNECT localhost:443 ")


def test_a_proxy_may_be_named_without_a_scheme(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", os.environ["HTTPS_PROXY"].removeprefix("http://"))
    with Api(Connections("localhost:8443", secure=True)) as api:
        assert api.call(CALL, 5) == {}
    assert len(proxy.asked) == 1


def test_a_host_that_needs_no_proxy_is_called_without_one(
    proxy: Proxy, secure_server: PlannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    with Api(Connections(secure_server.address, secure=True)) as api:
        assert api.call(CALL, 5) == {}

    assert not proxy.asked


def test_an_emulator_is_called_without_a_proxy(proxy: Proxy) -> None:
    with PlannedServer([{}]).serving() as server, Api(Connections(server.address, secure=False)) as api:
        assert api.call(CALL, 5) == {}

    assert not proxy.asked


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"nothing\r\n\r\n"])
def test_a_proxy_that_refuses_is_unavailable(proxy: Proxy, secure_server: PlannedServer, answer: bytes) -> None:
    proxy.answer = answer
    with Api(Connections("localhost:8443", secure=True)) as api, pytest.raises(Unavailable):
        api.call(CALL, 5)

    assert not secure_server.calls
    until(lambda: proxy.open == 0)


def test_a_proxy_that_does_not_answer_does_not_hold_a_call(proxy: Proxy, secure_server: PlannedServer) -> None:
    proxy.answer = b""
    with Api(Connections("localhost:8443", secure=True)) as api, pytest.raises(DeadlineExceeded):
        api.call(CALL, 0.3)

    assert not secure_server.calls
    until(lambda: proxy.open == 0)


def test_the_certificate_is_that_of_the_host_not_of_the_proxy(proxy: Proxy, secure_server: PlannedServer) -> None:
    with Api(Connections("kms.example:443", secure=True)) as api, pytest.raises(Unavailable, match="certificate"):
        api.call(CALL, 5)

    assert not secure_server.calls
