"""Triggers of an emulator, and the functions that receive their events."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.staging import stage
from local.services.eventarc.triggers import Triggers
from local.services.firestore.google.emulator import OwnEmulator
from local.services.firestore.google.events import EmulatorEvents
from local.services.functions.processes import Functions
from local.services.storage.events import storage_event
from tests.support.toy_functions import FINALIZED, WRITTEN, toy_catalogue, write_functions

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
    """Triggers that also receive the events of an emulator, as in a stack."""

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
        """Begin a test. The functions write their logs into `folder`."""
        self._folder = folder
        for name in CATALOGUE.functions:
            (folder / name).mkdir()

    def end(self) -> None:
        for name in CATALOGUE.functions:
            self.functions.kill(name)

    def _environment(self, name: str) -> dict[str, str]:
        return {"FOLDER": str(self._folder / name)}

    def log(self, name: str) -> list[list[str]]:
        file = self._folder / name / "log"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def completed(self, name: str) -> list[str]:
        """The subjects of the events that the function completed, in order."""
        return [subject for step, _, subject in self.log(name) if step == "ends"]

    def fail_on(self, name: str, ending: str) -> None:
        (self._folder / name / "broken").write_text(ending)

    def recover(self, name: str) -> None:
        (self._folder / name / "broken").unlink()


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.01)


def is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def settle(triggers: Events) -> None:
    triggers.source.fence()
    wait_for(triggers.idle)


def upload(bucket: str, name: str) -> Any:
    resource = {"bucket": bucket, "name": name, "updated": "2026-01-01T00:00:00Z", "size": "3"}
    return storage_event(FINALIZED, resource, uuid.uuid4().hex)
