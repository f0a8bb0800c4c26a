"""The OpenAPI document: valid, complete, with valid examples and without internal fields."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

from infra import catalogue
from infra.catalogue import ROOT, HttpFunction
from infra.record_types import record_types
from shared.records import problems
from shared.records.page import Page
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.problems import Problem
from shared.records.types import Role
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import DOCTORS, FRONT_DESK, Operation
from shared.web.response import problem_response
from shared.web.serialization import Document, hidden
from shared.web.signatures import RawBody
from tools.openapi.describe import describe
from tools.openapi.document import DOCUMENT, apis, document, document_text
from tools.openapi.names import operation_id, operation_name, operations_of, path_of
from tools.openapi.operation_cases import CASES
from tools.openapi.plain_names import plain_names
from tools.openapi.problems import TRACE, example_of
from tools.openapi.tables import PAGE, page_text

OPERATIONS = [pytest.param(api, operation, id=operation_id(api, operation)) for api, operation in operations_of(apis())]
every_operation = pytest.mark.parametrize(("api", "operation"), OPERATIONS)


def described(api: Api, operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][path_of(api, operation)][operation.method.lower()]
    return found


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target of a reference within the document; any other node unchanged."""
    for step in node.get("$ref", "#").split("/")[1:]:
        node = node[step] if step != "components" else document()["components"]
    return node


def schema_errors(schema: Mapping[str, Any], example: Any, **keywords: Any) -> list[str]:
    """The violations of a schema by an example; `keywords` are added to the schema."""
    whole = {**schema, **keywords, "components": document()["components"]}
    return [f"{error.json_path}: {error.message}" for error in OAS31Validator(whole).iter_errors(example)]


def test_the_document_is_valid_openapi_3_1() -> None:
    whole = dict(document())

    validate(whole)

    assert whole["openapi"] == "3.1.0"


def test_the_kept_document_and_table_are_what_the_code_gives() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document_text(), "run `make openapi`"
    assert PAGE.read_text(encoding="utf-8") == page_text(PAGE.read_text(encoding="utf-8")), "run `make openapi`"


def test_a_manual_change_of_the_table_is_overwritten() -> None:
    written = PAGE.read_text(encoding="utf-8")
    row = next(line for line in written.splitlines() if line.startswith("| `POST /sessions`"))

    assert page_text(written.replace(row, row.replace("✓", " "))) == page_text(written)
    with pytest.raises(ValueError, match="has not one place for the table"):
        page_text("no markers")


@every_operation
def test_every_operation_is_described_with_its_roles(api: Api, operation: Operation) -> None:
    found = described(api, operation)

    assert found["summary"] == operation.summary != ""
    assert found["x-roles"] == sorted(operation.roles)
    assert [p["name"] for p in found["parameters"] if p["in"] == "path"] == list(operation.signature.parameters)
    assert set(found.get("requestBody", {"content": {}})["content"]) == set(operation.media_types)


@every_operation
def test_the_headers_that_an_operation_needs_are_required(api: Api, operation: Operation) -> None:
    headers = {p["name"]: p["required"] for p in described(api, operation)["parameters"] if p["in"] == "header"}

    assert headers.get("Idempotency-Key", False) == operation.requires_idempotency_key
    assert headers.get("If-Match", False) == operation.requires_if_match
    assert headers["traceparent"] is False


@every_operation
def test_query_parameters_are_described_and_optional(api: Api, operation: Operation) -> None:
    parameters = {p["name"]: p for p in described(api, operation)["parameters"] if p["in"] == "query"}

    assert set(parameters) == set(operation.query.model_fields if operation.query else ())
    for parameter in parameters.values():
        assert not parameter["required"] or operation.upload  # whose body cannot say it
        assert {"type": "null"} not in parameter["schema"].get("anyOf", [])
        assert parameter["schema"].get("default", ...) is not None


# Examples


@every_operation
def test_every_operation_has_examples_that_match_its_schemas(api: Api, operation: Operation) -> None:
    found = described(api, operation)
    name = operation_name(api, operation)
    assert name in CASES, f"{name} has no case: add one to tools/openapi/operation_cases"

    for parameter in found["parameters"]:
        assert ("example" in parameter) or parameter["in"] == "query", parameter["name"]
        if "example" in parameter:
            assert schema_errors(parameter["schema"], parameter["example"]) == [], parameter["name"]
    if operation.body:
        contents = found["requestBody"]["content"].values()
        assert [error for content in contents for error in schema_errors(content["schema"], content["example"])] == []
        operation.body.model_validate_json(json.dumps(CASES[name].body))
    content = found["responses"][str(operation.status)].get("content", {}).get("application/json")
    if content:
        assert schema_errors(content["schema"], content["example"], unevaluatedProperties=False) == []


def test_every_example_belongs_to_an_operation() -> None:
    assert set(CASES) - {operation_name(api, operation) for api, operation in operations_of(apis())} == set()


