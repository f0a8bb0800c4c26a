"""What is sent says what google-cloud-firestore would send."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st

from shared.store.firestore import values
from shared.store.firestore.query import NAME, Filter, Query, structured
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.writes import DELETED, Increment, Writes

GOOGLE = firestore.Client(project="aster", credentials=AnonymousCredentials())
ROOT = "projects/aster/databases/(default)/documents/"
READ_AT = DatetimeWithNanoseconds(2026, 11, 29, 9, 30, 1, nanosecond=123_456_000, tzinfo=UTC)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.binary(max_size=8)
    | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
)
names = st.text("ab_0.`\\ é", min_size=1, max_size=6)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner.filter(lambda one: not isinstance(one, list)), max_size=3)
        | st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=8,
)
fields = st.dictionaries(st.from_regex("[a-z_][a-z0-9_]{0,6}", fullmatch=True), documents, min_size=1, max_size=4)


def ours() -> Writes:
    return Writes(ROOT)


def read_document() -> Snapshot:
    return Snapshot("clinics/a/visits/1", {"updateTime": READ_AT.rfc3339()})


def same(written: Writes, batch: firestore.WriteBatch) -> bool:
    expected = types.CommitRequest.pb(types.CommitRequest(writes=batch._write_pbs))
    return bool(ParseDict({"writes": written.content}, types.CommitRequest.pb()()) == expected)


@given(fields)
def test_creating(document: dict[str, Any]) -> None:
    written, batch = ours(), GOOGLE.batch()

    written.create("clinics/a/visits/1", document)
    batch.create(GOOGLE.document("clinics/a/visits/1"), document)

    assert same(written, batch)


@given(fields)
def test_updating_what_was_read(document: dict[str, Any]) -> None:
    written, batch = ours(), GOOGLE.batch()

    written.update("clinics/a/visits/1", {**document, "guard": DELETED}, read_document())
    option = GOOGLE.write_option(last_update_time=READ_AT)
    batch.update(GOOGLE.document("clinics/a/visits/1"), {**document, "guard": firestore.DELETE_FIELD}, option)

    assert same(written, batch)


@given(fields, st.dictionaries(names, st.integers(-5, 5), min_size=1, max_size=3))
def test_merging_and_counting(document: dict[str, Any], added: dict[str, int]) -> None:
    written, batch = ours(), GOOGLE.batch()

    written.merge("clinics/a/visits/1", {**document, "counts": {name: Increment(by) for name, by in added.items()}})
    counts = {name: firestore.Increment(by) for name, by in added.items()}
    batch.set(GOOGLE.document("clinics/a/visits/1"), {**document, "counts": counts}, merge=True)

    assert same(written, batch)


@given(fields)
def test_a_document_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    snapshot = Snapshot("clinics/a/visits/1", {"fields": values.write_fields(document)})

    assert {name: snapshot.get(name) for name in document} == document
    assert snapshot.to_dict() == document
    assert {name: snapshot.get(name) for name in document} == document


def test_a_moment_of_another_zone_is_read_in_utc() -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    assert values.read(values.write(noon)).isoformat() == "2026-11-29T06:30:00+00:00"


@given(documents)
def test_a_value_is_read_as_google_says_it(value: Any) -> None:
    """Google leaves out what is empty, and writes some numbers as text."""
    message = ParseDict(values.write(value), types.Value.pb()())

    assert values.read(MessageToDict(message)) == value


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), -0.0, 5e-324])
def test_numbers_that_json_does_not_have(number: float) -> None:
    sent = values.write(number)

    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert str(values.read(sent)) == str(number)
    assert math.isnan(values.read(values.write(math.nan)))


def test_a_moment_has_at_most_microseconds() -> None:
    assert values.moment("2026-11-29T06:30:00.123456789Z") == datetime(2026, 11, 29, 6, 30, 0, 123_456, tzinfo=UTC)
    assert values.moment("2026-11-29T06:30:00Z") == datetime(2026, 11, 29, 6, 30, tzinfo=UTC)


def test_a_value_of_a_type_that_is_not_known_is_not_taken_for_another() -> None:
    with pytest.raises(TypeError, match="vectorValue"):
        values.read({"vectorValue": {}})


def test_what_is_absent_is_none_or_an_error() -> None:
    assert Snapshot("clinics/a").get("live") is None
    assert not Snapshot("clinics/a").exists
    assert Snapshot("clinics/a").to_dict() == {}
    with pytest.raises(KeyError):
        read_document().get("live")


@pytest.mark.parametrize("value", [{1, 2}, object(), [datetime(2026, 11, 29)], 2**63])  # noqa: DTZ001 - refused
def test_what_firestore_does_not_hold_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        ours().create("clinics/a/visits/1", {"value": value})


operators: st.SearchStrategy[Filter] = st.one_of(
    st.tuples(st.sampled_from(["status", "live"]), st.just("=="), scalars.filter(lambda one: one == one)),
    st.tuples(st.just("at"), st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 9)),
    st.tuples(
        st.just("tokens"), st.sampled_from(["array_contains_any"]), st.lists(st.binary(), min_size=1, max_size=3)
    ),
    st.tuples(st.just("tokens"), st.just("array_contains"), st.binary()),
    st.tuples(st.just("status"), st.just("in"), st.lists(st.text("abc"), min_size=1, max_size=3)),
)
queries = st.builds(
    Query,
    collection=st.just("clinics/a/visits"),
    filters=st.lists(operators, max_size=3, unique_by=lambda one: one[0]).map(tuple),
    order=st.sampled_from([(), (("at", False),), (("at", True), (NAME, True)), ((NAME, False),)]),
    limit=st.integers(1, 50),
)


@given(queries, st.sampled_from([None, (), ("status",), ("status", "at")]))
def test_asking(query: Query, fields: tuple[str, ...] | None) -> None:
    asked = googles(query)

    assert sent(query, fields) == google_sent(asked if fields is None else asked.select([*fields]))


@given(queries)
def test_asking_for_the_page_after(query: Query) -> None:
    last = {"at": 3, "status": "done"}
    next_page = query.page_after(Snapshot("clinics/a/visits/7", {"fields": values.write_fields(last)}))

    seen = DocumentSnapshot(GOOGLE.document("clinics/a/visits/7"), last, True, None, None, None)
    assert sent(next_page) == google_sent(googles(query).start_after(seen))


def test_asking_all_clinics() -> None:
    query = Query("visits", (("live", "==", True),), (("at", False),), 5, in_all_collections=True)
    asked = GOOGLE.collection_group("visits").where(filter=FieldFilter("live", "==", True)).order_by("at")

    assert sent(query, ["at"]) == google_sent(asked.select(["at"]).limit(5))
    assert (query.parent, replace(query, collection="clinics/a/visits").parent) == ("", "clinics/a")


def googles(query: Query) -> Any:
    made: Any = GOOGLE.collection(query.collection)
    for field, operator, value in query.filters:
        made = made.where(filter=FieldFilter(field, operator, value))
    for field, descending in query.order:
        made = made.order_by(field, direction="DESCENDING" if descending else "ASCENDING")
    return made.limit(query.limit)


def google_sent(query: Any) -> Any:
    return types.StructuredQuery.pb(query._to_protobuf())


def sent(query: Query, fields: Collection[str] | None = None) -> Any:
    return ParseDict(structured(query, ROOT, fields), types.StructuredQuery.pb()())
