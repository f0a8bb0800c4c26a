"""Every value that a request, a task or the draft of a model can hold has a bound."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from infra import catalogue
from shared.records.record import Value
from shared.records.reports.statements import Statement
from shared.records.text import ShortText
from shared.records.types import Id
from shared.web.triggers import TaskBody
from tests.support.bounds import unbounded
from tools.openapi.document import apis

GENERATED = (Statement,)
"""Models that hold the answer of the writer."""


def request_models() -> Iterator[type[BaseModel]]:
    for function in catalogue.load().functions.values():
        importlib.import_module(f"functions.{function.name}.main")
    for api in apis():
        for operation in api.operations:
            yield from filter(None, (operation.body, operation.query))
    yield from (body for body in TaskBody.__subclasses__() if body.__module__.startswith("functions."))
    yield from GENERATED


MODELS = {model.__name__: model for model in request_models()}


@pytest.mark.parametrize("name", MODELS)
def test_every_value_of_a_model_has_a_bound(name: str) -> None:
    assert unbounded(MODELS[name]) == []


def test_bodies_queries_tasks_and_answers_are_walked() -> None:
    assert {"Corrections", "PatientSearch", "PatientList", "Assignment", "Statement"} <= MODELS.keys()
    assert len(MODELS) > 15


def test_raw_bodies_have_a_largest_size() -> None:
    uploads = [operation.upload for api in apis() for operation in api.operations if operation.upload]
    assert uploads
    assert all(0 < upload.largest <= 10_000_000 for upload in uploads)


class Inner(Value):
    text: str
    count: int = Field(ge=0)
    share: float = Field(le=1)
    pattern: Annotated[str, Field(pattern=r"^[a-z]+$")]
    tail: Annotated[str, Field(pattern=r"^[a-z]{3,}$")]
    bounded: ShortText
    id: Id


class Planted(Value):
    """Every kind of fault, and values with bounds beside them."""

    inner: Inner | None = None
    items: list[Inner]
    short: list[ShortText] = Field(max_length=3)
    words: list[str] = Field(max_length=3)
    whole: int = Field(ge=0, le=5)


def test_a_planted_value_without_a_bound_is_found_at_every_depth() -> None:
    faults = ["count", "pattern", "share", "tail", "text"]
    below_inner = [f"Planted.inner.{name}" for name in faults]
    assert [path for path in unbounded(Planted) if path.startswith("Planted.inner")] == below_inner
    assert {"Planted.items", "Planted.words[]"} <= set(unbounded(Planted))
    assert not {"Planted.short", "Planted.whole"} & set(unbounded(Planted))


def test_a_type_that_the_walk_does_not_know_is_an_error() -> None:
    class Raw(Value):
        content: bytes

    with pytest.raises(NotImplementedError, match="bytes"):
        unbounded(Raw)
