"""Cloud Tasks: deferred work, delivered at least once. The body of a task contains ids only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared import settings
from shared.singleton import singleton


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

    For about an hour, a repeated call with the same `deduplication_key` creates no second task.
    """
    from google.api_core.exceptions import AlreadyExists

    configured = settings.load(settings.Tasks)
    parent = f"projects/{configured.google_cloud_project}/locations/{configured.tasks_location}/queues/{queue}"
    url = configured.function_url.replace("{function}", function.replace("_", "-"))
    task: dict[str, Any] = {
        "http_request": {
            "http_method": "POST",
            "url": url,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(body).encode(),
            "oidc_token": {"service_account_email": configured.tasks_account, "audience": url},
        }
    }
    if deduplication_key is not None:
        task["name"] = f"{parent}/tasks/{hashlib.sha256(deduplication_key.encode()).hexdigest()}"
    if at is not None:
        task["schedule_time"] = at
    if within is not None:
        task["dispatch_deadline"] = within
    try:
        _client().create_task(request={"parent": parent, "task": task}, retry=None, timeout=20)
    except AlreadyExists:
        return


@singleton
def _client() -> Any:
    from google.cloud import tasks_v2

    endpoint = settings.load(settings.Tasks).tasks_endpoint
    return tasks_v2.CloudTasksClient(client_options={"api_endpoint": endpoint} if endpoint else None)
