"""Responses: headers for browsers and caches, problems, and the log."""

from __future__ import annotations

import json

import pytest

from shared.records.problems import Problem
from tests.shared.web.api.orders import ORIGIN, TRACE, post, problem, send


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/orders", 405, "method-not-allowed"),
        ("DELETE", "/orders/o-1", 405, "method-not-allowed"),
        ("GET", "/orders/o-1/lines", 404, "not-found"),
        ("GET", "/other", 404, "not-found"),
        ("POST", "/orders/conflict/fail", 409, "conflict"),
        ("POST", "/orders/stale/fail", 412, "stale"),
        ("POST", "/orders/busy/fail", 503, "busy"),
        ("POST", "/orders/gone/fail", 404, "not-found"),
        ("POST", "/orders/bug/fail", 500, "internal"),
    ],
)
def test_every_refusal_is_a_problem_with_a_stable_type(method: str, path: str, status: int, name: str) -> None:
    response = send(method, path)

    assert response.status_code == status
    assert problem(response)["type"] == f"urn:synapseai:problem:{name}"


def test_the_message_of_an_unexpected_error_is_neither_sent_nor_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = send("POST", "/orders/bug/fail")

    assert "detail" not in problem(response)
    assert b"Asha" not in response.get_data()
    logged = capsys.readouterr().out
    assert "builtins.RuntimeError at fail:" in logged
    assert "Asha" not in logged
    assert "+919845012345" not in logged


def test_a_problem_has_its_detail_and_no_empty_list_of_errors() -> None:
    body = problem(send("POST", "/orders/conflict/fail"))

    assert body["detail"] == "it is closed"
    assert "errors" not in body


def test_the_types_of_problems_are_unique() -> None:
    kinds: list[type[Problem]] = [Problem, *Problem.__subclasses__()]

    assert len({kind.name for kind in kinds}) == len(kinds)


def test_a_configured_origin_may_read_the_response() -> None:
    headers = send("GET", "/orders/o-1", Origin=ORIGIN).headers

    assert (headers["Access-Control-Allow-Origin"], headers["Vary"]) == (ORIGIN, "Origin")
    assert {"Content-Disposition", "ETag", "Retry-After"} <= set(headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    "origin", [None, "", "null", "*", "https://evil.example", ORIGIN + ".evil.example", ORIGIN[:-1]]
)
def test_another_origin_may_not_read_the_response(origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}

    answered = send("GET", "/orders/o-1", **headers).headers

    assert "Access-Control-Allow-Origin" not in answered
    assert answered["Vary"] == "Origin"


def test_a_preflight_needs_no_token() -> None:
    response = send("OPTIONS", "/orders/o-1", bearer=None, Origin=ORIGIN, Access_Control_Request_Method="PUT")

    assert response.status_code == 204
    assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(
        response.headers["Access-Control-Allow-Headers"].split(", ")
    )


@pytest.mark.parametrize("path", ["/orders/o-1", "/nothing", "/orders"])
def test_no_response_is_cached_or_sniffed(path: str) -> None:
    headers = send("GET", path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in headers


def test_a_request_logs_one_line_without_content(capsys: pytest.CaptureFixture[str]) -> None:
    post({"name": "Asha Rao"}, traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["operation"], line["method"], line["status"]) == ("create", "POST", 201)
    assert "Asha" not in json.dumps(line)
