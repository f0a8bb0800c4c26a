"""Writes the description of a Firestore document, as Google's client has it, for the payloads of events."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore_v1.types import document
from google.protobuf import descriptor_pb2

from infra.catalogue import ROOT

PATH = ROOT / "shared" / "store" / "firestore" / "document.binpb"
_DESCRIPTORS: Any = descriptor_pb2  # which has no types


def described() -> bytes:
    """The file that defines the message, as a FileDescriptorProto."""
    file = document.Document.pb().DESCRIPTOR.file
    found = _DESCRIPTORS.FileDescriptorProto.FromString(file.serialized_pb)
    found.dependency.sort()  # the package makes them in no order
    return bytes(found.SerializeToString(deterministic=True))


if __name__ == "__main__":
    PATH.write_bytes(described())
