"""Responses of streams: headers, log, errors, and the bound of open streams; no I/O."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import flask
import pytest

from infra import catalogue
from infra.catalogue import HttpFunction
from local.demo.seed import token
from local.services.kit.identity import PROJECT
from shared import settings
from shared.records.problems import NotFound
from shared.store.clinic import Clinic
from shared.web import event_stream, logs
from shared.web.api import Api
from shared.web.event_stream import EventStream, Pace
from shared.web.operations import ANYONE
from tests.shared.web.event_source import Count, Source, Version, event, received

TRACE = "0af7651916cd43dd8448eb211c80319c"
ORIGIN = "https://app.clinic.example"

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
THREADS = 4
"""Of the instance of these tests."""


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens a stream of a source; the test iterates the response as a server does."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"GOOGLE_CLOUD_PROJECT": PROJECT, "LOG_LEVEL": "INFO", "CORS_ORIGINS": ORIGIN}.items():
            patch.setenv(name, value)
        patch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
        patch.setenv("THREADS", str(THREADS))
        patch.setattr(logging.root, "handlers", [])
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
    event_stream._open.cache_clear()
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
    for _ in range(THREADS // 2):
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
    last: dict[str, Version | Exception] = {"final": event(2, final=True), "error": RuntimeError()}
    for _ in range(THREADS):
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

    assert all(function.timeout >= event_stream.OPEN_SECONDS + 5 for function in functions)
    # Cloud Run sends an instance `concurrency` requests at most, and the framework serves it with as many threads.
    assert all(function.concurrency >= 4 for function in functions)


@pytest.mark.parametrize(("threads", "most"), [(1, 0), (4, 2), (8, 4), (41, 20)])
def test_at_most_half_of_the_threads_serve_streams(opened: Open, threads: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THREADS", str(threads))
        forget()

        assert event_stream.most_open() == most
    forget()


def test_the_pace_of_a_deployed_stream_is_that_of_the_system() -> None:
    assert Pace(time.monotonic, time.sleep) == event_stream.PACE
