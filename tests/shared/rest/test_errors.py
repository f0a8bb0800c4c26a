"""Errors by their codes, whoever describes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.rpc import code_pb2
from hypothesis import given
from hypothesis import strategies as st

from local.services.kit.rest import STATUSES
from shared.rest.errors import (
    ApiError,
    Internal,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    described,
    error_of,
)

CODES = {*code_pb2.DESCRIPTOR.enum_types_by_name["Code"].values_by_name}
KINDS = {kind.code: kind for kind in ApiError.__subclasses__()}


def body(code: str, *, status: int = 0) -> dict[str, Any]:
    return {"error": {"code": status, "message": "what is wrong", "status": code, "details": [{"@type": "any"}]}}


def test_every_code_is_one_of_googles() -> None:
    assert KINDS.keys() < CODES
    assert STATUSES.keys() == CODES - {"OK"}


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_is_that_of_its_code(code: str, status: int, stream: bool) -> None:
    """The same HTTP status is that of several codes."""
    answer: Any = body(code, status=status)

    error = error_of(status, json.dumps([answer] if stream else answer).encode())

    assert type(error) is KINDS.get(code, ApiError)
    assert str(error) == f"{code}: what is wrong"
    assert (error.message, error.status) == ("what is wrong", status)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ApiError),
        (401, Unauthenticated),
        (403, PermissionDenied),
        (404, ApiError),
        (408, Unavailable),
        (411, ApiError),
        (429, Unavailable),
        (500, Internal),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (302, ApiError),
        (204, ApiError),
    ],
)
@pytest.mark.parametrize(
    "content", [b"", b"<html>Bad Gateway</html>", b"\xff\xfe", b"{}", b"[]", b"null", b'{"error":"invalid_grant"}']
)
def test_an_error_without_a_code_is_that_of_its_status(status: int, kind: type[ApiError], content: bytes) -> None:
    """A 404 of a proxy does not say that there is no such document; after a 400 nothing is asked again."""
    error = error_of(status, content)

    assert type(error) is kind
    assert str(error) == f"HTTP status {status}"


@pytest.mark.parametrize("code", ["NEW", "", "OK"])
def test_an_unknown_code_is_an_error(code: str) -> None:
    assert type(error_of(400, json.dumps(body(code)).encode())) is ApiError


@given(
    st.integers(100, 599),
    st.binary(max_size=20)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["error", "status", "message", "code"]), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda answer: json.dumps(answer).encode()),
)
def test_whatever_is_answered_the_error_is_of_an_api(status: int, content: bytes) -> None:
    assert isinstance(error_of(status, content), ApiError)


def test_an_error_of_an_api_that_says_no_code_has_its_message() -> None:
    """As those of Identity Platform."""
    error = error_of(400, json.dumps({"error": {"code": 400, "message": "EMAIL_NOT_FOUND"}}).encode())

    assert (type(error), error.message, error.status) == (ApiError, "EMAIL_NOT_FOUND", 400)


def test_an_error_without_an_answer_has_no_status() -> None:
    assert (Unavailable("no route").message, Unavailable("no route").status) == ("no route", 0)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            "Invalid value at 'writes[0].update' (TYPE_BYTES), \"Asha has fever\"",
            "Invalid value at 'writes[0].update' (TYPE_BYTES)",
        ),
        ('"Asha has fever" is no moment', ""),
        ("entity already exists: clinics/a/patients/p", "entity already exists: clinics/a/patients/p"),
    ],
)
def test_what_google_quotes_is_not_in_the_error(message: str, kept: str) -> None:
    answer = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": message}}

    error = error_of(400, json.dumps(answer).encode())

    assert error.message == kept
    assert str(error) == f"INVALID_ARGUMENT: {kept}"


def test_an_error_needs_no_message() -> None:
    assert str(described(409, {"error": {"status": "ABORTED"}})) == "ABORTED: "
