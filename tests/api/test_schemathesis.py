"""Whatever is made up from the API's description is answered as the description says.

Each run sends the same. `FUZZ_EXAMPLES=100` makes up more than the few that an ordinary run has time for.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Iterator
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

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
"""Made up for each operation, besides those that go to the limits of its description."""
ONE_IN = 1 if EXAMPLES >= 100 else 8
"""Of the requests that go to a limit, one in so many is sent."""
Description = dict[str, Any]


@pytest.fixture
def scenario(stack: Stack) -> Iterator[Scenario]:
    with new_scenario(stack) as scenario:
        yield scenario


@pytest.fixture
def description(scenario: Scenario) -> Description:
    """What the running stack says of itself."""
    served: Description = scenario.clinic.doctor.get("/openapi.json").ok().body
    return served


def test_nothing_is_found_in_any_operation_and_each_succeeds_at_times(
    scenario: Scenario, description: Description, tmp_path: Path
) -> None:
    outcome = Fuzzer(scenario).run(description, tmp_path, f"--max-examples={EXAMPLES}", one_in=ONE_IN)

    assert outcome.found_nothing, outcome.report
    described = {f"{method.upper()} {path}" for path, methods in description["paths"].items() for method in methods}
    succeeded = {label for label, answers in outcome.answered.items() if any(200 <= status < 300 for status in answers)}
    assert succeeded == described


# Faults, planted in one operation: in what it answers, or in what is said of it


def _operation(description: Description) -> Description:
    operation: Description = description["paths"]["/api/v1/patients/{id}"]["get"]
    return operation


def _fails(scenario: Scenario, _description: Description) -> None:
    alter(scenario.clinic, f"patients/{scenario.chart.id_of(Patient)}", {"number": "no number"})


def _answers_with_another_status(_scenario: Scenario, description: Description) -> None:
    del _operation(description)["responses"]["200"]


def _lacks_a_field(_scenario: Scenario, description: Description) -> None:
    schema = _operation(description)["responses"]["200"]["content"]["application/json"]["schema"]
    schema.update({"allOf": [{"$ref": schema.pop("$ref")}, {"required": ["shoe_size"]}]})


def _answers_with_another_media_type(_scenario: Scenario, description: Description) -> None:
    content = _operation(description)["responses"]["200"]["content"]
    content["text/csv"] = content.pop("application/json")


def _lacks_a_header(_scenario: Scenario, description: Description) -> None:
    _operation(description)["responses"]["200"]["headers"]["Last-Modified"] = {
        "required": True,
        "schema": {"type": "string"},
    }


def _takes_what_it_should_refuse(_scenario: Scenario, description: Description) -> None:
    listed = description["paths"]["/api/v1/patients"]["get"]["parameters"]
    next(parameter for parameter in listed if parameter["name"] == "page_size")["schema"]["maximum"] = 50


def _refuses_what_it_should_take(_scenario: Scenario, description: Description) -> None:
    listed = description["paths"]["/api/v1/patients"]["get"]["parameters"]
    next(parameter for parameter in listed if parameter["name"] == "page_size")["schema"]["maximum"] = 101


@pytest.mark.parametrize(
    ("plant", "operation", "failure"),
    [
        (_fails, "patients_get", ServerError),
        (_answers_with_another_status, "patients_get", found.UndefinedStatusCode),
        (_lacks_a_field, "patients_get", found.JsonSchemaError),
        (_answers_with_another_media_type, "patients_get", found.UndefinedContentType),
        (_lacks_a_header, "patients_get", found.MissingHeaders),
        (_takes_what_it_should_refuse, "patients_newest", AcceptedNegativeData),
        (_refuses_what_it_should_take, "patients_newest", found.RejectedPositiveData),
    ],
)
def test_a_fault_would_be_found(
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


# What no description foresees


@pytest.mark.parametrize(
    "path",
    ["%2F", "/", "//x", "a%2Fb", "%0A", "%00", "%FF", "%ED%A0%80", "..", "%2E%2E/users", ".", "a;b", "%", "x" * 4_000],
)
def test_a_path_that_nothing_can_have_is_not_found(path: str, stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"))
    with closing(connection):
        connection.putrequest("GET", f"/api/v1/patients/{path}")
        connection.endheaders()
        answer = connection.getresponse()

        assert answer.status == 404
        assert json.loads(answer.read())["type"] == "urn:synapseai:problem:not-found"
