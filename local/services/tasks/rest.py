"""The HTTP rules of Cloud Tasks."""

from __future__ import annotations

_QUEUE = "projects/*/locations/*/queues/*"
RULES = {
    "CreateQueue": "POST /v2/{parent=projects/*/locations/*}/queues queue",
    "UpdateQueue": f"PATCH /v2/{{queue.name={_QUEUE}}} queue",
    "GetQueue": f"GET /v2/{{name={_QUEUE}}}",
    "PauseQueue": f"POST /v2/{{name={_QUEUE}}}:pause *",
    "ResumeQueue": f"POST /v2/{{name={_QUEUE}}}:resume *",
    "PurgeQueue": f"POST /v2/{{name={_QUEUE}}}:purge *",
    "CreateTask": f"POST /v2/{{parent={_QUEUE}}}/tasks *",
    "GetTask": f"GET /v2/{{name={_QUEUE}/tasks/*}}",
    "ListTasks": f"GET /v2/{{parent={_QUEUE}}}/tasks",
    "DeleteTask": f"DELETE /v2/{{name={_QUEUE}/tasks/*}}",
    "RunTask": f"POST /v2/{{name={_QUEUE}/tasks/*}}:run *",
}
"""By method; see `kit/rest.py`."""
