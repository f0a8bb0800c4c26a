"""The base class of stored documents, references to them, and the structure of their ids."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticUndefined

from shared.records.privacy import Internal, Plain, fields_of
from shared.records.types import Id, Moment, new_id

SYSTEM = "system"
"""User id of background work (events, tasks, schedules)."""


@dataclass(frozen=True)
class Stamp:
    """The author and time of a change."""

    by: str
    """A user id, or `SYSTEM`."""
    at: datetime


class Keyset(StrEnum):
    """The keyset that seals a record; destroying the keyset makes the record unreadable."""

    CLINIC = "clinic"
    CARE = "care"
    """Per patient; destroyed when the patient is erased."""
    RETAINED = "retained"
    """Per patient, for records that the law requires the clinic to keep: bills and signed reports."""


_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)
"""Validators are built at first use, because a function imports many models and uses few; a lock makes it thread-safe.
A default that is a model is created by `model_construct`, which needs no validator."""


class Value(BaseModel):
    """A part of a record, stored and sealed with the record."""

    model_config = _CONFIG


V = TypeVar("V", bound=Value)


def partial(model: type[V]) -> type[V]:
    """Make every field of a new model optional, for patches that contain only the fields to change.

    `model_fields_set` holds the fields that a patch contains. A field accepts None only if its type does.
    """
    for name, field in model.model_fields.items():
        optional = copy(field)  # an inherited FieldInfo is shared with the base class
        optional.default, optional.default_factory = PydanticUndefined, type(None)
        model.__pydantic_fields__[name] = optional
    return model


class Record(BaseModel):
    """A stored document. Immutable: a change returns a new instance."""

    model_config = _CONFIG

    kind: ClassVar[str]
    """The type's name in associated data and audit actions. Never change it: stored ciphertexts would not decrypt."""
    collection: ClassVar[str]
    keyset: ClassVar[Keyset] = Keyset.CARE
    clinical_once_changed: ClassVar[frozenset[str]] = frozenset()
    """The fields whose earlier values only clinicians see, although everybody sees the present ones."""
    versioned: ClassVar[bool] = False
    """True if each change by a person keeps the earlier values; see `shared/records/version.py`."""
    schema_number: ClassVar[int] = 1
    """Version of the stored schema, for migrations."""

    id: Plain[Id]
    record_key: Internal[Plain[Id]]
    """Random and immutable: binds each ciphertext to this record."""
    live: Internal[Plain[bool]] = True
    """False once the record is deleted."""
    revision: Plain[int] = 1
    """Incremented by `revised`; used as ETag."""
    created_at: Plain[Moment]
    created_by: Plain[Id]
    updated_at: Plain[Moment]
    updated_by: Plain[Id]

    @classmethod
    def path_of(cls, id: str) -> str:
        """The document's path below its clinic."""
        return f"{cls.collection}/{id}"

    @classmethod
    def admits(cls, user_id: str, document: Mapping[str, Any]) -> bool:  # noqa: ARG003 - records that are shared alone
        """True if the plain fields of a document let this doctor read it without access to its patient."""
        return False

    @classmethod
    def is_kept(cls, document: Mapping[str, Any]) -> bool:  # noqa: ARG003 - the plain fields decide for some records
        """True if a deletion of the patient does not hide the record from who could read it."""
        return cls.keyset == Keyset.RETAINED

    @classmethod
    def ref(cls, id: str) -> Ref[Self]:
        """A reference to the record with this id."""
        return Ref(cls, id)

    @classmethod
    def new(cls, id: str, stamp: Stamp, **values: Any) -> Self:
        """Create a record with revision 1 and a new record key."""
        stamps = {"created_at": stamp.at, "created_by": stamp.by, "updated_at": stamp.at, "updated_by": stamp.by}
        return cls.model_validate({"id": id, "record_key": new_id(), **stamps, **values})

    def revised(self, stamp: Stamp, **changes: Any) -> Self:
        """The record after a visible change, with the next revision."""
        stamps = {"revision": self.revision + 1, "updated_at": stamp.at, "updated_by": stamp.by}
        if not changes:
            return self.model_copy(update=stamps)  # the rest was validated
        return self.model_validate({**dict(self), **stamps, **changes})

    def edited(self, stamp: Stamp, **fields: Any) -> Self:
        """The record after an edit by a person: with the next revision, or the record itself if no field differs."""
        edited = self.amended(**fields)
        return self if edited == self else edited.revised(stamp)

    def amended(self, **changes: Any) -> Self:
        """The record after a change that no person made. Revision, author and time stay, so a person who has read the
        record before may still change it. Nothing is lost: each write requires the document unchanged since its read.
        """
        return self.model_validate({**dict(self), **changes})

    def copied(self, id: str, **changes: Any) -> Self:
        """The same record under another id, also of another patient, with a record key of its own: no ciphertext of the
        one opens as the other's."""
        return self.model_validate({**dict(self), "id": id, "record_key": new_id(), **changes})

    def emptied(self, **changes: Any) -> Self:
        """The deleted record, whose sealed fields have their defaults again; `changes` has those without a default."""
        sealed = fields_of(type(self)).encrypted - changes.keys()
        defaults = {name: type(self).model_fields[name].get_default(call_default_factory=True) for name in sealed}
        return self.amended(live=False, **defaults, **changes)


R = TypeVar("R", bound=Record)
E = TypeVar("E", bound=Value)


@dataclass(frozen=True)
class Detailed(Generic[R, E]):
    """A record and derived values; the response merges the fields of both."""

    record: R
    extra: E


@dataclass(frozen=True)
class Ref(Generic[R]):
    """A reference to a record: its type and id."""

    model: type[R]
    id: str

    @property
    def path(self) -> str:
        return self.model.path_of(self.id)


# The id of every record of a patient begins with the patient's id, so one call reads a document and its patient, which
# has the keys. A hyphen joins the parts; `new_id` never uses one.


def patient_of(id: str) -> str:
    """The patient id within the id of a record."""
    return id.split("-", 1)[0]


def report_of(id: str) -> str:
    """The report id within the id of a document that belongs to a report."""
    return "-".join(id.split("-")[:3])


def session_of(id: str) -> str:
    """The session id within the id of a recording, transcription, report or bill."""
    return "-".join(id.split("-")[:2])
