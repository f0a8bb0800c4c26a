"""Privacy marks on field types: every stored field declares how it is stored and which roles may see it.

first_name: Encrypted[Name]                 sealed under the record's keyset
status: Plain[Status]                       readable in the database
notes: Clinical[Encrypted[str]]             sealed, and never shown to a receptionist
phone: Annotated[Encrypted[Phone], Searchable("phone")]    sealed, and searchable by keyed tokens
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Mark(Enum):
    ENCRYPTED = "encrypted"
    PLAIN = "plain"
    CLINICAL = "clinical"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Searchable:
    """Marks a searchable field; `kind` names the normalisation of its value."""

    kind: str


Encrypted = Annotated[T, Mark.ENCRYPTED]
Plain = Annotated[T, Mark.PLAIN]
Clinical = Annotated[T, Mark.CLINICAL]
Internal = Annotated[T, Mark.INTERNAL]
"""Internal bookkeeping: never part of a response."""


@dataclass(frozen=True)
class Fields:
    """The field names of a model, by mark."""

    encrypted: frozenset[str]
    plain: frozenset[str]
    clinical: frozenset[str]
    internal: frozenset[str]
    searchable: tuple[tuple[str, str], ...]
    """Pairs of field and kind."""


@cache
def fields_of(model: type[BaseModel]) -> Fields:
    """Collect the marks of a model's fields. Raises TypeError unless each field is either Encrypted or Plain."""
    marks = {name: field.metadata for name, field in model.model_fields.items()}
    for name, metadata in marks.items():
        if (Mark.ENCRYPTED in metadata) == (Mark.PLAIN in metadata):
            raise TypeError(f"{model.__name__}.{name} must be marked Encrypted or Plain")

    def marked(mark: Mark) -> frozenset[str]:
        return frozenset(name for name, metadata in marks.items() if mark in metadata)

    searchable = ((n, m.kind) for n, metadata in marks.items() for m in metadata if isinstance(m, Searchable))
    return Fields(
        encrypted=marked(Mark.ENCRYPTED),
        plain=marked(Mark.PLAIN),
        clinical=marked(Mark.CLINICAL),
        internal=marked(Mark.INTERNAL),
        searchable=tuple(searchable),
    )
