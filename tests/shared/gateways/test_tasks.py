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
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksRestTransport
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from local.services.kit.servers import certificate
from shared import settings
from shared.gateways import tasks
from shared.rest.errors import (
    ApiError,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
)
from tests.support.planned_server import CUT, Failure, Half, PlannedCall, PlannedServer, Raw, trusting

CONFIGURED = {
    "GOOGLE_CLOUD_PROJECT": "aster",
    "TASKS_LOCATION": "asia-south1",
    "FUNCTION_URL": "https://{function}.run.example/",
    "TASKS_ACCOUNT": "tasks@aster.iam.gserviceaccount.com",
}
PARENT = "projects/aster/locations/asia-south1/queues/reports"
URL = "https://write-report.run.example/"
CREATED = {"name": f"{PARENT}/tasks/1"}

moments = st.integers(0, 10**15).map(lambda us: datetime.fromtimestamp(us / 10**6, timezone(timedelta(hours=5.5))))


def forget() -> None:
    """Clear all caches, as in a new process."""
    settings.load.cache_clear()
    tasks._api.cache_clear()


@pytest.fixture(scope="module")
def served(certificate_folder: Path) -> Iterator[PlannedServer]:
    """Cloud Tasks, which the gateway is configured for."""
    with (
        PlannedServer([CREATED]).serving(certificate(certificate_folder)) as server,
        trusting(certificate_folder / "tls.crt"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(google.auth, "default", lambda **_scopes: (AnonymousCredentials(), "aster"))
        for name, value in {**CONFIGURED, "TASKS_ENDPOINT": server.address}.items():
            patch.setenv(name, value)
        forget()
        yield server
    forget()


@pytest.fixture
def server(served: PlannedServer) -> PlannedServer:
    served.planned = [CREATED]
    served.calls.clear()
    return served


@pytest.fixture(scope="module")
def googles(served: PlannedServer) -> Iterator[tasks_v2.CloudTasksClient]:
    """Google's client of the same service."""
    transport = CloudTasksRestTransport(host=served.address, credentials=AnonymousCredentials())
    with tasks_v2.CloudTasksClient(transport=transport) as client:
        yield client


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
    served.planned, served.calls = [CREATED], []
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

    sent, expected = served.calls
    assert (sent.method, sent.path) == (expected.method, expected.path) == ("POST", f"/v2/{PARENT}/tasks")
    assert parsed(sent) == parsed(expected)
    for header in ("x-goog-request-params", "content-type"):
        assert sent.headers[header] == expected.headers[header]
    assert sent.headers["x-goog-api-client"].startswith("gl-python/")


def parsed(call: PlannedCall) -> Any:
    return ParseDict(call.content, tasks_v2.CreateTaskRequest.pb(tasks_v2.CreateTaskRequest()))


def test_a_task_that_was_created_before_is_created(server: PlannedServer) -> None:
    server.planned = [Failure("ALREADY_EXISTS")]

    enqueue(deduplication_key="attempt-1")

    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        *(
            (Failure(kind.code), kind)
            for kind in (
                NotFound,
                PermissionDenied,
                ResourceExhausted,
                InvalidArgument,
                FailedPrecondition,
                Unavailable,
                Internal,
            )
        ),
        (Raw(502), Unavailable),
        (Raw(409), ApiError),
        (CUT, Unavailable),
        (Half(CREATED), Unavailable),
    ],
)
def test_any_other_error_is_raised_at_once(server: PlannedServer, answer: Any, error: type[ApiError]) -> None:
    """The first call may have created the task, so that it is never made again."""
    server.planned = [answer, CREATED]

    with pytest.raises(error) as raised:
        enqueue(deduplication_key="attempt-1")

    assert type(raised.value) is error
    assert len(server.calls) == 1


def test_a_call_without_an_answer_ends_at_its_deadline(server: PlannedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SECONDS", 0.2)
    server.planned = [None]

    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        enqueue()
    assert time.monotonic() - began < 4
    assert len(server.calls) <= 1, "on a busy machine it may end before it comes"


@pytest.mark.parametrize("endpoint", [None, "127.0.0.1:8443"])
def test_cloud_tasks_is_opened_as_by_googles_client(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    asked: list[list[str]] = []

    def default(*, default_scopes: Any, **_others: Any) -> Any:
        asked.append(list(default_scopes))
        return AnonymousCredentials(), "aster"

    monkeypatch.delenv("TASKS_ENDPOINT", raising=False)
    for name, value in {**CONFIGURED, **({"TASKS_ENDPOINT": endpoint} if endpoint else {})}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(google.auth, "default", default)
    forget()
    try:
        ours = tasks._api()._connections
    finally:
        forget()
    googles = tasks_v2.CloudTasksClient(transport="rest", client_options={"api_endpoint": endpoint})

    assert asked[0] == asked[1]
    assert f"https://{ours.host}:{ours._port or 443}" in (googles.transport._host, f"{googles.transport._host}:443")
