"""Serializes results: the fields that the caller may see, in JSON, with the revision as ETag."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from pydantic import BaseModel

from shared.records.created import Created
from shared.records.page import Page
from shared.records.privacy import fields_of
from shared.records.record import Detailed, Record
from shared.store.idempotency import StoredResponse


@dataclass(frozen=True)
class Document:
    """A file as a result."""

    content: bytes
    media_type: str
    filename: str
    revision: int


@cache
def hidden(model: type[Record], clinical: bool) -> frozenset[str]:
    """The fields that are hidden: internal ones, and clinical ones unless the caller may see them."""
    marks = fields_of(model)
    return marks.internal if clinical else marks.internal | marks.clinical


def shown(result: Any, clinical: bool) -> Any:
    """The JSON value of a result."""
    if isinstance(result, Page):
        return {field.name: shown(getattr(result, field.name), clinical) for field in fields(result)}
    if isinstance(result, list):
        return [shown(item, clinical) for item in result]
    if isinstance(result, Detailed):
        return shown(result.record, clinical) | shown(result.extra, clinical)
    if isinstance(result, Record):
        return result.model_dump(mode="json", exclude=set(hidden(type(result), clinical)))
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    return result


def serialize(result: Any, clinical: bool, status: int) -> StoredResponse:
    """The JSON response; empty for None."""
    if isinstance(result, Created):
        result, status = result.result, status if result.first else 200
    record = result.record if isinstance(result, Detailed) else result
    headers = {"ETag": etag(record.revision)} if isinstance(record, Record) else {}
    body = "" if result is None else json.dumps(shown(result, clinical), ensure_ascii=False)
    return StoredResponse(status, headers, body)


class Renderer:
    """Makes the response of one request. The one that is kept for its repetition is the one that is sent."""

    def __init__(self, status: int) -> None:
        self._status = status
        self._rendered: tuple[Any, bool, StoredResponse] | None = None

    def __call__(self, result: Any, clinical: bool) -> StoredResponse:
        """As `serialize`; a result that was rendered last is not rendered again."""
        last = self._rendered
        if last is None or last[0] is not result or last[1] != clinical:
            last = self._rendered = (result, clinical, serialize(result, clinical, self._status))
        return last[2]


def has_clinical(result: Any) -> bool:
    """True if who may not see clinical fields gets another response."""
    if isinstance(result, Created):
        return has_clinical(result.result)
    if isinstance(result, Page):
        return any(has_clinical(getattr(result, field.name)) for field in fields(result))
    if isinstance(result, list):
        return any(map(has_clinical, result))
    if isinstance(result, Detailed):
        return has_clinical(result.record) or has_clinical(result.extra)
    return isinstance(result, Record) and bool(fields_of(type(result)).clinical)


def etag(revision: int) -> str:
    return f'"{revision}"'
