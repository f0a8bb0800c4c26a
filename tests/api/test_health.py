"""Health checks of every function, and problems for unknown paths and methods."""

from __future__ import annotations

import json

import pytest

from infra import catalogue
from infra.catalogue import EventFunction, HttpFunction
from local.services.auth.client import create_account
from local.services.functions.responses import Response
from local.stack.stack import Stack
from shared.web import health
from tests.support.client import ApiClient

CATALOGUE = catalogue.load()
FUNCTIONS = list(CATALOGUE.functions)
ORIGIN = "http://localhost:3000"
PAGES = {"links", "payment_webhook"}
"""Functions that no app of another origin calls: pages for people, and what a payment provider tells."""
RESOURCES = [path for function in CATALOGUE.of_kind(HttpFunction) for path in function.paths]
RESOURCES_OF_APPS = [path for one in CATALOGUE.of_kind(HttpFunction) if one.name not in PAGES for path in one.paths]


def problem(response: Response) -> str:
    """The name of the problem in a response; empty if it is not a problem."""
    if dict(response.headers).get("Content-Type") != "application/problem+json":
        return ""
    details = json.loads(response.body)
    assert details["status"] == response.status
    assert details["trace_id"] == dict(response.headers)["X-Request-Id"]
    return str(details["type"]).removeprefix("urn:synapseai:problem:")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_healthy_without_calls_to_google_cloud(stack: Stack, name: str) -> None:
    stack.wait_idle()
    before = stack.recorder.mark()

    response = stack.functions.request(name, "GET", "/health")

    assert (response.status, json.loads(response.body)) == (200, {"status": "ok"})
    assert dict(response.headers)["Cache-Control"] == "no-store"
    assert not health.PATH.endswith("z"), "Cloud Run keeps such paths"
    assert [call for call in stack.recorder.calls(since=before) if call.caller == name] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_health_of_a_resource_is_public_through_the_gateway(stack: Stack, resource: str) -> None:
    stranger = ApiClient(stack.url, "nobody", "nowhere")

    healthy = stranger.get(f"{resource}/health", Authorization="").ok()

    assert healthy.body == {"status": "ok"}


@pytest.mark.parametrize("resource", RESOURCES_OF_APPS)
def test_cors_of_the_health_check_allows_only_configured_origins(stack: Stack, resource: str) -> None:
    stranger = ApiClient(stack.url, "nobody", "nowhere")
    request = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}

    preflight = stranger.send("OPTIONS", f"{resource}/health", Authorization="", Origin=ORIGIN, **request).ok(204)
    healthy = stranger.get(f"{resource}/health", Authorization="", Origin=ORIGIN).ok()
    foreign = stranger.get(f"{resource}/health", Authorization="", Origin="https://evil.example").ok()

    for response in (preflight, healthy):
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert {response.headers["Vary"] for response in (preflight, healthy, foreign)} == {"Origin"}


@pytest.mark.parametrize("name", sorted({one.name for one in CATALOGUE.of_kind(HttpFunction)} - PAGES))
def test_refusal_by_the_framework_has_cors_headers(stack: Stack, name: str) -> None:
    response = stack.functions.request(name, "GET", "/robots.txt", [("Origin", ORIGIN)])

    assert problem(response) == "not-found"
    assert dict(response.headers)["Access-Control-Allow-Origin"] == ORIGIN


def test_recorder_sees_the_calls_of_a_request_for_data(stack: Stack) -> None:
    create_account(stack.url, "nobody", "nowhere")
    before = stack.recorder.mark()

    ApiClient(stack.url, "nobody", "nowhere").get("/profile").refused(403, "forbidden")

    calls = [call for call in stack.recorder.calls(since=before) if call.service != "auth"]
    assert {call.caller for call in calls} == {"profile"}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in PAGES])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_unknown_path_of_a_function_is_a_problem(stack: Stack, name: str, method: str) -> None:
    response = stack.functions.request(name, method, "/api/v1/nothing/is/here")

    assert problem(response) == expected_problem(name, method)


def expected_problem(name: str, method: str) -> str:
    """The framework handles every path of an event function, and fails on a POST that is not an event."""
    if not isinstance(CATALOGUE.functions[name], EventFunction):
        return "not-found"
    return "internal" if method == "POST" else "method-not-allowed"


@pytest.mark.parametrize(
    "name", [name for name, function in CATALOGUE.functions.items() if not isinstance(function, HttpFunction)]
)
def test_request_that_is_not_a_delivery_is_a_problem_without_effect(stack: Stack, name: str) -> None:
    stack.wait_idle()
    before = stack.recorder.mark()

    for method in ("GET", "PUT", "DELETE"):
        response = stack.functions.request(name, method, "/")
        assert problem(response) == "method-not-allowed", method
        assert set(dict(response.headers)["Allow"].split(", ")) - {"OPTIONS"} == {"POST"}

    assert [call for call in stack.recorder.calls(since=before) if call.caller == name] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_unsupported_method_is_a_problem(stack: Stack, resource: str) -> None:
    response = ApiClient(stack.url, "nobody", "nowhere").send("TRACE", resource)

    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.status in (404, 405)
    assert ("Allow" in response.headers) == (response.status == 405)
