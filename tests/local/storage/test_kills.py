"""A process killed at any line of the object store loses no acknowledged change and no event."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import local.services.storage
from local.services.storage.conditions import Conditions
from local.services.storage.database import Database
from local.services.storage.errors import StorageError
from local.services.storage.events import StorageEvent
from local.services.storage.objects import ObjectStore
from local.services.storage.outbox import Outbox
from local.services.storage.uploads import Chunk, Sessions
from tests.support.thorough import SEED, THOROUGH

pytestmark = pytest.mark.long

GRAIN = 256 * 1024
CONTENT = os.urandom(GRAIN + 17)
PACKAGE = str(Path(local.services.storage.__file__).parent)
STRIDE = 1 if THOROUGH else 17
"""Lines between two kills."""

BUCKET, INSERTED, REPLACED, DELETED, SESSION, CHUNK, FINISHED = range(1, 8)
"""The acknowledged steps, in order."""
EVENTS = {
    INSERTED: ["finalized a 1"],
    REPLACED: ["deleted a 1", "finalized a 2"],
    DELETED: ["deleted a 2"],
    FINISHED: [f"finalized r {len(CONTENT)}"],
}


class Service:
    """The storage service without HTTP. Appends acknowledged steps and published events to files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.database = Database(folder / "state" / "storage.db")
        self.outbox = Outbox(self.database, self._publish)
        self.store = ObjectStore(folder / "state", self.database, self.outbox)
        self.sessions = Sessions(folder / "state", self.database, self.store)

    def run(self) -> None:
        """Run all steps, and record each one as acknowledged."""
        self.store.create_bucket({"name": "audio"})
        self._acknowledge(BUCKET)
        self.store.insert("audio", "a", [b"1"], {})
        self._acknowledge(INSERTED)
        self.store.insert("audio", "a", [b"22"], {})
        self._acknowledge(REPLACED)
        self.store.delete("audio", "a")
        self._acknowledge(DELETED)
        session = self.sessions.start("audio", "r", {}, Conditions(generation_match=0), size=len(CONTENT))
        self._acknowledge(SESSION, session.id)
        self.put(session.id, 0, CONTENT[:GRAIN])
        self._acknowledge(CHUNK)
        self.put(session.id, GRAIN, CONTENT[GRAIN:])
        self._acknowledge(FINISHED)

    def put(self, session_id: str, start: int | None, data: bytes) -> int:
        chunk = Chunk(io.BytesIO(data), len(data), start, len(CONTENT))
        return self.sessions.put(self.sessions.find(session_id), chunk, {})

    def acknowledged(self) -> dict[int, str]:
        """The acknowledged steps, with the id of the session."""
        return dict(map(json.loads, self._lines("acknowledged")))

    def events(self) -> list[str]:
        """The published events in order, without duplicates."""
        return [
            text for _, text in dict.fromkeys((event, text) for event, text in map(json.loads, self._lines("events")))
        ]

    def size_of(self, name: str) -> str:
        """The size of an object's content; empty if the object does not exist."""
        try:
            resource, file = self.store.open("audio", name)
        except StorageError:
            return ""
        with file:
            content = file.read()
        assert resource["size"] == str(len(content))
        return str(len(content))

    def files(self) -> dict[str, int]:
        """The number of files in each folder of the state."""
        folders = ("contents", "sessions", "staged")
        return {name: len(list((self._folder / "state" / name).iterdir())) for name in folders}

    def _publish(self, event: StorageEvent) -> None:
        text = f"{event.type.rpartition('.')[2]} {event.name} {json.loads(event.body)['size']}"
        self._append("events", event.id, text)

    def _acknowledge(self, step: int, note: str = "") -> None:
        self._append("acknowledged", step, note)

    def _append(self, file: str, *entry: Any) -> None:
        with (self._folder / file).open("a") as lines:
            lines.write(json.dumps(entry) + "\n")

    def _lines(self, file: str) -> list[str]:
        path = self._folder / file
        return path.read_text().splitlines() if path.exists() else []


def exit_after(lines: int) -> None:
    """Exit this process without any cleanup, after this number of executed lines of the package."""
    left = lines

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        nonlocal left
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os._exit(9)
        return trace

    sys.settrace(trace)


def killed_after(lines: int, folder: Path) -> bool:
    """Run the steps in a child process that exits after `lines` lines. False if the steps need fewer lines."""
    child = os.fork()
    if not child:
        try:
            exit_after(lines)
            Service(folder).run()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


@contextmanager
def restarted(folder: Path) -> Iterator[Service]:
    service = Service(folder)
    service.outbox.flush()
    yield service
    service.database.close()


def test_a_kill_at_any_line_loses_nothing(tmp_path: Path) -> None:
    lines = SEED % STRIDE
    while killed_after(lines, tmp_path / str(lines)):
        with restarted(tmp_path / str(lines)) as service:
            check(service)
        lines += STRIDE
    assert lines > 200, "too few kills to reach every step"
    with restarted(tmp_path / str(lines)) as service:
        assert list(service.acknowledged()) == [BUCKET, INSERTED, REPLACED, DELETED, SESSION, CHUNK, FINISHED]
        check(service)


def check(service: Service) -> None:
    acknowledged = service.acknowledged()
    last = max(acknowledged, default=0)
    events = service.events()
    committed = next(step for step in (last, last + 1) if events == events_until(step))
    sizes = {INSERTED: "1", REPLACED: "2"}
    assert service.size_of("a") == sizes.get(committed, "")
    assert service.size_of("r") == (str(len(CONTENT)) if committed == FINISHED else "")
    assert service.files()["contents"] == (committed in sizes or committed == FINISHED)
    assert service.files()["staged"] == 0
    if SESSION in acknowledged:
        check_upload(service, acknowledged[SESSION], CHUNK in acknowledged)


def check_upload(service: Service, session_id: str, chunk_acknowledged: bool) -> None:
    """The client continues its upload after the restart."""
    start = service.put(session_id, None, b"")
    assert start in ({GRAIN, len(CONTENT)} if chunk_acknowledged else {0, GRAIN})
    assert service.put(session_id, start, CONTENT[start:]) == len(CONTENT)
    assert service.size_of("r") == str(len(CONTENT))
    assert service.events() == events_until(FINISHED)
    assert service.files() == {"contents": 1, "sessions": 0, "staged": 0}


def events_until(step: int) -> list[str]:
    return [event for done, events in EVENTS.items() if done <= step for event in events]
