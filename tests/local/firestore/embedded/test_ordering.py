"""Encoded values compare as Firestore compares values."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.services.firestore.embedded.messages import Value
from local.services.firestore.embedded.ordering import encode, inverted, successor

INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 0])
NUMBERS = INTEGERS | st.floats(allow_nan=False)
TEXTS = st.text(alphabet=st.sampled_from("\0\x01aéÿ\uffff😀"), max_size=4)


def number(value: float) -> bytes:
    return encode(Value(double_value=value) if isinstance(value, float) else Value(integer_value=value))


def text(value: str) -> bytes:
    return encode(Value(string_value=value))


def array(*elements: Any) -> Any:
    value = Value()
    value.array_value.SetInParent()
    for element in elements:
        value.array_value.values.add().CopyFrom(element)
    return value


@given(NUMBERS, NUMBERS)
def test_integers_and_doubles_compare_exactly(one: float, other: float) -> None:
    assert (number(one) < number(other)) == (one < other)
    assert (number(one) == number(other)) == (one == other)


@given(NUMBERS)
def test_nan_sorts_before_every_number(value: float) -> None:
    assert number(math.nan) < number(value)


@given(TEXTS, TEXTS)
def test_strings_compare_by_their_utf8_bytes(one: str, other: str) -> None:
    assert (text(one) < text(other)) == (one.encode() < other.encode())


@given(st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=3))
def test_arrays_compare_by_element_and_then_by_length(one: list[str], other: list[str]) -> None:
    encoded = [encode(array(*(Value(string_value=each) for each in values))) for values in (one, other)]

    assert (encoded[0] < encoded[1]) == ([each.encode() for each in one] < [each.encode() for each in other])


def test_types_sort_in_the_documented_order() -> None:
    timestamp, point, mapping = Value(), Value(), Value()
    timestamp.timestamp_value.seconds = -1
    point.geo_point_value.SetInParent()
    mapping.map_value.SetInParent()
    in_order = [
        Value(null_value=0),
        Value(boolean_value=False),
        Value(boolean_value=True),
        Value(double_value=math.nan),
        Value(double_value=-math.inf),
        Value(integer_value=0),
        timestamp,
        Value(string_value=""),
        Value(bytes_value=b""),
        Value(reference_value="projects/p/databases/d/documents/a/b"),
        point,
        array(),
        mapping,
    ]
    encoded = [encode(value) for value in in_order]

    assert encoded == sorted(encoded)
    assert len(set(encoded)) == len(encoded)


def test_zero_and_minus_zero_are_equal() -> None:
    assert number(0.0) == number(-0.0) == number(0)


def test_document_names_sort_by_segment() -> None:
    names = ["a/b", "a/b/c/d", "a/b!", "a/bb"]
    encoded = [encode(Value(reference_value=f"projects/p/databases/d/documents/{name}")) for name in names]

    assert encoded == sorted(encoded)


@given(NUMBERS | TEXTS, NUMBERS | TEXTS)
def test_inverted_encodings_sort_in_reverse(one: float | str, other: float | str) -> None:
    first, second = (text(each) if isinstance(each, str) else number(each) for each in (one, other))

    assert (inverted(first) < inverted(second)) == (first > second)


@given(st.binary(min_size=1, max_size=4), st.binary(max_size=4), st.binary(max_size=8))
def test_the_successor_sorts_directly_after_all_keys_with_the_prefix(prefix: bytes, rest: bytes, other: bytes) -> None:
    assert prefix + rest < successor(prefix)
    if other >= prefix and not other.startswith(prefix) and successor(prefix) != b"\xff" * 64:
        assert other >= successor(prefix)
