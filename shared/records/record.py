"""What every stored document has, and how its id tells where it belongs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticUndefined

from shared.records.privacy import Internal, Plain
from shared.records.types import Id, Moment, new_id

SYSTEM = "system"
"""The user id of what happens by itself: events, tasks and schedules."""


@dataclass(frozen=True)
class Stamp:
    """Who changes a record, and when."""

    by: str
    """A user id, or `SYSTEM`."""
    at: datetime


class Keyset(StrEnum):
    """Which keys a record is sealed under, and so what destroys it."""

    CLINIC = "clinic"
    CARE = "care"
    """The patient's own; destroyed when the patient is erased."""
    RETAINED = "retained"
    """The patient's own, for what the law makes us keep: bills and signed reports."""


_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)
"""A function imports many models and uses few: their validators are built at first use, under a lock, as threads may
meet there. A default that is a model is made by `model_construct`, which needs no validator."""


class Value(BaseModel):
    """A part of a record, kept and sealed with it."""

    model_config = _CONFIG


V = TypeVar("V", bound=Value)


def partial(model: type[V]) -> type[V]:
    """Make every field of a new model optional, for a change that names only what changes.

    `model_fields_set` tells what was named. None is accepted only where the field itself allows it.
    """
    for name, field in model.model_fields.items():
        optional = copy(field)  # an inherited field is the base's own
        optional.default, optional.default_factory = PydanticUndefined, type(None)
        model.__pydantic_fields__[name] = optional
    return model


class Record(BaseModel):
    """A stored document. It never changes: a change makes the next one."""

    model_config = _CONFIG

    kind: ClassVar[str]
    """Names the type in ciphertexts and in audit actions. It must never change: stored data would not open."""
    collection: ClassVar[str]
    keyset: ClassVar[Keyset] = Keyset.CARE
    schema_number: ClassVar[int] = 1
    """The version of the stored form, for migrations."""

    id: Plain[Id]
    record_key: Internal[Plain[Id]]
    """Random and immutable: binds each ciphertext to this record."""
    live: Internal[Plain[bool]] = True
    """False when deleted."""
    revision: Plain[int] = 1
    """Raised by every change that a reader can see; it is the ETag."""
    created_at: Plain[Moment]
    created_by: Plain[Id]
    updated_at: Plain[Moment]
    updated_by: Plain[Id]

    @classmethod
    def path_of(cls, id: str) -> str:
        """The document's path below its clinic."""
        return f"{cls.collection}/{id}"

    @classmethod
    def ref(cls, id: str) -> Ref[Self]:
        """The place of the record with this id."""
        return Ref(cls, id)

    @classmethod
    def new(cls, id: str, stamp: Stamp, **values: Any) -> Self:
        """A record that did not exist before."""
        stamps = {"created_at": stamp.at, "created_by": stamp.by, "updated_at": stamp.at, "updated_by": stamp.by}
        return cls.model_validate({"id": id, "record_key": new_id(), **stamps, **values})

    def revised(self, stamp: Stamp, **changes: Any) -> Self:
        """The record after a change that a reader can see."""
        stamps = {"revision": self.revision + 1, "updated_at": stamp.at, "updated_by": stamp.by}
        return self.model_validate({**dict(self), **stamps, **changes})


R = TypeVar("R", bound=Record)
E = TypeVar("E", bound=Value)


@dataclass(frozen=True)
class Detailed(Generic[R, E]):
    """A record with what else is shown with it; an answer has the fields of both."""

    record: R
    extra: E


@dataclass(frozen=True)
class Ref(Generic[R]):
    """The place of a record: its type and id."""

    model: type[R]
    id: str

    @property
    def path(self) -> str:
        return self.model.path_of(self.id)


# A patient's id is the first part of the id of everything that belongs to the patient, so a document, its patient and
# the patient's keys are read in one call. The parts are joined with a hyphen, which `new_id` never uses.


def patient_of(id: str) -> str:
    """The id of the patient that a record with this id belongs to."""
    return id.split("-", 1)[0]


def session_of(id: str) -> str:
    """The id of the session that a recording, transcription, report or bill belongs to."""
    return "-".join(id.split("-")[:2])
