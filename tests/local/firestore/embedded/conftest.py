"""An embedded database with declared indexes, and Google's own client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.firestore_indexes import CompositeIndex, FirestoreIndexes
from local.services.firestore.backend import DATABASE
from local.services.firestore.embedded.database import Database
from local.services.firestore.server import FirestoreServer
from local.services.kit.identity import PROJECT

INDEXES = FirestoreIndexes(
    composite=(
        CompositeIndex("visits", False, ("live",), None, (("at", True),)),
        CompositeIndex("visits", False, ("live",), "tokens", (("at", True),)),
        CompositeIndex("visits", True, ("live", "status"), None, (("at", False),)),
        CompositeIndex("visits", False, ("live",), None, (("status", False), ("at", True))),
    ),
    exempt=frozenset({("visits", "sealed"), ("visits", "tokens")}),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(DATABASE, tmp_path, indexes=INDEXES)
    yield database
    database.stop()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Database], firestore.Client]]:
    """Makes Google's client for a database."""
    servers = []

    def client_of(database: Database) -> firestore.Client:
        server = FirestoreServer(database)
        servers.append(server)
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
        return firestore.Client(project=PROJECT, credentials=AnonymousCredentials())

    yield client_of
    for server in servers:
        server.stop()


@pytest.fixture
def client(database: Database, connect: Callable[[Database], firestore.Client]) -> Iterator[firestore.Client]:
    client = connect(database)
    yield client
    client.close()
