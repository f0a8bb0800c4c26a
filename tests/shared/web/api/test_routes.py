"""Routes: they are found as Werkzeug finds them, with less work when a function starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import exceptions
from werkzeug.routing import Map, Rule

from shared.records.problems import MethodNotAllowed, NotFound
from shared.web.operations import ANYONE, Operation
from shared.web.routes import Routes

PREFIX = "/api/v1/orders"
OPERATIONS = [
    *(("GET", "/"), ("POST", "/"), ("GET", "/{id}"), ("PUT", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}")),
    *(("POST", "/search"), ("GET", "/owing"), ("POST", "/{id}/pay"), ("GET", "/{id}/parts/{part_id}")),
    *(("GET", "/{id}/parts/newest"), ("GET", "/owing/parts/{part_id}"), ("DELETE", "/{id}/{kind}/newest")),
]
TEXTS = st.sampled_from(["", "search", "owing", "parts", "newest", "pay", "x-1", "ä b", "{id}", "%2F", "."])
PATHS = st.one_of(
    st.builds(lambda parts: "/".join([PREFIX, *parts]), st.lists(TEXTS, max_size=5)),
    st.sampled_from(["", "/", "/api/v1", "/api/v1/order", "/api/v1/ordersx", f"/{PREFIX}", f"{PREFIX}//"]),
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
Found = tuple[Any, dict[str, str]] | type[NotFound] | tuple[str, ...]


def operation(method: str, path: str) -> Operation:
    return Operation(method, path, lambda: None, ANYONE)


ROUTES, MAP = Routes(PREFIX), Map(strict_slashes=False, merge_slashes=False)
for made in (operation(*one) for one in OPERATIONS):
    ROUTES.add(made)
    rule = f"{PREFIX}{made.path}".rstrip("/").replace("{", "<").replace("}", ">")
    MAP.add(Rule(rule, methods=[made.method], endpoint=made))


def by_routes(method: str, path: str) -> Found:
    try:
        return ROUTES.match(method, path)
    except NotFound:
        return NotFound
    except MethodNotAllowed as refused:
        return refused.allowed


def by_werkzeug(method: str, path: str) -> Found:
    try:
        found, parameters = MAP.bind("").match(path, method)
    except exceptions.NotFound:
        return NotFound
    except exceptions.MethodNotAllowed as refused:
        return tuple(sorted(refused.valid_methods or ()))
    return found, dict(parameters)


@given(METHODS, PATHS)
def test_every_path_has_the_operation_that_werkzeug_finds(method: str, path: str) -> None:
    assert by_routes(method, path) == by_werkzeug(method, path)


@pytest.mark.parametrize("find", [by_routes, by_werkzeug])
@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/owing", "/owing"),
        ("PUT", "/owing", "/{id}"),
        ("GET", "/owing/parts/newest", "/owing/parts/{part_id}"),
        ("GET", "/x/parts/newest/", "/{id}/parts/newest"),
    ],
)
def test_the_path_with_less_parameters_at_its_beginning_is_taken(
    find: Callable[[str, str], Any], method: str, path: str, expected: str
) -> None:
    found, _ = find(method, f"{PREFIX}{path}")

    assert found.path == expected
