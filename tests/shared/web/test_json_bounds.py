"""The bounds of a JSON body, and what the worst bodies cost."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from itertools import product

import flask
import pytest

from bench.hostile_bodies import BODIES
from shared.records.problems import MOST_ERRORS, BadRequest, Invalid, Problem, TooLarge
from shared.web import json_bounds
from shared.web.request import LARGEST_JSON, parse_arguments
from tests.support.operation_cases import operations
from tests.support.thorough import sample

OPERATIONS = ("patients.search", "patients.register", "patients.change", "reports.correct")
SECONDS = 0.3
BYTES = 64_000_000


@pytest.mark.parametrize("body", [b"{}", b"[[1], {}]", b'{"a": {"b": [1, 2]}}', '{"नाम": "é"}'.encode()])
def test_a_small_body_is_accepted(body: bytes) -> None:
    json_bounds.check(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"{} {}", b"\xef\xbb\xbf{}", b"1" * 5_000])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        json_bounds.check(body)


@pytest.mark.parametrize("body", ['{"a": 1, "a": 1}', '[{"x": {"b": 1, "c": 2, "b": 3}}]'])
def test_a_name_that_is_given_twice_is_refused(body: str) -> None:
    with pytest.raises(BadRequest, match="twice"):
        json_bounds.check(body.encode())


@pytest.mark.parametrize(
    "make",
    [
        lambda count: [1] * count,
        lambda count: {str(number): 1 for number in range(count)},
        lambda count: {"a": [{"b": [[1] * count]}]},
        lambda count: [{} for _ in range(count)],
        lambda count: [[] for _ in range(count)],
    ],
)
def test_values_are_counted_at_every_depth(make: Callable[[int], object]) -> None:
    json_bounds.check(json.dumps(make(json_bounds.MOST_VALUES // 2 - 10)).encode())
    with pytest.raises(TooLarge, match="2000 values"):
        json_bounds.check(json.dumps(make(json_bounds.MOST_VALUES + 1)).encode())


@pytest.mark.parametrize(("kind", "operation"), sample(list(product(BODIES, OPERATIONS)), 30))
def test_the_worst_bodies_of_one_megabyte_are_cheap(kind: str, operation: str) -> None:
    body = BODIES[kind]()
    assert len(body) <= LARGEST_JSON
    request = request_with(body)
    _parse(operation, request_with(b"{}"))  # models are built at their first use

    gc.disable()  # a collection would look at all that earlier tests left in this process
    try:
        started = time.process_time()
        problem = _parse(operation, request)
        spent = time.process_time() - started
    finally:
        gc.enable()
    tracemalloc.start()
    _parse(operation, request)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert spent < SECONDS
    assert peak < BYTES
    assert problem is None or len(problem.errors) <= MOST_ERRORS
    assert problem is None or sum(len(error.pointer) + len(error.detail) for error in problem.errors) < 100_000


def test_at_most_a_hundred_errors_are_named() -> None:
    body = json.dumps({"first_name": "A", **{f"unknown_{number}": 1 for number in range(301)}}).encode()

    problem = _parse("patients.register", request_with(body))

    assert isinstance(problem, Invalid)
    assert len(problem.errors) == MOST_ERRORS
    assert problem.detail == "the first 100 of 301 errors"


def test_a_very_long_unknown_name_is_cut() -> None:
    problem = _parse("patients.register", request_with(json.dumps({"x" * 900_000: 1}).encode()))

    assert isinstance(problem, Invalid)
    assert max(len(error.pointer) for error in problem.errors) < 400


def request_with(body: bytes) -> flask.Request:
    """A POST with this body."""
    app = flask.Flask("hostile")
    with app.test_request_context("/", method="POST", data=body, content_type="application/json") as context:
        return context.request


def _parse(name: str, request: flask.Request) -> Problem | None:
    """The problem of parsing the request as that of an operation."""
    try:
        parse_arguments(request, operations()[name])
    except Problem as problem:
        return problem
    return None
