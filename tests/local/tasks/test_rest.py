"""Cloud Tasks by REST, at the address where it speaks gRPC."""

from __future__ import annotations

import base64
import datetime as dt
import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.oauth2.credentials import Credentials

from local.services.kit.api_server import ApiServer
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import certificate
from local.services.tasks.endpoint import TasksEndpoint
from tests.local.tasks.stack import LOCATION, REPORTS, Client, Stack, ahead
from tests.local.tasks.worker import Worker


@pytest.fixture
def stacks(
    tmp_path: Path,
    recorder: Recorder,
    worker: Worker,
    certificate_folder: Path,
    credentials: Credentials,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Stack, Stack]]:
    """One endpoint, with Google's client by REST and by gRPC. The queue was made by the first."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate_folder / "tls.crt"))
    endpoint = TasksEndpoint(tmp_path, recorder)
    server = ApiServer(endpoint.handlers(), endpoint.rest(), certificate(certificate_folder))
    options = {"api_endpoint": server.address}
    with ExitStack() as open_ones:
        open_ones.callback(endpoint.stop)
        open_ones.callback(server.stop)
        by_rest, by_grpc = (
            open_ones.enter_context(Client(credentials=credentials, client_options=options, transport=transport))
            for transport in ("rest", "grpc")
        )
        stack = Stack(endpoint, by_rest, worker)
        stack.create_queue()
        yield stack, Stack(endpoint, by_grpc, worker)


@pytest.fixture
def create(stacks: tuple[Stack, Stack], credentials: Credentials) -> Iterator[Any]:
    """Creates a task as a function does. Returns the status and the JSON of the answer."""
    address = stacks[1].client.transport.host
    connection = HTTPSConnection(address, timeout=10, context=ssl.create_default_context())

    def ask(task: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {credentials.token}", "X-Server-Timeout": "10"}
        connection.request("POST", f"/v2/{REPORTS}/tasks", json.dumps({"task": task}), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    yield ask
    connection.close()


def test_a_task_is_created_and_dispatched(stacks: tuple[Stack, Stack], create: Any, recorder: Recorder) -> None:
    mark = recorder.mark()
    request = {
        "httpMethod": "POST",
        "url": f"{stacks[0].worker.url}/render",
        "headers": {"Content-Type": "application/json"},
        "body": base64.b64encode(b'{"report_id":"r1"}').decode(),
        "oidcToken": {"serviceAccountEmail": "tasks@example.com", "audience": "render"},
    }
    name = f"{REPORTS}/tasks/r1"
    code, answer = create({"name": name, "httpRequest": request, "dispatchDeadline": "15s"})
    assert (code, answer["name"], answer["view"]) == (200, name, "BASIC")
    received = stacks[0].worker.next()
    assert (received.path, received.body) == ("/render", b'{"report_id":"r1"}')
    assert recorder.calls(mark) == [Call("tasks", "CreateTask", "patients", name)]
    code, answer = create({"name": name, "httpRequest": request})
    assert (code, answer["error"]["status"]) == (409, "ALREADY_EXISTS")


@pytest.mark.parametrize(
    "task",
    [
        {"httpRequest": {"url": "ftp://a"}},
        {"httpRequest": {"url": "https://a", "httpMethod": "SEND"}},
        {"httpRequest": {"url": "https://a"}, "dispatchDeadline": "5s"},
        {"httpRequest": {"url": "https://a"}, "dispatchDeadline": 15},
        {"httpRequest": {"url": "https://a"}, "scheduleTime": "2199-01-01T00:00:00Z"},
        {"nope": 1},
    ],
)
def test_a_malformed_task_is_refused(create: Any, task: Any) -> None:
    code, answer = create(task)
    assert (code, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_lost_answer_is_unavailable_and_the_task_stays(
    stacks: tuple[Stack, Stack], create: Any, recorder: Recorder
) -> None:
    recorder.plant(Fault("tasks", "CreateTask", "patients", "cut"))
    code, answer = create({"httpRequest": {"url": stacks[0].worker.url}})
    assert (code, answer["error"]["status"]) == (503, "UNAVAILABLE")
    assert stacks[0].worker.next()


def test_googles_client_has_the_same_answers_by_both(stacks: tuple[Stack, Stack]) -> None:
    by_rest, by_grpc = stacks
    by_rest.client.pause_queue(name=REPORTS)
    at = ahead(60).replace(microsecond=123_000)
    for number, stack in enumerate(stacks):
        stack.create(f"t{number}", schedule_time=at, dispatch_deadline=dt.timedelta(seconds=20))
    full = tasks_v2.Task.View.FULL
    lists = []
    for stack in stacks:
        client = stack.client
        task = client.get_task(request={"name": f"{REPORTS}/tasks/t0", "response_view": full})
        listed = list(client.list_tasks(request={"parent": REPORTS, "page_size": 1, "response_view": full}))
        lists.append((task, listed, client.get_queue(name=REPORTS)))
    assert lists[0] == lists[1]
    assert [task.schedule_time for task in lists[0][1]] == [at, at]
    by_rest.client.delete_task(name=f"{REPORTS}/tasks/t0")
    by_rest.client.run_task(name=f"{REPORTS}/tasks/t1")
    by_rest.client.purge_queue(name=REPORTS)
    assert list(by_grpc.client.list_tasks(parent=REPORTS)) == []
    changed = {"name": REPORTS, "rate_limits": {"max_concurrent_dispatches": 3}}
    queue = by_rest.client.update_queue(request={"queue": changed})
    assert by_grpc.client.get_queue(name=REPORTS) == queue
    assert by_rest.client.resume_queue(name=REPORTS).state == tasks_v2.Queue.State.RUNNING
    with pytest.raises(exceptions.Conflict):
        by_rest.client.create_queue(request={"parent": LOCATION, "queue": {"name": REPORTS}})
