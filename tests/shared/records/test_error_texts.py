"""The texts of invalid fields name what is possible, in the words of the API and never in those of pydantic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.records.billing.payments import NewPayment
from shared.records.clinic.people import NewUser
from shared.records.patients.update import NewPatient
from shared.records.validation import field_errors
from shared.records.visits.recording import NewUpload
from shared.records.visits.requests import SessionChange
from tests.support.operation_cases import operations

WRONG: tuple[Any, ...] = (
    None,
    True,
    "",
    "?",
    "x" * 100_001,
    -1,
    1.5,
    10**12,
    [],
    {},
    ["?"],
    [{}],
    [None] * 2_000,
    {"?": 1},
)
"""Values of which most fields take none."""


def texts(model: type[BaseModel], values: Any) -> dict[str, str]:
    """What is wrong, by JSON pointer."""
    try:
        model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        return {field.pointer: field.detail for field in field_errors(error)}
    return {}


@pytest.mark.parametrize(
    ("model", "values", "text"),
    [
        (NewUser, {"email": "asha@clinic"}, "write an e-mail address, such as name@example.com"),
        (NewUser, {"roles": []}, "must not be empty"),
        (NewPatient, {"preferred_language": "the local one"}, "write a language of BCP 47, such as en-IN"),
        (NewPatient, {"address": "India"}, "must be an object"),
        (NewPatient, {"first_name": "x" * 300}, "must have at most 200 characters"),
        (NewUpload, {"content_type": "x" * 201}, "must have at most 200 characters"),
        (SessionChange, {"billing_code": "A; B"}, "write a code of CPT or HCPCS, such as 99213"),
        (NewUpload, {"size_bytes": 0}, "must be more than 0"),
        (NewPayment, {"amount": 10.5}, "must be a whole number"),
        (NewPayment, {"method": "shells"}, "must be 'cash', 'credit_card', "),
        (NewPayment, {"tip": 1}, "is not known here"),
        (NewPayment, {}, "is required"),
    ],
)
def test_a_text_says_what_to_write_instead(model: type[BaseModel], values: dict[str, Any], text: str) -> None:
    assert any(found.startswith(text) for found in texts(model, values).values()), texts(model, values)


def bodies() -> Iterator[type[BaseModel]]:
    yield from {operation.body for operation in operations().values() if operation.body}


def test_no_request_is_answered_in_the_words_of_pydantic() -> None:
    found = {
        text: (model.__name__, name)
        for model in bodies()
        for name in model.model_fields
        for wrong in WRONG
        for text in texts(model, {name: wrong}).values()
    }

    assert len(found) > 20
    assert {text: field for text, field in found.items() if "should" in text.lower() or "input" in text.lower()} == {}
