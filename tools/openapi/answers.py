"""What an operation answers: models, pages of them, files, or streams of events."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from shared.records.created import Created
from shared.records.page import Page
from shared.records.record import Detailed, Record
from shared.web.event_stream import EventStream
from shared.web.operations import Operation
from shared.web.serialization import Document
from tools.openapi.references import References, Schema, name_of, reference_to


def models_of(operation: Operation) -> tuple[type[BaseModel], ...]:
    """The models whose fields an answer, or the data of its events, has: one, or the two of a `Detailed`."""
    if operation.signature.returns is type(None) or media_types_of(operation):
        return ()
    item = _item_of(operation)
    return typing.get_args(item) if is_detailed(operation) else (item,)


def media_types_of(operation: Operation) -> tuple[str, ...]:
    """The media types of an answered file: PDF, or others as in `Annotated[Document, "image/png"]`."""
    if operation.signature.returns is Document:
        return ("application/pdf",)
    document, *media_types = typing.get_args(operation.signature.returns) or (None,)
    return tuple(media_types) if document is Document else ()


def is_page(operation: Operation) -> bool:
    """True if the operation answers a page of a list."""
    return page_type(operation) is not None


def page_type(operation: Operation) -> type[Page[Any]] | None:
    """`Page`, or a page that has more fields; None if the operation answers no page."""
    origin = typing.get_origin(operation.signature.returns)
    return origin if isinstance(origin, type) and issubclass(origin, Page) else None


def page_name(operation: Operation, item: str) -> str:
    """The name of the schema of a page of these items, such as `BillPage`."""
    page = page_type(operation)
    assert page is not None
    return f"{item}{page.__name__}"


def page_fields(operation: Operation) -> Mapping[str, type[BaseModel]]:
    """The models of the fields that a page has beside items and token, each of which may be null."""
    page = page_type(operation)
    names = {field.name for field in fields(page)} - {field.name for field in fields(Page)} if page else set()
    hints = typing.get_type_hints(page) if names else {}
    return {name: next(kind for kind in typing.get_args(hints[name]) if kind is not type(None)) for name in names}


def is_stream(operation: Operation) -> bool:
    """True if the operation answers a stream of events."""
    return typing.get_origin(operation.signature.returns) is EventStream


def is_repeatable(operation: Operation) -> bool:
    """True if the operation answers 200 for what an earlier request created."""
    return typing.get_origin(operation.signature.returns) is Created


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
    return reference_to("schemas", page_name(operation, name_of(item))) if is_page(operation) else item


def merged_name(models: Sequence[type[BaseModel]]) -> str:
    """The name of the schema that has the fields of several models."""
    return "With".join(model.__name__ for model in models)


def _item_of(operation: Operation) -> Any:
    """The type of the answer, of the items of its list, or of the data of its events."""
    parts = is_page(operation) or is_stream(operation) or is_repeatable(operation)
    return typing.get_args(operation.signature.returns)[0] if parts else operation.signature.returns
