"""Query strings: the pages of lists, newest first, and lists of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

from shared.records.record import Value

T = TypeVar("T")

PageToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1000}$")]
"""Opaque. Valid for an hour, for the same list, filters and caller."""


def _split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


CommaSeparated = Annotated[list[T], BeforeValidator(_split)]
"""Several values of one parameter: `?ids=a,b`."""


class PageQuery(Value):
    """The page of a list to return."""

    page_size: int = Field(default=20, ge=1, le=100)
    """Maximum number of items."""
    page_token: PageToken | None = None
    """`next_page_token` of the previous page; omit it for the first page."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list. A page may be short, or even empty, without being the last."""

    items: list[T]
    next_page_token: str | None
    """None on the last page."""
