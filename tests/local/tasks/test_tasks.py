"""The local Cloud Tasks, through Google's own client over TLS and a worker on a real socket."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.oauth2.credentials import Credentials

from local.services.kit import identity
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.tasks.dispatcher import AttemptResult, Dispatcher
from local.services.tasks.endpoint import TasksEndpoint
from local.services.tasks.scheduler import backoff
from local.services.tasks.store import StoredTask, TaskStore

LOCATION = "projects/demo-synapse/locations/asia-south1"
REPORTS = f"{LOCATION}/queues/reports"
OTHER = f"{LOCATION}/queues/other"
PATIENCE = 10.0

RESET = "reset"
"""A response of the worker: a connection reset, as when its process is killed."""
HANG = "hang"
"""A response of the worker: none before the test ends."""

Client = tasks_v2.CloudTasksClient


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


class Server(ThreadingHTTPServer):
    def shutdown_request(self, request: Any) -> None:
        """Close without a shutdown, which would turn a reset into a normal close."""
        self.close_request(request)


class Worker:
    """A function on a free port: records requests and responds with the statuses set by the test, then with 200."""

    def __init__(self) -> None:
        worker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                worker.handle(self)

            def do_PUT(self) -> None:
                worker.handle(self)

            def log_message(self, *args: object) -> None:
                """Log nothing."""

        self.received: queue.Queue[Received] = queue.Queue()
        self._answers: queue.Queue[int | str] = queue.Queue()
        self._ended = threading.Event()
        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answers(self, *answers: int | str) -> None:
        for answer in answers:
            self._answers.put(answer)

    def next(self) -> Received:
        return self.received.get(timeout=PATIENCE)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            answer = 200
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.received.put(Received(handler.command, handler.path, dict(handler.headers), body, time.time()))
        if answer == HANG:
            self._ended.wait()
        elif answer == RESET:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            handler.send_response(int(answer))
            handler.end_headers()

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


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
        """Return when a task created now is dispatched: earlier due tasks were dispatched before it."""
        self.create(path="/other", parent=OTHER)
        assert self.worker.next().path == "/other"


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def ahead(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.stop()


@pytest.fixture
def start(
    tmp_path: Path, recorder: Recorder, worker: Worker, certificate_folder: Path, credentials: Credentials
) -> Callable[..., Any]:
    """Starts the endpoint on the same state each time; a context manager that returns the stack."""

    @contextmanager
    def running(backoff_scale: float = 1.0) -> Iterator[Stack]:
        endpoint = TasksEndpoint(tmp_path, recorder, backoff_scale)
        server = GrpcServer(endpoint.handlers(), certificate(certificate_folder))
        try:
            with Client(credentials=credentials, client_options={"api_endpoint": server.address}) as client:
                yield Stack(endpoint, client, worker)
        finally:
            server.stop()
            endpoint.stop()

    return running


@pytest.fixture
def stack(start: Callable[..., Any]) -> Iterator[Stack]:
    """A stack with two queues."""
    with start() as stack:
        stack.create_queue()
        stack.create_queue(OTHER)
        yield stack


def test_a_task_is_sent_once_as_it_was_created(stack: Stack) -> None:
    created = stack.client.create_task(
        request={
            "parent": REPORTS,
            "task": {
                "http_request": {
                    "url": f"{stack.worker.url}/write?x=1",
                    "http_method": "PUT",
                    "headers": {"Content-Type": "application/json", "X-Request-Id": "7"},
                    "body": b"{}",
                }
            },
        }
    )
    received = stack.worker.next()
    assert (received.method, received.path, received.body) == ("PUT", "/write?x=1", b"{}")
    assert (received.headers["Content-Type"], received.headers["X-Request-Id"]) == ("application/json", "7")
    stack.until_done()
    assert stack.worker.received.empty()
    assert created.name.startswith(f"{REPORTS}/tasks/")


def test_the_first_attempt_carries_the_headers_of_cloud_tasks_over_the_tasks_own(stack: Stack) -> None:
    forged = {"X-CloudTasks-TaskRetryCount": "9", "X-CloudTasks-Forged": "1", "user-agent": "me"}
    request = {"url": stack.worker.url, "body": b"x", "headers": forged}
    created = stack.create("r1-1", http_request=request)
    headers = stack.worker.next().headers
    assert {name: value for name, value in headers.items() if name.lower().startswith(("x-", "user", "content-t"))} == {
        "User-Agent": "Google-Cloud-Tasks",
        "Content-Type": "application/octet-stream",
        "X-CloudTasks-QueueName": "reports",
        "X-CloudTasks-TaskName": "r1-1",
        "X-CloudTasks-TaskRetryCount": "0",
        "X-CloudTasks-TaskExecutionCount": "0",
        "X-CloudTasks-TaskETA": f"{created.schedule_time.timestamp():.6f}",
    }


def test_a_task_with_a_service_account_carries_its_token(stack: Stack) -> None:
    url = f"{stack.worker.url}/write_report"
    account = {"service_account_email": identity.service_account("write_report")}
    stack.create(http_request={"url": url, "oidc_token": account})
    stack.create(http_request={"url": url, "oidc_token": account | {"audience": "https://reports.example"}})
    authorizations = [stack.worker.next().headers["Authorization"] for _ in range(2)]
    assert [identity.caller(value) for value in authorizations] == ["write_report", "write_report"]
    tokens = [claims(value) for value in authorizations]
    assert {token["aud"] for token in tokens} == {url, "https://reports.example"}
    assert {token["iss"] for token in tokens} == {"https://accounts.google.com"}
    assert all(token["exp"] > time.time() for token in tokens)


def claims(authorization: str) -> dict[str, Any]:
    payload = authorization.removeprefix("Bearer ").split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return decoded


def test_a_scheduled_task_waits_for_its_time(stack: Stack) -> None:
    due = ahead(0.7)
    stack.create(path="/later", schedule_time=due)
    stack.create(path="/now")
    assert stack.worker.next().path == "/now"
    later = stack.worker.next()
    assert later.path == "/later"
    assert later.at >= due.timestamp()


def test_a_time_more_than_30_days_ahead_is_rejected(stack: Stack) -> None:
    stack.create(schedule_time=ahead(30 * 86400 - 60))
    with pytest.raises(exceptions.InvalidArgument):
        stack.create(schedule_time=ahead(30 * 86400 + 60))


def test_a_task_too_large_is_rejected(stack: Stack) -> None:
    stack.create(http_request={"url": stack.worker.url, "body": b"x" * 900_000}, schedule_time=ahead(60))
    with pytest.raises(exceptions.InvalidArgument, match="larger"):
        stack.create(http_request={"url": stack.worker.url, "body": b"x" * 1_000_000})


@pytest.mark.parametrize(
    "fields",
    [
        {"name": f"{OTHER}/tasks/in-another-queue"},
        {"name": f"{REPORTS}/tasks/with space"},
        {"http_request": {"url": "ftp://localhost/"}},
        {"http_request": {"url": "http://localhost/", "http_method": "GET", "body": b"x"}},
        {"dispatch_deadline": dt.timedelta(seconds=14)},
        {"dispatch_deadline": dt.timedelta(minutes=31)},
    ],
)
def test_a_malformed_task_is_rejected(stack: Stack, fields: Mapping[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        stack.create(**fields)
    assert stack.endpoint.pending() == []


def test_a_name_is_taken_while_its_task_waits_and_after_it_is_deleted(stack: Stack) -> None:
    task = stack.create("r1-1", schedule_time=ahead(60))
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")
    stack.client.delete_task(name=task.name)
    with pytest.raises(exceptions.NotFound):
        stack.client.get_task(name=task.name)
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_name_is_taken_after_its_task_is_done(stack: Stack) -> None:
    stack.create("r1-1")
    stack.until_done()
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_name_is_free_again_when_its_reservation_ends(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.services.tasks.store.NAME_RESERVED", 0.0)
    task = stack.create("r1-1", schedule_time=ahead(60))
    stack.client.delete_task(name=task.name)
    assert stack.create("r1-1").name == task.name


def test_a_failed_task_is_retried_with_the_reason(stack: Stack) -> None:
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


def test_a_function_that_does_not_listen_yet_is_retried(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    task = stack.create(http_request={"url": f"http://127.0.0.1:{port}/"}, retry_config={"max_attempts": -1})
    until(lambda: stack.client.get_task(name=task.name).dispatch_count >= 2)
    assert stack.client.get_task(name=task.name).response_count == 0


def test_a_task_is_given_up_after_the_last_attempt_of_its_queue(stack: Stack) -> None:
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


def test_the_local_stack_shortens_waits(start: Callable[..., Any], worker: Worker) -> None:
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


def test_a_paused_queue_keeps_its_tasks_until_it_is_resumed(stack: Stack) -> None:
    assert stack.client.pause_queue(name=REPORTS).state.name == "PAUSED"
    task = stack.create()
    stack.until_other_queue_dispatched()
    until(stack.endpoint.idle)
    assert [kept.name for kept in stack.endpoint.pending()] == [task.name]
    assert stack.worker.received.empty()
    assert stack.client.resume_queue(name=REPORTS).state.name == "RUNNING"
    assert stack.worker.next().headers["X-CloudTasks-TaskName"] == task.name.rpartition("/")[2]


def test_a_purged_queue_is_empty_and_the_other_is_not(stack: Stack) -> None:
    stack.create("r1-1", schedule_time=ahead(60))
    kept = stack.create(parent=OTHER, schedule_time=ahead(60))
    assert stack.client.purge_queue(name=REPORTS).purge_time
    assert [task.name for task in stack.endpoint.pending()] == [kept.name]
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_task_is_run_before_its_time_and_in_a_paused_queue(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    task = stack.create(schedule_time=ahead(600))
    assert stack.client.run_task(name=task.name).dispatch_count == 1
    stack.worker.next()
    stack.until_done()
    with pytest.raises(exceptions.NotFound):
        stack.client.run_task(name=task.name)


def test_a_deleted_task_is_not_sent(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    stack.client.delete_task(name=stack.create().name)
    stack.client.resume_queue(name=REPORTS)
    stack.until_other_queue_dispatched()
    stack.until_done()
    assert stack.worker.received.empty()


def test_a_queue_sends_no_more_at_once_than_its_limit(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/narrow"
    stack.create_queue(queue_name, limits={"max_concurrent_dispatches": 1})
    stack.worker.answers(HANG)
    stack.create(path="/first", parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.create(path="/second", parent=queue_name)
    stack.until_other_queue_dispatched()
    assert stack.worker.received.empty()


def test_a_queue_sends_no_faster_than_its_rate(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 4})
    for number in range(8):
        stack.create(path=f"/{number}", parent=queue_name)
    times = [stack.worker.next().at for _ in range(8)]
    assert times[3] - times[0] < 0.75, "four at once: those of a second"
    assert times[7] - times[0] > 0.75, "each of the others when the rate lets it"


def test_a_rate_below_one_per_second_still_dispatches_tasks(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 0.5})
    stack.create(path="/first", parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.create(path="/second", parent=queue_name)
    assert stack.worker.next().path == "/second"


def test_a_queue_that_waits_for_its_rate_is_not_idle_and_delays_no_other(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 0.1})
    for path in ["/first", "/second"]:
        stack.create(path=path, parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.until_other_queue_dispatched()
    assert not stack.endpoint.idle()


def test_a_queue_is_changed_as_a_whole_and_stays_paused(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    changed = tasks_v2.Queue(
        name=REPORTS, retry_config={"max_attempts": 2}, rate_limits={"max_concurrent_dispatches": 3}
    )
    fresh = tasks_v2.Queue(name=f"{LOCATION}/queues/fresh", rate_limits={"max_dispatches_per_second": 7})
    for wanted in (changed, fresh):
        stack.client.update_queue(queue=wanted)
    kept = stack.client.get_queue(name=REPORTS)
    assert (kept.retry_config.max_attempts, kept.rate_limits.max_concurrent_dispatches) == (2, 3)
    assert kept.state.name == "PAUSED"
    assert stack.client.get_queue(name=fresh.name).rate_limits.max_dispatches_per_second == 7
    assert [kept.name.rpartition("/")[2] for kept in stack.endpoint.queues()] == ["fresh", "other", "reports"]
    with pytest.raises(exceptions.MethodNotImplemented):
        stack.client.update_queue(queue=changed, update_mask={"paths": ["retry_config"]})


def test_lists_go_by_page_and_show_bodies_in_the_full_view_only(stack: Stack) -> None:
    created = {stack.create(f"r{number}", schedule_time=ahead(60)).name for number in range(5)}
    stack.create(parent=OTHER, schedule_time=ahead(60))
    listed = list(stack.client.list_tasks(request={"parent": REPORTS, "page_size": 2}))
    assert len(listed) == 5
    assert {task.name for task in listed} == created
    assert {task.http_request.body for task in listed} == {b""}
    full = stack.client.get_task(request={"name": listed[0].name, "response_view": tasks_v2.Task.View.FULL})
    assert full.http_request.body == b'{"report_id":"r1"}'


def test_a_queue_has_the_defaults_of_cloud_tasks_and_is_made_once(stack: Stack) -> None:
    name = f"{LOCATION}/queues/plain"
    stack.client.create_queue(request={"parent": LOCATION, "queue": {"name": name}})
    retry = stack.client.get_queue(name=name).retry_config
    assert (retry.max_attempts, retry.max_doublings) == (100, 16)
    assert (retry.min_backoff.total_seconds(), retry.max_backoff.total_seconds()) == (0.1, 3600)
    limits = stack.client.get_queue(name=name).rate_limits
    assert (limits.max_dispatches_per_second, limits.max_concurrent_dispatches) == (500, 1000)
    with pytest.raises(exceptions.AlreadyExists):
        stack.client.create_queue(request={"parent": LOCATION, "queue": {"name": name}})


def test_missing_tasks_and_queues_are_not_found(stack: Stack) -> None:
    uses: list[Callable[[], object]] = [
        lambda: stack.create(parent=f"{LOCATION}/queues/missing"),
        lambda: stack.client.get_queue(name=f"{LOCATION}/queues/missing"),
        lambda: stack.client.delete_task(name=f"{REPORTS}/tasks/missing"),
        lambda: stack.client.run_task(name=f"{REPORTS}/tasks/missing"),
    ]
    for use in uses:
        with pytest.raises(exceptions.NotFound):
            use()


def test_the_queues_are_busy_during_an_attempt_and_idle_with_a_later_task(stack: Stack) -> None:
    stack.create(schedule_time=ahead(60))
    assert stack.endpoint.idle()
    stack.worker.answers(HANG)
    stack.create()
    stack.worker.next()
    assert not stack.endpoint.idle()


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
    assert not store.add(tasks_v2.Task(name=f"{REPORTS}/tasks/done", schedule_time=ahead(0))), "its name is reserved"
    store.close()


def test_an_attempt_that_a_stop_interrupts_is_repeated(start: Callable[..., Any], worker: Worker) -> None:
    worker.answers(HANG)
    with start() as before:
        before.create_queue()
        before.create("r1-1")
        assert worker.next().headers["X-CloudTasks-TaskRetryCount"] == "0"
    with start() as after:
        assert worker.next().headers["X-CloudTasks-TaskRetryCount"] == "1"
        after.until_done()


def test_calls_are_recorded_with_caller_and_task_but_failed_calls_are_not(stack: Stack, recorder: Recorder) -> None:
    mark = recorder.mark()
    task = stack.create(schedule_time=ahead(60))
    with pytest.raises(exceptions.NotFound):
        stack.client.get_task(name=f"{REPORTS}/tasks/missing")
    list(stack.client.list_tasks(parent=REPORTS))
    stack.client.delete_task(name=task.name)
    assert recorder.calls(mark) == [
        Call("tasks", "CreateTask", "patients", task.name),
        Call("tasks", "ListTasks", "patients", REPORTS),
        Call("tasks", "DeleteTask", "patients", task.name),
    ]


def test_a_task_exists_and_runs_after_the_response_to_its_creation_is_lost(stack: Stack, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("tasks", "CreateTask", "patients", "cut"))
    with pytest.raises(exceptions.ServiceUnavailable):
        stack.create("r1-1")
    assert fault.fired.is_set()
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")
    assert stack.worker.next().headers["X-CloudTasks-TaskName"] == "r1-1"
