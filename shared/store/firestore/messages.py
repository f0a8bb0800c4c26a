"""The messages of google.firestore.v1, as classes of the protobuf runtime.

They are made from the descriptors that `make firestore-api` takes from google-cloud-firestore. That package itself
wraps each message and is slow to import: it is not loaded. The descriptors are in a pool of their own, so a process may
load both. The message of events, which has such documents, is of another package and described here.
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
_EVENTS = "google.events.cloud.firestore.v1"


def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for module in COMMON:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    described: Any = descriptor_pb2
    for file in described.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file:
        pool.Add(file)
    pool.Add(_events(described))
    return pool


def _events(described: Any) -> Any:
    """The description of `DocumentEventData`. Its `Document` has the field numbers of that of google.firestore.v1."""
    dependency = ["google/cloud/firestore_v1/types/document.proto"]
    file = described.FileDescriptorProto(name="events.proto", package=_EVENTS, syntax="proto3", dependency=dependency)
    message, document = file.message_type.add(name="DocumentEventData"), ".google.firestore.v1.Document"
    for number, name in enumerate(("value", "old_value"), start=1):
        message.field.add(name=name, number=number, label=1, type=11, type_name=document)  # an optional message
    return file


_POOL = _pool()


def _message(name: str, package: str = "google.firestore.v1") -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"{package}.{name}"))


BatchGetDocumentsRequest = _message("BatchGetDocumentsRequest")
BatchGetDocumentsResponse = _message("BatchGetDocumentsResponse")
CommitRequest = _message("CommitRequest")
CommitResponse = _message("CommitResponse")
Document = _message("Document")
DocumentEventData = _message("DocumentEventData", _EVENTS)
RunAggregationQueryRequest = _message("RunAggregationQueryRequest")
RunAggregationQueryResponse = _message("RunAggregationQueryResponse")
RunQueryRequest = _message("RunQueryRequest")
RunQueryResponse = _message("RunQueryResponse")
