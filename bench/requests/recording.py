"""The calls of an operation to Google, for the bare handler, and the documents that it changes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import grpc
from google.cloud import kms_v1
from google.cloud.firestore_v1 import types

from bench.requests.operations import Operation
from bench.requests.processes import Worker
from bench.visit import BareCall, RecordingProxy
from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.server import SERVICE
from local.services.kit.recorder import Call
from local.stack.stack import Stack

_SECONDS = 30
_METADATA = (("authorization", OWNER), ("google-cloud-resource-prefix", DATABASE))


class Recording:
    """A worker whose calls to Google are recorded; it uses the database of the stack."""

    def __init__(self, stack: Stack, start: Callable[[str], Worker]) -> None:
        """`start` starts the worker with a Firestore at this address."""
        self._recorder = stack.recorder
        self._proxy = RecordingProxy(stack.firestore)
        self._worker = start(self._proxy.address)

    def calls(self, operation: Operation, authorization: tuple[str, str]) -> list[BareCall]:
        """The calls to Firestore and the signatures of a request to a warm function."""
        if not operation.is_restored:
            self._worker.answer(operation.ask().by(authorization))
        self._proxy.calls.clear()
        mark = self._recorder.mark()
        self._worker.answer(operation.ask().by(authorization))
        signatures = [call for call in self._recorder.calls(mark) if call.method == "AsymmetricSign"]
        return [*self._proxy.calls, *map(_signature, signatures)]

    def stop(self) -> None:
        self._proxy.stop()


def _signature(call: Call) -> BareCall:
    """The call to KMS of a signature."""
    request = kms_v1.AsymmetricSignRequest(name=call.resource, digest={"sha256": bytes(32)})
    content = bytes(kms_v1.AsymmetricSignRequest.serialize(request))
    return {"service": "kms", "method": "AsymmetricSign", "request": base64.b64encode(content).decode()}


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
