"""Phrases that a test writes in plaintext into every kind of item, to prove that the search finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from google.cloud import tasks_v2
from google.cloud.firestore_v1 import types

from local.services.firestore.backend import DATABASE, OWNER
from local.stack.environment import AUDIO_BUCKET, QUEUES
from local.stack.stack import Stack
from tests.journeys.leaks.exposed_data import storage_client

PLANTED = "planted"
"""Part of the name of every planted item."""


@contextmanager
def planted(stack: Stack, phrases: list[str]) -> Iterator[None]:
    """Within the `with` block, a document, an object, a task, an event and a log contain every phrase."""
    text = " | ".join(phrases)  # one line: metadata is sent in headers
    name = f"{DATABASE}/documents/{PLANTED}/{PLANTED}"
    nulls = {phrase: types.Value(null_value=0) for phrase in phrases}
    texts = types.ArrayValue(values=[types.Value(string_value=phrase) for phrase in phrases])
    fields = {"texts": types.Value(array_value=texts), "map": types.Value(map_value=types.MapValue(fields=nulls))}
    _commit(stack, types.Write(update=types.Document(name=name, fields=fields)))
    bucket = storage_client(stack).create_bucket(f"{PLANTED}-{datetime.now(UTC):%H%M%S%f}")
    # A function deletes the strange object from the bucket of recordings; its event stays.
    for blob in (bucket.blob(f"{PLANTED}/text"), storage_client(stack).bucket(AUDIO_BUCKET).blob(f"{PLANTED}/text")):
        blob.metadata = {"note": text}
        blob.upload_from_string(text, content_type="text/plain")
    client, task = _plant_task(stack, text)
    log = stack.logs / f"{PLANTED}.log"
    log.write_text(json.dumps({"message": text}))
    stack.wait_idle(60)
    try:
        yield
    finally:
        _commit(stack, types.Write(delete=name))
        bucket.delete(force=True)
        client.delete_task(name=task)
        log.unlink()
        stack.task_queues.history[:] = [kept for kept in stack.task_queues.history if PLANTED not in kept.name]
        events = stack.triggers.history
        events[:] = [kept for kept in events if PLANTED not in kept.event.headers["ce-subject"]]


def _commit(stack: Stack, write: types.Write) -> None:
    request = types.CommitRequest(database=DATABASE, writes=[write])
    stack.firestore.call("Commit", types.CommitRequest.serialize(request), OWNER)


def _plant_task(stack: Stack, text: str) -> tuple[tasks_v2.CloudTasksClient, str]:
    """Create a task that is due tomorrow; returns the client and the name of the task."""
    client = tasks_v2.CloudTasksClient(client_options={"api_endpoint": stack.client_environment()["TASKS_ENDPOINT"]})
    queue = f"{QUEUES}/reports"
    task = tasks_v2.Task(
        name=f"{queue}/tasks/{PLANTED}-{datetime.now(UTC):%H%M%S%f}",
        schedule_time=datetime.now(UTC) + timedelta(days=1),
        http_request={"url": stack.url, "body": text.encode()},
    )
    return client, client.create_task(parent=queue, task=task).name
