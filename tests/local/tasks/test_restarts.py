"""Tasks, queues and reserved names after a stop or a kill."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from local.services.tasks.store import TaskStore
from tests.local.tasks.stack import REPORTS, ahead, until
from tests.local.tasks.worker import HANG, Worker


def test_tasks_queues_and_reserved_names_survive_a_restart(start: Callable[..., Any], worker: Worker) -> None:
    with start() as before:
        before.create_queue()
        before.create("done")
        before.until_done()
        worker.next()
        before.create("waits", schedule_time=ahead(60))
        before.client.pause_queue(name=REPORTS)
        before.create("due")
    with start() as after:
        assert after.client.get_queue(name=REPORTS).state.name == "PAUSED"
        with pytest.raises(exceptions.AlreadyExists):
            after.create("done")
        after.client.resume_queue(name=REPORTS)
        due = worker.next()
        assert due.headers["X-CloudTasks-TaskName"] == "due"
        assert due.body == b'{"report_id":"r1"}'
        until(lambda: [task.name for task in after.endpoint.pending()] == [f"{REPORTS}/tasks/waits"])


def test_a_killed_store_keeps_what_was_stored(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        try:
            store = TaskStore(tmp_path)
            store.add_queue(tasks_v2.Queue(name=REPORTS))
            for name in ("waits", "done"):
                store.add(tasks_v2.Task(name=f"{REPORTS}/tasks/{name}", schedule_time=ahead(-1)))
            store.remove(f"{REPORTS}/tasks/done")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    store = TaskStore(tmp_path)
    assert store.due(time.time()) == [f"{REPORTS}/tasks/waits"]
    assert not store.add(tasks_v2.Task(name=f"{REPORTS}/tasks/done", schedule_time=ahead(0))), (
        "the name must be reserved"
    )
    store.close()


def test_an_attempt_interrupted_by_a_stop_is_repeated(start: Callable[..., Any], worker: Worker) -> None:
    worker.answers(HANG)
    with start() as before:
        before.create_queue()
        before.create("r1-1")
        assert worker.next().headers["X-CloudTasks-TaskRetryCount"] == "0"
    with start() as after:
        assert worker.next().headers["X-CloudTasks-TaskRetryCount"] == "1"
        after.until_done()
