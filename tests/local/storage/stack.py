"""A Storage endpoint and its client."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import requests
from google.cloud import storage
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Recorder
from local.services.kit.servers import HttpServer
from local.services.storage.endpoint import StorageEndpoint
from local.services.storage.events import StorageEvent

GRAIN = 256 * 1024
MIB = 1 << 20
ORIGIN = "https://app.example"


class Stack:
    """A Storage endpoint that can be restarted on its state, and the client of the function `patients`."""

    def __init__(self, state: Path, iam: IamEndpoint, credentials: Credentials) -> None:
        self.recorder = Recorder()
        self.events: list[StorageEvent] = []
        key_file = iam.credentials_file("patients", "http://127.0.0.1/token")
        self.signer = service_account.Credentials.from_service_account_file(str(key_file))
        self._state, self._iam, self._credentials = state, iam, credentials
        self._start()

    def _start(self) -> None:
        self.endpoint = StorageEndpoint(self._state, self.recorder, self._publish, self._iam.public_key)
        self.server = HttpServer(self.endpoint.app)
        self.client = storage.Client(
            project="demo-synapse", credentials=self._credentials, client_options={"api_endpoint": self.server.url}
        )

    def restart(self) -> None:
        self.stop()
        self._start()

    def kill(self) -> None:
        """Restart without an orderly stop, as after a SIGKILL."""
        self.client.close()
        self.server.stop()
        self._start()
        self.endpoint.outbox.flush()

    def stop(self) -> None:
        self.client.close()
        self.server.stop()
        self.endpoint.stop()

    def _publish(self, event: StorageEvent) -> None:
        self.events.append(event)

    def calls(self) -> list[tuple[str, str, str]]:
        return [(call.method, call.caller, call.resource) for call in self.recorder.calls()]

    def event_names(self) -> list[tuple[str, str]]:
        """Each event as the last word of its type and the name of its object."""
        return [(event.type.rpartition(".")[2], event.name) for event in self.events]


def put(url: str, data: bytes, content_range: str, **headers: str) -> requests.Response:
    return requests.put(url, data=data, headers={"Content-Range": content_range, **headers}, timeout=10)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
