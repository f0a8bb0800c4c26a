"""Delivery of events from the Firestore emulator and the buckets to functions."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore
from google.events.cloud.firestore import DocumentEventData

from infra.staging import stage
from local.services.eventarc.event import Event
from local.services.eventarc.queue_file import QueueFile
from local.services.eventarc.triggers import Triggers
from local.services.firestore.google.emulator import OwnEmulator
from local.services.firestore.google.events import EmulatorEvents
from local.services.functions.processes import Functions
from local.services.kit.identity import PROJECT
from local.services.kit.servers import free_port
from local.services.storage.events import storage_event
from tests.support.prerequisites import require_java
from tests.support.toy_functions import FINALIZED, WRITTEN, toy_catalogue, write_functions

pytestmark = pytest.mark.long

LISTENER = """
    import json, os, time
    from pathlib import Path

    folder = Path(os.environ["FOLDER"])

    def main(event):
        with (folder / "log").open("a") as log:
            print(json.dumps(["begins", event["id"], event["subject"]]), file=log)
        if (folder / "broken").exists() and event["subject"].endswith((folder / "broken").read_text()):
            raise RuntimeError("broken")
        with (folder / "log").open("a") as log:
            print(json.dumps(["ends", event["id"], event["subject"]]), file=log)
"""
CATALOGUE = toy_catalogue(
    on_note={"kind": "event", "event": WRITTEN, "document": "clinics/{clinic}/notes/{note}"},
    on_upload={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET"},
)


class Events(Triggers):
    """Triggers that also get the events of an emulator, as in a stack."""

    def connect(self, emulator: OwnEmulator, port: int) -> None:
        self.source = EmulatorEvents(self.listeners, self.enqueue, port=port)
        self.source.register(emulator)
        self.start()

    def stop(self) -> None:
        super().stop()
        self.source.drain()
        self.source.stop()


Start = Callable[..., Events]


class Listeners:
    """The processes of two functions, and the events they logged."""

    def __init__(self, folder: Path) -> None:
        """`folder` is shared by all tests."""
        root = write_functions(folder / "functions", {"on_note": LISTENER, "on_upload": LISTENER})
        self.functions = Functions(
            CATALOGUE, lambda name: stage(name, folder / "build", root), self._environment, folder / "logs"
        )

    def begin(self, folder: Path) -> None:
        """Begin a test; the functions log to its folder."""
        self._folder = folder
        for name in CATALOGUE.functions:
            (folder / name).mkdir()

    def end(self) -> None:
        for name in CATALOGUE.functions:
            self.functions.kill(name)

    def _environment(self, name: str) -> dict[str, str]:
        return {"FOLDER": str(self._folder / name)}

    def lines(self, name: str) -> list[list[str]]:
        log = self._folder / name / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def seen(self, name: str) -> list[str]:
        """The subjects of the events that the function completed, in order."""
        return [subject for step, _, subject in self.lines(name) if step == "ends"]

    def fail_on(self, name: str, ending: str) -> None:
        (self._folder / name / "broken").write_text(ending)

    def recover(self, name: str) -> None:
        (self._folder / name / "broken").unlink()


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture(scope="module")
def events_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def emulator(events_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEmulator]:
    require_java()
    emulator = OwnEmulator(tmp_path_factory.mktemp("firestore"), f"127.0.0.1:{events_port}")
    try:
        emulator.wait_ready()
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="module")
def all_listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    listeners = Listeners(tmp_path_factory.mktemp("listeners"))
    yield listeners
    listeners.functions.stop()


@pytest.fixture
def listeners(all_listeners: Listeners, tmp_path: Path) -> Iterator[Listeners]:
    all_listeners.begin(tmp_path)
    yield all_listeners
    all_listeners.end()


@pytest.fixture
def start(listeners: Listeners, emulator: OwnEmulator, events_port: int, tmp_path: Path) -> Iterator[Start]:
    """Starts triggers on the state of the previous ones, which must have stopped."""
    with ExitStack() as running:

        def start(max_age: float = 60.0) -> Events:
            # A starting process still holds a copy of the closed listening socket.
            wait_for(lambda: is_free(events_port))
            buckets = {"AUDIO_BUCKET": "audio"}
            triggers = Events(CATALOGUE, listeners.functions, buckets, tmp_path, max_age=max_age)
            triggers.connect(emulator, events_port)
            running.callback(triggers.stop)
            running.callback(listeners.end)
            return triggers

        yield start


@pytest.fixture
def triggers(start: Start) -> Events:
    return start()


@pytest.fixture
def database(emulator: OwnEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[firestore.Client]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.address)
    client = firestore.Client(project=PROJECT)
    yield client
    client.close()


def settle(triggers: Events) -> None:
    triggers.source.fence()
    wait_for(triggers.idle)


def upload(bucket: str, name: str) -> Any:
    resource = {"bucket": bucket, "name": name, "updated": "2026-01-01T00:00:00Z", "size": "3"}
    return storage_event(FINALIZED, resource, uuid.uuid4().hex)


def test_a_written_document_reaches_its_listener_with_its_fields(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    database.document("clinics/c/notes/n").set({"state": "open"})
    database.document("clinics/c/others/o").set({"state": "open"})
    settle(triggers)
    assert listeners.seen("on_note") == ["documents/clinics/c/notes/n"]
    event = triggers.history[0].event
    assert event.headers["ce-document"] == "clinics/c/notes/n"
    assert event.headers["ce-source"] == f"//firestore.googleapis.com/projects/{PROJECT}/databases/(default)"
    data = DocumentEventData.deserialize(event.body)
    assert data.value.fields["state"].string_value == "open"


def test_an_upload_reaches_the_listeners_of_its_bucket_only(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "a/1.webm"))
    triggers.publish(upload("results", "a/1.json"))
    wait_for(triggers.idle)
    assert listeners.seen("on_upload") == ["objects/a/1.webm"]
    assert json.loads(triggers.history[0].event.body)["size"] == "3"


def test_a_fence_passes_after_the_events_of_every_earlier_write(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    listeners.fail_on("on_note", "")
    for number in range(20):
        database.document(f"clinics/c/notes/{number}").set({})
    triggers.source.fence()
    assert not triggers.idle()
    listeners.recover("on_note")
    wait_for(triggers.idle)
    assert len(set(listeners.seen("on_note"))) == 20


def test_a_failed_event_is_tried_again_and_holds_nothing_up(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    listeners.fail_on("on_note", "first")
    database.document("clinics/c/notes/first").set({})
    database.document("clinics/c/notes/second").set({})
    wait_for(lambda: listeners.seen("on_note"))
    wait_for(lambda: len(listeners.lines("on_note")) > 5)  # several tries
    listeners.recover("on_note")
    settle(triggers)
    assert [subject.rpartition("/")[2] for subject in listeners.seen("on_note")] == ["second", "first"]
    ids = {event for _, event, subject in listeners.lines("on_note") if subject.endswith("first")}
    assert len(ids) == 1, "the event keeps its id"


def test_a_listener_gets_one_event_at_a_time(triggers: Events, listeners: Listeners) -> None:
    for number in range(10):
        triggers.publish(upload("audio", str(number)))
    wait_for(triggers.idle)
    assert [step for step, _, _ in listeners.lines("on_upload")] == ["begins", "ends"] * 10


def test_an_event_can_be_delivered_again(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    arrived = triggers.history[0]
    assert triggers.deliver(arrived.function, arrived.event) == 200
    first, _, again, _ = listeners.lines("on_upload")
    assert first == again


def test_a_listener_killed_at_work_gets_its_event_again(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    listeners.fail_on("on_upload", "2")
    triggers.publish(upload("audio", "2"))
    wait_for(lambda: len(listeners.lines("on_upload")) > 2)
    listeners.functions.kill("on_upload")
    listeners.recover("on_upload")
    wait_for(triggers.idle)
    assert listeners.seen("on_upload") == ["objects/1", "objects/2"]


def test_events_that_wait_at_a_stop_are_delivered_at_the_next_start(
    start: Start, database: firestore.Client, listeners: Listeners
) -> None:
    triggers = start()
    listeners.fail_on("on_upload", "")
    listeners.fail_on("on_note", "")
    triggers.publish(upload("audio", "1"))
    database.document("clinics/c/notes/n").set({})
    triggers.stop()
    listeners.recover("on_upload")
    listeners.recover("on_note")
    wait_for(start().idle)
    assert listeners.seen("on_upload") == ["objects/1"]
    assert listeners.seen("on_note") == ["documents/clinics/c/notes/n"]


def test_events_are_stored_when_they_are_queued_and_delivered_in_order_after_a_kill(
    start: Start, listeners: Listeners, tmp_path: Path
) -> None:
    killed = Triggers(CATALOGUE, listeners.functions, {"AUDIO_BUCKET": "audio"}, tmp_path)
    for number in range(5):
        killed.publish(upload("audio", str(number)))
    triggers = start()
    triggers.publish(upload("audio", "5"))
    wait_for(triggers.idle)
    assert listeners.seen("on_upload") == [f"objects/{number}" for number in range(6)]


def test_a_delivered_or_dropped_event_is_not_delivered_after_a_kill(start: Start, listeners: Listeners) -> None:
    killed = start(max_age=0.3)
    listeners.fail_on("on_upload", "2")
    for number in range(3):
        killed.publish(upload("audio", str(number)))
    wait_for(killed.idle)
    killed.source.stop()
    listeners.recover("on_upload")
    triggers = start()
    triggers.publish(upload("audio", "3"))
    wait_for(triggers.idle)
    assert listeners.seen("on_upload") == ["objects/0", "objects/1", "objects/3"]


def test_an_event_is_queued_once_per_function_until_it_is_delivered(start: Start, listeners: Listeners) -> None:
    triggers = start()
    listeners.fail_on("on_upload", "")
    event = upload("audio", "1")
    for _ in range(3):
        triggers.publish(event)
    triggers.enqueue("on_note", Event({**event.headers}, event.body))
    wait_for(lambda: len(listeners.lines("on_upload")) > 1)
    triggers.publish(event)
    listeners.recover("on_upload")
    wait_for(triggers.idle)
    assert listeners.seen("on_upload") == listeners.seen("on_note") == ["objects/1"]
    triggers.publish(event)
    wait_for(triggers.idle)
    assert len(listeners.seen("on_upload")) == 2


def test_an_event_that_comes_after_a_stop_is_kept_for_the_next_start(start: Start, listeners: Listeners) -> None:
    triggers = start()
    triggers.stop()
    triggers.publish(upload("audio", "1"))
    assert listeners.seen("on_upload") == []
    wait_for(start().idle)
    assert listeners.seen("on_upload") == ["objects/1"]


def test_events_of_a_removed_function_are_removed(start: Start, listeners: Listeners, tmp_path: Path) -> None:
    before = Triggers(
        toy_catalogue(gone={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET"}),
        listeners.functions,
        {"AUDIO_BUCKET": "audio"},
        tmp_path,
    )
    before.publish(upload("audio", "1"))
    before.stop()
    start().stop()
    assert QueueFile(tmp_path / "events.db").all() == []


def test_an_event_that_fails_for_too_long_is_dropped_and_kept_for_inspection(
    start: Start, listeners: Listeners
) -> None:
    triggers = start(max_age=0.3)
    listeners.fail_on("on_upload", "1")
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    assert [delivery.event.headers["ce-subject"] for delivery in triggers.dropped] == ["objects/1"]
    assert listeners.seen("on_upload") == []
