"""GST registration numbers, and the states of addresses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.records.taxes.gstin import OTHER_COUNTRY, STATES, Gstin, check_digit, state_named

READER = TypeAdapter[str](Gstin)
KNOWN = "27AAPFU0939F1ZV"


@pytest.mark.parametrize("number", [KNOWN, "29AAGCB7383J1Z4", "24AAACC1206D1ZM"])
def test_published_numbers_are_taken(number: str) -> None:
    assert READER.validate_json(json.dumps(number)) == number


@given(st.integers(0, 14), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_is_noticed(at: int, character: str) -> None:
    wrong = KNOWN[:at] + character + KNOWN[at + 1 :]
    if wrong == KNOWN:
        return
    with pytest.raises(ValidationError):
        READER.validate_json(json.dumps(wrong))


@pytest.mark.parametrize("body", ["99AAPFU0939F1Z", "28AAPFU0939F1Z"])
def test_a_number_of_no_state_is_refused(body: str) -> None:
    with pytest.raises(ValidationError, match="code of a state"):
        READER.validate_json(json.dumps(body + check_digit(body)))


@pytest.mark.parametrize(
    ("region", "country", "code"),
    [
        ("Karnataka", None, "29"),
        ("  karnataka ", "IN", "29"),
        ("KA", "IN", "29"),
        ("IN-KA", None, "29"),
        ("Jammu & Kashmir", "IN", "01"),
        ("Orissa", "IN", "21"),
        ("Bavaria", "DE", OTHER_COUNTRY),
        (None, "DE", OTHER_COUNTRY),
        (None, "IN", None),
        ("Somewhere", "IN", None),
        ("", None, None),
    ],
)
def test_the_state_of_an_address_is_told_or_unknown(region: str | None, country: str | None, code: str | None) -> None:
    assert state_named(region, country) == code


def test_every_state_is_found_by_its_name() -> None:
    assert {state_named(name, "IN") for name in STATES.values()} == STATES.keys()
