"""Rules that compare the planned Firestore indexes, exemptions and TTLs with the queries and documents of the code."""

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
"""The shapes of the queries that the tests of the API made."""
_OPPOSITE = {"ASCENDING": "DESCENDING", "DESCENDING": "ASCENDING"}
_NAME = "__name__"

SEALED_WITHOUT_CODEC = {"shared.store.idempotency.Idempotency": "requests"}
"""Definitions that encrypt without the codec, with the collection that each writes to."""
CODEC = "shared.store.codec.encode"
EXPIRES_AT_WRITERS = {
    "shared.store.idempotency.Idempotency": "requests",
    "shared.store.unit_of_work.UnitOfWork": "quotas",
}
"""Definitions that write `expires_at`, with the collection that each writes to."""


class OrderedField(NamedTuple):
    """A field of an index, and its order."""

    field: str
    order: str


@dataclass(frozen=True)
class CompositeIndex:
    """A composite index, planned or required by a query."""

    collection: str
    scope: str
    """COLLECTION or COLLECTION_GROUP."""
    equal: frozenset[str]
    contains: frozenset[str]
    tail: tuple[OrderedField, ...]
    """The fields that the query orders by, after those of the equalities."""

    def __str__(self) -> str:
        tail = ", ".join(f"{part.field} {part.order.lower()}" for part in self.tail)
        parts = [", ".join(sorted(self.equal)), *(f"{field} contains" for field in sorted(self.contains)), tail]
        return f"{self.collection} ({self.scope.lower()}): {'; '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class SingleFieldIndex:
    """An index of one field with collection group scope, which Firestore does not create automatically."""

    collection: str
    field: str
    mode: str
    """ASCENDING, DESCENDING or CONTAINS."""


def composite(deployment: Deployment) -> Iterator[str]:
    """Every query that requires a composite index has one, and every planned index serves a query."""
    declared = {resource.address: resource for resource in deployment.plan.of("google_firestore_index")}
    used: set[str] = set()
    exempt = _exempt(deployment)
    for index in dict.fromkeys(index for query in queries() if (index := required_index(query, exempt)) is not None):
        serving = {address for address, resource in declared.items() if serves(resource, index)}
        used |= serving
        if not serving:
            yield f"missing index: {index}"
    yield from (f"unused index: {address} serves no query" for address in sorted(declared.keys() - used))


def collection_groups(deployment: Deployment) -> Iterator[str]:
    """Every query over a collection group that requires a single-field index has one."""
    declared = {
        SingleFieldIndex(
            field.text("collection"), field.text("field"), index.get("order") or index.get("array_config") or ""
        )
        for field in deployment.plan.of("google_firestore_field")
        for index in field.blocks("index_config", "indexes")
        if index.get("query_scope") == "COLLECTION_GROUP"
    }
    exempt = _exempt(deployment)
    required = {index for query in queries() for index in required_single_field_indexes(query, exempt)}
    yield from (
        f"missing index: {s.collection} group: {s.field} {s.mode}" for s in sorted(required - declared, key=str)
    )
    yield from (f"unused index: {s.collection} group: {s.field} {s.mode}" for s in sorted(declared - required, key=str))


def exemptions(deployment: Deployment) -> Iterator[str]:
    """Encrypted fields are not indexed: no query can use the index, and it would cost storage and time."""
    exempt = {collection for collection, field in _exempt(deployment) if field == "sealed"}
    yield from (f"sealed is indexed: {collection}" for collection in sorted(sealed_collections() - exempt))
    yield from (
        f"excess exemption: {collection} has nothing sealed" for collection in sorted(exempt - sealed_collections())
    )
    sealers = deployment.program.writers_of("sealed") - {CODEC, *SEALED_WITHOUT_CODEC}
    yield from (f"unlisted sealing: {definition}" for definition in sorted(sealers))


def expiry(deployment: Deployment) -> Iterator[str]:
    """Every collection with `expires_at` has a TTL policy on it, and no other field has one."""
    fields = deployment.plan.of("google_firestore_field")
    with_ttl = {field.text("collection") for field in fields if field.text("field") == "expires_at" and _has_ttl(field)}
    others = {field.address for field in fields if _has_ttl(field) and field.text("field") != "expires_at"}
    required = set(EXPIRES_AT_WRITERS.values()) | {
        collection_of(model) for model in record_types() if "expires_at" in model.model_fields
    }
    yield from (f"no TTL: {collection}" for collection in sorted(required - with_ttl))
    yield from (f"excess TTL: {collection}" for collection in sorted((with_ttl - required) | others))
    yield from (
        f"unlisted expiry: {d}" for d in sorted(deployment.program.writers_of("expires_at") - set(EXPIRES_AT_WRITERS))
    )


