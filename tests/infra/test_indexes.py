"""The indexes that a query requires, and the indexes that serve it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.check.indexes import (
    CompositeIndex,
    OrderedField,
    SingleFieldIndex,
    required_index,
    required_single_field_indexes,
    serves,
)
from infra.check.plan import Resource
from infra.query_shapes import QueryShape

LIVE = QueryShape("visits", group=False, equal=("live",))
NEWEST = replace(LIVE, order=(("at", "DESCENDING"),))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (LIVE, None),
        (replace(LIVE, equal=("live", "state")), None),
        (replace(LIVE, any_of=("state",), array_contains=("tokens",)), None),
        (replace(LIVE, equal=(), order=(("at", "DESCENDING"),)), None),
        (replace(LIVE, equal=(), range=("at",)), None),
        (replace(LIVE, equal=(), range=("at",), order=(("at", "ASCENDING"),)), None),
        (NEWEST, "visits (collection): live; at descending"),
        (replace(LIVE, range=("at",)), "visits (collection): live; at ascending"),
        (replace(NEWEST, range=("at",), any_of=("state",)), "visits (collection): live, state; at descending"),
        (replace(NEWEST, array_contains=("tokens",)), "visits (collection): live; tokens contains; at descending"),
        (replace(NEWEST, group=True), "visits (collection_group): live; at descending"),
        (
            replace(LIVE, equal=(), order=(("at", "ASCENDING"), ("name", "DESCENDING"))),
            "visits (collection): at ascending, name descending",
        ),
    ],
)
def test_the_index_that_a_query_requires(query: QueryShape, expected: str | None) -> None:
    index = required_index(query)

    assert (str(index) if index else None) == expected


def test_an_exempt_field_requires_a_composite_index() -> None:
    query = replace(LIVE, array_contains=("tokens",))

    assert str(required_index(query, {("visits", "tokens")})) == "visits (collection): live; tokens contains"


def test_a_collection_group_requires_a_single_field_index() -> None:
    assert required_single_field_indexes(replace(LIVE, group=True)) == [SingleFieldIndex("visits", "live", "ASCENDING")]
    assert required_single_field_indexes(replace(LIVE, group=True, equal=(), order=(("at", "DESCENDING"),))) == [
        SingleFieldIndex("visits", "at", "DESCENDING")
    ]
    assert required_single_field_indexes(replace(NEWEST, group=True)) == []
    assert required_single_field_indexes(LIVE) == []


def index_resource(*fields: tuple[str, str], scope: str = "COLLECTION", collection: str = "visits") -> Resource:
    parts = [{"field_path": f, ("array_config" if mode == "CONTAINS" else "order"): mode} for f, mode in fields]
    return Resource("", "", "", {"collection": collection, "query_scope": scope, "fields": parts})


UP, DOWN = ("at", "ASCENDING"), ("at", "DESCENDING")
LIVE_UP = ("live", "ASCENDING")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (index_resource(LIVE_UP, DOWN), True),
        (index_resource(LIVE_UP, UP), True),
        (index_resource(LIVE_UP, DOWN, ("__name__", "DESCENDING")), True),
        (index_resource(DOWN, LIVE_UP), False),
        (index_resource(LIVE_UP, DOWN, scope="COLLECTION_GROUP"), False),
        (index_resource(LIVE_UP, DOWN, collection="bills"), False),
        (index_resource(LIVE_UP, ("state", "ASCENDING"), DOWN), False),
        (index_resource(("live", "CONTAINS"), DOWN), False),
    ],
)
def test_which_index_serves_a_query(resource: Resource, expected: bool) -> None:
    query = CompositeIndex(
        "visits", "COLLECTION", frozenset({"live"}), frozenset(), (OrderedField("at", "DESCENDING"),)
    )

    assert serves(resource, query) is expected


def test_an_index_of_two_fields_is_read_with_both_directions_reversed() -> None:
    tail = (OrderedField("at", "ASCENDING"), OrderedField("name", "DESCENDING"))
    query = CompositeIndex("visits", "COLLECTION", frozenset(), frozenset(), tail)

    assert serves(index_resource(("at", "DESCENDING"), ("name", "ASCENDING")), query)
    assert not serves(index_resource(("at", "ASCENDING"), ("name", "ASCENDING")), query)
