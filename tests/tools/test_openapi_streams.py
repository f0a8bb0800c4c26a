"""The description of streams of events."""

from __future__ import annotations

import json
from typing import Any

from openapi_schema_validator import OAS31Validator

from shared.records.visits.session import SessionStatus
from tools.openapi.document import document

STREAM: dict[str, Any] = document()["paths"]["/api/v1/sessions/{id}/progress"]["get"]


def test_a_stream_is_described_with_the_schema_of_its_data_and_a_true_example() -> None:
    (media_type,) = STREAM["responses"]["200"]["content"]
    content = STREAM["responses"]["200"]["content"][media_type]
    (data,) = [line for line in content["example"].splitlines() if line.startswith("data: ")]
    schema = {**content["schema"]["x-event-data"], "components": document()["components"]}

    def faults(example: Any) -> list[str]:
        validator = OAS31Validator({**schema, "unevaluatedProperties": False})
        return [error.message for error in validator.iter_errors(example)]

    example = json.loads(data.removeprefix("data: "))
    assert media_type == "text/event-stream"
    assert content["schema"]["type"] == "string"
    assert faults(example) == []
    assert faults({**example, "session": "over"}) != []
    assert faults({**example, "text": "Sleeps badly"}) != []
    assert example["session"] in set(SessionStatus)


def test_a_stream_may_be_resumed_and_ends_with_204() -> None:
    headers = {parameter["name"]: parameter for parameter in STREAM["parameters"] if parameter["in"] == "header"}

    assert headers["Last-Event-ID"]["required"] is False
    assert "content" not in STREAM["responses"]["204"]
    assert "400" not in STREAM["responses"], "an id that is no version is ignored"