def test_an_example_that_violates_its_schema_is_detected() -> None:
    found = document()["components"]["schemas"]["NewPatient"]
    body = CASES["patients.register"].body

    assert schema_errors(found, body) == []
    assert any("first_name" in error for error in schema_errors(found, {**body, "first_name": ""}))
    assert any("age" in error for error in schema_errors(found, {**body, "age": 5}))


# Problems


@every_operation
def test_the_error_statuses_of_an_operation_are_described(api: Api, operation: Operation) -> None:
    responses = described(api, operation)["responses"].keys()

    assert {str(operation.status), "401", "403", "404", "422", "500", "503"} <= responses
    assert ({"413", "415"} <= responses) == bool(operation.media_types)
    assert ({"412", "428"} <= responses) == operation.accepts_if_match
    digested = operation.upload is not None and operation.upload.digested
    assert ("400" in responses) == bool(
        digested or operation.body or operation.accepts_idempotency_key or operation.accepts_if_match
    )


@every_operation
def test_every_error_status_has_examples_of_its_problems(api: Api, operation: Operation) -> None:
    answers = described(api, operation)["responses"]

    for status in sorted(status for status in answers if int(status) >= 400):
        content = resolved(answers[status])["content"]["application/problem+json"]
        assert content["examples"]
        for name, example in content["examples"].items():
            assert example["value"]["status"] == int(status)
            assert example["value"]["type"] == f"urn:synapseai:problem:{name}"
            assert schema_errors(content["schema"], example["value"], unevaluatedProperties=False) == []


def test_every_problem_has_its_own_type() -> None:
    schemas = document()["components"]["schemas"]
    kinds = {name: schema["allOf"][1] for name, schema in schemas.items() if name.endswith("Problem")}

    types = [kind["properties"]["type"]["const"] for kind in kinds.values()]

    assert len(set(types)) == len(types) > 10
    assert schemas["NotFoundProblem"]["allOf"][1]["properties"]["status"]["const"] == 404
    assert all({"type", "status"} <= set(kind["required"]) for kind in kinds.values())


def test_a_duplicate_problem_lists_the_duplicates() -> None:
    responses = document()["paths"]["/api/v1/patients"]["post"]["responses"]

    conflict = resolved(responses["409"])["content"]["application/problem+json"]

    assert [one["$ref"].rpartition("/")[2] for one in conflict["schema"]["oneOf"]] == [
        "ConflictProblem",
        "DuplicateProblem",
    ]
    assert conflict["examples"]["duplicate"]["value"]["duplicates"]


@pytest.mark.parametrize("kind", [problems.Problem, *problems.Problem.__subclasses__()])
def test_the_extension_members_of_a_problem_are_described(kind: type[Problem]) -> None:
    schemas = document()["components"]["schemas"]
    name = f"{kind.name.title().replace('-', '')}Problem"
    if name not in schemas:
        assert kind is problems.MethodNotAllowed, "only an undescribed method has this problem"
        return

    body = json.loads(problem_response(example_of(kind), TRACE).get_data())

    assert schema_errors(schemas[name], body, unevaluatedProperties=False) == []
    assert set(example_of(kind).members) == set(schemas[name]["allOf"][1]["properties"]) - {"type", "status"}


# Content of the document


def test_only_existing_operations_are_described() -> None:
    methods = [method for path in document()["paths"].values() for method in path]

    assert len(methods) == len(OPERATIONS)


def test_operation_ids_are_unique() -> None:
    names = [operation_id(api, operation) for api, operation in operations_of(apis())]

    assert len(set(names)) == len(names)


def test_internal_fields_are_never_described() -> None:
    internal = {name for model in record_types() for name in hidden(model, clinical=True)}

    assert {"record_key", "live", "parts", "operation_name"} <= internal
    shown_elsewhere = {"opened_at"}  # internal of links, shown of live recordings
    assert (internal - shown_elsewhere).isdisjoint(_property_names(document()))


def test_clinical_fields_are_marked_and_not_required() -> None:
    patient = document()["components"]["schemas"]["Patient"]

    marked = {name for name, schema in patient["properties"].items() if schema.get("x-clinical")}

    assert marked == fields_of(Patient).clinical != set()
    assert marked.isdisjoint(patient["required"])
    assert {"first_name", "tags", "age"} <= set(patient["required"])


