"""Change events of the embedded database: one per change, delivered until the receiver accepts it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from google.cloud import firestore
from google.events.cloud.firestore import DocumentEventData

from local.services.firestore.backend import DATABASE
from local.services.firestore.embedded.database import Database
from local.services.firestore.embedded.events import Listener

ConnectTo = Callable[[Database], firestore.Client]
TYPE = "google.cloud.firestore.document.v1."
LISTENERS = [
    Listener("any", f"{TYPE}written", "clinics/{clinic}/visits/{visit}"),
    Listener("new", f"{TYPE}created", "clinics/{clinic}/visits/{visit}"),
]


class Receiver:
    """Accepts events, except while `broken` is set."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, str], DocumentEventData]] = []
        self.broken = threading.Event()
        self.attempts = 0

    def __call__(self, listener: str, headers: Mapping[str, str], body: bytes) -> None:
        self.attempts += 1
        if self.broken.is_set():
            raise OSError("broken")
        self.events.append((listener, headers, DocumentEventData.deserialize(body)))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def start(state: Path, receiver: Receiver) -> Database:
    database = Database(DATABASE, state, listeners=LISTENERS, receiver=receiver)
    database.outbox.start()
    return database


@pytest.fixture
def database(tmp_path: Path, receiver: Receiver) -> Iterator[Database]:
    database = start(tmp_path, receiver)
    yield database
    database.stop()


def test_every_change_of_a_matching_document_is_one_event(
    database: Database, connect: ConnectTo, receiver: Receiver
) -> None:
    visit = connect(database).document("clinics/a/visits/1")
    visit.set({"n": 1})
    visit.update({"n": 2})
    visit.delete()
    connect(database).document("clinics/a").set({"n": 1})
    database.outbox.flush(10)

    written = [event for listener, _, event in receiver.events if listener == "any"]
    values = [[event.old_value.fields.get("n"), event.value.fields.get("n")] for event in written]
    assert [[value and value.integer_value for value in pair] for pair in values] == [[None, 1], [1, 2], [2, None]]
    assert [listener for listener, _, _ in receiver.events].count("new") == 1


def test_the_headers_are_those_of_eventarc(database: Database, connect: ConnectTo, receiver: Receiver) -> None:
    connect(database).document("clinics/a/visits/1").set({"n": 1})
    database.outbox.flush(10)

    headers = receiver.events[0][1]
    assert headers["ce-type"] == f"{TYPE}written"
    assert headers["ce-source"] == f"//firestore.googleapis.com/{DATABASE}"
    assert headers["ce-subject"] == "documents/clinics/a/visits/1"
    assert headers["content-type"] == "application/protobuf"


def test_a_write_that_changes_nothing_causes_no_event(
    database: Database, connect: ConnectTo, receiver: Receiver
) -> None:
    visit = connect(database).document("clinics/a/visits/1")
    visit.delete()
    visit.set({"n": 1})
    visit.set({"n": 1})
    visit.update({"absent": firestore.DELETE_FIELD})
    database.outbox.flush(10)

    assert [listener for listener, _, _ in receiver.events] == ["any", "new"]


def test_rejected_events_are_delivered_again_in_order(
    database: Database, connect: ConnectTo, receiver: Receiver
) -> None:
    receiver.broken.set()
    client = connect(database)
    for number in range(3):
        client.document(f"clinics/a/visits/{number}").set({})
    with pytest.raises(TimeoutError):
        database.outbox.flush(0.3)
    receiver.broken.clear()
    database.outbox.flush(10)

    accepted = [headers["ce-subject"][-1] for listener, headers, _ in receiver.events if listener == "any"]
    assert accepted == ["0", "1", "2"]
    assert receiver.attempts > len(receiver.events)


def test_rejected_events_are_delivered_after_the_next_start(
    database: Database, connect: ConnectTo, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.broken.set()
    connect(database).document("clinics/a/visits/1").set({})
    database.stop()
    receiver.broken.clear()
    restarted = start(tmp_path, receiver)
    restarted.outbox.flush(10)
    restarted.stop()

    assert [listener for listener, _, _ in receiver.events] == ["any", "new"]
