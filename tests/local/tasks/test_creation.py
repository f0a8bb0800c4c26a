"""Creation of tasks: validation, reserved names, and the request that the worker receives."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from google.api_core import exceptions

from local.services.kit import identity
from local.services.kit.recorder import Call, Fault, Recorder
from tests.local.tasks.stack import LOCATION, OTHER, REPORTS, Stack, ahead


def test_a_task_is_sent_once_and_unchanged(stack: Stack) -> None:
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


def test_headers_of_cloud_tasks_override_headers_of_the_task(stack: Stack) -> None:
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


def test_a_task_with_a_service_account_is_sent_with_its_token(stack: Stack) -> None:
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


def test_an_oversized_task_is_rejected(stack: Stack) -> None:
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


def test_a_name_is_reserved_while_its_task_waits_and_after_its_deletion(stack: Stack) -> None:
    task = stack.create("r1-1", schedule_time=ahead(60))
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")
    stack.client.delete_task(name=task.name)
    with pytest.raises(exceptions.NotFound):
        stack.client.get_task(name=task.name)
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_name_is_reserved_after_its_task_is_done(stack: Stack) -> None:
    stack.create("r1-1")
    stack.until_done()
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_a_name_is_free_after_its_reservation_ends(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.services.tasks.store.NAME_RESERVED", 0.0)
    task = stack.create("r1-1", schedule_time=ahead(60))
    stack.client.delete_task(name=task.name)
    assert stack.create("r1-1").name == task.name


def test_missing_tasks_and_queues_are_not_found(stack: Stack) -> None:
    calls: list[Callable[[], object]] = [
        lambda: stack.create(parent=f"{LOCATION}/queues/missing"),
        lambda: stack.client.get_queue(name=f"{LOCATION}/queues/missing"),
        lambda: stack.client.delete_task(name=f"{REPORTS}/tasks/missing"),
        lambda: stack.client.run_task(name=f"{REPORTS}/tasks/missing"),
    ]
    for call in calls:
        with pytest.raises(exceptions.NotFound):
            call()


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


def test_a_task_runs_if_the_response_to_its_creation_is_lost(stack: Stack, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("tasks", "CreateTask", "patients", "cut"))
    with pytest.raises(exceptions.ServiceUnavailable):
        stack.create("r1-1")
    assert fault.fired.is_set()
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")
    assert stack.worker.next().headers["X-CloudTasks-TaskName"] == "r1-1"
