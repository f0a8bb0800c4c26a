"""The description of the API: valid, complete, with true examples, and silent about what no client sees."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

from infra.catalogue import ROOT
from infra.record_types import record_types
from shared.records import problems
from shared.records.page import Page
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.problems import Problem
from shared.records.types import Role
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import DOCTORS, FRONT_DESK, Operation, RawBody
from shared.web.response import problem_response
from shared.web.serialization import Document, hidden
from tools.openapi.describe import describe
from tools.openapi.document import DOCUMENT, apis, document, document_text
from tools.openapi.names import operation_id, operation_name, operations_of, path_of
from tools.openapi.operation_cases import CASES
from tools.openapi.problems import TRACE, example_of
from tools.openapi.tables import PAGE, page_text

OPERATIONS = [pytest.param(api, operation, id=operation_id(api, operation)) for api, operation in operations_of(apis())]
every_operation = pytest.mark.parametrize(("api", "operation"), OPERATIONS)


def described(api: Api, operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][path_of(api, operation)][operation.method.lower()]
    return found


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference within the document refers to; anything else itself."""
    for step in node.get("$ref", "#").split("/")[1:]:
        node = node[step] if step != "components" else document()["components"]
    return node


def faults(schema: Mapping[str, Any], example: Any, **more: Any) -> list[str]:
    """What of an example is not as its schema says."""
    whole = {**schema, **more, "components": document()["components"]}
    return [f"{error.json_path}: {error.message}" for error in OAS31Validator(whole).iter_errors(example)]


def test_the_document_is_valid_openapi_3_1() -> None:
    made = dict(document())

    validate(made)

    assert made["openapi"] == "3.1.0"


def test_the_kept_document_and_table_are_what_the_code_gives() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document_text(), "make openapi"
    assert PAGE.read_text(encoding="utf-8") == page_text(PAGE.read_text(encoding="utf-8")), "make openapi"


def test_a_table_that_was_edited_by_hand_is_written_anew() -> None:
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
    assert [p["name"] for p in found["parameters"] if p["in"] == "path"] == list(operation.parameters)
    assert set(found.get("requestBody", {"content": {}})["content"]) == set(operation.media_types)


@every_operation
def test_the_headers_that_an_operation_needs_are_required(api: Api, operation: Operation) -> None:
    headers = {p["name"]: p["required"] for p in described(api, operation)["parameters"] if p["in"] == "header"}

    assert headers.get("Idempotency-Key", False) == operation.requires_idempotency_key
    assert headers.get("If-Match", False) == operation.requires_if_match
    assert headers["traceparent"] is False


@every_operation
def test_the_query_of_an_operation_is_described_and_may_be_left_out(api: Api, operation: Operation) -> None:
    asked = {p["name"]: p for p in described(api, operation)["parameters"] if p["in"] == "query"}

    assert set(asked) == set(operation.query.model_fields if operation.query else ())
    for parameter in asked.values():
        assert not parameter["required"]
        assert {"type": "null"} not in parameter["schema"].get("anyOf", [])
        assert parameter["schema"].get("default", ...) is not None


# Examples


@every_operation
def test_every_operation_has_examples_that_are_as_its_schemas_say(api: Api, operation: Operation) -> None:
    found = described(api, operation)
    name = operation_name(api, operation)
    assert name in CASES, f"{name} has no case: add one to tools/openapi/operation_cases"

    for parameter in found["parameters"]:
        assert ("example" in parameter) or parameter["in"] == "query", parameter["name"]
        if "example" in parameter:
            assert faults(parameter["schema"], parameter["example"]) == [], parameter["name"]
    if operation.body:
        contents = found["requestBody"]["content"].values()
        assert [fault for content in contents for fault in faults(content["schema"], content["example"])] == []
        operation.body.model_validate_json(json.dumps(CASES[name].body))
    answered = found["responses"][str(operation.status)].get("content", {}).get("application/json")
    if answered:
        assert faults(answered["schema"], answered["example"], unevaluatedProperties=False) == []


def test_every_example_is_of_an_operation() -> None:
    assert set(CASES) - {operation_name(api, operation) for api, operation in operations_of(apis())} == set()


def test_an_example_that_is_not_as_the_schema_says_is_noticed() -> None:
    found = document()["components"]["schemas"]["NewPatient"]
    body = CASES["patients.register"].body

    assert faults(found, body) == []
    assert any("first_name" in fault for fault in faults(found, {**body, "first_name": ""}))
    assert any("age" in fault for fault in faults(found, {**body, "age": 5}))


# Refusals


@every_operation
def test_the_refusals_that_fit_an_operation_are_described(api: Api, operation: Operation) -> None:
    answers = described(api, operation)["responses"].keys()

    assert {str(operation.status), "401", "403", "404", "422", "500", "503"} <= answers
    assert ({"413", "415"} <= answers) == bool(operation.media_types)
    assert ({"412", "428"} <= answers) == operation.accepts_if_match
    assert ("400" in answers) == bool(operation.body or operation.accepts_idempotency_key or operation.accepts_if_match)


@every_operation
def test_every_refusal_has_examples_as_the_api_words_it(api: Api, operation: Operation) -> None:
    answers = described(api, operation)["responses"]

    for status in sorted(status for status in answers if int(status) >= 400):
        content = resolved(answers[status])["content"]["application/problem+json"]
        assert content["examples"]
        for name, example in content["examples"].items():
            assert example["value"]["status"] == int(status)
            assert example["value"]["type"] == f"urn:synapseai:problem:{name}"
            assert faults(content["schema"], example["value"], unevaluatedProperties=False) == []


