"""The description of streams of events."""

from __future__ import annotations

import json
from typing import Any

from openapi_schema_validator import OAS31Validator

from tools.openapi.document import document

STREAM: dict[str, Any] = document()["paths"]["/api/v1/sessions/{id}/progress"]["get"]


def faults(schema: dict[str, Any], example: Any) -> list[str]:
    validator = OAS31Validator({**schema, "components": document()["components"], "unevaluatedProperties": False})
    return [error.message for error in validator.iter_errors(example)]


def test_a_stream_is_described_by_the_schema_of_an_event_and_a_true_example() -> None:
    ((media_type, content),) = STREAM["responses"]["200"]["content"].items()
    data = json.loads(content["example"]["data"])
    schema_of_data = content["schema"]["properties"]["data"]["contentSchema"]

    assert media_type == "text/event-stream"
    assert faults(content["schema"], content["example"]) == []
    assert faults(schema_of_data, data) == []
    assert faults(schema_of_data, {**data, "session": "over"}) != []
    assert faults(schema_of_data, {**data, "text": "Sleeps badly"}) != []


def test_a_stream_may_be_resumed_and_ends_with_204() -> None:
    headers = {parameter["name"]: parameter for parameter in STREAM["parameters"] if parameter["in"] == "header"}

    assert headers["Last-Event-ID"]["required"] is False
    assert "content" not in STREAM["responses"]["204"]
    assert "400" not in STREAM["responses"], "an id that is no version is ignored"
