"""Connections: kept from call to call, never used when something is left on them, and none is lost."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.services.kit.servers import certificate
from shared.rest import connections
from shared.rest.api import Api, Call
from shared.rest.connections import Connections
from shared.rest.errors import ApiError, DeadlineExceeded, Unavailable
from shared.rest.opening import open_plain_api
from tests.support.planned_server import CUT, Failure, Half, Last, Late, PlannedCall, PlannedServer, Raw, until

CALL = Call("/v1/things:get", "name=things", {"thing": 1})
SECONDS = 5.0
# Python warns of a socket that nobody closed.
pytestmark = [
    pytest.mark.filterwarnings("error::ResourceWarning"),
    pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning"),
]


class Counter(PlannedServer):
    """Answers what was asked, once all of a number of calls have come."""

    together: threading.Barrier | None = None

    def answer_to(self, call: PlannedCall) -> Any:
        if self.together is not None:
            self.together.wait(SECONDS)
        return call.content


def test_calls_one_after_another_share_a_connection(server: PlannedServer, api: Api) -> None:
    server.planned = [Failure("ABORTED"), Raw(502), {"n": 1}, {"n": 1}]

    for _ in range(50):
        try:
            api.call(CALL, SECONDS)
        except ApiError:
            continue

    assert (len(server.calls), server.connections) == (50, 1)


def test_calls_over_tls_share_a_connection(secure_server: PlannedServer) -> None:
    with Api(Connections(secure_server.address, secure=True)) as api:
        for _ in range(50):
            api.call(CALL, SECONDS)

    assert (len(secure_server.calls), secure_server.connections) == (50, 1)


def test_threads_have_connections_of_their_own() -> None:
    with Counter().serving() as server, open_plain_api(server.address) as api:
        server.together = threading.Barrier(8)

        def ask(number: int) -> Any:
            return [api.call(CALL._replace(content={"thread": number, "n": n}), SECONDS) for n in range(25)]

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(ask, range(8)))

        assert answers == [[{"thread": number, "n": n} for n in range(25)] for number in range(8)]
        assert server.connections == 8


def test_a_connection_that_the_server_closed_is_not_used(server: PlannedServer, api: Api) -> None:
    for _ in range(20):
        api.call(CALL, SECONDS)
        server.drop()

    assert server.connections == 20


def test_a_connection_that_the_server_closed_over_tls_is_not_used(secure_server: PlannedServer) -> None:
    with Api(Connections(secure_server.address, secure=True)) as api:
        for _ in range(20):
            api.call(CALL, SECONDS)
            secure_server.drop()

    assert secure_server.connections == 20


@pytest.mark.parametrize(("idle", "expected"), [(119.9, 1), (120.1, 2)])
def test_a_connection_that_was_idle_for_long_is_not_used(
    server: PlannedServer, api: Api, monkeypatch: pytest.MonkeyPatch, idle: float, expected: int
) -> None:
    now = [1000.0]
    monkeypatch.setattr(connections, "monotonic", lambda: now[0])

    api.call(CALL, SECONDS)
    now[0] += idle
    api.call(CALL, SECONDS)

    assert server.connections == expected
    until(lambda: server.open == 1)


def test_a_connection_on_which_something_came_unasked_is_not_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
        idle = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(answer)
            idle.wait(SECONDS)
            connection.sendall(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")
            unasked.set()
            other, _ = listening.accept()
            other.recv(4096)
            other.sendall(answer)
            connection.close()
            other.close()

        unasked = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        with open_plain_api(f"{host}:{port}") as api:
            assert api.call(CALL, SECONDS) == {}
            idle.set()
            assert unasked.wait(SECONDS)
            assert api.call(CALL, SECONDS) == {}
        thread.join()


def test_the_last_answer_of_a_connection_is_whole(server: PlannedServer, api: Api) -> None:
    server.planned = [Last({"text": "x" * 300_000})]

    for _ in range(3):
        assert len(api.call(CALL, SECONDS)["text"]) == 300_000

    assert server.connections == 3
    until(lambda: server.open == 0)


def test_a_connection_is_closed_without_a_word(server: PlannedServer, api: Api) -> None:
    server.planned = [Last({"n": 1}, said=False)]

    for number in range(3):
        assert api.call(CALL, SECONDS) == {"n": 1}
        until(lambda: server.open == 0)
        assert server.connections == number + 1


@pytest.mark.parametrize("answer", [CUT, Half({"text": "x" * 1000}), Half({"text": "x" * 300_000})])
def test_a_connection_that_broke_is_closed(server: PlannedServer, api: Api, answer: Any) -> None:
    server.planned = [answer, {"n": 1}]

    with pytest.raises(Unavailable):
        api.call(CALL, SECONDS)

    assert api.call(CALL, SECONDS) == {"n": 1}
    assert server.connections == 2
    until(lambda: server.open == 1)


def test_a_late_answer_is_never_that_of_another_call(server: PlannedServer, api: Api) -> None:
    server.planned = [Late({"late": True}), {"late": False}]

    with pytest.raises(DeadlineExceeded):
        api.call(CALL, 0.2)
    server.hang.set()

    for _ in range(10):
        assert api.call(CALL, SECONDS) == {"late": False}
    assert server.connections == 2
    until(lambda: server.open == 1)


def test_several_calls_are_under_way_at_once_and_answered_in_their_order() -> None:
    with Counter().serving() as server, open_plain_api(server.address) as api:
        for _ in range(3):
            server.together = threading.Barrier(6)
            asked = [CALL._replace(content={"n": n}) for n in range(6)]

            assert api.calls(asked, SECONDS) == [{"n": n} for n in range(6)]

        assert server.connections == 6
    assert api.calls([], SECONDS) == []


class ByNumber(PlannedServer):
    """Answers each call by the number that it sends."""

    def answer_to(self, call: PlannedCall) -> Any:
        return self.planned[call.content["n"]]


@pytest.mark.parametrize(("failure", "error", "kept"), [(Failure("ABORTED"), "ABORTED", 2), (CUT, "UNAVAILABLE", 1)])
def test_one_call_that_fails_ends_the_others(failure: Any, error: str, kept: int) -> None:
    with ByNumber([{"n": 0}, failure, None, None]).serving() as server, open_plain_api(server.address) as api:
        with pytest.raises(ApiError) as raised:
            api.calls([CALL._replace(content={"n": n}) for n in range(4)], SECONDS)

        assert raised.value.code == error
        until(lambda: (server.connections, server.open) == (4, kept))
        assert api.call(CALL._replace(content={"n": 0}), SECONDS) == {"n": 0}
        assert server.connections == 4, "those that were answered are kept"


def test_a_call_that_cannot_be_sent_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with ByNumber([None]).serving() as server, open_plain_api(server.address) as api:
        made, made_one = Connections._made, threading.Event()

        def refused(self: Connections, seconds: float) -> Any:
            if made_one.is_set():
                raise ConnectionRefusedError
            made_one.set()
            return made(self, seconds)

        monkeypatch.setattr(Connections, "_made", refused)

        with pytest.raises(Unavailable):
            api.calls([CALL._replace(content={"n": 0})] * 2, SECONDS)
        until(lambda: (server.connections, server.open) == (1, 0))


def test_a_refused_connection_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = "{}:{}".format(*listening.getsockname())

    with open_plain_api(address) as api, pytest.raises(Unavailable):
        api.call(CALL, SECONDS)


def test_a_host_without_an_address_is_unavailable() -> None:
    with open_plain_api("nowhere.invalid:1") as api, pytest.raises(Unavailable):
        api.call(CALL, SECONDS)


def test_nothing_is_sent_to_a_server_whose_certificate_is_not_trusted(
    certificate_folder: Path, tmp_path: Path, secure_server: PlannedServer
) -> None:
    with PlannedServer([{}]).serving(certificate(tmp_path)) as other:
        with Api(Connections(other.address, secure=True)) as api, pytest.raises(Unavailable, match="certificate"):
            api.call(CALL, SECONDS)
        until(lambda: other.open == 0)
        assert other.connections == 1
        assert not other.calls


def test_on_a_system_without_certificates_those_of_certifi_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = ssl.get_default_verify_paths()._replace(cafile="", capath="")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    trusted = []
    for system in (ssl.get_default_verify_paths()._replace(cafile="there"), none):
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda system=system: system)
        connections._tls.cache_clear()
        trusted.append(connections._tls().cert_store_stats()["x509_ca"])
    connections._tls.cache_clear()

    assert trusted[0] == 0
    assert trusted[1] > 100


@pytest.mark.usefixtures("secure_server")
def test_nothing_is_sent_to_a_server_with_the_certificate_of_another_host(
    certificate_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)  # of a stack, which lets nothing but calls of localhost through
    with PlannedServer([{}], host="127.0.0.2").serving(certificate(certificate_folder)) as other:
        with Api(Connections(other.address, secure=True)) as api, pytest.raises(Unavailable, match="certificate"):
            api.call(CALL, SECONDS)
        assert not other.calls


def test_no_more_are_kept_than_a_number_and_the_others_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST", 3)
    with Counter().serving() as server, open_plain_api(server.address) as api:
        server.together = threading.Barrier(5)
        api.calls([CALL] * 5, SECONDS)
        until(lambda: server.open == 3)


def test_no_socket_is_lost(server: PlannedServer) -> None:
    """Whatever calls end with: those that are idle are closed with the API, all others before."""
    process = psutil.Process()
    gc.collect()
    before = len(process.net_connections())
    ends = [
        {"n": 1},
        Failure("ABORTED"),
        Raw(502),
        Raw(200),
        CUT,
        Half([1, 2, 3]),
        Last({}),
        Last({}, said=False),
        None,
    ]
    with open_plain_api(server.address) as api:
        for end in ends * 3:
            server.planned = [end]
            try:
                api.calls([CALL, CALL], 0.05 if end is None else SECONDS)
            except ApiError:
                continue
    until(lambda: server.open == 0)

    assert len(process.net_connections()) <= before


def test_probes_find_a_connection_whose_other_end_is_gone(server: PlannedServer) -> None:
    kept = Connections(server.address, secure=False)
    made = kept.take(SECONDS)

    assert made.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert made.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert made.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 50_000
    kept.give_back(made)
    kept.close()
    until(lambda: server.open == 0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1:8443", ("127.0.0.1", 8443)), ("kms.internal", ("kms.internal", None))],
)
def test_an_address_has_a_port_or_the_usual_one(address: str, expected: tuple[str, int | None]) -> None:
    made = Connections(address, secure=True)
    assert (made.host, made._port) == expected
