"""Writes the descriptors of google.firestore.v1 that the store reads, as google-cloud-firestore has them."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore_v1.types import firestore
from google.protobuf import descriptor_pb2

from shared.store.firestore.messages import COMMON, DESCRIPTORS

_DESCRIPTORS: Any = descriptor_pb2  # which has no types


def described() -> bytes:
    """The files that define the messages of Firestore's calls, each after those that it needs, without common ones."""
    files: dict[str, Any] = {}
    _add(firestore.CommitRequest.pb().DESCRIPTOR.file, files)
    common = {module.DESCRIPTOR.name for module in COMMON}
    found = _DESCRIPTORS.FileDescriptorSet(file=[one for name, one in files.items() if name not in common])
    return bytes(found.SerializeToString())


def _add(file: Any, files: dict[str, Any]) -> None:
    for needed in sorted(file.dependencies, key=lambda one: str(one.name)):
        _add(needed, files)
    if file.name not in files:
        files[file.name] = described = _DESCRIPTORS.FileDescriptorProto.FromString(file.serialized_pb)
        described.dependency.sort()  # the package makes them in no order


if __name__ == "__main__":
    DESCRIPTORS.write_bytes(described())
