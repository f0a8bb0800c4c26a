"""Firestore's indexes, exemptions and expiry, as planned, against the queries and documents of the code."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.catalogue import ROOT
from infra.check.deployment import Deployment
from infra.check.plan import Resource
from infra.query_shapes import QueryShape
from infra.record_types import record_types
from shared.records.record import Record

QUERIES = ROOT / "infra" / "queries.json"
"""What the queries look like that the integration tests made."""
_OPPOSITE = {"ASCENDING": "DESCENDING", "DESCENDING": "ASCENDING"}
_NAME = "__name__"

SEALING = {"shared.store.idempotency.Idempotency": "requests"}
"""What seals by itself, not through the codec, and the collection it writes to."""
CODEC = "shared.store.codec.encode"
EXPIRING = {"shared.store.idempotency.Idempotency": "requests"}
"""What writes `expires_at`, and the collection."""


class Ordered(NamedTuple):
    """A field of an index, and how it is sorted."""

    field: str
    order: str


@dataclass(frozen=True)
class Index:
    """A composite index, or one that a query needs."""

    collection: str
    scope: str
    """COLLECTION or COLLECTION_GROUP."""
    equal: frozenset[str]
    contains: frozenset[str]
    tail: tuple[Ordered, ...]
    """What the query orders by, after the equalities."""

    def __str__(self) -> str:
        tail = ", ".join(f"{part.field} {part.order.lower()}" for part in self.tail)
        parts = [", ".join(sorted(self.equal)), *(f"{field} contains" for field in sorted(self.contains)), tail]
        return f"{self.collection} ({self.scope.lower()}): {'; '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class Single:
    """An index of one field across all collections of a name, which Firestore makes only when told."""

    collection: str
    field: str
    mode: str
    """ASCENDING, DESCENDING or CONTAINS."""


def composite(deployment: Deployment) -> Iterator[str]:
    """Every query that needs a composite index has it, and every index is needed."""
    declared = {resource.address: resource for resource in deployment.plan.of("google_firestore_index")}
    used: set[str] = set()
    exempt = _exempt(deployment)
    for index in dict.fromkeys(index for query in queries() if (index := needed(query, exempt)) is not None):
        serving = {address for address, resource in declared.items() if serves(resource, index)}
        used |= serving
        if not serving:
            yield f"missing index: {index}"
    yield from (f"unused index: {address} serves no query" for address in sorted(declared.keys() - used))


def across_collections(deployment: Deployment) -> Iterator[str]:
    """A query over a collection group that needs an index of one field has that one, too."""
    declared = {
        Single(field.text("collection"), field.text("field"), index.get("order") or index.get("array_config") or "")
        for field in deployment.plan.of("google_firestore_field")
        for index in field.blocks("index_config", "indexes")
        if index.get("query_scope") == "COLLECTION_GROUP"
    }
    exempt = _exempt(deployment)
    wanted = {single for query in queries() for single in singles(query, exempt)}
    yield from (f"missing index: {s.collection} group: {s.field} {s.mode}" for s in sorted(wanted - declared, key=str))
    yield from (f"unused index: {s.collection} group: {s.field} {s.mode}" for s in sorted(declared - wanted, key=str))


def exemptions(deployment: Deployment) -> Iterator[str]:
    """What is sealed is not indexed: it would cost storage and time, and nothing finds it."""
    exempt = {collection for collection, field in _exempt(deployment) if field == "sealed"}
    yield from (f"sealed is indexed: {collection}" for collection in sorted(sealed_collections() - exempt))
    yield from (
        f"excess exemption: {collection} has nothing sealed" for collection in sorted(exempt - sealed_collections())
    )
    sealing = deployment.program.writers_of("sealed") - {CODEC, *SEALING}
    yield from (f"unlisted sealing: {definition}" for definition in sorted(sealing))


def expiry(deployment: Deployment) -> Iterator[str]:
    """What has a time to live is deleted by Firestore after it."""
    fields = deployment.plan.of("google_firestore_field")
    living = {field.text("collection") for field in fields if field.text("field") == "expires_at" and _has_ttl(field)}
    others = {field.address for field in fields if _has_ttl(field) and field.text("field") != "expires_at"}
    wanted = set(EXPIRING.values()) | {
        collection_of(model) for model in record_types() if "expires_at" in model.model_fields
    }
    yield from (f"no TTL: {collection}" for collection in sorted(wanted - living))
    yield from (f"excess TTL: {collection}" for collection in sorted((living - wanted) | others))
    yield from (f"unlisted expiry: {d}" for d in sorted(deployment.program.writers_of("expires_at") - set(EXPIRING)))


def databases(deployment: Deployment) -> Iterator[str]:
    """Indexes, exemptions and rules are those of the database that the functions use."""
    database = deployment.value("FIRESTORE_DATABASE")
    for resource in deployment.plan.of("google_firestore_index", "google_firestore_field"):
        if (resource.text("database") or "(default)") != database:
            yield f"wrong database: {resource.address} is of {resource.text('database')}"
    default = "cloud.firestore" if database == "(default)" else f"cloud.firestore/{database}"
    releases = [release.text("name") for release in deployment.plan.of("google_firebaserules_release")]
    if releases != [default]:
        yield f"wrong rules release: {', '.join(releases) or 'none'}, not {default}"


def needed(query: QueryShape, exempt: Collection[tuple[str, str]] = ()) -> Index | None:
    """The composite index that a query needs, if any; `exempt` fields (collection, field) have no index of their own.

    Equalities alone, with or without array-contains, are served by merging the indexes of single fields, and one order
    or range alone by the index of its field (firebase.google.com/docs/firestore/query-data/index-overview).
    """
    equal, contains, tail = _parts(query)
    fields = {*equal, *contains, *(part.field for part in tail)}
    by_single_fields = not tail or (len(tail) == 1 and not equal and not contains)
    if by_single_fields and not any((query.collection, field) in exempt for field in fields):
        return None
    return Index(query.collection, _scope(query), equal, contains, tail)


def singles(query: QueryShape, exempt: Collection[tuple[str, str]] = ()) -> list[Single]:
    """The indexes of single fields that a query over a collection group needs."""
    if not query.group or needed(query, exempt) is not None:
        return []
    equal, contains, tail = _parts(query)
    modes = [(field, "ASCENDING") for field in equal] + [(field, "CONTAINS") for field in contains] + list(tail)
    return [Single(query.collection, field, mode) for field, mode in modes]


def serves(declared: Resource, index: Index) -> bool:
    """Whether a planned index answers what needs this one: it may be read in either direction."""
    fields = [field for field in declared.blocks("fields") if field["field_path"] != _NAME]
    count = len(index.equal) + len(index.contains)
    first, tail = (
        fields[:count],
        tuple(Ordered(field["field_path"], field.get("order") or "") for field in fields[count:]),
    )
    flipped = tuple(Ordered(part.field, _OPPOSITE[part.order]) for part in index.tail)
    return (
        (declared.text("collection"), declared.text("query_scope") or "COLLECTION") == (index.collection, index.scope)
        and {field["field_path"] for field in first if not field.get("array_config")} == index.equal
        and {field["field_path"] for field in first if field.get("array_config") == "CONTAINS"} == index.contains
        and tail in (index.tail, flipped)
    )


@cache
def queries(file: Path = QUERIES) -> list[QueryShape]:
    """The queries of the code."""
    return [QueryShape.from_json(entry) for entry in json.loads(file.read_text(encoding="utf-8"))]


@cache
def sealed_collections() -> set[str]:
    """The collections whose documents have a map `sealed`."""
    return {collection_of(model) for model in record_types()} | set(
        SEALING.values()
    )  # the codec gives every record one


def collection_of(model: type[Record]) -> str:
    """The collection of a model's documents; a clinic's settings are the clinic's own document."""
    return f"clinics/c/{model.path_of('a-b-c')}".rstrip("/").split("/")[-2]


def _parts(query: QueryShape) -> tuple[frozenset[str], frozenset[str], tuple[Ordered, ...]]:
    """Fields of equalities, fields of array-contains, and what the index is sorted by after them."""
    equal, contains = frozenset([*query.equal, *query.any_of]), frozenset(query.array_contains)
    order = [Ordered(field, direction) for field, direction in query.order]
    ranges = [Ordered(field, "ASCENDING") for field in query.range if field not in dict(query.order)]
    return equal, contains, tuple(part for part in [*ranges, *order] if part.field not in equal)


def _exempt(deployment: Deployment) -> set[tuple[str, str]]:
    """The fields, by collection, that are not indexed."""
    return {
        (field.text("collection"), field.text("field"))
        for field in deployment.plan.of("google_firestore_field")
        if field.blocks("index_config") and not field.blocks("index_config", "indexes")
    }


def _scope(query: QueryShape) -> str:
    return "COLLECTION_GROUP" if query.group else "COLLECTION"


def _has_ttl(field: Resource) -> bool:
    return bool(field.blocks("ttl_config"))
