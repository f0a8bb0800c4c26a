"""Payloads of the events of written documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import DecodeError

from shared.store.firestore import values
from shared.store.firestore.messages import DocumentEventData


def written_fields(payload: Any, path: str) -> Mapping[str, Any] | None:
    """The fields of the document at `path` below the database, as the event's write left them.

    None if the payload does not say: the document was deleted, it is another one, or the payload cannot be read.
    """
    if not isinstance(payload, bytes):
        return None
    try:
        document = DocumentEventData.FromString(payload).value
        fields = values.read_fields(document.fields)
    except (DecodeError, TypeError, OverflowError):  # also a value of a type that is not known here
        return None
    return fields if document.name.partition("/documents/")[2] == path else None