def test_problems_are_told_apart_by_their_type() -> None:
    schemas = document()["components"]["schemas"]
    kinds = {name: schema["allOf"][1] for name, schema in schemas.items() if name.endswith("Problem")}

    types = [kind["properties"]["type"]["const"] for kind in kinds.values()]

    assert len(set(types)) == len(types) > 10
    assert schemas["NotFoundProblem"]["allOf"][1]["properties"]["status"]["const"] == 404
    assert all({"type", "status"} <= set(kind["required"]) for kind in kinds.values())


def test_a_warning_of_duplicates_names_them() -> None:
    responses = document()["paths"]["/api/v1/patients"]["post"]["responses"]

    both = resolved(responses["409"])["content"]["application/problem+json"]

    assert [one["$ref"].rpartition("/")[2] for one in both["schema"]["oneOf"]] == [
        "ConflictProblem",
        "DuplicateProblem",
    ]
    assert both["examples"]["duplicate"]["value"]["duplicates"]


@pytest.mark.parametrize("kind", [problems.Problem, *problems.Problem.__subclasses__()])
def test_what_a_kind_of_problem_says_besides_is_described(kind: type[Problem]) -> None:
    schemas = document()["components"]["schemas"]
    name = f"{kind.name.title().replace('-', '')}Problem"
    if name not in schemas:
        assert kind is problems.MethodNotAllowed, "a path that is described has the method"
        return

    said = json.loads(problem_response(example_of(kind), TRACE).get_data())

    assert faults(schemas[name], said, unevaluatedProperties=False) == []
    assert set(example_of(kind).members) == set(schemas[name]["allOf"][1]["properties"]) - {"type", "status"}


# What there is, and what not


def test_nothing_is_described_that_is_not_there() -> None:
    methods = [method for path in document()["paths"].values() for method in path]

    assert len(methods) == len(OPERATIONS)


def test_operations_have_names_of_their_own() -> None:
    names = [operation_id(api, operation) for api, operation in operations_of(apis())]

    assert len(set(names)) == len(names)


def test_internal_fields_are_never_described() -> None:
    internal = {name for model in record_types() for name in hidden(model, clinical=True)}

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


def test_a_field_is_described_by_the_docstring_below_it() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["PatientWithAge"]["properties"]["owner_id"]["description"] == "The doctor who is responsible."
    assert schemas["Statement"]["properties"]["reason"]["description"] == "Why it was corrected or added."
    assert "Bytes." in schemas["Session"]["properties"]["audio_file_size"]["description"]


def test_a_field_with_a_default_says_it_in_words() -> None:
    """A generated type would require it."""
    new = document()["components"]["schemas"]["NewSession"]["properties"]

    assert new["type"]["description"].endswith('When it is not sent: `"consultation"`.')
    assert not any("default" in schema for schema in _schemas(document()["components"]["schemas"]))


def test_a_page_has_a_name() -> None:
    listed = document()["paths"]["/api/v1/patients"]["get"]["responses"]["200"]["content"]["application/json"]

    page = resolved(listed["schema"])

    assert listed["schema"]["$ref"].endswith("/PatientWithAgePage")
    assert page["properties"]["items"]["items"]["$ref"].endswith("/PatientWithAge")
    assert page["required"] == ["items", "next_page_token"]


def test_a_pdf_is_described_as_one() -> None:
    bill = document()["paths"]["/api/v1/bills/{id}/pdf"]["get"]

    assert list(bill["responses"]["200"]["content"]) == ["application/pdf"]


def test_describing_some_of_the_resources_leaves_the_others_out() -> None:
    made = describe([api for api in apis() if api.resource == "bills"], "Bills", "2")

    validate(made)

    assert all(path.startswith("/api/v1/bills") for path in made["paths"])
    assert "Patient" not in made["components"]["schemas"]


# An API of our own


class Found(BaseModel):
    """A picture that was found."""

    name: str


def test_pictures_pages_and_nothing_are_described() -> None:
    api = Api("pictures")

    @api.get("/", roles=FRONT_DESK)
    def some(clinic: Clinic) -> Page[Found]:  # type: ignore[empty-body]
        """List pictures."""

    @api.get("/{id}", roles=FRONT_DESK)
    def one(clinic: Clinic, id: str) -> Annotated[Document, "image/png", "image/jpeg"]:  # type: ignore[empty-body]
        """Get a picture."""

    @api.put("/{id}", roles=DOCTORS)
    def put(clinic: Clinic, id: str, picture: Annotated[bytes, RawBody(("image/png",), 9)]) -> None:
        """Put a picture."""

    made = describe([api], "Pictures", "1")
    validate(made)
    of_one = made["paths"]["/api/v1/pictures/{id}"]

    assert list(of_one["get"]["responses"]["200"]["content"]) == ["image/png", "image/jpeg"]
    assert list(of_one["put"]["requestBody"]["content"]) == ["image/png"]
    assert "content" not in of_one["put"]["responses"]["200"]
    assert of_one["put"]["x-roles"] == [Role.DOCTOR]
    assert made["components"]["schemas"]["FoundPage"]["description"]


def test_no_function_loads_what_is_not_deployed() -> None:
    script = (
        "import sys, importlib\n"
        f"for name in {[api.resource for api in apis()]}: importlib.import_module(f'functions.{{name}}.main')\n"
        "wrong = {'tools', 'local', 'infra', 'bench', 'tests'}\n"
        "print(sorted(wrong & {name.partition('.')[0] for name in sys.modules}))"
    )

    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def _schemas(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema of a property, however deep."""
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
