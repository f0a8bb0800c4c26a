"""Writes the descriptors of the messages that the product sends to Google, as Google's clients have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.cloud.firestore_v1.types import firestore
from google.cloud.kms_v1.types import service as kms
from google.cloud.tasks_v2.types import cloudtasks
from google.protobuf import descriptor_pb2

from infra.catalogue import ROOT
from shared.rpc.messages import COMMON

_DESCRIPTORS: Any = descriptor_pb2  # which has no types

SOURCES: dict[Path, Callable[[], Any]] = {
    ROOT / "shared" / "store" / "firestore" / "descriptors.binpb": firestore.CommitRequest.pb,
    ROOT / "shared" / "vault" / "kms.binpb": kms.EncryptRequest.pb,
    ROOT / "shared" / "gateways" / "tasks.binpb": cloudtasks.CreateTaskRequest.pb,
}
"""By file: the class of a message of the API, in Google's client."""


def described(message: Any) -> bytes:
    """The files that define the messages of an API, each after those that it needs, without common ones; `message` is
    the class of one of them."""
    files: dict[str, Any] = {}
    _add(message.DESCRIPTOR.file, files)
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
    for path, source in SOURCES.items():
        path.write_bytes(described(source()))
