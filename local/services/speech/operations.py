"""Long-running operations that survive a restart of the local stack."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import grpc
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from local.services.kit.recorder import Recorder
from local.services.kit.rpc import recorded, refuse, service

_Empty: Any = empty_pb2.Empty  # type: ignore[attr-defined]  # made at import


class Operations:
    """Operations by name, each in a file. A finished operation never changes."""

    def __init__(self, folder: Path) -> None:
        """Load the operations in `folder`. An operation that was unfinished at the last stop fails with UNAVAILABLE."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._operations: dict[str, operations_pb2.Operation] = {}
        for file in sorted(folder.glob("*.operation")):
            operation = operations_pb2.Operation.FromString(file.read_bytes())
            self._operations[operation.name] = operation
            self.fail(operation.name, grpc.StatusCode.UNAVAILABLE, "The local stack stopped before it had finished.")

    def create(self, parent: str, metadata: Any) -> operations_pb2.Operation:
        """A new operation of the location `parent`; `metadata` is a protobuf message."""
        operation = operations_pb2.Operation(name=f"{parent}/operations/{uuid.uuid4().hex}")
        operation.metadata.Pack(metadata)
        with self._lock:
            self._store(operation)
        return operation

    def get(self, name: str) -> operations_pb2.Operation:
        """Raises StatusError (NOT_FOUND) if the operation does not exist."""
        with self._lock:
            return self._operations.get(name) or refuse(grpc.StatusCode.NOT_FOUND, f"There is no operation {name}.")

    def progress(self, name: str, metadata: Any) -> None:
        """Replace the metadata of an unfinished operation."""
        changed = operations_pb2.Operation()
        changed.metadata.Pack(metadata)
        self._change(name, changed)

    def succeed(self, name: str, response: Any, metadata: Any) -> None:
        """Finish an unfinished operation with its response."""
        changed = operations_pb2.Operation(done=True)
        changed.response.Pack(response)
        changed.metadata.Pack(metadata)
        self._change(name, changed)

    def fail(self, name: str, code: grpc.StatusCode, message: str) -> None:
        """Finish an unfinished operation with an error."""
        changed = operations_pb2.Operation(done=True)
        changed.error.code = code.value[0]
        changed.error.message = message
        self._change(name, changed)

    def all_done(self) -> bool:
        with self._lock:
            return all(operation.done for operation in self._operations.values())

    def handlers(self, recorder: Recorder) -> grpc.GenericRpcHandler:
        """The service google.longrunning.Operations; its calls are recorded as calls of `speech`."""
        lro = operations_pb2
        methods: dict[str, Any] = {
            "GetOperation": (lambda request: self.get(request.name), lro.GetOperationRequest, lro.Operation),
            "ListOperations": (self._list, lro.ListOperationsRequest, lro.ListOperationsResponse),
            "CancelOperation": (self._cancel, lro.CancelOperationRequest, _Empty),
        }
        return service("google.longrunning.Operations", **recorded(recorder, "speech", methods))

    def _list(self, request: operations_pb2.ListOperationsRequest) -> operations_pb2.ListOperationsResponse:
        """All operations of a location, in one page; the filter is ignored."""
        parent = request.name.removesuffix("/operations") + "/operations/"
        with self._lock:
            found = [operation for name, operation in self._operations.items() if name.startswith(parent)]
        return operations_pb2.ListOperationsResponse(operations=found)

    def _cancel(self, request: operations_pb2.CancelOperationRequest) -> Any:
        self.get(request.name)
        self.fail(request.name, grpc.StatusCode.CANCELLED, "The operation was cancelled.")
        return _Empty()

    def _change(self, name: str, changed: operations_pb2.Operation) -> None:
        with self._lock:
            before = self._operations[name]
            if before.done:
                return
            after = operations_pb2.Operation()
            after.CopyFrom(before)  # another thread may be sending the previous message
            after.MergeFrom(changed)
            self._store(after)

    def _store(self, operation: operations_pb2.Operation) -> None:
        file = self._folder / f"{operation.name.rpartition('/')[2]}.operation"
        new = file.with_suffix(".new")
        new.write_bytes(operation.SerializeToString())
        new.replace(file)
        self._operations[operation.name] = operation
