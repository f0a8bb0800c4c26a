"""Payloads of the events of written documents: messages of google.events.cloud.firestore.v1.

Only functions of events read them, so only they load the protobuf runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, struct_pb2, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.type import latlng_pb2  # type: ignore[import-untyped]

from shared.store.firestore import values

_DESCRIPTORS: Any = descriptor_pb2  # which has no types


def _event_data() -> Any:
    """The class of `DocumentEventData`. Its `Document` has the field numbers of that of google.firestore.v1, which
    `make google-messages` takes from Google's client."""
    document = _DESCRIPTORS.FileDescriptorProto.FromString(Path(__file__).with_name("document.binpb").read_bytes())
    package = "google.events.cloud.firestore.v1"
    file = _DESCRIPTORS.FileDescriptorProto(
        name="events.proto", package=package, syntax="proto3", dependency=[document.name]
    )
    message = file.message_type.add(name="DocumentEventData")
    for number, name in enumerate(("value", "old_value"), start=1):
        message.field.add(name=name, number=number, label=1, type=11, type_name=f".{document.package}.Document")
    pool = DescriptorPool()  # of its own: a process may load Google's client too
    for module in (struct_pb2, timestamp_pb2, latlng_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for one in (document, file):
        pool.Add(one)
    return GetMessageClass(pool.FindMessageTypeByName(f"{package}.DocumentEventData"))


DocumentEventData = _event_data()


def written_fields(payload: Any, path: str) -> Mapping[str, Any] | None:
    """The fields of the document at `path` below the database, as the event's write left them.

    None if the payload does not say: the document was deleted, it is another one, or the payload cannot be read.
    """
    if not isinstance(payload, bytes):
        return None
    try:
        document = MessageToDict(DocumentEventData.FromString(payload).value)
        fields = values.read_fields(document.get("fields", {}))
    except (DecodeError, TypeError, ValueError):  # also a value of a type that is not known here
        return None
    return fields if document.get("name", "").partition("/documents/")[2] == path else None
