"""Fuzzing: the responses to requests generated from the OpenAPI document conform to the document.

Runs with the same seed send the same requests. A run sends the examples, random requests and requests at the limits of
the schemas to a part of the operations, which the seed chooses; with `THOROUGH=1` to all operations.
`FUZZ_EXAMPLES=100` (`make fuzz`) sends all of them, and more random ones than a run of all tests has time for.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import schemathesis.openapi.checks as found
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError

from local.stack.stack import Stack
from shared.records.patients.patient import Patient
from tests.support.database import alter
from tests.support.fuzzing import Fuzzer
from tests.support.scenarios import Scenario, new_scenario
from tests.support.thorough import THOROUGH, sample

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
"""Random examples for each operation, in addition to those at the limits of its schema."""
ALL = THOROUGH or EXAMPLES >= 100
ONE_IN = 1 if EXAMPLES >= 100 else 4
"""One in this number of the requests at a limit is sent."""
PARTS = 8 if not ALL else 4
"""The operations are divided into so many parts, to fuzz one of them. All of them, and their sequences, take a
minute."""
LIMIT_PARTS = 48 if not ALL else 8
"""The same for the requests at the limits. All of them take three minutes of processor time."""
Description = dict[str, Any]


@pytest.fixture
def scenario(stack: Stack) -> Iterator[Scenario]:
    with new_scenario(stack) as scenario:
        yield scenario


@pytest.fixture
def description(scenario: Scenario) -> Description:
    """The OpenAPI document that the running stack serves."""
    served: Description = scenario.clinic.doctor.get("/openapi.json").ok().body
    return served


def operations_of(description: Description) -> list[tuple[str, str]]:
    """The id of each operation, with its method and path."""
    return [
        (operation["operationId"], f"{method.upper()} {path}")
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize("parts", [range(PARTS) if ALL else sample(range(PARTS), 1)], ids=str)
def test_fuzzing_finds_no_failure_and_each_operation_succeeds_at_least_once(
    parts: Iterable[int], scenario: Scenario, description: Description, tmp_path: Path
) -> None:
    chosen = [operation for part in parts for operation in operations_of(description)[part::PARTS]]
    options = [f"--include-operation-id={id}" for id, _ in chosen]
    phases = "--phases=examples,fuzzing" + (",stateful" if ALL else "")
    outcome = Fuzzer(scenario).run(description, tmp_path, phases, f"--max-examples={EXAMPLES}", *options)

    assert outcome.found_nothing, outcome.report
    documented = {label for _, label in chosen}
    succeeded = {label for label, answers in outcome.answered.items() if any(200 <= status < 300 for status in answers)}
    assert succeeded == documented, {label: outcome.answered[label] for label in documented - succeeded}


@pytest.mark.parametrize("part", range(LIMIT_PARTS) if ALL else sample(range(LIMIT_PARTS), 1))
def test_requests_at_the_limits_of_the_schemas_find_no_failure(
    part: int, scenario: Scenario, description: Description, tmp_path: Path
) -> None:
    options = [f"--include-operation-id={id}" for id, _ in operations_of(description)[part::LIMIT_PARTS]]
    outcome = Fuzzer(scenario).run(description, tmp_path, "--phases=coverage", *options, one_in=ONE_IN, long_texts=True)

    assert outcome.found_nothing, outcome.report
    assert outcome.answered


# Faults planted in one operation: in its response or in its description


def _operation(description: Description) -> Description:
    operation: Description = description["paths"]["/api/v1/patients/{id}"]["get"]
    return operation


def _corrupt_document(scenario: Scenario, _description: Description) -> None:
    alter(scenario.clinic, f"patients/{scenario.chart.id_of(Patient)}", {"number": "no number"})


def _undocumented_status(_scenario: Scenario, description: Description) -> None:
    del _operation(description)["responses"]["200"]


def _missing_field(_scenario: Scenario, description: Description) -> None:
    schema = _operation(description)["responses"]["200"]["content"]["application/json"]["schema"]
    schema.update({"allOf": [{"$ref": schema.pop("$ref")}, {"required": ["shoe_size"]}]})


def _undocumented_media_type(_scenario: Scenario, description: Description) -> None:
    content = _operation(description)["responses"]["200"]["content"]
    content["text/csv"] = content.pop("application/json")


def _missing_header(_scenario: Scenario, description: Description) -> None:
    _operation(description)["responses"]["200"]["headers"]["Last-Modified"] = {
        "required": True,
        "schema": {"type": "string"},
    }


def _invalid_request_accepted(_scenario: Scenario, description: Description) -> None:
    parameters = description["paths"]["/api/v1/patients"]["get"]["parameters"]
    next(parameter for parameter in parameters if parameter["name"] == "page_size")["schema"]["maximum"] = 50


def _valid_request_refused(_scenario: Scenario, description: Description) -> None:
    parameters = description["paths"]["/api/v1/patients"]["get"]["parameters"]
    next(parameter for parameter in parameters if parameter["name"] == "page_size")["schema"]["maximum"] = 101


@pytest.mark.parametrize(
    ("plant", "operation", "failure"),
    sample(
        [
            (_corrupt_document, "patients_get", ServerError),
            (_undocumented_status, "patients_get", found.UndefinedStatusCode),
            (_missing_field, "patients_get", found.JsonSchemaError),
            (_undocumented_media_type, "patients_get", found.UndefinedContentType),
            (_missing_header, "patients_get", found.MissingHeaders),
            (_invalid_request_accepted, "patients_newest", AcceptedNegativeData),
            (_valid_request_refused, "patients_newest", found.RejectedPositiveData),
        ],
        3,
    ),
)
def test_fuzzing_finds_a_planted_fault(
    plant: Callable[[Scenario, Description], None],
    operation: str,
    failure: type[Failure],
    scenario: Scenario,
    description: Description,
    tmp_path: Path,
) -> None:
    plant(scenario, description)

    options = (f"--include-operation-id={operation}", "--max-examples=1")
    outcome = Fuzzer(scenario).run(description, tmp_path, *options)

    assert not outcome.found_nothing
    assert failure.code in outcome.report, outcome.report


# Paths outside of the OpenAPI document


@pytest.mark.parametrize(
    "path",
    ["%2F", "/", "//x", "a%2Fb", "%0A", "%00", "%FF", "%ED%A0%80", "..", "%2E%2E/users", ".", "a;b", "%", "x" * 4_000],
)
def test_impossible_path_is_not_found(path: str, stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"))
    with closing(connection):
        connection.putrequest("GET", f"/api/v1/patients/{path}")
        connection.endheaders()
        response = connection.getresponse()

        assert response.status == 404
        assert json.loads(response.read())["type"] == "urn:synapseai:problem:not-found"
