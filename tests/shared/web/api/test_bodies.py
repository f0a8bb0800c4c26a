"""Bodies and parameters of requests: every error is named, with its JSON pointer and no input value."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.web.request import LARGEST_JSON
from tests.shared.web.api.orders import Order, pointers, post, problem, send


def test_all_invalid_fields_of_a_body_are_named_by_pointer() -> None:
    wrong = {"name": "", "parts": [{"count": 1}, {"count": "x"}, {}], "colour": "red"}

    named = pointers(post(wrong))

    assert sorted(named) == ["/colour", "/name", "/parts/1/count", "/parts/2/count"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("page_size=0&foo=1", ["foo", "page_size"]),
        ("page_size=1&page_size=2&created_from=x", ["created_from", "page_size"]),
        ("foo=1&foo=2&bar=", ["bar", "foo"]),
    ],
)
def test_all_invalid_parameters_of_a_query_are_named(query: str, named: list[str]) -> None:
    assert sorted(pointers(send("GET", f"/orders/o-1/parts?{query}"))) == named


def test_errors_of_query_and_body_come_together() -> None:
    assert pointers(send("POST", "/orders/?zz=1", {"name": ""}, Idempotency_Key="a-fresh-key")) == ["zz", "/name"]


def test_an_unreadable_body_is_reported_before_errors_of_the_query() -> None:
    for body, status in ((b"{", 400), (b" " * (LARGEST_JSON + 1), 413)):
        assert send("POST", "/orders/?zz=1", body).status_code == status
    assert send("POST", "/orders/?zz=1", b"{}", Content_Type="text/plain").status_code == 415


def test_an_unreadable_body_is_reported_with_errors_of_the_headers() -> None:
    for body in (b"{", b"", b" " * (LARGEST_JSON + 1)):
        errors = problem(send("POST", "/orders/", body))["errors"]
        assert [error["pointer"] for error in errors] == ["Idempotency-Key"]


def test_a_missing_body_is_no_other_media_type() -> None:
    refused = send("POST", "/orders/", Idempotency_Key="a-fresh-key")

    assert refused.status_code == 400
    assert problem(refused)["detail"] == "a body is required: send application/json, {} if it has no fields"


@given(st.text(min_size=1, max_size=12).filter(lambda name: name not in Order.model_fields))
@example("~1")
@example("a/b~c")
def test_a_pointer_is_escaped_as_rfc_6901_requires(name: str) -> None:
    (pointer,) = pointers(post({"name": "x", name: 1}))

    assert pointer.count("/") == 1
    assert pointer[1:].replace("~1", "/").replace("~0", "~") == name


def test_the_message_of_a_validator_is_sent_without_prefix() -> None:
    (error,) = problem(post({"name": "x", "zone": "Mars/Olympus"}))["errors"]

    assert error == {"pointer": "/zone", "detail": "not an IANA time zone"}


def test_the_message_of_a_pattern_has_no_regular_expression() -> None:
    (error,) = problem(send("GET", "/orders/o-1/parts?like=a.b"))["errors"]

    assert error == {"pointer": "like", "detail": "has characters or a form that this field does not take"}


def test_the_message_of_an_early_date_has_the_earliest_date() -> None:
    (error,) = problem(post({"name": "x", "born": "1879-12-31"}))["errors"]

    assert error["pointer"] == "/born"
    assert error["detail"].endswith(" 1880-01-01")


def test_an_invalid_value_is_not_sent_back() -> None:
    assert b"Asha" not in post({"name": "x", "parts": [{"count": "Asha Rao"}]}).get_data()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"\xff", {}, 400),
        (b"[]", {}, 422),
        (b"null", {}, 422),
        (b'{"name": "x"}', {"Content_Type": "text/plain"}, 415),
        (b'{"name": "x"}', {"Content_Type": "application/json; charset=utf-8"}, 201),
        (b'{"name": "' + b"x" * LARGEST_JSON + b'"}', {}, 413),
    ],
)
def test_a_body_is_json_of_a_limited_size(body: bytes, headers: dict[str, str], status: int) -> None:
    assert post(body, **headers).status_code == status
