"""Server-sent events: their format, and streams with a clock of the test; no I/O."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

import flask
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra import catalogue
from infra.catalogue import HttpFunction
from local.demo.seed import token
from local.services.kit.identity import PROJECT
from shared import settings
from shared.records.event import Event
from shared.records.problems import NotFound
from shared.records.record import Value
from shared.store.clinic import Clinic
from shared.web import event_stream, logs
from shared.web.api import Api
from shared.web.event_stream import MOST_OPEN, EventStream, Pace, Versions, event_frame, followed, retry_frame
from shared.web.operations import ANYONE

TRACE = "0af7651916cd43dd8448eb211c80319c"
ORIGIN = "https://app.clinic.example"


class Count(Value):
    """A state that changes."""

    count: int


def event(count: int, *, final: bool = False) -> Event[Count]:
    return Event(f"v{count}", Count(count=count), final)


@dataclass
class Source:
    """A state that has these versions at successive polls, and then stays; an exception among them is raised."""

    versions: list[Event[Count] | Exception]
    polls: int = 0
    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def poll(self) -> Event[Count]:
        version = self.versions[min(self.polls, len(self.versions) - 1)]
        self.polls += 1
        if isinstance(version, Exception):
            raise version
        return version

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.time, self.sleep)


@dataclass
class Received:
    """What a client of the standard takes from a stream."""

    events: list[tuple[str, str]]
    """Last event id and data of each event."""
    retry: int | None
    comments: int


def received(stream: bytes) -> Received:
    """Parse a stream as WHATWG HTML prescribes, section 9.2.6."""
    found, last_id, data = Received([], None, 0), "", list[str]()
    for line in re.split(r"\r\n|\r|\n", stream.decode()):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                found.events.append((last_id, "\n".join(data)))
            data = []
        elif name == "":
            found.comments += 1
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last_id = value
        elif name == "retry" and value.isdecimal():
            found.retry = int(value)
    return found


def stream_of(source: Source, seen: str = "", until: float = 50.0) -> Received:
    versions = Versions(source.poll, source.poll(), seen, clinical=False)
    return received(b"".join(followed(versions, until, source.pace)))


# The format

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)


@given(st.lists(st.tuples(VISIBLE, st.text(max_size=40)), max_size=4))
@example([("1", "a\r\nb\rc\n"), ("2", ""), ("3", ": x\n\nid: 4\ndata: y\n\n")])
def test_a_client_gets_each_event_with_its_id_whatever_the_data_contains(sent: list[tuple[str, str]]) -> None:
    frames = b"".join(event_frame(id, data) for id, data in sent)

    assert received(frames).events == [(id, re.sub(r"\r\n|\r", "\n", data)) for id, data in sent]


@given(st.text(max_size=10).filter(lambda text: not re.fullmatch(r"[\x21-\x7e]+", text)))
@example("")
@example("a\nb")
@example("a\0")
def test_an_id_that_no_client_would_send_back_is_refused(id: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        event_frame(id, "x")


def test_retry_is_in_milliseconds() -> None:
    assert received(retry_frame(5)) == Received([], 5000, 0)


# A stream


def test_a_stream_begins_with_the_current_version_and_sends_each_later_one_once() -> None:
    source = Source([event(1), event(1), event(2), event(2), event(5, final=True)])

    got = stream_of(source)

    assert got.events == [("v1", '{"count": 1}'), ("v2", '{"count": 2}'), ("v5", '{"count": 5}')]
    assert (got.retry, got.comments) == (1000, 2)
    assert source.slept == [event_stream.POLL_SECONDS] * 4


@pytest.mark.parametrize("seen", ["", "v0", "v9", "v1 ", "v1,v2", "ÿ"])
def test_a_client_with_any_other_id_gets_the_current_version(seen: str) -> None:
    assert stream_of(Source([event(1), event(2, final=True)]), seen).events[0][0] == "v1"


def test_a_resumed_stream_leaves_out_what_the_client_has_and_nothing_newer() -> None:
    assert [id for id, _ in stream_of(Source([event(1), event(2), event(3, final=True)]), "v1").events] == ["v2", "v3"]
    assert [id for id, _ in stream_of(Source([event(2), event(3, final=True)]), "v1").events] == ["v2", "v3"]


def test_a_stream_closes_in_time_and_has_written_after_each_poll() -> None:
    source = Source([event(1)])

    got = stream_of(source)

    assert [id for id, _ in got.events] == ["v1"]
    assert (source.time, source.polls, got.comments) == (50.0, 51, 50)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=12),
    st.integers(0, 4),
    st.floats(0, 20, allow_nan=False),
    st.booleans(),
)
def test_no_version_is_lost_and_none_is_repeated(counts: list[int], seen: int, until: float, ends: bool) -> None:
    seen = min(seen, *counts)  # the current version or an earlier one
    versions = [event(count) for count in sorted(counts)]
    source = Source([*versions, *([event(5, final=True)] if ends else [])])

    got = [id for id, _ in stream_of(source, f"v{seen}", until).events]

    polled = [version.id for version in source.versions[: source.polls] if isinstance(version, Event)]
    assert got == list(dict.fromkeys(id for id in polled if id != f"v{seen}"))


# The response

api = Api("counts")
SOURCE: list[Source] = []


@api.get("/{id}", roles=ANYONE)
def follow(clinic: Clinic, id: str) -> EventStream[Count]:
    """Follow a count."""
    clinic.visibility.narrow(clinical=False)  # as Clinic.perform does
    return EventStream(SOURCE[-1].poll)


@api.get("/{id}/unperformed", roles=ANYONE)
def unperformed(clinic: Clinic, id: str) -> EventStream[Count]:
    """Follow a count without a check of rights."""
    return EventStream(SOURCE[-1].poll)


Open = Callable[..., flask.Response]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens a stream of a source; the test iterates the response as a server does."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"GOOGLE_CLOUD_PROJECT": PROJECT, "LOG_LEVEL": "INFO", "CORS_ORIGINS": ORIGIN}.items():
            patch.setenv(name, value)
        patch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
        patch.setattr(logging.root, "handlers", [])
        patch.setattr(event_stream, "_OPEN", BoundedSemaphore(MOST_OPEN))
        forget()

        def send(source: Source, method: str = "GET", path: str = "/counts/c1", **headers: str) -> flask.Response:
            SOURCE.append(source)
            patch.setattr(event_stream, "PACE", source.pace)
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            sent = {"Authorization": f"Bearer {token('doctor-1', 'aster')}", **sent}
            with flask.Flask("counts").test_request_context(f"/api/v1{path}", method=method, headers=sent) as context:
                return api.handle(context.request)

        yield send
    forget()


def forget() -> None:
    settings.load.cache_clear()
    logs.configure.cache_clear()


@contextmanager
def served(response: flask.Response, method: str = "GET") -> Iterator[Iterator[bytes]]:
    """The body as a WSGI server iterates it, closed at the end."""
    body: Any = response.get_app_iter({"REQUEST_METHOD": method})
    try:
        yield iter(body)
    finally:
        body.close()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_stream_has_its_own_and_the_common_headers(opened: Open) -> None:
    response = opened(Source([event(1, final=True)]), Origin=ORIGIN)

    headers = dict(response.headers)
    assert (response.status_code, headers["Content-Type"]) == (200, "text/event-stream")
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Last-Event-ID" in headers["Access-Control-Allow-Headers"].split(", ")
    assert "Content-Length" not in headers
    assert "X-Request-Id" in headers


def test_the_final_version_that_the_client_has_is_204_and_no_stream(opened: Open) -> None:
    response = opened(Source([event(1, final=True)]), Last_Event_ID="v1")

    assert (response.status_code, response.get_data()) == (204, b"")
    assert opened(Source([event(2, final=True)]), Last_Event_ID="v1").status_code == 200
    assert opened(Source([event(1)]), Last_Event_ID="v1").status_code == 200


def test_the_log_line_of_a_stream_is_written_at_its_end_with_its_trace(
    opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    response = opened(Source([event(1), event(2, final=True)]), traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    with served(response) as body:
        assert next(body)
        assert lines(capsys) == []
        assert logs.request_id.get() == ""
        list(body)

    (line,) = lines(capsys)
    assert (line["message"], line["operation"], line["status"]) == ("request", "follow", 200)
    assert line["logging.googleapis.com/trace"].endswith(TRACE)
    assert logs.request_id.get() == ""


def test_an_error_before_the_first_byte_is_a_problem(opened: Open) -> None:
    assert opened(Source([NotFound()])).status_code == 404
    failed = opened(Source([RuntimeError("Asha Rao")]))
    assert (failed.status_code, failed.content_type) == (500, "application/problem+json")


def test_a_stream_that_no_transaction_allowed_is_not_opened(opened: Open) -> None:
    assert opened(Source([event(1)]), path="/counts/c1/unperformed").status_code == 500


def test_an_error_in_a_stream_ends_it_and_is_logged_with_its_trace_and_without_text(
    opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    source = Source([event(1), RuntimeError("Asha Rao")])

    with served(opened(source, traceparent=f"00-{TRACE}-b7ad6b7169203331-01")) as body:
        got = received(b"".join(body))

    assert [id for id, _ in got.events] == ["v1"]
    error, request = lines(capsys)
    assert (error["severity"], error["operation"], request["message"]) == ("ERROR", "follow", "request")
    assert error["error"].startswith("builtins.RuntimeError at ")
    assert "Asha" not in json.dumps(error)
    assert error["logging.googleapis.com/trace"].endswith(TRACE)


def test_a_problem_in_a_stream_ends_it_and_is_left_to_the_next_request(
    opened: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(opened(Source([event(1), NotFound()]))) as body:
        assert len(received(b"".join(body)).events) == 1

    assert [line["severity"] for line in lines(capsys)] == ["INFO"]


# How many at once


def test_above_the_bound_a_client_gets_the_current_version_and_a_longer_retry(opened: Open) -> None:
    streams = ExitStack()
    for _ in range(MOST_OPEN):
        assert received(next(streams.enter_context(served(opened(Source([event(1)])))))).retry == 1000

    with served(opened(Source([event(1)]))) as body:
        above = received(b"".join(body))
    with served(opened(Source([event(1)]), Last_Event_ID="v1")) as body:
        seen = received(b"".join(body))

    assert (above.retry, [id for id, _ in above.events]) == (5000, ["v1"])
    assert (seen.retry, seen.events) == (5000, [])
    streams.close()
    with served(opened(Source([event(1)]))) as body:
        assert received(next(body)).retry == 1000


@pytest.mark.parametrize("end", ["final", "time", "error", "client gone", "never sent", "HEAD"])
def test_a_stream_frees_its_place_however_it_ends(end: str, opened: Open) -> None:
    last: dict[str, Event[Count] | Exception] = {"final": event(2, final=True), "error": RuntimeError()}
    for _ in range(2 * MOST_OPEN):
        method = "HEAD" if end == "HEAD" else "GET"
        response = opened(Source([event(1), last.get(end, event(1))]), method)
        with served(response, method) as body:
            if end == "client gone":
                next(body)
            elif end != "never sent":
                list(body)

    with served(opened(Source([event(1)]))) as body:
        assert received(next(body)).retry == 1000


def test_the_head_of_a_stream_has_no_body_and_is_logged(opened: Open, capsys: pytest.CaptureFixture[str]) -> None:
    response = opened(Source([event(1)]), "HEAD")

    with served(response, "HEAD") as body:
        assert list(body) == []
    assert [(line["method"], line["status"]) for line in lines(capsys)] == [("HEAD", 200)]


def test_a_stream_ends_before_the_timeout_and_leaves_threads_for_other_requests() -> None:
    functions = catalogue.load().of_kind(HttpFunction)

    # The Functions Framework serves with four threads for each CPU; Cloud Run sends `concurrency` requests at most.
    assert all(function.timeout >= event_stream.OPEN_SECONDS + 5 for function in functions)
    assert all(min(4 * function.cpu, function.concurrency) >= 2 * MOST_OPEN for function in functions)


def test_the_pace_of_a_deployed_stream_is_that_of_the_system() -> None:
    assert Pace(time.monotonic, time.sleep) == event_stream.PACE