def databases(deployment: Deployment) -> Iterator[str]:
    """Indexes, exemptions and rules belong to the database that the functions use."""
    database = deployment.value("FIRESTORE_DATABASE")
    for resource in deployment.plan.of("google_firestore_index", "google_firestore_field"):
        if (resource.text("database") or "(default)") != database:
            yield f"wrong database: {resource.address} is of {resource.text('database')}"
    default = "cloud.firestore" if database == "(default)" else f"cloud.firestore/{database}"
    releases = [release.text("name") for release in deployment.plan.of("google_firebaserules_release")]
    if releases != [default]:
        yield f"wrong rules release: {', '.join(releases) or 'none'}, not {default}"


def required_index(query: QueryShape, exempt: Collection[tuple[str, str]] = ()) -> CompositeIndex | None:
    """The composite index that a query requires, if any; `exempt` fields (collection, field) have no automatic index.

    Firestore merges single-field indexes for equalities alone, with or without array-contains, and serves one order or
    range alone from the index of its field (firebase.google.com/docs/firestore/query-data/index-overview).
    """
    equal, contains, tail = _parts(query)
    fields = {*equal, *contains, *(part.field for part in tail)}
    by_single_fields = not tail or (len(tail) == 1 and not equal and not contains)
    if by_single_fields and not any((query.collection, field) in exempt for field in fields):
        return None
    return CompositeIndex(query.collection, _scope(query), equal, contains, tail)


def required_single_field_indexes(
    query: QueryShape, exempt: Collection[tuple[str, str]] = ()
) -> list[SingleFieldIndex]:
    """The single-field indexes that a query over a collection group requires."""
    if not query.group or required_index(query, exempt) is not None:
        return []
    equal, contains, tail = _parts(query)
    modes = [(field, "ASCENDING") for field in equal] + [(field, "CONTAINS") for field in contains] + list(tail)
    return [SingleFieldIndex(query.collection, field, mode) for field, mode in modes]


def serves(declared: Resource, index: CompositeIndex) -> bool:
    """True if a planned index serves the queries that require `index`; an index can be read in both directions."""
    fields = [field for field in declared.blocks("fields") if field["field_path"] != _NAME]
    count = len(index.equal) + len(index.contains)
    first, tail = (
        fields[:count],
        tuple(OrderedField(field["field_path"], field.get("order") or "") for field in fields[count:]),
    )
    flipped = tuple(OrderedField(part.field, _OPPOSITE[part.order]) for part in index.tail)
    return (
        (declared.text("collection"), declared.text("query_scope") or "COLLECTION") == (index.collection, index.scope)
        and {field["field_path"] for field in first if not field.get("array_config")} == index.equal
        and {field["field_path"] for field in first if field.get("array_config") == "CONTAINS"} == index.contains
        and tail in (index.tail, flipped)
    )


@cache
def queries(file: Path = QUERIES) -> list[QueryShape]:
    """The queries of the product."""
    return [QueryShape.from_json(entry) for entry in json.loads(file.read_text(encoding="utf-8"))]


@cache
def sealed_collections() -> set[str]:
    """The collections whose documents have an encrypted map `sealed`."""
    return {collection_of(model) for model in record_types()} | set(
        SEALED_WITHOUT_CODEC.values()
    )  # the codec gives every record one


def collection_of(model: type[Record]) -> str:
    """The collection of a record type; the settings of a clinic are the document of the clinic itself."""
    return f"clinics/c/{model.path_of('a-b-c')}".rstrip("/").split("/")[-2]


def _parts(query: QueryShape) -> tuple[frozenset[str], frozenset[str], tuple[OrderedField, ...]]:
    """The fields of equalities, the fields of array-contains, and the ordered fields after them."""
    equal, contains = frozenset([*query.equal, *query.any_of]), frozenset(query.array_contains)
    order = [OrderedField(field, direction) for field, direction in query.order]
    ranges = [OrderedField(field, "ASCENDING") for field in query.range if field not in dict(query.order)]
    return equal, contains, tuple(part for part in [*ranges, *order] if part.field not in equal)


def _exempt(deployment: Deployment) -> set[tuple[str, str]]:
    """The (collection, field) pairs without an index."""
    return {
        (field.text("collection"), field.text("field"))
        for field in deployment.plan.of("google_firestore_field")
        if field.blocks("index_config") and not field.blocks("index_config", "indexes")
    }


def _scope(query: QueryShape) -> str:
    return "COLLECTION_GROUP" if query.group else "COLLECTION"


def _has_ttl(field: Resource) -> bool:
    return bool(field.blocks("ttl_config"))
