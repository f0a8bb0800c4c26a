"""Documents as responses contain them."""

from __future__ import annotations

from typing import Any

from local.services.firestore.embedded import fields
from local.services.firestore.embedded.messages import Document
from local.services.firestore.embedded.names import field_path


def masked(document: Any, mask: list[str] | None) -> Any:
    """The document with only the fields of a mask; all of them without a mask."""
    if mask is None:
        return document
    reduced = Document(name=document.name, create_time=document.create_time, update_time=document.update_time)
    present = [path for path in map(field_path, mask) if fields.find(document.fields, path) is not None]
    fields.copy_masked(document.fields, reduced.fields, present)
    return reduced


def mask_of(request: Any) -> list[str] | None:
    """The mask in a request for documents."""
    return list(request.mask.field_paths) if request.HasField("mask") else None
