"""Every Firestore query of the product: queries are built and run in this module only.

A query over several fields, or across clinics, needs an index. `infra/queries.json` lists what those queries look like,
collected while the integration tests run; the deployed indexes are compared with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from shared.records.record import Record
from shared.store import database
from shared.store.firestore.query import NAME, Query
from shared.store.firestore.query import Filter as Filter  # noqa: PLC0414 - workflows import it from here
from shared.store.firestore.snapshot import Snapshot
from shared.store.firestore.snapshot import Whole as Whole  # noqa: PLC0414 - workflows import it from here

PAGE = 100
"""Documents per query."""


def one_of(field: str, values: Collection[str]) -> Filter:
    """The filter for a field with one of these values; a single one is compared without `in`."""
    if len(values) > 1:
        return field, "in", list(values)
    [value] = values
    return field, "==", value


class Position(NamedTuple):
    """A position in a list: after the record with this id and this time in the sorted field."""

    at: datetime
    id: str


class Order(NamedTuple):
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
) -> list[Whole]:
    """A clinic's documents that match all filters, newest first or in another order, after a position."""
    query = replace(_of(clinic_id, collection, filters), limit=limit)
    return database.client().query(_ordered(query, order, after))


def ordered_parts(
    clinic_id: str,
    collection: str,
    filters: Collection[Filter],
    names: Collection[str],
    *,
    after: Position | None,
    limit: int,
    order: Order,
) -> list[Snapshot]:
    """As `ordered`, of these fields alone."""
    query = replace(_of(clinic_id, collection, filters), limit=limit)
    return database.client().select(_ordered(query, order, after), names)


def ordered_at_once(
    clinic_id: str, collection: str, asked: Sequence[tuple[Collection[Filter], int]]
) -> list[list[Whole]]:
    """The newest of a clinic's documents for each of several filters and limits, which are asked for at once."""
    found = (replace(_of(clinic_id, collection, filters), limit=limit) for filters, limit in asked)
    return database.client().queries([_ordered(query, NEWEST_FIRST) for query in found])


def _ordered(query: Query, order: Order, after: Position | None = None) -> Query:
    query = replace(query, order=((order.field, order.descending), (NAME, order.descending)))
    return query if after is None else replace(query, after=(after.at, f"{query.collection}/{after.id}"))


def first(clinic_id: str, collection: str, filters: Collection[Filter], order: str | None, limit: int) -> list[Whole]:
    """A clinic's documents that match all filters, in the order of a field or in no order.

    `collection` is a path below the clinic.
    """
    query = replace(_of(clinic_id, collection, filters), order=((order, False),) if order else (), limit=limit)
    return database.client().query(query)


def fields(
    clinic_id: str, collection: str, filters: Collection[Filter], names: Collection[str], limit: int
) -> list[dict[str, Any]]:
    """Some plain fields of a clinic's documents that match all filters."""
    query = replace(_of(clinic_id, collection, filters), limit=limit)
    return [{**snapshot.to_dict()} for snapshot in database.client().select(query, names)]


def selected(
    clinic_id: str, collection: str, filters: Collection[Filter], names: Collection[str], page: int = PAGE
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ids and some plain fields of all of a clinic's documents that match all filters, page by page."""
    found = _snapshots(_of(clinic_id, collection, filters), names, page)
    yield from ((one.id, {**one.to_dict()}) for one in found)


def ids_of(clinic_id: str, collection: str, page: int = PAGE) -> Iterator[str]:
    """The ids of all documents of a collection of a clinic, also of deleted ones, in their order.

    For commands of the operator; nothing else of the documents is read.
    """
    query = replace(_of(clinic_id, collection, ()), order=((NAME, False),))
    yield from (one.id for one in _snapshots(query, (), page))


def count(clinic_id: str, collection: str, filters: Collection[Filter], most: int, *, order: str | None = None) -> int:
    """How many of a clinic's documents match all filters, at most `most`; none is read. With the order of a list it
    takes the same index."""
    query = replace(_of(clinic_id, collection, filters), order=((order, False),) if order else (), limit=most)
    return database.client().count(query)


def _of(clinic_id: str, collection: str, filters: Collection[Filter]) -> Query:
    """The query for the documents of a clinic's collection that match all filters."""
    return Query(f"clinics/{clinic_id}/{collection}", tuple(filters))


class Found(NamedTuple):
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


def _found(query: Query, page: int) -> Iterator[Found]:
    yield from map(_found_at, _snapshots(query, _ordered_by(query), page))


def _ordered_by(query: Query) -> list[str]:
    """The fields by which a query is ordered: a query of all clinics reads no others, and its next page needs them."""
    return [field for field, _ in query.order]


def _found_at(snapshot: Snapshot) -> Found:
    _, clinic_id, *_, record_id = snapshot.path.split("/")
    return Found(clinic_id, record_id)


def _snapshots(query: Query, names: Collection[str], page: int) -> Iterator[Snapshot]:
    """Some fields of all results of a query, page by page."""
    query = replace(query, limit=page)
    snapshots = database.client().select(query, names)
    while snapshots:
        yield from snapshots
        full = len(snapshots) == page
        snapshots = database.client().select(query.page_after(snapshots[-1]), names) if full else []


def of_earlier_rules(collection: str, states: Collection[str], release: str, page: int = PAGE) -> Iterator[Found]:
    """The live records of all clinics in these states whose times were last compared with the rules of an earlier
    release, clinic by clinic.

    For schedules and the operator alone, who may ask across clinics: of a record they learn the path.
    """
    filters = ("live", "==", True), ("status", "in", sorted(states)), ("zone_rules", "<", release)
    query = _of_all_clinics(collection, filters, "zone_rules")
    yield from _found(query, page)


def days_come(model: type[Record], field: str, until: date, page: int = PAGE) -> Iterator[tuple[Found, date]]:
    """The live records of all clinics whose day in a plain field is not after `until`, with that day, earliest first.

    For schedules alone, which may ask across clinics: of a record they learn the path and the day.
    """
    query = _of_all_clinics(model.collection, (("live", "==", True), (field, "<=", until.isoformat())), field)
    for snapshot in _snapshots(query, [field], page):
        yield _found_at(snapshot), date.fromisoformat(snapshot.get(field))


def clinics_with(field: str, *more: str, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """The ids of the clinics that have set a plain setting, a positive number, with this setting and others.

    For schedules alone, which may ask across clinics.
    """
    query = Query("clinics", ((field, ">", 0),), order=((field, False),))
    yield from ({"id": snapshot.id, **snapshot.to_dict()} for snapshot in _snapshots(query, (field, *more), page))


def _unchanged_since(model: type[Record], states: Collection[str], before: datetime) -> Query:
    filters = ("live", "==", True), ("status", "in", sorted(states)), ("updated_at", "<", before)
    return _of_all_clinics(model.collection, filters, "updated_at")


def _of_all_clinics(collection: str, filters: tuple[Filter, ...], field: str) -> Query:
    """The query for the documents of all clinics in the order of a plain field."""
    return Query(collection, filters, order=((field, False),), in_all_collections=True)
