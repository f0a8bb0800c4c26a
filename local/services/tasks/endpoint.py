"""Cloud Tasks, locally: queues that send HTTP tasks to functions until they succeed.

Not implemented: App Engine tasks, OAuth tokens, Retry-After, updates of single fields of a queue, and IAM.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from local.services.kit.recorder import Recorder
from local.services.kit.rest import RestApi, of_handlers
from local.services.kit.rpc import recorded, refuse, service
from local.services.tasks.dispatcher import IdentityToken, unsigned_identity_token
from local.services.tasks.rest import RULES
from local.services.tasks.scheduler import Scheduler
from local.services.tasks.store import TaskStore

_SERVICE = "google.cloud.tasks.v2.CloudTasks"
_FARTHEST = dt.timedelta(days=30)
_MAX_BYTES = 1_000_000
_MAX_PAGE = 1000
_SHORTEST_DEADLINE = dt.timedelta(seconds=15)
_LONGEST_DEADLINE = dt.timedelta(minutes=30)
_TASK_ID = re.compile(r"[a-zA-Z0-9_-]{1,500}")
_QUEUE_ID = re.compile(r"[a-zA-Z0-9-]{1,100}")

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_NOT_FOUND = grpc.StatusCode.NOT_FOUND
_EXISTS = grpc.StatusCode.ALREADY_EXISTS

# The client declares enum members as plain integers; typed Any, they are accepted where the enum is expected.
_State: Any = tasks_v2.Queue.State
_View: Any = tasks_v2.Task.View
_Method: Any = tasks_v2.HttpMethod
_Empty: Any = empty_pb2.Empty  # type: ignore[attr-defined]  # made at import


class TasksEndpoint:
    """google.cloud.tasks.v2.CloudTasks over the tasks in the folder `state`; it dispatches until `stop`.

    `backoff_scale` multiplies the waits between attempts: the local stack shortens them.
    """

    def __init__(
        self,
        state: Path,
        recorder: Recorder,
        backoff_scale: float = 1.0,
        identity_token: IdentityToken = unsigned_identity_token,
    ) -> None:
        self.history: list[tasks_v2.Task] = []
        """Every created task, in order; for tests."""
        self._recorder = recorder
        self._store = TaskStore(state)
        self._scheduler = Scheduler(self._store, backoff_scale, identity_token)

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """For a gRPC server."""
        return [service(_SERVICE, **recorded(self._recorder, "tasks", self._methods()))]

    def rest(self) -> RestApi:
        """The same methods by REST."""
        methods = self._methods()
        return of_handlers(RULES, methods, recorded(self._recorder, "tasks", methods))

    def _methods(self) -> dict[str, tuple[Callable[[Any], Any], Any, Any]]:
        v2 = tasks_v2
        return {
            "CreateQueue": (self._create_queue, v2.CreateQueueRequest, v2.Queue),
            "UpdateQueue": (self._update_queue, v2.UpdateQueueRequest, v2.Queue),
            "GetQueue": (self._get_queue, v2.GetQueueRequest, v2.Queue),
            "PauseQueue": (self._pause_queue, v2.PauseQueueRequest, v2.Queue),
            "ResumeQueue": (self._resume_queue, v2.ResumeQueueRequest, v2.Queue),
            "PurgeQueue": (self._purge_queue, v2.PurgeQueueRequest, v2.Queue),
            "CreateTask": (self._create_task, v2.CreateTaskRequest, v2.Task),
            "GetTask": (self._get_task, v2.GetTaskRequest, v2.Task),
            "ListTasks": (self._list_tasks, v2.ListTasksRequest, v2.ListTasksResponse),
            "DeleteTask": (self._delete_task, v2.DeleteTaskRequest, _Empty),
            "RunTask": (self._run_task, v2.RunTaskRequest, v2.Task),
        }

    def stop(self) -> None:
        """Stop dispatching. The next endpoint on this state repeats the attempts that are in flight."""
        self._scheduler.stop()
        self._store.close()

    def pending(self) -> list[tasks_v2.Task]:
        """All tasks that are not done: due, in flight, waiting for a retry or scheduled for later."""
        return self._store.all()

    def queues(self) -> list[tasks_v2.Queue]:
        """All queues, by name."""
        return self._store.queues()

    def idle(self) -> bool:
        """True if no task of a running queue is in flight or due now; a task that waits for a retry is due later."""
        return self._scheduler.idle()

    def _create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        queue = tasks_v2.Queue(request.queue)
        _check_id(queue.name, f"{request.parent}/queues/", _QUEUE_ID)
        _fill_queue_defaults(queue)
        if not self._store.add_queue(queue):
            refuse(_EXISTS, "Queue already exists.")
        return queue

    def _update_queue(self, request: tasks_v2.UpdateQueueRequest) -> tasks_v2.Queue:
        """Replace the whole configuration of a queue, or create it."""
        if request.update_mask.paths:
            refuse(grpc.StatusCode.UNIMPLEMENTED, "Here a queue is updated as a whole: leave out the mask.")
        queue = tasks_v2.Queue(request.queue)
        _check_id(queue.name, f"{queue.name.rpartition('/')[0]}/", _QUEUE_ID)
        _fill_queue_defaults(queue)
        if not self._store.add_queue(queue):
            queue.state = self._queue(queue.name).state
            self._store.save_queue(queue)
            self._scheduler.wake()
        return queue

    def _get_queue(self, request: tasks_v2.GetQueueRequest) -> tasks_v2.Queue:
        return self._queue(request.name)

    def _pause_queue(self, request: tasks_v2.PauseQueueRequest) -> tasks_v2.Queue:
        return self._set_state(request.name, _State.PAUSED)

    def _resume_queue(self, request: tasks_v2.ResumeQueueRequest) -> tasks_v2.Queue:
        return self._set_state(request.name, _State.RUNNING)

    def _purge_queue(self, request: tasks_v2.PurgeQueueRequest) -> tasks_v2.Queue:
        queue = self._queue(request.name)
        queue.purge_time = dt.datetime.now(dt.UTC)
        self._store.save_queue(queue)
        self._store.purge(queue.name)
        return queue

    def _create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        self._queue(request.parent)
        task = tasks_v2.Task(request.task)
        task.name = task.name or f"{request.parent}/tasks/{secrets.randbelow(10**19)}"
        _check_id(task.name, f"{request.parent}/tasks/", _TASK_ID)
        _check_request(task)
        now = dt.datetime.now(dt.UTC)
        task.create_time = now
        task.schedule_time = max(task.schedule_time or now, now)
        if task.schedule_time > now + _FARTHEST:
            refuse(_INVALID, "The schedule time is more than 30 days ahead.")
        if "retry_config" in task:
            _fill_retry_defaults(task.retry_config)
        if not self._store.add(task):
            refuse(_EXISTS, "A task has this name, or had it in the last hour.")
        self.history.append(task)
        self._scheduler.wake()
        return _viewed(task, request.response_view)

    def _get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        stored = self._store.task(request.name) or refuse(_NOT_FOUND, "Task does not exist.")
        return _viewed(stored.task, request.response_view)

    def _list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        queue = self._queue(request.parent)
        tasks = self._store.page(queue.name, after=request.page_token, most=size + 1)
        page = tasks[:size]
        return tasks_v2.ListTasksResponse(
            tasks=[_viewed(task, request.response_view) for task in page],
            next_page_token=page[-1].name if len(tasks) > size else "",
        )

    def _delete_task(self, request: tasks_v2.DeleteTaskRequest) -> Any:
        if not self._store.remove(request.name):
            refuse(_NOT_FOUND, "Task does not exist.")
        return _Empty()

    def _run_task(self, request: tasks_v2.RunTaskRequest) -> tasks_v2.Task:
        stored = self._scheduler.attempt_now(request.name) or refuse(_NOT_FOUND, "Task does not exist.")
        return _viewed(stored.task, request.response_view)

    def _queue(self, name: str) -> tasks_v2.Queue:
        return self._store.queue(name) or refuse(_NOT_FOUND, "Queue does not exist.")

    def _set_state(self, name: str, state: Any) -> tasks_v2.Queue:
        queue = self._queue(name)
        queue.state = state
        self._store.save_queue(queue)
        self._scheduler.wake()
        return queue


def _fill_queue_defaults(queue: tasks_v2.Queue) -> None:
    """Set missing fields to the defaults of a new queue; the burst size is about one second of tasks."""
    queue.state = _State.RUNNING
    _fill_retry_defaults(queue.retry_config)
    limits = queue.rate_limits
    limits.max_concurrent_dispatches = limits.max_concurrent_dispatches or 1000
    limits.max_dispatches_per_second = limits.max_dispatches_per_second or 500.0
    limits.max_burst_size = max(1, math.ceil(limits.max_dispatches_per_second))


def _fill_retry_defaults(retry: tasks_v2.RetryConfig) -> None:
    """Set missing fields to the defaults of Cloud Tasks; -1 attempts means no limit."""
    retry.max_attempts = retry.max_attempts or 100
    retry.max_doublings = retry.max_doublings or 16
    retry.min_backoff = retry.min_backoff or dt.timedelta(seconds=0.1)
    retry.max_backoff = retry.max_backoff or dt.timedelta(hours=1)


def _check_id(name: str, prefix: str, form: re.Pattern[str]) -> None:
    if not name.startswith(prefix) or not form.fullmatch(name.removeprefix(prefix)):
        refuse(_INVALID, f"The name must be {prefix} and an id.")


def _check_request(task: tasks_v2.Task) -> None:
    """Raises StatusError for a task that Cloud Tasks would reject, or that is not an HTTP task."""
    request, deadline = task.http_request, task.dispatch_deadline
    if not request.url.startswith(("http://", "https://")):
        refuse(_INVALID, "The task needs an HTTP request with an http or https URL.")
    if request.body and request.http_method not in (0, _Method.POST, _Method.PUT, _Method.PATCH):
        refuse(_INVALID, "A body goes with POST, PUT or PATCH only.")
    if deadline and not _SHORTEST_DEADLINE <= deadline <= _LONGEST_DEADLINE:
        refuse(_INVALID, "The dispatch deadline must be from 15 seconds to 30 minutes.")
    if len(tasks_v2.Task.serialize(task)) > _MAX_BYTES:
        refuse(_INVALID, f"The task is larger than {_MAX_BYTES} bytes.")


def _viewed(task: tasks_v2.Task, view: Any) -> tasks_v2.Task:
    """The task as a response contains it: with its body only in the full view."""
    shown = tasks_v2.Task(task)
    shown.view = view or _View.BASIC
    if shown.view != _View.FULL:
        shown.http_request.body = b""
    return shown
