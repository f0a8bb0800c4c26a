"""The shape of a query and whether it needs an index, from the requests of Google's client."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.types import StructuredQuery
from google.cloud.firestore_v1.vector import Vector
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st

from infra.query_shapes import QueryShape, shape_of
from shared.records.reports.report import Report
from shared.store import queries
from shared.store.firestore.query import structured

CLIENT = firestore.Client(project="demo-synapse", credentials=AnonymousCredentials())
VISITS = CLIENT.collection("clinics/a/visits")
ALL_VISITS = CLIENT.collection_group("visits")
DOCUMENT = CLIENT.document("clinics/a/visits/1")


def where(query: Any, *conditions: tuple[str, str, object]) -> Any:
    for field, operator, value in conditions:
        query = query.where(filter=FieldFilter(field, operator, value))
    return query


def shape(query: Any) -> QueryShape:
    return shape_of(StructuredQuery.pb(query._to_protobuf()))


def test_a_shape_has_every_part_of_a_query_and_no_values() -> None:
    query = where(
        ALL_VISITS,
        ("live", "==", True),
        ("ended", "==", None),
        ("status", "in", ["a", "b"]),
        ("tokens", "array_contains_any", [b"Asha"]),
        ("fee", ">=", 100),
        ("fee", "<", 900),
    )

    read = shape(query.order_by("fee").order_by("number", direction="DESCENDING").limit(3))

    assert read == QueryShape(
        collection="visits",
        group=True,
        equal=("ended", "live"),
        any_of=("status",),
        array_contains=("tokens",),
        range=("fee",),
        order=(("fee", "ASCENDING"), ("number", "DESCENDING")),
    )


def test_a_page_has_the_shape_of_its_query() -> None:
    query = where(VISITS, ("live", "==", True)).order_by("fee")
    last = firestore.DocumentSnapshot(DOCUMENT, {"fee": 1}, True, None, None, None)

    assert shape(query.start_after(last)) == shape(query)


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        (VISITS.limit(3), False),
        (where(VISITS, ("live", "==", True)), False),
        (where(VISITS, ("live", "==", True), ("status", "in", ["a"]), ("tokens", "array_contains", b"x")), False),
        (where(VISITS, ("fee", ">", 1), ("fee", "<", 3)).order_by("fee", direction="DESCENDING"), False),
        (VISITS.order_by("fee"), False),
        (where(VISITS, ("live", "==", True), ("fee", ">", 1)), True),
        (where(VISITS, ("live", "==", True)).order_by("fee"), True),
        (where(VISITS, ("tokens", "array_contains", b"x")).order_by("fee"), True),
        (where(VISITS, ("live", "!=", False), ("fee", ">", 1)), True),
        (VISITS.order_by("fee").order_by("number"), True),
        (ALL_VISITS, False),
        (where(ALL_VISITS, ("live", "==", True)), True),
        (ALL_VISITS.order_by("fee"), True),
    ],
)
def test_an_index_is_needed_if_firestore_creates_none_automatically(query: Any, needed: bool) -> None:
    assert shape(query).needs_index is needed


@pytest.mark.parametrize(
    "query",
    [
        lambda: VISITS.where(filter=Or([FieldFilter("a", "==", 1), FieldFilter("b", "==", 2)])),
        lambda: VISITS.find_nearest("near", Vector([1.0]), limit=1, distance_measure=DistanceMeasure.EUCLIDEAN),
    ],
)
def test_an_unsupported_query_is_refused(query: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="index"):
        shape(query())


NAMES = st.lists(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), unique=True, max_size=3).map(tuple)
SHAPES = st.builds(
    QueryShape,
    collection=st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    group=st.booleans(),
    equal=NAMES,
    any_of=NAMES,
    array_contains=NAMES,
    range=NAMES,
    order=NAMES.map(lambda names: tuple((name, "DESCENDING") for name in names)),
)


@given(SHAPES)
def test_a_shape_survives_a_json_round_trip(query: QueryShape) -> None:
    assert QueryShape.from_json(json.loads(json.dumps(query.to_json()))) == query


def test_the_json_has_the_names_that_the_index_rules_read() -> None:
    assert QueryShape("visits", True, any_of=("status",)).to_json() == {
        "collection": "visits",
        "group": True,
        "equal": (),
        "in": ("status",),
        "array_contains": (),
        "range": (),
        "order": (),
    }


def test_the_sweep_reads_only_the_path_and_update_time_of_a_record() -> None:
    asked = queries._unchanged_since(Report, Report.waiting_states, datetime.now(UTC))
    root = "projects/demo-synapse/databases/(default)/documents/"
    sent = ParseDict(structured(asked, root, queries._ordered_by(asked)), StructuredQuery.pb()())

    assert [field.field_path for field in sent.select.fields] == ["updated_at"]
    assert shape_of(sent) == QueryShape(
        "reports", True, ("live",), ("status",), (), ("updated_at",), (("updated_at", "ASCENDING"),)
    )
