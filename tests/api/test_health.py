"""Every function says that it runs, without touching data, and answers what is not there with a problem."""

from __future__ import annotations

import json

import pytest

from infra import catalogue
from infra.catalogue import EventFunction, HttpFunction
from local.services.functions.processes import Response
from local.stack.stack import Stack
from tests.support.client import ApiClient

CATALOGUE = catalogue.load()
FUNCTIONS = list(CATALOGUE.functions)
ORIGIN = "http://localhost:3000"
RESOURCES = [function.path for function in CATALOGUE.of_kind(HttpFunction)]


def problem(answer: Response) -> str:
    """The name of the problem that is answered; empty for any other answer."""
    if dict(answer.headers).get("Content-Type") != "application/problem+json":
        return ""
    said = json.loads(answer.body)
    assert said["status"] == answer.status
    assert said["trace_id"] == dict(answer.headers)["X-Request-Id"]
    return str(said["type"]).removeprefix("urn:synapseai:problem:")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_healthy_without_touching_data(stack: Stack, name: str) -> None:
    stack.wait_idle()
    before = stack.recorder.mark()

    answer = stack.functions.request(name, "GET", "/healthz")

    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
    assert dict(answer.headers)["Cache-Control"] == "no-store"
    assert [call for call in stack.recorder.calls(since=before) if call.caller == name] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_health_of_a_resource_is_seen_through_the_gateway_without_a_token(stack: Stack, resource: str) -> None:
    stranger = ApiClient(stack.url, "nobody", "nowhere")

    healthy = stranger.get(f"{resource}/healthz", Authorization="").ok()

    assert healthy.body == {"status": "ok"}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_web_client_of_a_configured_origin_may_ask_for_the_health_of_a_resource(stack: Stack, resource: str) -> None:
    stranger = ApiClient(stack.url, "nobody", "nowhere")
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}

    preflight = stranger.send("OPTIONS", f"{resource}/healthz", Authorization="", Origin=ORIGIN, **asked).ok(204)
    healthy = stranger.get(f"{resource}/healthz", Authorization="", Origin=ORIGIN).ok()
    foreign = stranger.get(f"{resource}/healthz", Authorization="", Origin="https://evil.example").ok()

    for answer in (preflight, healthy):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert {answer.headers["Vary"] for answer in (preflight, healthy, foreign)} == {"Origin"}


@pytest.mark.parametrize("name", [function.name for function in CATALOGUE.of_kind(HttpFunction)])
def test_a_web_client_may_read_what_the_framework_itself_refuses(stack: Stack, name: str) -> None:
    answer = stack.functions.request(name, "GET", "/robots.txt", [("Origin", ORIGIN)])

    assert problem(answer) == "not-found"
    assert dict(answer.headers)["Access-Control-Allow-Origin"] == ORIGIN


def test_a_call_that_touches_data_is_seen(stack: Stack) -> None:
    before = stack.recorder.mark()

    ApiClient(stack.url, "nobody", "nowhere").get("/profile").refused(403, "forbidden")

    assert {call.caller for call in stack.recorder.calls(since=before)} == {"profile"}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_path_of_any_function_is_a_problem(stack: Stack, name: str, method: str) -> None:
    answer = stack.functions.request(name, method, "/api/v1/nothing/is/here")

    assert problem(answer) == expected(name, method)


def expected(name: str, method: str) -> str:
    """To a function of events the framework itself answers, whatever the path; and what it cannot read is no event."""
    if not isinstance(CATALOGUE.functions[name], EventFunction):
        return "not-found"
    return "internal" if method == "POST" else "method-not-allowed"


@pytest.mark.parametrize(
    "name", [name for name, function in CATALOGUE.functions.items() if not isinstance(function, HttpFunction)]
)
def test_what_is_no_delivery_is_a_problem_and_does_nothing(stack: Stack, name: str) -> None:
    stack.wait_idle()
    before = stack.recorder.mark()

    for method in ("GET", "PUT", "DELETE"):
        answer = stack.functions.request(name, method, "/")
        assert problem(answer) == "method-not-allowed", method
        assert set(dict(answer.headers)["Allow"].split(", ")) - {"OPTIONS"} == {"POST"}

    assert [call for call in stack.recorder.calls(since=before) if call.caller == name] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_method_that_no_resource_has_is_a_problem(stack: Stack, resource: str) -> None:
    answer = ApiClient(stack.url, "nobody", "nowhere").send("TRACE", resource)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status in (404, 405)
    assert ("Allow" in answer.headers) == (answer.status == 405)
