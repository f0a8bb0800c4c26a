"""What a call sends, and how it ends: with an answer, an error, or neither."""

from __future__ import annotations

import platform
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google.api_core.gapic_v1 import routing_header
from hypothesis import given
from hypothesis import strategies as st

from shared.rest.api import Api, Call, routing
from shared.rest.connections import Connections
from shared.rest.errors import Aborted, ApiError, DeadlineExceeded, Internal, Unavailable
from shared.rest.opening import open_plain_api
from tests.support.planned_server import CUT, Failure, Half, PlannedServer, Raw, until

CALL = Call("/v1/things:get", "name=things", {"thing": "1"})
STREAM = CALL._replace(path="/v1/things:runQuery")
SECONDS = 5.0

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_a_call_sends_its_content_and_who_calls(server: PlannedServer, api: Api) -> None:
    api.call(CALL, SECONDS)

    [sent] = server.calls
    assert (sent.method, sent.path, sent.content) == ("POST", CALL.path, CALL.content)
    assert sent.headers == {
        "host": server.address,
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": str(len('{"thing":"1"}')),
        "x-goog-request-params": "name=things",
        "x-goog-api-client": f"gl-python/{platform.python_version()}",
        "x-server-timeout": sent.headers["x-server-timeout"],
    }
    assert SECONDS - 1 < server.left[0] <= SECONDS


def test_a_call_without_content_asks_only(server: PlannedServer, api: Api) -> None:
    api.call(Call("/v1/keys/1/publicKey", "name=keys/1"), SECONDS)

    [sent] = server.calls
    assert (sent.method, sent.path, sent.content) == ("GET", "/v1/keys/1/publicKey", None)


def test_an_api_without_routing_gets_no_parameter(server: PlannedServer, api: Api) -> None:
    api.call(Call("/v1/things", content={}), SECONDS)

    assert "x-goog-request-params" not in server.calls[0].headers


def test_headers_of_an_api_go_with_every_call(server: PlannedServer) -> None:
    with open_plain_api(server.address, {"google-cloud-resource-prefix": "databases/(default)"}) as api:
        api.calls([CALL] * 2, SECONDS)

    assert [call.headers["google-cloud-resource-prefix"] for call in server.calls] == ["databases/(default)"] * 2


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[PlannedServer, Api]]:
    """A server, and an API of it, of all examples."""
    with PlannedServer([{}]).serving() as served, open_plain_api(served.address) as opened:
        yield served, opened


@given(
    st.dictionaries(st.text(max_size=5), json_values, max_size=3), json_values.filter(lambda answer: answer is not None)
)
def test_content_and_answer_come_as_they_were(
    echo: tuple[PlannedServer, Api], content: dict[str, Any], answer: Any
) -> None:
    server, api = echo
    server.planned = [{"answer": answer}]

    assert api.call(CALL._replace(content=content), SECONDS) == {"answer": answer}
    assert server.calls[-1].content == content


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_the_routing_parameter_is_that_of_googles_clients(value: str) -> None:
    [(_, expected)] = [routing_header.to_grpc_metadata([("name", value)])]

    assert routing("name", value) == expected


@pytest.mark.parametrize(
    "answer",
    [
        CUT,
        Half({"text": "x" * 100}),
        Half(1234567890),
        Raw(200, b""),
        Raw(200, b'{"a":'),
        Raw(200),
        Raw(200, b"\xff\xfe\x00"),
    ],
)
def test_an_answer_that_is_not_whole_is_unavailable(server: PlannedServer, api: Api, answer: Any) -> None:
    server.planned = [answer]

    with pytest.raises(Unavailable):
        api.call(CALL, SECONDS)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure("INTERNAL"), Internal),
        (Failure("INTERNAL", after=[{"document": {}}]), Internal),
        (Failure("ABORTED", after=[{}] * 1000), Aborted),
    ],
)
def test_a_stream_fails_at_its_beginning_or_later(
    server: PlannedServer, api: Api, failure: Failure, error: type[ApiError]
) -> None:
    server.planned = [failure]

    with pytest.raises(error, match="planned"):
        api.call(STREAM, SECONDS)


@pytest.mark.parametrize("element", [{"error": "text"}, {"error": {}}, {"error": None}, {"error": {"status": []}}])
def test_an_error_that_a_stream_does_not_describe_is_one(server: PlannedServer, api: Api, element: Any) -> None:
    server.planned = [[{"document": {}}, element]]

    with pytest.raises(ApiError):
        api.call(STREAM, SECONDS)


@pytest.mark.parametrize("answer", [[], [1, 2], [{"document": {"error": 1}}], ["error"], {"error": 1}, 7, "error"])
def test_any_other_answer_is_no_error(server: PlannedServer, api: Api, answer: Any) -> None:
    server.planned = [answer]

    assert api.call(CALL, SECONDS) == answer


def test_a_call_without_an_answer_ends_in_its_time(server: PlannedServer, api: Api) -> None:
    server.planned = [None]

    with ends_within(2), pytest.raises(DeadlineExceeded):
        api.call(CALL, 0.2)
    assert server.ended.wait(SECONDS), "its connection is closed"


def test_several_calls_have_the_time_of_one(server: PlannedServer, api: Api) -> None:
    server.planned = [None]

    with ends_within(2), pytest.raises(DeadlineExceeded):
        api.calls([CALL] * 8, 0.4)
    until(lambda: server.open == 0)


def test_a_call_that_has_no_time_is_not_sent(server: PlannedServer, api: Api) -> None:
    for seconds in (0, -1):
        with pytest.raises(DeadlineExceeded):
            api.call(CALL, seconds)

    assert not server.calls


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def drips(head: bytes, part: bytes) -> Callable[[socket.socket], None]:
    """Sends the head of an answer, and then so small a part of it again and again."""

    def served(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(HEAD + head)
        for _ in range(100):
            connection.sendall(part)
            time.sleep(0.05)

    return served


def reads_nothing(connection: socket.socket) -> None:
    time.sleep(1.6)


@pytest.mark.parametrize(
    ("behaviour", "secure", "content"),
    [
        (drips(b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"), False, {}),
        (drips(b"content-length: 1000\r\n\r\n", b" "), False, {}),
        (drips(b"connection: close\r\n\r\n", b" "), False, {}),
        (reads_nothing, False, {"large": "x" * 20_000_000}),
        (reads_nothing, True, {}),
    ],
    ids=["in chunks", "with a length", "until the end", "does not read", "makes no handshake"],
)
def test_a_server_that_is_slow_in_any_step_does_not_hold_a_call(
    behaviour: Callable[[socket.socket], None], secure: bool, content: Any
) -> None:
    with (
        behaving(behaviour) as address,
        Api(Connections(address, secure=secure)) as api,
        ends_within(1.5),
        pytest.raises(DeadlineExceeded),
    ):
        api.call(CALL._replace(content=content), 0.4)


def test_a_kept_connection_that_is_no_longer_read_does_not_hold_a_call() -> None:
    """The time of an earlier call is not that of this one."""

    def answers_once(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(HEAD + b"content-length: 2\r\n\r\n{}")
        reads_nothing(connection)

    with behaving(answers_once) as address, open_plain_api(address) as api:
        assert api.call(CALL, 60) == {}
        with ends_within(1.5), pytest.raises(DeadlineExceeded):
            api.call(CALL._replace(content={"large": "x" * 20_000_000}), 0.4)


@contextmanager
def behaving(behaviour: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that does this with its connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    behaviour(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield "{}:{}".format(*listening.getsockname())
        thread.join()


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """What is done takes no longer than so."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds
