"""Cloud Tasks: deferred work, delivered at least once. The body of a task contains ids only."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from shared import settings
from shared.rest.api import Api, Call, routing
from shared.rest.errors import AlreadyExists
from shared.rest.opening import open_api
from shared.singleton import singleton

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
    shared.rest.errors.ApiError; the task may have been created all the same.
    """
    configured = settings.load(settings.Tasks)
    parent = f"projects/{configured.google_cloud_project}/locations/{configured.tasks_location}/queues/{queue}"
    url = configured.function_url.replace("{function}", function.replace("_", "-"))
    request = {
        "httpMethod": "POST",
        "url": url,
        "headers": {"Content-Type": "application/json"},
        "body": b64encode(json.dumps(body).encode()).decode(),
        "oidcToken": {"serviceAccountEmail": configured.tasks_account, "audience": url},
    }
    task: dict[str, Any] = {"httpRequest": request}
    if deduplication_key is not None:
        task["name"] = f"{parent}/tasks/{hashlib.sha256(deduplication_key.encode()).hexdigest()}"
    if at is not None:
        task["scheduleTime"] = at.isoformat()
    if within is not None:
        task["dispatchDeadline"] = f"{within.total_seconds()}s"
    # Sent once: the answer to a first call may have been lost.
    with suppress(AlreadyExists):
        _api().call(Call(f"/v2/{parent}/tasks", routing("parent", parent), {"task": task}), _SECONDS)


@singleton
def _api() -> Api:
    return open_api(_HOST, _SCOPES, endpoint=settings.load(settings.Tasks).tasks_endpoint)
