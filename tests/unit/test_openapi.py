"""The description of the API: valid, complete, and silent about what no client sees."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from local import catalogue
from local.catalogue import HttpFunction
from local.openapi import document
from shared.records.patient import Patient
from shared.records.privacy import fields_of
from shared.records.record import Record
from shared.web.api import PREFIX, Api
from shared.web.openapi import describe
from shared.web.operations import Operation
from shared.web.views import hidden

APIS: list[Api] = [
    importlib.import_module(f"functions.{function.name}.main").api
    for function in catalogue.load().of_kind(HttpFunction)
]
OPERATIONS = [pytest.param(api, operation, id=operation.name) for api in APIS for operation in api.operations]


def test_the_document_is_valid_openapi_3_1() -> None:
    described = dict(document())

    validate(described)

    assert described["openapi"] == "3.1.0"


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_every_operation_is_described_with_its_roles(api: Api, operation: Operation) -> None:
    described = _described(api, operation)

    assert described["summary"] == operation.summary != ""
    assert described["x-roles"] == sorted(operation.roles)
    assert [p["name"] for p in described["parameters"] if p["in"] == "path"] == list(operation.parameters)
    assert ("requestBody" in described) == (operation.body is not None)


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_the_headers_that_an_operation_needs_are_required(api: Api, operation: Operation) -> None:
    described = _described(api, operation)

    headers = {p["name"]: p["required"] for p in described["parameters"] if p["in"] == "header"}

    assert headers.get("Idempotency-Key", False) == operation.once
    assert headers.get("If-Match", False) == operation.changes
    assert headers["traceparent"] is False


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_the_refusals_that_fit_an_operation_are_described(api: Api, operation: Operation) -> None:
    answers = _described(api, operation)["responses"].keys()

    assert {str(operation.status), "401", "403", "404", "500", "503"} <= answers
    assert ({"413", "415", "422"} <= answers) == (operation.body is not None)
    assert ({"412", "428"} <= answers) == operation.takes_revision


def test_nothing_is_described_that_is_not_there() -> None:
    described = [method for path in document()["paths"].values() for method in path]

    assert len(described) == sum(len(api.operations) for api in APIS)


def test_internal_fields_are_never_described() -> None:
    internal = {name for model in _records(Record) for name in hidden(model, clinical=True)}

    assert {"record_key", "live", "parts", "operation_name"} <= internal
    assert internal.isdisjoint(_property_names(document()))


def test_clinical_fields_are_marked_and_not_promised() -> None:
    patient = document()["components"]["schemas"]["PatientWithAge"]

    marked = {name for name, schema in patient["properties"].items() if schema.get("x-clinical")}

    assert marked == fields_of(Patient).clinical != set()
    assert marked.isdisjoint(patient["required"])
    assert {"first_name", "tags", "age"} <= set(patient["required"])


def test_unknown_fields_are_refused_in_requests_and_may_come_in_answers() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["NewPatient"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["PatientWithAge"]


def test_a_pdf_is_described_as_one() -> None:
    described = document()["paths"][f"{PREFIX}/bills/{{id}}/pdf"]["get"]

    assert list(described["responses"]["200"]["content"]) == ["application/pdf"]


def test_describing_some_of_the_resources_leaves_the_others_out() -> None:
    described = describe([api for api in APIS if api.resource == "bills"], "Bills", "2")

    validate(described)

    assert all(path.startswith(f"{PREFIX}/bills") for path in described["paths"])
    assert "Patient" not in described["components"]["schemas"]


def _described(api: Api, operation: Operation) -> dict[str, Any]:
    path = f"{PREFIX}/{api.resource}{operation.path}".rstrip("/")
    described: dict[str, Any] = document()["paths"][path][operation.method.lower()]
    return described


def _records(model: type[Record]) -> Iterator[type[Record]]:
    """The product's records; other tests may have made some of their own."""
    for child in model.__subclasses__():
        if child.__module__.startswith("shared."):
            yield child
        yield from _records(child)


def _property_names(node: Any) -> set[str]:
    """The names of all properties of all schemas in a document."""
    if isinstance(node, list):
        return set().union(*map(_property_names, node))
    if not isinstance(node, dict):
        return set()
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return own.union(*map(_property_names, node.values()))
