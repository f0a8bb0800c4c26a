"""No request may set a field that the server keeps: authorship, authority, keys, states and numbers."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, ValidationError

from infra.record_types import record_types
from shared.records.record import Record, Value
from shared.records.types import Id
from tests.support.operation_cases import operations
from tests.support.server_fields import SERVER_FIELDS

BODIES = {name: operation.body for name, operation in operations().items() if operation.body}


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models of an annotation, and those of their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def accepted(model: type[BaseModel], names: frozenset[str]) -> set[str]:
    """The names that the model does not refuse as unknown."""
    with pytest.raises(ValidationError) as raised:
        model.model_validate(dict.fromkeys(names))
    unknown = {error["loc"][0] for error in raised.value.errors() if error["type"] == "extra_forbidden"}
    return set(names) - unknown


@pytest.mark.parametrize("name", BODIES)
def test_no_body_has_a_field_of_the_server(name: str) -> None:
    assert accepted(BODIES[name], SERVER_FIELDS) == set()


@pytest.mark.parametrize("name", BODIES)
def test_a_body_refuses_every_field_of_a_record_that_is_not_its_own(name: str) -> None:
    stored = frozenset(field for record in record_types() for field in record.model_fields)
    body = BODIES[name]

    assert accepted(body, stored) <= body.model_fields.keys()


@pytest.mark.parametrize("name", BODIES)
def test_every_part_of_a_body_refuses_unknown_fields(name: str) -> None:
    lenient = [model.__name__ for model in models_in(BODIES[name]) if model.model_config.get("extra") != "forbid"]

    assert lenient == []


def test_the_fields_of_the_server_are_those_of_records_and_documents() -> None:
    stored = {field for record in record_types() for field in record.model_fields}

    assert Record.model_fields.keys() <= SERVER_FIELDS
    assert SERVER_FIELDS - stored == {"clinic_id", "clinic", "tokens", "sealed", "schema", "care", "retained"}
    assert len(BODIES) > 15


class Planted(Value):
    signed_by: Id | None = None


class Lenient(BaseModel):
    part: list[Planted] | None = None


def test_a_planted_field_and_a_planted_lenient_model_are_found() -> None:
    assert accepted(Planted, SERVER_FIELDS) == {"signed_by"}
    assert {model.__name__: model.model_config.get("extra") for model in models_in(Lenient)} == {
        "Lenient": None,
        "Planted": "forbid",
    }
