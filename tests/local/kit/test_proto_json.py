"""JSON of messages, against protobuf's own conversion."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from google.cloud import kms_v1, tasks_v2
from google.cloud.firestore_v1 import types
from google.protobuf import duration_pb2, timestamp_pb2
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from hypothesis import given, settings
from hypothesis import strategies as st

from local.services.kit.proto_json.reader import Malformed, read
from local.services.kit.proto_json.writer import write
from tests.support.thorough import examples

Timestamp: Any = timestamp_pb2.Timestamp  # type: ignore[attr-defined]  # made at import
Duration: Any = duration_pb2.Duration  # type: ignore[attr-defined]  # made at import
Document, Commit, RunQuery = types.Document.pb(), types.CommitRequest.pb(), types.RunQueryRequest.pb()

INTEGERS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308])
TIMES = st.builds(Timestamp, seconds=st.integers(-62_135_596_800, 253_402_300_799), nanos=st.integers(0, 999_999_999))
TEXTS = st.text(max_size=20)
SCALARS = (
    st.sampled_from([{"null_value": 0}, {"boolean_value": True}, {"boolean_value": False}])
    | st.fixed_dictionaries({"integer_value": INTEGERS})
    | st.fixed_dictionaries({"double_value": DOUBLES})
    | st.fixed_dictionaries({"timestamp_value": TIMES})
    | st.fixed_dictionaries({"string_value": TEXTS})
    | st.fixed_dictionaries({"bytes_value": st.binary(max_size=40)})
    | st.fixed_dictionaries({"reference_value": TEXTS})
    | st.fixed_dictionaries(
        {"geo_point_value": st.fixed_dictionaries({"latitude": DOUBLES, "longitude": DOUBLES})},
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda items: {"array_value": {"values": items}}, st.lists(inner, max_size=4))
        | st.builds(lambda items: {"map_value": {"fields": items}}, st.dictionaries(TEXTS, inner, max_size=4))
    ),
    max_leaves=12,
)
DOCUMENTS = st.builds(
    lambda name, fields, created: Document(name=name, fields=fields, create_time=created),
    TEXTS,
    st.dictionaries(TEXTS, VALUES, max_size=8),
    TIMES,
)


def same(message: Any) -> None:
    """Both ways, between messages and texts of JSON."""
    ours, theirs = json.dumps(write(message)), json.dumps(MessageToDict(message))
    for text in (ours, theirs):
        again = type(message)()
        read(again, json.loads(text))
        assert again.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)
    assert json.loads(ours) == json.loads(theirs)


@settings(max_examples=examples(300))
@given(DOCUMENTS)
def test_documents_are_converted_as_by_protobuf(document: Any) -> None:
    same(document)


@settings(max_examples=examples(100))
@given(TIMES, st.integers(-315_576_000_000, 315_576_000_000), st.integers(0, 999_999_999))
def test_times_are_exact_to_the_nanosecond(time: Any, seconds: int, nanos: int) -> None:
    same(types.Value.pb()(timestamp_value=time))
    same(tasks_v2.Task.pb()(dispatch_deadline=Duration(seconds=seconds, nanos=nanos if seconds >= 0 else -nanos)))


COMMIT: dict[str, Any] = {
    "database": "projects/p/databases/(default)",
    "transaction": "AP8=",
    "writes": [
        {"update": {"name": "a", "fields": {"x": {"integerValue": "5"}}}, "updateMask": {"fieldPaths": ["x", "`y`"]}},
        {"delete": "b", "currentDocument": {"exists": False}},
        {"update": {"name": "c"}, "currentDocument": {"updateTime": "2026-11-30T04:05:06.000007Z"}},
        {
            "update": {"name": "d"},
            "updateTransforms": [
                {"fieldPath": "t", "setToServerValue": "REQUEST_TIME"},
                {"fieldPath": "n", "increment": {"doubleValue": "NaN"}},
                {"fieldPath": "a", "appendMissingElements": {"values": [{"nullValue": None}, {"mapValue": {}}]}},
            ],
        },
    ],
}
QUERY: dict[str, Any] = {
    "parent": "p",
    "structuredQuery": {
        "select": {"fields": [{"fieldPath": "__name__"}]},
        "from": [{"collectionId": "visits", "allDescendants": True}],
        "where": {
            "compositeFilter": {
                "op": "AND",
                "filters": [
                    {"fieldFilter": {"field": {"fieldPath": "a"}, "op": "EQUAL", "value": {"booleanValue": True}}},
                    {"unaryFilter": {"field": {"fieldPath": "b"}, "op": "IS_NULL"}},
                ],
            }
        },
        "orderBy": [{"field": {"fieldPath": "at"}, "direction": "DESCENDING"}],
        "startAt": {"values": [{"timestampValue": "2026-11-30T09:35:06.123456789+05:30"}], "before": True},
        "offset": 3,
        "limit": 0,
    },
}
AGGREGATION = {
    "structuredAggregationQuery": {
        "structuredQuery": {"from": [{"collectionId": "c"}]},
        "aggregations": [{"alias": "n", "count": {"upTo": "9"}}, {"sum": {"field": {"fieldPath": "f"}}}],
    },
    "readTime": "0001-01-01T00:00:00Z",
}
TASK: dict[str, Any] = {
    "parent": "q",
    "task": {
        "name": "q/tasks/1",
        "httpRequest": {
            "url": "https://a",
            "httpMethod": "PUT",
            "headers": {"A": "b"},
            "body": "e30=",
            "oidcToken": {},
        },
        "scheduleTime": "2026-11-30T04:05:06Z",
        "dispatchDeadline": "30.500s",
        "retryConfig": {"maxAttempts": -1},
    },
    "responseView": "FULL",
}
ENCRYPT = {"name": "k", "plaintext": "AAA=", "plaintextCrc32c": "0", "additionalAuthenticatedData": ""}
SIGN = {"name": "k", "digest": {"sha256": "AAA="}, "digestCrc32c": "7"}


@pytest.mark.parametrize(
    ("message", "data"),
    [
        (types.CommitRequest, COMMIT),
        (types.RunQueryRequest, QUERY),
        (types.RunAggregationQueryRequest, AGGREGATION),
        (tasks_v2.CreateTaskRequest, TASK),
        (kms_v1.EncryptRequest, ENCRYPT),
        (kms_v1.AsymmetricSignRequest, SIGN),
    ],
)
def test_requests_are_read_and_written_as_by_protobuf(message: Any, data: Any) -> None:
    ours, theirs = message.pb()(), message.pb()()
    read(ours, data)
    assert ours == ParseDict(data, theirs)
    same(ours)


VALUE = types.Value.pb()
MALFORMED: list[tuple[Any, Any]] = [
    (VALUE, {"nope": 1}),
    (VALUE, {"booleanValue": 1}),
    (VALUE, {"booleanValue": "true"}),
    (VALUE, {"stringValue": 1}),
    (VALUE, {"stringValue": "\ud800"}),
    (VALUE, {"integerValue": "1.5"}),
    (VALUE, {"integerValue": 1.5}),
    (VALUE, {"integerValue": "x"}),
    (VALUE, {"integerValue": " 1"}),
    (VALUE, {"integerValue": True}),
    (VALUE, {"integerValue": str(2**63)}),
    (VALUE, {"doubleValue": "x"}),
    (VALUE, {"doubleValue": []}),
    (VALUE, {"bytesValue": 1}),
    (VALUE, {"timestampValue": "2026-11-30"}),
    (VALUE, {"timestampValue": "2026-11-30T04:05:06"}),
    (VALUE, {"timestampValue": "2026-02-30T04:05:06Z"}),
    (VALUE, {"timestampValue": "2026-11-30T04:05:06.1234567890Z"}),
    (VALUE, {"timestampValue": "0000-11-30T04:05:06Z"}),
    (VALUE, {"timestampValue": 5}),
    (VALUE, {"arrayValue": {"values": {}}}),
    (VALUE, {"arrayValue": {"values": [None]}}),
    (VALUE, {"mapValue": {"fields": []}}),
    (VALUE, {"mapValue": {"fields": {"a": None}}}),
    (VALUE, {"integerValue": 1, "stringValue": "x"}),
    (VALUE, {"integerValue": 1, "integer_value": 1}),
    (Commit, {"writes": [{"updateTransforms": [{"setToServerValue": "SOON"}]}]}),
    (Commit, {"writes": [{"currentDocument": {"exists": "no"}}]}),
    (tasks_v2.Task.pb(), {"dispatchDeadline": "5"}),
    (tasks_v2.Task.pb(), {"dispatchDeadline": 5}),
    (tasks_v2.Task.pb(), {"dispatchDeadline": "400000000000s"}),
    (RunQuery, {"structuredQuery": {"limit": 2**31}}),
]


@pytest.mark.parametrize(("message", "data"), MALFORMED)
def test_what_protobuf_refuses_is_refused(message: Any, data: Any) -> None:
    with pytest.raises((ParseError, UnicodeEncodeError)):
        ParseDict(data, message())
    with pytest.raises(Malformed):
        read(message(), data)


@pytest.mark.parametrize(
    "data",
    [
        [],
        "text",
        None,
        {"doubleValue": True},
        {"arrayValue": []},
        {"integerValue": 1, "nullValue": None},
        {"bytesValue": "A"},
        {"bytesValue": "AA=A"},
        {"bytesValue": "A A="},
        {"doubleValue": "1e999"},
        {"doubleValue": "nan"},
        {"doubleValue": math.inf},
        {"doubleValue": 10**400},
        {"timestampValue": "0001-01-01T00:00:00+05:30"},
    ],
)
def test_other_malformed_values_are_refused(data: Any) -> None:
    with pytest.raises(Malformed):
        read(VALUE(), data)


NAMES = st.sampled_from([f"{kind}Value" for kind in ("null", "boolean", "integer", "double", "string", "bytes")]) | (
    st.sampled_from(["timestampValue", "geoPointValue", "arrayValue", "mapValue", "values", "fields", "latitude", "x"])
)
ANY_SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["5", "-0", "1.5", "AAA=", "NaN", "NULL_VALUE", "2026-11-30T04:05:06Z", "9999-12-31T23:59:59-00:01"]
    )
)
ANY_JSON = st.recursive(
    ANY_SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=6
)


@settings(max_examples=examples(1500))
@given(st.dictionaries(NAMES, ANY_JSON, max_size=2))
def test_any_json_is_refused_or_read_as_by_protobuf(data: Any) -> None:
    ours = VALUE()
    try:
        read(ours, data)
    except Malformed:
        return
    assert ours.SerializeToString(deterministic=True) == ParseDict(data, VALUE()).SerializeToString(deterministic=True)


def test_an_error_says_no_value() -> None:
    with pytest.raises(Malformed) as refused:
        read(VALUE(), {"integerValue": "Aster"})
    assert "Aster" not in str(refused.value)


def test_base64_may_be_that_of_urls_and_without_padding() -> None:
    value = VALUE()
    read(value, {"bytesValue": "-_8"})
    assert value.bytes_value == b"\xfb\xff"


def test_the_place_of_a_problem_is_said() -> None:
    with pytest.raises(Malformed, match=r"at 'writes\.update\.fields\.x\.integerValue'"):
        read(Commit(), {"writes": [{"update": {"fields": {"x": {"integerValue": "five"}}}}]})


def test_null_is_a_field_that_is_not_set() -> None:
    commit = Commit()
    read(commit, {"database": None, "writes": None, "transaction": None})
    assert commit == Commit()