def test_unknown_fields_are_rejected_in_requests_and_allowed_in_responses() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["NewPatient"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Patient"]


def test_a_field_is_described_by_the_docstring_below_it() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["Patient"]["properties"]["owner_id"]["description"] == "The doctor who is responsible."
    assert schemas["Statement"]["properties"]["reason"]["description"] == (
        "Why it was corrected or added: one of the usual reasons, or free text."
    )
    assert "Bytes." in schemas["Session"]["properties"]["audio_file_size"]["description"]


def test_the_default_of_a_field_is_in_its_description() -> None:
    """Not in `default`: a generated type would require a field with a default."""
    new = document()["components"]["schemas"]["NewSession"]["properties"]

    assert new["type"]["description"].endswith('When it is not sent: `"consultation"`.')
    assert not any("default" in schema for schema in _schemas(document()["components"]["schemas"]))


def test_a_page_has_a_name() -> None:
    content = document()["paths"]["/api/v1/patients"]["get"]["responses"]["200"]["content"]["application/json"]

    page = resolved(content["schema"])

    assert content["schema"]["$ref"].endswith("/PatientPage")
    assert page["properties"]["items"]["items"]["$ref"].endswith("/Patient")
    assert page["required"] == ["items", "next_page_token"]


def test_a_page_with_more_fields_has_a_name_of_its_own() -> None:
    content = document()["paths"]["/api/v1/patients/search"]["post"]["responses"]["200"]["content"]["application/json"]

    page = resolved(content["schema"])

    assert content["schema"]["$ref"].endswith("/PatientSearchPage")
    assert page["required"] == ["items", "next_page_token", "notice"]
    assert {"type": "null"} in page["properties"]["notice"]["anyOf"]


def test_durations_are_seconds_but_for_the_documented_exceptions() -> None:
    other_units = re.compile(r"\w+_(?:ms|milliseconds|minutes|hours|days)")
    fields = {name for schema in document()["components"]["schemas"].values() for name in schema.get("properties", {})}
    (rule,) = re.findall(r"- \*\*Durations\*\* (.*?)\n- ", PAGE.read_text(encoding="utf-8"), re.S)

    assert {name for name in fields if other_units.fullmatch(name)} == set(other_units.findall(rule))


def test_names_of_schemas_do_not_show_how_they_were_made() -> None:
    schemas = document()["components"]["schemas"]

    assert {"Patient", "PatientPage", "Report", "NamedReport", "Address", "AddressInput"} <= schemas.keys()
    assert not [name for name in schemas if re.search(r"With(?!drawal)|-", name)]
    assert schemas["Patient"]["title"] == "Patient"


def test_a_name_that_is_taken_is_not_given_twice() -> None:
    assert plain_names({"Address-Output", "Address", "AddressPatch"}, []) == {}
    assert plain_names({"Address-Output", "Address-Input"}, []) == {
        "Address-Output": "Address",
        "Address-Input": "AddressInput",
    }


def test_a_pdf_has_its_media_type() -> None:
    bill = document()["paths"]["/api/v1/bills/{id}/pdf"]["get"]

    assert list(bill["responses"]["200"]["content"]) == ["application/pdf"]


def test_a_document_of_some_resources_omits_the_others() -> None:
    whole = describe([api for api in apis() if api.resource == "bills"], "Bills", "2")

    validate(whole)

    assert all(path.startswith("/api/v1/bills") for path in whole["paths"])
    assert "Patient" not in whole["components"]["schemas"]


# A test API


class Picture(BaseModel):
    """A picture."""

    name: str


def test_binary_paged_and_empty_responses_are_described() -> None:
    api = Api("pictures")

    @api.get("/", roles=FRONT_DESK)
    def index(clinic: Clinic) -> Page[Picture]:  # type: ignore[empty-body]
        """List pictures."""

    @api.get("/{id}", roles=FRONT_DESK)
    def one(clinic: Clinic, id: str) -> Annotated[Document, "image/png", "image/jpeg"]:  # type: ignore[empty-body]
        """Get a picture."""

    @api.put("/{id}", roles=DOCTORS)
    def put(clinic: Clinic, id: str, picture: Annotated[bytes, RawBody(("image/png",), 9)]) -> None:
        """Put a picture."""

    whole = describe([api], "Pictures", "1")
    validate(whole)
    picture_path = whole["paths"]["/api/v1/pictures/{id}"]

    assert list(picture_path["get"]["responses"]["200"]["content"]) == ["image/png", "image/jpeg"]
    assert list(picture_path["put"]["requestBody"]["content"]) == ["image/png"]
    assert "content" not in picture_path["put"]["responses"]["200"]
    assert picture_path["put"]["x-roles"] == [Role.DOCTOR]
    assert whole["components"]["schemas"]["PicturePage"]["description"]


def test_no_function_imports_packages_that_are_not_deployed() -> None:
    names = [function.name for function in catalogue.load().of_kind(HttpFunction)]
    script = (
        "import sys, importlib\n"
        f"for name in {names}: importlib.import_module(f'functions.{{name}}.main')\n"
        "undeployed = {'tools', 'local', 'infra', 'bench', 'tests'}\n"
        "print(sorted(undeployed & {name.partition('.')[0] for name in sys.modules}))"
    )

    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def _schemas(node: Any) -> Iterator[Mapping[str, Any]]:
    """The schemas of all properties, at any depth."""
    for child in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _schemas(child)
    if isinstance(node, Mapping) and isinstance(node.get("properties"), Mapping):
        yield from node["properties"].values()


def _property_names(node: Any) -> set[str]:
    """The names of all properties of all schemas in a document."""
    if isinstance(node, list):
        return set().union(*map(_property_names, node))
    if not isinstance(node, dict):
        return set()
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return own.union(*map(_property_names, node.values()))
