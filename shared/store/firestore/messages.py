"""The messages of google.firestore.v1, and that of its events, which is of another package and described here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2

from shared.rpc.messages import Messages

_EVENTS = "google.events.cloud.firestore.v1"


def _events() -> Any:
    """The description of `DocumentEventData`. Its `Document` has the field numbers of that of google.firestore.v1."""
    described: Any = descriptor_pb2
    dependency = ["google/cloud/firestore_v1/types/document.proto"]
    file = described.FileDescriptorProto(name="events.proto", package=_EVENTS, syntax="proto3", dependency=dependency)
    message, document = file.message_type.add(name="DocumentEventData"), ".google.firestore.v1.Document"
    for number, name in enumerate(("value", "old_value"), start=1):
        message.field.add(name=name, number=number, label=1, type=11, type_name=document)  # an optional message
    return file


_MESSAGES = Messages("google.firestore.v1", Path(__file__).with_name("descriptors.binpb"))
_MESSAGES.add(_events())

BatchGetDocumentsRequest = _MESSAGES["BatchGetDocumentsRequest"]
BatchGetDocumentsResponse = _MESSAGES["BatchGetDocumentsResponse"]
CommitRequest = _MESSAGES["CommitRequest"]
CommitResponse = _MESSAGES["CommitResponse"]
Document = _MESSAGES["Document"]
DocumentEventData = _MESSAGES.of(_EVENTS, "DocumentEventData")
RunAggregationQueryRequest = _MESSAGES["RunAggregationQueryRequest"]
RunAggregationQueryResponse = _MESSAGES["RunAggregationQueryResponse"]
RunQueryRequest = _MESSAGES["RunQueryRequest"]
RunQueryResponse = _MESSAGES["RunQueryResponse"]
