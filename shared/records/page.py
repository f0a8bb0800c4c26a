"""Lists: a page at a time, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import Field, StringConstraints

from shared.records.record import Value

T = TypeVar("T")

PageToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1000}$")]
"""Opaque. Good for an hour, for the same list, filters and caller."""


class PageQuery(Value):
    """Which page of a list."""

    page_size: int = Field(default=20, ge=1, le=100)
    """How many at most."""
    page_token: PageToken | None = None
    """`next_page_token` of the page before; none for the first page."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. It may be short, or even empty, and still not be the last."""

    items: list[T]
    next_page_token: str | None
    """None on the last page."""
