"""Names of documents and collections, and field paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from grpc import StatusCode

from local.services.kit.rpc import StatusError

FieldPath = tuple[str, ...]
"""The names of nested fields, from the outside in."""

_NAME = re.compile(r"(projects/[^/]+/databases/[^/]+)/documents(?:/(.+))?", re.DOTALL)
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_FIELD = re.compile(r"`((?:[^`\\]|\\.)*)`|([^.`]+)")
_MAX_ID = 1500
"""Bytes of one segment of a name."""


def invalid(message: str) -> StatusError:
    """The error of a malformed request."""
    return StatusError(StatusCode.INVALID_ARGUMENT, message)


@dataclass(frozen=True)
class Path:
    """A document's path below the root of the database. Paths compare as Firestore compares names: by segment."""

    segments: tuple[bytes, ...]

    @classmethod
    def parse(cls, name: str) -> Path:
        """The path of a document's full name. Raises StatusError for anything else."""
        path = cls.parent(name)
        if not path.segments:
            raise invalid(f'Document name "{name}" lacks a path below "/documents"')
        return path

    @classmethod
    def parent(cls, name: str) -> Path:
        """The path of a document or of the root. Raises StatusError for a collection or a malformed name."""
        found = _NAME.fullmatch(name)
        segments = found[2].split("/") if found and found[2] else []
        if not found or len(segments) % 2 or "" in segments:
            raise invalid(f'"{name}" is not the name of a document')
        for segment in segments:
            require_id(segment)
        return cls(tuple(segment.encode() for segment in segments))

    @classmethod
    def of(cls, collection: bytes, document: bytes) -> Path:
        """The inverse of `collection` and `document`."""
        return cls((*collection.split(b"\0"), document))

    @property
    def collection(self) -> bytes:
        """The path of the document's collection, as one key."""
        return b"\0".join(self.segments[:-1])

    @property
    def collection_id(self) -> str:
        return self.segments[-2].decode()

    @property
    def document(self) -> bytes:
        """The document's id."""
        return self.segments[-1]

    @property
    def key(self) -> bytes:
        """The path as bytes that sort like paths."""
        return b"\0".join(self.segments) + b"\0"

    def __str__(self) -> str:
        return b"/".join(self.segments).decode()


def database_of(name: str) -> str:
    """The database in the full name of a document or a parent."""
    return name.partition("/documents")[0]


def collection_key(parent: Path, collection_id: str) -> bytes:
    """The path of a collection, as one key."""
    return b"\0".join((*parent.segments, collection_id.encode()))


def require_id(segment: str) -> None:
    """Raises StatusError for an id that Firestore does not accept."""
    if _RESERVED.fullmatch(segment):
        raise invalid(f'Resource id "{segment}" is invalid because it is reserved.')
    if segment in (".", "..") or "\0" in segment or len(segment.encode()) > _MAX_ID:
        raise invalid("A resource id is not . or .., contains no NUL and has 1,500 bytes at most.")


def require_field_name(name: str) -> None:
    """Raises StatusError for a field name that Firestore does not accept."""
    if not name:
        raise invalid("The property.name is the empty string.")
    if _RESERVED.fullmatch(name):
        raise invalid(f"field name {name} is reserved")


@lru_cache(maxsize=1000)
def field_path(path: str) -> FieldPath:
    """Split a field path; names in backticks may contain dots."""
    if "`" not in path:
        return tuple(path.split("."))
    return tuple(
        re.sub(r"\\(.)", r"\1", quoted) if quoted or not plain else plain for quoted, plain in _FIELD.findall(path)
    )


@dataclass(frozen=True)
class DatabaseNames:
    """The names of one database. Every method raises StatusError (NOT_FOUND) for a name of another one."""

    name: str
    """`projects/{project}/databases/{database}`."""

    def path(self, name: str) -> Path:
        """The path of a document. Raises StatusError for anything else."""
        self.require_own(name)
        return Path.parse(name)

    def parent(self, name: str) -> Path:
        """The path of a document, or of the root."""
        self.require_own(name)
        return Path.parent(name)

    def require_own(self, name: str) -> None:
        self.require(database_of(name))

    def require(self, database: str) -> None:
        if database != self.name:
            raise StatusError(StatusCode.NOT_FOUND, f"The database {database} does not exist.")
