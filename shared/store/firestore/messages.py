"""The messages of google.firestore.v1, as classes of the protobuf runtime.

They are made from the descriptors that `make firestore-api` takes from google-cloud-firestore. That package itself
wraps each message and is slow to import: it is not loaded. The descriptors are in a pool of their own, so a process may
load both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from google.type import latlng_pb2  # type: ignore[import-untyped]

DESCRIPTORS = Path(__file__).with_name("descriptors.binpb")
COMMON = any_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2, status_pb2, latlng_pb2
"""What the descriptors depend on, from packages that are loaded anyway."""


def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for module in COMMON:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    described: Any = descriptor_pb2
    for file in described.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file:
        pool.Add(file)
    return pool


_POOL = _pool()


def _message(name: str) -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"google.firestore.v1.{name}"))


BatchGetDocumentsRequest = _message("BatchGetDocumentsRequest")
BatchGetDocumentsResponse = _message("BatchGetDocumentsResponse")
CommitRequest = _message("CommitRequest")
CommitResponse = _message("CommitResponse")
Document = _message("Document")
RunAggregationQueryRequest = _message("RunAggregationQueryRequest")
RunAggregationQueryResponse = _message("RunAggregationQueryResponse")
RunQueryRequest = _message("RunQueryRequest")
RunQueryResponse = _message("RunQueryResponse")
