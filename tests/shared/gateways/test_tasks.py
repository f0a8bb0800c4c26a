"""What is sent to Cloud Tasks, and how: beside Google's own client, at a server that fails as Cloud Tasks does."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import google.auth
import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from local.services.kit.servers import certificate
from shared import settings
from shared.gateways import tasks
from tests.support.planned_server import PlannedServer

CONFIGURED = {
    "GOOGLE_CLOUD_PROJECT": "aster",
    "TASKS_LOCATION": "asia-south1",
    "FUNCTION_URL": "https://{function}.run.example/",
    "TASKS_ACCOUNT": "tasks@aster.iam.gserviceaccount.com",
}
PARENT = "projects/aster/locations/asia-south1/queues/reports"
URL = "https://write-report.run.example/"
CREATED = tasks._messages()["Task"](name=f"{PARENT}/tasks/1")

moments = st.integers(0, 10**15).map(lambda us: datetime.fromtimestamp(us / 10**6, timezone(timedelta(hours=5.5))))


def forget() -> None:
    """Clear all caches, as in a new process."""
    settings.load.cache_clear()
    tasks._create_task.cache_clear()


@pytest.fixture(scope="module")
def served(certificate_folder: Path) -> Iterator[PlannedServer]:
    """Cloud Tasks, which the gateway is configured for."""
    with PlannedServer().serving(certificate(certificate_folder)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(google.auth, "default", lambda **_scopes: (AnonymousCredentials(), "aster"))
        for name, value in {**CONFIGURED, "TASKS_ENDPOINT": server.address}.items():
            patch.setenv(name, value)
        forget()
        yield server
    forget()


@pytest.fixture
def server(served: PlannedServer) -> PlannedServer:
    served.planned = [[CREATED]]
    served.calls.clear()
    return served


@pytest.fixture(scope="module")
def googles(served: PlannedServer) -> Iterator[tasks_v2.CloudTasksClient]:
    """Google's client of the same service."""
    with grpc.secure_channel(served.address, grpc.ssl_channel_credentials()) as channel:
        yield tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))


def enqueue(**how: Any) -> None:
    tasks.enqueue("reports", "write_report", {"report_id": "r"}, **how)


@examples(max_examples=50)
@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(0, 9), max_size=3),
    st.none() | st.text(max_size=8),
    st.none() | moments,
    st.none() | st.timedeltas(timedelta(seconds=15), timedelta(minutes=30)),
)
def test_calls_are_those_of_googles_client(
    served: PlannedServer,
    googles: tasks_v2.CloudTasksClient,
    body: dict[str, str | int],
    key: str | None,
    at: datetime | None,
    within: timedelta | None,
) -> None:
    """But for `x-goog-api-client`, which names the client that calls."""
    served.planned, served.calls = [[CREATED]], []
    task: dict[str, Any] = {
        "http_request": {
            "http_method": tasks_v2.HttpMethod.POST,
            "url": URL,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(body).encode(),
            "oidc_token": {"service_account_email": CONFIGURED["TASKS_ACCOUNT"], "audience": URL},
        },
        "name": f"{PARENT}/tasks/{hashlib.sha256(key.encode()).hexdigest()}" if key is not None else None,
        "schedule_time": at,
        "dispatch_deadline": within,
    }

    tasks.enqueue("reports", "write_report", body, deduplication_key=key, at=at, within=within)
    googles.create_task(request={"parent": PARENT, "task": {k: v for k, v in task.items() if v is not None}})

    (path, content, sent), (expected_path, expected_content, expected) = served.calls
    assert (path, content) == (expected_path, expected_content)
    assert sent["x-goog-request-params"] == expected["x-goog-request-params"]
    assert sent.keys() == expected.keys()


def test_a_task_that_was_created_before_is_created(server: PlannedServer) -> None:
    server.planned = [[grpc.StatusCode.ALREADY_EXISTS]]

    enqueue(deduplication_key="attempt-1")

    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.NOT_FOUND, exceptions.NotFound),
        (grpc.StatusCode.PERMISSION_DENIED, exceptions.PermissionDenied),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, exceptions.ResourceExhausted),
        (grpc.StatusCode.INVALID_ARGUMENT, exceptions.InvalidArgument),
        (grpc.StatusCode.FAILED_PRECONDITION, exceptions.FailedPrecondition),
        (grpc.StatusCode.UNAVAILABLE, exceptions.ServiceUnavailable),
        (grpc.StatusCode.INTERNAL, exceptions.InternalServerError),
    ],
)
def test_any_other_error_is_raised_at_once_as_by_googles_client(
    server: PlannedServer, googles: tasks_v2.CloudTasksClient, code: grpc.StatusCode, error: type[Exception]
) -> None:
    server.planned = [[code]]

    with pytest.raises(error):
        enqueue()
    assert len(server.calls) == 1
    with pytest.raises(error):
        googles.create_task(request={"parent": PARENT})
    assert len(server.calls) == 2


def test_a_call_without_an_answer_ends_at_its_deadline(server: PlannedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SECONDS", 0.2)
    server.planned = [[None]]

    began = time.monotonic()
    with pytest.raises(exceptions.DeadlineExceeded):
        enqueue()
    assert time.monotonic() - began < 4
    assert len(server.calls) <= 1, "on a busy machine it may end before it comes"


@pytest.mark.parametrize("endpoint", [None, "127.0.0.1:8443"])
def test_the_channel_is_opened_as_by_googles_client(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    asked: list[list[str]] = []
    opened: list[tuple[str, Any]] = []

    def default(default_scopes: Any, **_others: Any) -> Any:
        asked.append(list(default_scopes))
        return AnonymousCredentials(), "aster"

    def secure_channel(target: str, _credentials: Any, options: Any = (), **_others: Any) -> Any:
        opened.append((target, list(options)))
        return grpc.insecure_channel(target)

    monkeypatch.delenv("TASKS_ENDPOINT", raising=False)
    for name, value in {**CONFIGURED, **({"TASKS_ENDPOINT": endpoint} if endpoint else {})}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(google.auth, "default", default)
    monkeypatch.setattr(grpc, "secure_channel", secure_channel)
    forget()
    try:
        tasks._create_task()
    finally:
        forget()
    tasks_v2.CloudTasksClient(client_options={"api_endpoint": endpoint})

    assert opened[0] == opened[1]
    assert asked[0] == asked[1]
