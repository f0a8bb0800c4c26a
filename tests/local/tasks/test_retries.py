"""Attempts, retries and backoff."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from local.services.tasks.dispatcher import AttemptResult, Dispatcher
from local.services.tasks.scheduler import backoff
from local.services.tasks.store import StoredTask
from tests.local.tasks.stack import LOCATION, REPORTS, Stack, ahead, until
from tests.local.tasks.worker import HANG, RESET, Worker


def test_a_retry_has_the_reason_of_the_failure_in_its_headers(stack: Stack) -> None:
    stack.worker.answers(404, 503, RESET)
    stack.create("r1-1")
    attempts = [stack.worker.next().headers for _ in range(4)]
    stack.until_done()
    counts = [(h["X-CloudTasks-TaskRetryCount"], h["X-CloudTasks-TaskExecutionCount"]) for h in attempts]
    assert counts == [("0", "0"), ("1", "1"), ("2", "1"), ("3", "1")]
    assert [h.get("X-CloudTasks-TaskPreviousResponse") for h in attempts] == [None, "404", "503", None]
    assert "503" in attempts[2]["X-CloudTasks-TaskRetryReason"]
    assert attempts[3]["X-CloudTasks-TaskRetryReason"] == "UNAVAILABLE: ConnectionResetError"


def test_any_2xx_is_success_and_a_redirect_is_not(stack: Stack) -> None:
    stack.worker.answers(302, 204)
    stack.create()
    stack.until_done()
    assert stack.worker.received.qsize() == 2


def test_a_task_of_a_function_that_does_not_listen_yet_is_retried(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    task = stack.create(http_request={"url": f"http://127.0.0.1:{port}/"}, retry_config={"max_attempts": -1})
    until(lambda: stack.client.get_task(name=task.name).dispatch_count >= 2)
    assert stack.client.get_task(name=task.name).response_count == 0


def test_a_task_is_dropped_after_the_last_attempt_of_its_queue(stack: Stack) -> None:
    stack.worker.answers(*[500] * 9)
    stack.create("r1-1")
    stack.until_done()
    assert stack.worker.received.qsize() == 5
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_tasks_own_retry_configuration_overrides_its_queues(stack: Stack) -> None:
    stack.worker.answers(*[500] * 9)
    stack.create(retry_config={"max_attempts": 2, "min_backoff": dt.timedelta(milliseconds=10)})
    stack.until_done()
    assert stack.worker.received.qsize() == 2


def test_unlimited_attempts_continue_until_success(stack: Stack) -> None:
    stack.create_queue(f"{LOCATION}/queues/endless", max_attempts=-1, max_backoff=dt.timedelta(milliseconds=20))
    stack.worker.answers(*[500] * 20)
    stack.create(parent=f"{LOCATION}/queues/endless")
    stack.until_done()
    assert stack.worker.received.qsize() == 21


def test_backoff_doubles_then_grows_linearly_up_to_the_maximum() -> None:
    retry = tasks_v2.RetryConfig(
        min_backoff=dt.timedelta(seconds=10), max_backoff=dt.timedelta(seconds=300), max_doublings=3
    )
    waits = [backoff(retry, attempts).total_seconds() for attempts in range(1, 9)]
    assert waits == [10, 20, 40, 80, 160, 240, 300, 300]


def test_the_wait_before_a_retry_is_configured_by_the_queue(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, min_backoff=dt.timedelta(seconds=0.4))
    stack.worker.answers(500, 500)
    stack.create(parent=queue_name)
    times = [stack.worker.next().at for _ in range(3)]
    assert times[1] - times[0] >= 0.4
    assert times[2] - times[1] >= 0.8


def test_the_backoff_scale_shortens_waits(start: Callable[..., Any], worker: Worker) -> None:
    with start(backoff_scale=0.001) as stack:
        stack.create_queue(min_backoff=dt.timedelta(seconds=100))
        worker.answers(500)
        stack.create()
        stack.until_done()
        assert worker.received.qsize() == 2


def test_an_attempt_without_a_response_in_time_fails(worker: Worker) -> None:
    worker.answers(HANG)
    task = tasks_v2.Task(
        name=f"{REPORTS}/tasks/r1-1",
        http_request={"url": worker.url},
        schedule_time=ahead(0),
        dispatch_deadline=dt.timedelta(milliseconds=100),
    )
    assert Dispatcher().send(StoredTask(task)) == AttemptResult(None, "DEADLINE_EXCEEDED")
