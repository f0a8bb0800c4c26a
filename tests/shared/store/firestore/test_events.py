"""The fields that an event of a written document says, as Google's own message has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from google.events.cloud.firestore import DocumentEventData

from shared.store.firestore.events import written_fields

PATH = "clinics/aster/sessions/visit"
NAME = f"projects/p/databases/(default)/documents/{PATH}"
AT = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "status": {"string_value": "completed"},
    "live": {"boolean_value": True},
    "retry_count": {"integer_value": 2},
    "score": {"double_value": 0.5},
    "ended_at": {"timestamp_value": AT},
    "error_code": {"null_value": 0},
    "sealed": {"map_value": {"fields": {"notes": {"bytes_value": b"\x00"}}}},
    "ids": {"array_value": {"values": [{"string_value": "a"}]}},
}


def event(**documents: Any) -> bytes:
    return bytes(DocumentEventData.serialize(DocumentEventData(documents)))


def test_the_fields_after_the_write() -> None:
    before = {"name": NAME, "fields": {"status": {"string_value": "in_progress"}}}

    assert written_fields(event(value={"name": NAME, "fields": FIELDS}, old_value=before), PATH) == {
        "status": "completed",
        "live": True,
        "retry_count": 2,
        "score": 0.5,
        "ended_at": AT,
        "error_code": None,
        "sealed": {"notes": b"\x00"},
        "ids": ["a"],
    }


@pytest.mark.parametrize(
    "payload",
    [
        None,
        b"",
        {},
        "text",
        b"\xff",
        event(value={"name": NAME, "fields": FIELDS})[:-1],
        event(old_value={"name": NAME, "fields": FIELDS}),
        event(value={"name": f"{NAME}-t1", "fields": FIELDS}),
        event(value={"name": NAME, "fields": {"status": {}}}),
    ],
)
def test_a_payload_that_does_not_say(payload: Any) -> None:
    """Nothing, no message, a deletion, another document, a value of no known type."""
    assert written_fields(payload, PATH) is None
