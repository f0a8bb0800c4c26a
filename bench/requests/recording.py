"""The calls of an operation to Google, for the bare handler, and the documents that it changes."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import grpc
from google.cloud import kms_v1, tasks_v2
from google.cloud.firestore_v1 import types

from bench.requests.operations import Operation
from bench.requests.processes import Worker
from bench.visit import BareCall, RecordingProxy
from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.server import SERVICE
from local.services.kit.recorder import Call
from local.stack.stack import Stack

_SECONDS = 30
_NOWHERE = "http://127.0.0.1:9/"
_LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=20)
"""The task of the bare handler is never due."""
_METADATA = (("authorization", OWNER), ("google-cloud-resource-prefix", DATABASE))


class Recording:
    """A worker whose calls to Google are recorded; it uses the database of the stack."""

    def __init__(self, stack: Stack, start: Callable[[str], Worker]) -> None:
        """`start` starts the worker with a Firestore at this address."""
        self._recorder = stack.recorder
        self._proxy = RecordingProxy(stack.firestore)
        self._worker = start(self._proxy.address)

    def calls(self, operation: Operation, authorization: tuple[str, str]) -> list[BareCall]:
        """The calls to Firestore, KMS and Tasks of a request to a warm function."""
        if not operation.is_restored:
            self._worker.answer(operation.ask().by(authorization))
        self._proxy.calls.clear()
        mark = self._recorder.mark()
        self._worker.answer(operation.ask().by(authorization))
        return [*self._proxy.calls, *filter(None, map(_as_bare_call, self._recorder.calls(mark)))]

    def stop(self) -> None:
        self._proxy.stop()


def _as_bare_call(call: Call) -> BareCall | None:
    """The signature or the task that a call made; None for another call, which an instance makes once."""
    if call.method == "AsymmetricSign":
        signed = kms_v1.AsymmetricSignRequest(name=call.resource, digest={"sha256": bytes(32)})
        request = bytes(kms_v1.AsymmetricSignRequest.serialize(signed))
    elif call.method == "CreateTask":
        queue = call.resource.partition("/tasks/")[0]
        task = {"http_request": {"url": _NOWHERE, "body": bytes(100)}, "schedule_time": _LATER}
        request = bytes(tasks_v2.CreateTaskRequest.serialize(tasks_v2.CreateTaskRequest(parent=queue, task=task)))
    else:
        return None
    return {"service": call.service, "method": call.method, "request": base64.b64encode(request).decode()}


def restorer(firestore: str, calls: Iterable[BareCall]) -> Callable[[], None]:
    """Writes the documents that these calls write as they are now, or deletes those that do not exist yet."""
    channel: Any = grpc.insecure_channel(firestore)
    asked, found = types.BatchGetDocumentsRequest, types.BatchGetDocumentsResponse
    read = channel.unary_stream(f"{SERVICE}BatchGetDocuments", asked.serialize, found.deserialize)
    commit = channel.unary_unary(f"{SERVICE}Commit", types.CommitRequest.serialize, types.CommitResponse.deserialize)
    requests = [base64.b64decode(call["request"]) for call in calls if call["method"] == "Commit"]
    names = [write.update.name for request in requests for write in types.CommitRequest.deserialize(request).writes]
    before = list(
        read(asked(database=DATABASE, documents=list(dict.fromkeys(names))), timeout=_SECONDS, metadata=_METADATA)
    )
    writes = [types.Write(update=one.found) if one.found.name else types.Write(delete=one.missing) for one in before]
    request = types.CommitRequest(database=DATABASE, writes=writes)

    def restore() -> None:
        commit(request, timeout=_SECONDS, metadata=_METADATA)

    return restore
