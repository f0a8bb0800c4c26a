"""The composite indexes and the index exemptions that infra/firestore.yaml declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from infra.catalogue import ROOT


@dataclass(frozen=True)
class CompositeIndex:
    """A composite index: equality filters, at most one array filter, then the sort order."""

    collection: str
    group: bool
    """True for collection group scope."""
    equal: tuple[str, ...]
    contains: str | None
    order: tuple[tuple[str, bool], ...]
    """Fields, each with True for descending."""


@dataclass(frozen=True)
class FirestoreIndexes:
    """All declarations of a database."""

    composite: tuple[CompositeIndex, ...]
    exempt: frozenset[tuple[str, str]]
    """Collection and field without single-field indexes; the fields of an exempt map have none either."""


def declared() -> FirestoreIndexes:
    """The declarations of infra/firestore.yaml."""
    content = yaml.safe_load((ROOT / "infra" / "firestore.yaml").read_text())
    sealed = {(collection, "sealed") for collection in content["sealed_collections"]}
    unqueried = {(collection, field) for collection, fields in content["unqueried_fields"].items() for field in fields}
    return FirestoreIndexes(
        composite=tuple(map(_index, content["indexes"])),
        exempt=frozenset(sealed | unqueried | set(content["ttl_fields"].items())),
    )


def _index(entry: dict[str, Any]) -> CompositeIndex:
    return CompositeIndex(
        collection=entry["collection"],
        group=entry["scope"] == "COLLECTION_GROUP",
        equal=tuple(entry["equal"]),
        contains=next(iter(entry.get("contains", [])), None),
        order=tuple((field.split()[0], field.endswith(" descending")) for field in entry["order"]),
    )
