"""Delivery of events from the Firestore emulator and the buckets to functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from google.cloud import firestore

from local.services.firestore.google.emulator import OwnEmulator
from local.services.kit.identity import PROJECT
from local.services.kit.servers import free_port
from tests.local.eventarc.listeners import CATALOGUE, Events, Listeners, Start, is_free, wait_for
from tests.support.prerequisites import require_java


@pytest.fixture(scope="package")
def events_port() -> int:
    return free_port()


@pytest.fixture(scope="package")
def emulator(events_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEmulator]:
    require_java()
    emulator = OwnEmulator(tmp_path_factory.mktemp("firestore"), f"127.0.0.1:{events_port}")
    try:
        emulator.wait_ready()
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="package")
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
