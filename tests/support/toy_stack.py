"""A stack of toy functions that log each event and task to a file: `python -m tests.support.toy_stack FOLDER`.

Prints the environment for its clients as one line of JSON when it is ready, and runs until it is killed.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from local.stack.stack import Stack
from tests.support.toy_functions import FINALIZED, WRITTEN, toy_catalogue, write_functions

DELETED = "google.cloud.storage.object.v1.deleted"
NOTE = """
    def main({parameter}):
        with open({file!r}, "a") as notes:
            print({kind!r}, {name}, file=notes)
        return ""
"""
_CATALOGUE = toy_catalogue(
    on_document={"kind": "event", "event": WRITTEN, "document": "clinics/{clinic}/notes/{note}"},
    on_object={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET"},
    on_deletion={"kind": "event", "event": DELETED, "bucket": "AUDIO_BUCKET"},
    on_task={"kind": "task", "queue": "work"},
)


def noted(folder: Path) -> set[str]:
    """The handled events and tasks, as `document 1`, `object 2`, `deletion 3` or `task 4`."""
    file = folder / "noted"
    return set(file.read_text().splitlines()) if file.exists() else set()


def make_stack(folder: Path) -> Stack:
    file = str(folder / "noted")
    last = 'event["subject"].rpartition("/")[2]'
    task = 'request.headers["X-CloudTasks-TaskName"]'
    sources = {
        f"on_{kind}": NOTE.format(parameter="event", file=file, kind=kind, name=last)
        for kind in ("document", "object", "deletion")
    }
    sources["on_task"] = NOTE.format(parameter="request", file=file, kind="task", name=task)
    root = write_functions(folder / "functions", sources)
    return Stack(
        folder / "state", build=folder / "build", functions_root=root, catalogue=_CATALOGUE, firestore="embedded"
    )


if __name__ == "__main__":
    with make_stack(Path(sys.argv[1])) as running:
        sys.stdout.write(json.dumps({**running.client_environment(), "URL": running.url}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()
