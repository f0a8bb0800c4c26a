"""The local Identity Toolkit, called by firebase-admin and with the requests of the client SDKs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import firebase_admin
import pytest

from local.services.auth.endpoint import AccountsEndpoint
from local.services.kit.identity import PROJECT
from local.services.kit.servers import HttpServer
from tests.local.auth.client import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    server = HttpServer(AccountsEndpoint(tmp_path).app)
    try:
        yield Client(server.url)
    finally:
        server.stop()


@pytest.fixture
def admin(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", client.url.removeprefix("http://"))
    app = firebase_admin.initialize_app(options={"projectId": PROJECT}, name="accounts-test")
    try:
        yield app
    finally:
        firebase_admin.delete_app(app)
