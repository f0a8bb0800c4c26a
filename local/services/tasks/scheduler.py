"""Schedules the attempts of tasks, within the limits of their queues."""

from __future__ import annotations

import datetime as dt
import math
import threading
import time

from google.cloud import tasks_v2

from local.services.tasks.dispatcher import AttemptResult, Dispatcher, IdentityToken, unsigned_identity_token
from local.services.tasks.store import StoredTask, TaskStore


class Scheduler:
    """Attempts each task of the store when it is due, until it succeeds or its attempts are used up.

    An attempt is counted before it is made, and its result is stored after it. So an attempt that a stop (or a kill)
    interrupts is repeated at the next start, as a retry.
    """

    def __init__(
        self, store: TaskStore, backoff_scale: float, identity_token: IdentityToken = unsigned_identity_token
    ) -> None:
        self._store = store
        self._backoff_scale = backoff_scale
        self._dispatcher = Dispatcher(identity_token)
        self._changed = threading.Condition()
        self._in_flight: set[str] = set()
        self._buckets: dict[str, _TokenBucket] = {}
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="cloud-tasks", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Read the store again, after a change."""
        with self._changed:
            self._changed.notify_all()

    def attempt_now(self, name: str) -> StoredTask | None:
        """Attempt a task before it is due, or in a paused queue. None if the task does not exist."""
        with self._changed:
            if name not in self._in_flight:
                self._start(name)
            return self._store.task(name)

    def idle(self) -> bool:
        with self._changed:
            return not self._in_flight and not self._store.due(time.time())

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._dispatcher.stop()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                now = time.time()
                waits = [self._start_if_allowed(name) for name in self._store.due(now) if name not in self._in_flight]
                following = self._store.next_due(now)
                if following is not None:
                    waits.append(following - time.time())
                self._changed.wait(_until_first(waits))

    def _start_if_allowed(self, task: str) -> float:
        """Attempt a task that is due, within the limits of its queue; returns the seconds until the next check."""
        queue = self._queue(task)
        in_flight = sum(name.startswith(f"{queue.name}/tasks/") for name in self._in_flight)
        if in_flight >= queue.rate_limits.max_concurrent_dispatches:
            return math.inf  # the end of an attempt wakes this thread
        wait = self._buckets.setdefault(queue.name, _TokenBucket()).take(queue.rate_limits)
        if wait > 0:
            return wait
        self._start(task)
        return math.inf

    def _start(self, name: str) -> None:
        stored = self._store.task(name)
        if stored is None:
            return
        task, now = stored.task, dt.datetime.now(dt.UTC)
        task.dispatch_count += 1
        task.last_attempt = tasks_v2.Attempt(schedule_time=task.schedule_time, dispatch_time=now)
        if task.dispatch_count == 1:
            task.first_attempt = tasks_v2.Attempt(dispatch_time=now)
        self._store.save(stored)
        self._in_flight.add(name)
        threading.Thread(target=self._attempt, args=(stored,), daemon=True).start()

    def _attempt(self, stored: StoredTask) -> None:
        result = self._dispatcher.send(stored)
        with self._changed:
            # After a stop it is unknown whether the function finished: the task stays due.
            if not self._stopped:
                self._settle(stored, result)
            self._in_flight.discard(stored.task.name)
            self._changed.notify_all()

    def _settle(self, stored: StoredTask, result: AttemptResult) -> None:
        task, now = stored.task, dt.datetime.now(dt.UTC)
        retry = self._retry_config(task)
        if result.succeeded or _exhausted(task, retry, now):
            self._store.remove(task.name)
            return
        if result.status is not None:
            task.response_count += 1
            task.last_attempt.response_time = now
            task.last_attempt.response_status.message = result.reason
            stored.executions += result.status < 500
        stored.status, stored.reason = result.status, result.reason
        task.schedule_time = now + self._backoff_scale * backoff(retry, task.dispatch_count)
        self._store.save(stored)

    def _retry_config(self, task: tasks_v2.Task) -> tasks_v2.RetryConfig:
        """The task's own configuration, or its queue's."""
        return task.retry_config if "retry_config" in task else self._queue(task.name).retry_config

    def _queue(self, task: str) -> tasks_v2.Queue:
        queue = self._store.queue(task.partition("/tasks/")[0])
        assert queue is not None, "a task is created in a queue, and queues are never deleted"
        return queue


def _until_first(waits: list[float]) -> float | None:
    """The shortest of the waits, in seconds; None if all are infinite."""
    first = min(waits, default=math.inf)
    return None if first == math.inf else max(0.0, first)


class _TokenBucket:
    """The token bucket of one queue: each dispatch takes a token; tokens return at the queue's rate, up to a burst."""

    def __init__(self) -> None:
        self._tokens = math.inf
        self._at = time.monotonic()

    def take(self, limits: tasks_v2.RateLimits) -> float:
        """Take a token and return 0, or return the seconds until the next token."""
        now = time.monotonic()
        returned = (now - self._at) * limits.max_dispatches_per_second
        self._tokens = min(self._tokens + returned, limits.max_burst_size)
        self._at = now
        if self._tokens < 1:
            return (1 - self._tokens) / limits.max_dispatches_per_second
        self._tokens -= 1
        return 0.0


def backoff(retry: tasks_v2.RetryConfig, attempts: int) -> dt.timedelta:
    """The wait after this many failed attempts: it doubles `max_doublings` times, then grows linearly."""
    doublings = min(attempts - 1, retry.max_doublings)
    steps = attempts - doublings
    seconds = retry.min_backoff.total_seconds() * 2.0**doublings * steps
    return dt.timedelta(seconds=min(seconds, retry.max_backoff.total_seconds()))


def _exhausted(task: tasks_v2.Task, retry: tasks_v2.RetryConfig, now: dt.datetime) -> bool:
    """True if the attempts are used up and the retry duration, if limited, has passed too."""
    if retry.max_attempts < 0 or task.dispatch_count < retry.max_attempts:
        return False
    limit = retry.max_retry_duration
    return not limit or now - task.first_attempt.dispatch_time >= limit
