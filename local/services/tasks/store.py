"""The queues, tasks and reserved task names of the local Cloud Tasks, in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.cloud import tasks_v2

from local.services.kit.sqlite import connect

NAME_RESERVED = 3600.0
"""Seconds for which the name of a completed or deleted task stays reserved."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, paused INTEGER NOT NULL, message BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY, queue TEXT NOT NULL, due REAL NOT NULL, message BLOB NOT NULL,
    executions INTEGER NOT NULL, status INTEGER, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tombstones (name TEXT PRIMARY KEY, until REAL NOT NULL);
"""
_RUNNING = "FROM tasks JOIN queues ON queues.name = tasks.queue WHERE NOT queues.paused"


@dataclass
class StoredTask:
    """A task, and the state of its attempts for which the message has no field."""

    task: tasks_v2.Task
    executions: int = 0
    """The number of responses so far, without those with a 5xx status."""
    status: int | None = None
    """The HTTP status of the last attempt's response."""
    reason: str = ""
    """The reason why the last attempt failed."""


class TaskStore:
    """Thread-safe. Every change is on disk when the method returns."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._connection = connect(folder / "tasks.db", _SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add_queue(self, queue: tasks_v2.Queue) -> bool:
        """Add a queue; False if its name is taken."""
        with self._change() as database:
            added = database.execute("INSERT OR IGNORE INTO queues VALUES (?, ?, ?)", _queue_row(queue))
            return added.rowcount == 1

    def save_queue(self, queue: tasks_v2.Queue) -> None:
        with self._change() as database:
            database.execute("REPLACE INTO queues VALUES (?, ?, ?)", _queue_row(queue))

    def queue(self, name: str) -> tasks_v2.Queue | None:
        with self._change() as database:
            row = database.execute("SELECT message FROM queues WHERE name = ?", (name,)).fetchone()
        return tasks_v2.Queue.deserialize(row[0]) if row else None

    def queues(self) -> list[tasks_v2.Queue]:
        """All queues, by name."""
        with self._change() as database:
            rows = database.execute("SELECT message FROM queues ORDER BY name").fetchall()
        return [tasks_v2.Queue.deserialize(message) for (message,) in rows]

    def add(self, task: tasks_v2.Task) -> bool:
        """Add a task; False if its name is taken or reserved."""
        with self._change() as database:
            database.execute("DELETE FROM tombstones WHERE until <= ?", (time.time(),))
            if database.execute("SELECT 1 FROM tombstones WHERE name = ?", (task.name,)).fetchone():
                return False
            row = (task.name, _queue_of(task.name), *_task_row(StoredTask(task)))
            added = database.execute("INSERT OR IGNORE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            return added.rowcount == 1

    def save(self, stored: StoredTask) -> None:
        """Store the changes of a task, unless it was removed meanwhile."""
        change = "UPDATE tasks SET due = ?, message = ?, executions = ?, status = ?, reason = ? WHERE name = ?"
        with self._change() as database:
            database.execute(change, (*_task_row(stored), stored.task.name))

    def task(self, name: str) -> StoredTask | None:
        with self._change() as database:
            query = "SELECT message, executions, status, reason FROM tasks WHERE name = ?"
            row = database.execute(query, (name,)).fetchone()
        return StoredTask(tasks_v2.Task.deserialize(row[0]), *row[1:]) if row else None

    def remove(self, name: str) -> bool:
        """Remove a task and reserve its name; False if it does not exist."""
        with self._change() as database:
            removed = database.execute("DELETE FROM tasks WHERE name = ?", (name,)).rowcount == 1
            if removed:
                database.execute("REPLACE INTO tombstones VALUES (?, ?)", (name, time.time() + NAME_RESERVED))
            return removed

    def purge(self, queue: str) -> None:
        """Remove all tasks of a queue and reserve their names."""
        reserve = "REPLACE INTO tombstones SELECT name, ? FROM tasks WHERE queue = ?"
        with self._change() as database:
            database.execute(reserve, (time.time() + NAME_RESERVED, queue))
            database.execute("DELETE FROM tasks WHERE queue = ?", (queue,))

    def all(self) -> list[tasks_v2.Task]:
        """The tasks of all queues, by time."""
        with self._change() as database:
            rows = database.execute("SELECT message FROM tasks ORDER BY due").fetchall()
        return [tasks_v2.Task.deserialize(message) for (message,) in rows]

    def page(self, queue: str, after: str, most: int) -> list[tasks_v2.Task]:
        """The first `most` tasks of a queue whose names follow `after`, by name."""
        query = "SELECT message FROM tasks WHERE queue = ? AND name > ? ORDER BY name LIMIT ?"
        with self._change() as database:
            rows = database.execute(query, (queue, after, most)).fetchall()
        return [tasks_v2.Task.deserialize(message) for (message,) in rows]

    def due(self, now: float) -> list[str]:
        """The names of the due tasks of running queues, earliest first."""
        with self._change() as database:
            rows = database.execute(f"SELECT tasks.name {_RUNNING} AND due <= ? ORDER BY due", (now,)).fetchall()
        return [name for (name,) in rows]

    def next_due(self, now: float) -> float | None:
        """The earliest due time after `now` of a task in a running queue."""
        with self._change() as database:
            row = database.execute(f"SELECT MIN(due) {_RUNNING} AND due > ?", (now,)).fetchone()
        due: float | None = row[0]
        return due

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with self._lock, self._connection:
            yield self._connection


def _queue_of(task: str) -> str:
    return task.partition("/tasks/")[0]


def _queue_row(queue: tasks_v2.Queue) -> tuple[str, bool, bytes]:
    return queue.name, queue.state == tasks_v2.Queue.State.PAUSED, tasks_v2.Queue.serialize(queue)


def _task_row(stored: StoredTask) -> tuple[float, bytes, int, int | None, str]:
    due = stored.task.schedule_time.timestamp()
    return due, tasks_v2.Task.serialize(stored.task), stored.executions, stored.status, stored.reason
