"""The SQLite file: new index entries for an old file, and its size."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import firestore
from google.cloud.firestore import FieldFilter, Query

from infra.firestore_indexes import CompositeIndex
from local.services.firestore.backend import DATABASE
from local.services.firestore.embedded.database import Database
from tests.local.firestore.embedded.conftest import INDEXES

ConnectTo = Callable[[Database], firestore.Client]
NEW = CompositeIndex("visits", False, ("live",), None, (("status", False),))
OLD_FORMAT = """
drop table postings; drop table tails; delete from entries;
insert into entries values (1, x'00', 1);
pragma user_version = 0;
"""


@pytest.mark.parametrize(
    ("declared", "change", "filters", "order"),
    [
        ((NEW, *INDEXES.composite), "", [("live", True)], "status"),
        (INDEXES.composite, OLD_FORMAT, [("live", True), ("tokens", b"x")], "at"),
    ],
    ids=["another index is declared", "entries of another format"],
)
def test_opening_a_file_replaces_entries_that_do_not_fit(
    tmp_path: Path,
    connect: ConnectTo,
    declared: Sequence[CompositeIndex],
    change: str,
    filters: list[tuple[str, object]],
    order: str,
) -> None:
    first = Database(DATABASE, tmp_path, indexes=INDEXES)
    client = connect(first)
    for name in "ab":
        client.document(f"visits/{name}").set({"live": True, "status": name, "at": name, "tokens": [b"x"]})
    client.close()
    first.stop()
    with sqlite3.connect(tmp_path / "firestore.sqlite") as file:
        file.executescript(change)

    second = Database(DATABASE, tmp_path, indexes=replace(INDEXES, composite=tuple(declared)))
    client = connect(second)
    query: Query = client.collection("visits").order_by(order, direction="DESCENDING" if order == "at" else "ASCENDING")
    for name, value in filters:
        query = query.where(filter=FieldFilter(name, "array_contains" if name == "tokens" else "==", value))
    found = [snapshot.id for snapshot in query.stream()]
    client.close()
    second.stop()

    assert found == (["b", "a"] if order == "at" else ["a", "b"])


def test_the_write_ahead_log_stays_small(client: firestore.Client, tmp_path: Path) -> None:
    """Three times its limit is written."""
    for number in range(60):
        client.document(f"visits/{number}").set({"sealed": b"x" * 400_000})

    assert (tmp_path / "firestore.sqlite-wal").stat().st_size < 10_000_000
