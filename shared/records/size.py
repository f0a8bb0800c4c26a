"""The size of stored values. Firestore refuses a document of more than 1 MiB, after everything else has succeeded."""

from __future__ import annotations

import json
from typing import Any

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
LARGEST_DOCUMENT = 700_000
"""Bytes of a stored document. What is left up to 1 MiB is for names, index entries and changes of the format."""


def json_bytes(value: Any) -> int:
    """The size of a value as it is sealed."""
    return len(_json(value).encode())


def quoted_bytes(value: Any) -> int:
    """The size of a value as JSON within a JSON string, as in signed bytes and in stored responses."""
    return json_bytes(_json(value))


def document_bytes(value: Any) -> int:
    """The size of a Firestore value, nearly as Firestore counts it."""
    if isinstance(value, dict):
        return sum([len(str(name).encode()) + 1 + document_bytes(inner) for name, inner in value.items()])
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value.encode()) + 1
    return sum(map(document_bytes, value)) if isinstance(value, list | tuple) else 8
