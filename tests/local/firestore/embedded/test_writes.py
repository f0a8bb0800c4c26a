"""Commits to the embedded database, through Google's own client."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.api_core.exceptions import (
    Aborted,
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    NotFound,
)
from google.cloud import firestore

from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.embedded import messages
from local.services.firestore.embedded.database import Database
from local.services.kit.rpc import StatusError

ConnectTo = Callable[[Database], firestore.Client]


def test_a_document_is_created_once(client: firestore.Client) -> None:
    client.document("visits/a").create({"n": 1})

    with pytest.raises(AlreadyExists, match="visits/a"):
        client.document("visits/a").create({"n": 2})
    assert client.document("visits/a").get().to_dict() == {"n": 1}


def test_a_missing_document_is_not_updated(client: firestore.Client) -> None:
    with pytest.raises(NotFound):
        client.document("visits/a").update({"n": 1})
    assert not client.document("visits/a").get().exists


def test_a_stale_update_time_fails_updates_deletions_and_missing_documents(client: firestore.Client) -> None:
    document = client.document("visits/a")
    document.set({"n": 1})
    stale = client.write_option(last_update_time=document.get().update_time)
    document.set({"n": 2})

    for target in (document, client.document("visits/missing")):
        with pytest.raises(FailedPrecondition):
            target.update({"n": 3}, option=stale)
    with pytest.raises(FailedPrecondition):
        document.delete(option=stale)
    assert document.get().to_dict() == {"n": 2}


def test_a_commit_applies_all_of_its_writes_or_none(client: firestore.Client) -> None:
    client.document("visits/b").set({})
    batch = client.batch()
    batch.set(client.document("visits/a"), {"n": 1})
    batch.create(client.document("visits/b"), {"n": 1})

    with pytest.raises(AlreadyExists):
        batch.commit()

    assert not client.document("visits/a").get().exists


def test_all_writes_of_a_commit_have_one_time_later_than_all_earlier_commits(client: firestore.Client) -> None:
    times = []
    for number in range(20):
        batch = client.batch()
        for name in ("a", "b"):
            batch.set(client.document(f"visits/{name}"), {"n": number})
        written = [result.update_time for result in batch.commit()]
        assert written[0] == written[1] == batch.commit_time
        times.append(written[0])

    assert times == sorted(set(times))


def test_the_update_time_grows_when_the_clock_goes_back(tmp_path: Path, connect: ConnectTo) -> None:
    clock = iter([2_000_000, 1_000_000, 500_000])
    database = Database(DATABASE, tmp_path, clock=lambda: next(clock, 0))
    client = connect(database)
    document = client.document("visits/a")
    try:
        times = [document.set({"n": number}).update_time for number in range(3)]
    finally:
        client.close()
        database.stop()

    assert times == sorted(set(times))


def test_a_write_that_changes_nothing_keeps_the_update_time(client: firestore.Client) -> None:
    document = client.document("visits/a")
    document.set({"n": 1})
    before = document.get().update_time

    assert document.update({"n": 1}).update_time == before
    assert document.update({"absent": firestore.DELETE_FIELD}).update_time == before
    assert document.get().update_time == before


def test_nanoseconds_are_truncated_to_microseconds(client: firestore.Client) -> None:
    exact: Any = DatetimeWithNanoseconds
    client.document("visits/a").set({"at": exact(2026, 1, 1, nanosecond=123_456_789, tzinfo=UTC)})

    assert client.document("visits/a").get().get("at").rfc3339().endswith(".123456Z")


def test_a_mask_sets_deletes_and_leaves_fields(client: firestore.Client) -> None:
    document = client.document("visits/a")
    document.set({"a": 1, "b": {"c": 1, "d": 2}, "e": 5})

    document.update({"b.c": firestore.DELETE_FIELD, "b.new": 9, "e.deep": 1, "none.below": firestore.DELETE_FIELD})

    assert document.get().to_dict() == {"a": 1, "b": {"d": 2, "new": 9}, "e": {"deep": 1}}


def test_field_names_may_contain_dots_in_backticks(client: firestore.Client) -> None:
    client.document("visits/a").set({"a.b": 1, "c": {"d-e": 1}})

    client.document("visits/a").update({"`a.b`": 2, "c.`d-e`": 3})

    assert client.document("visits/a").get().to_dict() == {"a.b": 2, "c": {"d-e": 3}}


def test_transforms_change_the_stored_value(client: firestore.Client) -> None:
    document = client.document("visits/a")
    document.set({"n": 2**62, "list": [1, "a"]})
    before = datetime.now(UTC)

    document.update(
        {
            "n": firestore.Increment(2**62),
            "x": firestore.Increment(0.5),
            "most": firestore.Maximum(3),
            "list": firestore.ArrayUnion([1.0, "b"]),
            "at": firestore.SERVER_TIMESTAMP,
        }
    )
    document.update({"list": firestore.ArrayRemove(["a"]), "most": firestore.Minimum(2)})

    content = document.get().to_dict()
    assert content is not None
    at = content.pop("at")
    assert content == {"n": 2**63 - 1, "x": 0.5, "most": 2, "list": [1, "b"]}
    assert abs((at - before).total_seconds()) < 60
    assert at.microsecond % 1000 == 0


def test_a_transaction_that_read_a_changed_document_is_aborted(client: firestore.Client) -> None:
    counter = client.document("counters/bills")
    counter.set({"last": 1})
    transaction = client.transaction(max_attempts=1)
    transaction._begin()
    number = counter.get(transaction=transaction).get("last")
    counter.set({"last": 7})
    transaction.update(counter, {"last": number + 1})

    with pytest.raises(Aborted):
        transaction._commit()

    assert counter.get().get("last") == 7


def test_concurrent_transactions_lose_no_increment(client: firestore.Client) -> None:
    counter = client.document("counters/bills")
    counter.set({"last": 0})

    @firestore.transactional
    def take(transaction: firestore.Transaction) -> None:
        transaction.update(counter, {"last": counter.get(transaction=transaction).get("last") + 1})

    threads = [threading.Thread(target=lambda: take(client.transaction(max_attempts=50))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counter.get().get("last") == 4


def test_a_commit_that_waits_past_its_deadline_writes_nothing(client: firestore.Client, database: Database) -> None:
    with database._storage.writing(1), pytest.raises(DeadlineExceeded):
        client.document("visits/a").set({"n": 1}, retry=None, timeout=0.2)

    client.document("visits/b").set({"n": 1})
    assert not client.document("visits/a").get().exists


def test_a_deadline_is_honoured_without_a_server(database: Database) -> None:
    write = messages.Write()
    write.update.name = f"{DATABASE}/documents/visits/a"
    request = messages.CommitRequest(database=DATABASE, writes=[write]).SerializeToString()

    with database._storage.writing(1), pytest.raises(StatusError) as refused:
        database.call("Commit", request, OWNER, timeout=0.05)

    assert refused.value.code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_documents_and_update_times_survive_a_restart(tmp_path: Path, connect: ConnectTo) -> None:
    first = Database(DATABASE, tmp_path)
    client = connect(first)
    written = client.document("visits/a").set({"n": 1}).update_time
    client.close()
    first.stop()
    second = Database(DATABASE, tmp_path)
    client = connect(second)
    try:
        found = client.document("visits/a").get()
        assert (found.to_dict(), found.update_time) == ({"n": 1}, written)
    finally:
        client.close()
        second.stop()
