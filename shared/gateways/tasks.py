"""Cloud Tasks: deferred work, delivered at least once. The body of a task contains ids only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from google.api_core.exceptions import AlreadyExists

from shared import settings
from shared.rpc.channel import open_channel
from shared.rpc.messages import Messages
from shared.rpc.methods import Call, Methods, routing
from shared.singleton import singleton

_PACKAGE = "google.cloud.tasks.v2"
_HOST = "cloudtasks.googleapis.com"
_SCOPES = ("cloud-platform",)
_SECONDS = 20.0
"""For one call: as in google-cloud-tasks, which does not repeat it either."""


def enqueue(
    queue: str,
    function: str,
    body: Mapping[str, str | int],
    *,
    deduplication_key: str | None = None,
    at: datetime | None = None,
    within: timedelta | None = None,
) -> None:
    """Enqueue a call of `function` with `body`, not before `at`. A delivery that takes longer than `within` has failed:
    10 minutes if none is named, 30 at most.

    For about an hour, a repeated call with the same `deduplication_key` creates no second task. Raises
    google.api_core.exceptions.GoogleAPICallError; the task may have been created all the same.
    """
    configured = settings.load(settings.Tasks)
    parent = f"projects/{configured.google_cloud_project}/locations/{configured.tasks_location}/queues/{queue}"
    url = configured.function_url.replace("{function}", function.replace("_", "-"))
    call = {
        "http_method": "POST",
        "url": url,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body).encode(),
        "oidc_token": {"service_account_email": configured.tasks_account, "audience": url},
    }
    request = _messages()["CreateTaskRequest"](parent=parent, task={"http_request": call})
    if deduplication_key is not None:
        request.task.name = f"{parent}/tasks/{hashlib.sha256(deduplication_key.encode()).hexdigest()}"
    if at is not None:
        request.task.schedule_time.FromDatetime(at)
    if within is not None:
        request.task.dispatch_deadline.FromTimedelta(within)
    with suppress(AlreadyExists):
        _create_task()(request, routing("parent", parent), _SECONDS)


@singleton
def _create_task() -> Call:
    """The method, which is not called again: the answer to the first call may have been lost."""
    channel = open_channel(_HOST, _SCOPES, endpoint=settings.load(settings.Tasks).tasks_endpoint)
    return Methods(channel, f"{_PACKAGE}.CloudTasks").unary("CreateTask", _messages()["Task"])


@singleton
def _messages() -> Messages:
    return Messages(_PACKAGE, Path(__file__).with_name("tasks.binpb"))
