"""What an operation answers: models, pages of them, files, or streams of events."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from shared.records.page import Page
from shared.records.record import Detailed, Record
from shared.web.event_stream import EventStream
from shared.web.operations import Operation
from shared.web.serialization import Document
from tools.openapi.references import References, Schema, name_of, reference_to


def models_of(operation: Operation) -> tuple[type[BaseModel], ...]:
    """The models whose fields an answer, or the data of its events, has: one, or the two of a `Detailed`."""
    if operation.returns is type(None) or media_types_of(operation):
        return ()
    item = _item_of(operation)
    return typing.get_args(item) if is_detailed(operation) else (item,)


def media_types_of(operation: Operation) -> tuple[str, ...]:
    """The media types of an answered file: PDF, or others as in `Annotated[Document, "image/png"]`."""
    if operation.returns is Document:
        return ("application/pdf",)
    document, *media_types = typing.get_args(operation.returns) or (None,)
    return tuple(media_types) if document is Document else ()


def is_page(operation: Operation) -> bool:
    """True if the operation answers a page of a list."""
    return typing.get_origin(operation.returns) is Page


def is_stream(operation: Operation) -> bool:
    """True if the operation answers a stream of events."""
    return typing.get_origin(operation.returns) is EventStream


def is_detailed(operation: Operation) -> bool:
    """True if the answer, or each item of the list, is a record with other fields."""
    return typing.get_origin(_item_of(operation)) is Detailed


def has_revision(operation: Operation) -> bool:
    """True if the answer has an ETag."""
    models = models_of(operation)
    return bool(media_types_of(operation)) or bool(models and not is_page(operation) and issubclass(models[0], Record))


def item_schema(operation: Operation, references: References) -> Schema:
    """The schema of the answer, of the items of its list, or of the data of its events."""
    models = models_of(operation)
    if len(models) > 1:
        return reference_to("schemas", merged_name(models))
    return references[models[0], "serialization"]


def answer_schema(operation: Operation, references: References) -> Schema:
    """The schema of a JSON answer."""
    item = item_schema(operation, references)
    return reference_to("schemas", f"{name_of(item)}Page") if is_page(operation) else item


def merged_name(models: Sequence[type[BaseModel]]) -> str:
    """The name of the schema that has the fields of several models."""
    return "With".join(model.__name__ for model in models)


def _item_of(operation: Operation) -> Any:
    """The type of the answer, of the items of its list, or of the data of its events."""
    parts = is_page(operation) or is_stream(operation)
    return typing.get_args(operation.returns)[0] if parts else operation.returns
