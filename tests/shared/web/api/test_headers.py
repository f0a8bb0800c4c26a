"""Headers of requests: If-Match, Idempotency-Key, trace ids and the address of the client."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared.web.api.orders import TRACE, post, problem, send


@pytest.mark.parametrize(("etag", "revision"), [('"1"', 1), ('"999999999"', 999_999_999), ('W/"7"', 7)])
def test_if_match_is_a_revision(etag: str, revision: int) -> None:
    response = send("PUT", "/orders/o-1", {"name": "x"}, If_Match=etag)

    assert json.loads(response.get_data())["if_match"] == revision


@pytest.mark.parametrize("etag", ["", "*", "1", '"1', '"x"', '"1", "2"', '"-1"', '"1.0"', '"10000000000"'])
def test_an_etag_of_another_form_is_refused(etag: str) -> None:
    assert send("PUT", "/orders/o-1", {"name": "x"}, If_Match=etag).status_code == 400


def test_a_change_requires_if_match_and_a_read_ignores_it() -> None:
    assert problem(send("PUT", "/orders/o-1", {"name": "x"}))["type"].endswith(":precondition-required")
    assert send("GET", "/orders/o-1", If_Match="anything").status_code == 200


@pytest.mark.parametrize("key", [None, "", "short", "x" * 201, "with space in it", "schlüssel-1"])
def test_a_creation_requires_a_valid_idempotency_key(key: str | None) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}

    assert send("POST", "/orders/", {"name": "x"}, **headers).status_code == 400


@pytest.mark.parametrize("key", ["12345678", "x" * 200, "a-b_c.d~e!f/g=h"])
def test_an_idempotency_key_may_have_all_visible_characters(key: str) -> None:
    assert json.loads(post({"name": "x"}, Idempotency_Key=key).get_data())["key"] == key


def test_the_trace_id_of_a_request_is_continued() -> None:
    response = send("GET", "/orders/o-1", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    assert response.headers["X-Request-Id"] == TRACE
    assert json.loads(response.get_data())["request_id"] == TRACE


@pytest.mark.parametrize("rest", ["", "-", "-more", "-more-of-it"])
def test_a_traceparent_of_a_later_version_is_read(rest: str) -> None:
    response = send("GET", "/orders/o-1", traceparent=f"cc-{TRACE}-b7ad6b7169203331-01{rest}")

    assert response.headers["X-Request-Id"] == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        TRACE,
        f"00-{TRACE[:-1]}-b7ad6b7169203331-01",
        f"00-{TRACE.upper()}-b7ad6b7169203331-01",
        "00-<script>-0-0",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-b7ad6b7169203331-01-more",
        f"ff-{TRACE}-b7ad6b7169203331-01",
        f"cc-{TRACE}-b7ad6b7169203331-01.more",
    ],
)
def test_an_invalid_traceparent_is_replaced_by_a_new_trace_id(traceparent: str | None) -> None:
    headers = {} if traceparent is None else {"traceparent": traceparent}

    ids = {send("GET", "/orders/o-1", **headers).headers["X-Request-Id"] for _ in range(2)}

    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert not ids & {TRACE, "0" * 32}


ADDRESSES = st.ip_addresses().map(str)


@given(st.lists(st.one_of(ADDRESSES, st.just("unknown"), st.just("")), max_size=4), ADDRESSES, ADDRESSES)
def test_the_client_address_is_the_one_that_the_load_balancer_saw(
    claimed: list[str], client: str, balancer: str
) -> None:
    forwarded = ", ".join([*claimed, client, balancer])

    answer = send("GET", "/orders/o1/address", X_Forwarded_For=forwarded)

    assert json.loads(answer.get_data()) == {"address": client}


def test_without_a_load_balancer_the_address_is_that_of_the_connection() -> None:
    answer = send("GET", "/orders/o1/address", X_Forwarded_For="203.0.113.9")

    assert json.loads(answer.get_data())["address"] != "203.0.113.9"
