"""A running Cloud Tasks endpoint, its client and its worker."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud import tasks_v2

from local.services.tasks.endpoint import TasksEndpoint
from tests.local.tasks.worker import TIMEOUT, Worker

LOCATION = "projects/demo-synapse/locations/asia-south1"
REPORTS = f"{LOCATION}/queues/reports"
OTHER = f"{LOCATION}/queues/other"
Client = tasks_v2.CloudTasksClient


@dataclass(frozen=True)
class Stack:
    """A running endpoint and its client."""

    endpoint: TasksEndpoint
    client: Client
    worker: Worker

    def create_queue(
        self, name: str = REPORTS, limits: Mapping[str, Any] | None = None, **retry: Any
    ) -> tasks_v2.Queue:
        retry_config = {"min_backoff": dt.timedelta(milliseconds=20), "max_attempts": 5} | retry
        body = {"name": name, "retry_config": retry_config, "rate_limits": limits or {}}
        return self.client.create_queue(request={"parent": LOCATION, "queue": body})

    def create(self, task_id: str = "", path: str = "/", parent: str = REPORTS, **fields: Any) -> tasks_v2.Task:
        body: dict[str, Any] = {
            "http_request": {"url": self.worker.url + path, "body": b'{"report_id":"r1"}'},
            **fields,
        }
        if task_id:
            body["name"] = f"{parent}/tasks/{task_id}"
        return self.client.create_task(request={"parent": parent, "task": body})

    def until_done(self) -> None:
        until(lambda: not self.endpoint.pending())

    def until_other_queue_dispatched(self) -> None:
        """Wait until a new task of the other queue is dispatched. Tasks that were due before it go first."""
        self.create(path="/other", parent=OTHER)
        assert self.worker.next().path == "/other"


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.005)


def ahead(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
