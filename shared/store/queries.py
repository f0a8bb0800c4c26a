"""Every Firestore query of the product: queries are built and run in this module only.

A query over several fields, or across clinics, needs an index. `infra/queries.json` lists what those queries look like,
collected while the integration tests run; the deployed indexes are compared with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from google.cloud.firestore import FieldFilter, Query

from shared.records.record import Record
from shared.store import database
from shared.store.database import Snapshot

PAGE = 100
"""Documents per query."""


Filter = tuple[str, str, Any]
"""A field, Firestore's operator, and a value: `("status", "==", "paid")`."""


@dataclass(frozen=True)
class Position:
    """A position in a list: after the record with this id and this time in the sorted field."""

    at: datetime
    id: str


@dataclass(frozen=True)
class Order:
    """The order of a list, by a time; records with the same time are in the order of their ids."""

    field: str
    descending: bool = True


NEWEST_FIRST = Order("created_at")


def ordered(
    clinic_id: str,
    collection: str,
    filters: Collection[Filter],
    after: Position | None,
    limit: int,
    *,
    order: Order = NEWEST_FIRST,
) -> list[Snapshot]:
    """Snapshots of a clinic's documents that match all filters, newest first or in another order, after a position."""
    documents = database.client().collection("clinics", clinic_id, collection)
    query = _matching(documents, filters)
    for field in (order.field, "__name__"):
        query = query.order_by(field, direction=Query.DESCENDING if order.descending else Query.ASCENDING)
    if after is not None:
        query = query.start_after({order.field: after.at, "__name__": documents.document(after.id)})
    return cast("list[Snapshot]", list(query.limit(limit).stream()))


def first(
    clinic_id: str, collection: str, filters: Collection[Filter], order: str | None, limit: int
) -> list[Snapshot]:
    """Snapshots of a clinic's documents that match all filters, in the order of a field or in no order.

    `collection` is a path below the clinic.
    """
    query = _matching(database.client().collection("clinics", clinic_id, *collection.split("/")), filters)
    query = query.order_by(order) if order else query
    return cast("list[Snapshot]", list(query.limit(limit).stream()))


def fields(
    clinic_id: str, collection: str, filters: Collection[Filter], names: Collection[str], limit: int
) -> list[dict[str, Any]]:
    """Some plain fields of a clinic's documents that match all filters."""
    query = _matching(database.client().collection("clinics", clinic_id, collection), filters)
    return [snapshot.to_dict() for snapshot in query.select([*names]).limit(limit).stream()]


def selected(
    clinic_id: str, collection: str, filters: Collection[Filter], names: Collection[str], page: int = PAGE
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ids and some plain fields of all of a clinic's documents that match all filters, page by page."""
    query = _matching(database.client().collection("clinics", clinic_id, collection), filters).select([*names])
    yield from ((one.id, one.to_dict() or {}) for one in _snapshots(query, page))


def ids_of(clinic_id: str, collection: str, page: int = PAGE) -> Iterator[str]:
    """The ids of all documents of a collection of a clinic, also of deleted ones, in their order.

    For commands of the operator; nothing else of the documents is read.
    """
    query = database.client().collection("clinics", clinic_id, collection).select([]).order_by("__name__")
    yield from (one.id for one in _found(query, page))


def count(clinic_id: str, collection: str, filters: Collection[Filter], most: int, *, order: str | None = None) -> int:
    """How many of a clinic's documents match all filters, at most `most`; none is read. With the order of a list it
    takes the same index."""
    query = _matching(database.client().collection("clinics", clinic_id, collection), filters)
    query = (query.order_by(order) if order else query).limit(most)
    return int(query.count().get()[0][0].value)


def _matching(documents: Any, filters: Collection[Filter]) -> Any:
    """The query for the documents of a collection that match all filters."""
    query = documents
    for field, operator, value in filters:
        query = query.where(filter=FieldFilter(field, operator, value))
    return query


@dataclass(frozen=True)
class Found:
    """The id of a record and of its clinic."""

    clinic_id: str
    id: str


def unchanged_since(
    model: type[Record], states: Collection[str], before: datetime, page: int = PAGE
) -> Iterator[Found]:
    """The live records of all clinics in these states that were last changed before a moment, oldest first.

    For the sweep alone, which may ask across clinics: of a record it learns the path and when it was changed.
    """
    yield from _found(_unchanged_since(model, states, before), page)


def _found(query: Any, page: int) -> Iterator[Found]:
    yield from map(_found_at, _snapshots(query, page))


def _found_at(snapshot: Snapshot) -> Found:
    _, clinic_id, *_, record_id = snapshot.reference.path.split("/")
    return Found(clinic_id, record_id)


def _snapshots(query: Any, page: int) -> Iterator[Snapshot]:
    """All results of a query, page by page."""
    query = query.limit(page)
    snapshots = list(query.stream())
    while snapshots:
        yield from snapshots
        full = len(snapshots) == page
        snapshots = list(query.start_after(snapshots[-1]).stream()) if full else []


def of_earlier_rules(collection: str, states: Collection[str], release: str, page: int = PAGE) -> Iterator[Found]:
    """The live records of all clinics in these states whose times were last compared with the rules of an earlier
    release, clinic by clinic.

    For schedules and the operator alone, who may ask across clinics: of a record they learn the path.
    """
    query = (
        database.client()
        .collection_group(collection)
        .where(filter=FieldFilter("live", "==", True))
        .where(filter=FieldFilter("status", "in", sorted(states)))
        .where(filter=FieldFilter("zone_rules", "<", release))
        .order_by("zone_rules")
        .select(["zone_rules"])
    )
    yield from _found(query, page)


def days_come(model: type[Record], field: str, until: date, page: int = PAGE) -> Iterator[tuple[Found, date]]:
    """The live records of all clinics whose day in a plain field is not after `until`, with that day, earliest first.

    For schedules alone, which may ask across clinics: of a record they learn the path and the day.
    """
    query = (
        database.client()
        .collection_group(model.collection)
        .where(filter=FieldFilter("live", "==", True))
        .where(filter=FieldFilter(field, "<=", until.isoformat()))
        .order_by(field)
        .select([field])
    )
    for snapshot in _snapshots(query, page):
        yield _found_at(snapshot), date.fromisoformat(snapshot.get(field))


def clinics_with(field: str, *more: str, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """The ids of the clinics that have set a plain setting, a positive number, with this setting and others.

    For schedules alone, which may ask across clinics.
    """
    query = (
        database.client()
        .collection("clinics")
        .where(filter=FieldFilter(field, ">", 0))
        .order_by(field)
        .select([field, *more])
    )
    yield from ({"id": snapshot.id, **(snapshot.to_dict() or {})} for snapshot in _snapshots(query, page))


def _unchanged_since(model: type[Record], states: Collection[str], before: datetime) -> Any:
    return (
        database.client()
        .collection_group(model.collection)
        .where(filter=FieldFilter("live", "==", True))
        .where(filter=FieldFilter("status", "in", sorted(states)))
        .where(filter=FieldFilter("updated_at", "<", before))
        .order_by("updated_at")
        .select(["updated_at"])
    )
