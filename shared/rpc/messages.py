"""The messages of an API, as classes of the protobuf runtime, made from descriptors in a file.

Google's clients wrap each message, and are slow to import: they are not loaded. The descriptors are in a pool of their
own, so a process may load both. `make google-messages` takes them from Google's clients.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from google.type import latlng_pb2  # type: ignore[import-untyped]

_DESCRIPTORS: Any = descriptor_pb2  # which has no types
COMMON = (
    *(any_pb2, duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2),
    *(status_pb2, latlng_pb2),
)
"""What descriptors depend on, from packages that are loaded anyway."""


class Messages:
    """The messages that are described in a file, by their names in one package."""

    def __init__(self, package: str, descriptors: Path) -> None:
        self._package = package
        self._pool = DescriptorPool()
        for module in COMMON:
            self._pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
        for file in _DESCRIPTORS.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
            self.add(file)

    def add(self, file: Any) -> None:
        """Add a file, as a FileDescriptorProto, that may use the described messages."""
        self._pool.Add(file)

    def __getitem__(self, name: str) -> Any:
        """The class of a message. Raises KeyError."""
        return self.of(self._package, name)

    def of(self, package: str, name: str) -> Any:
        """The class of a message of another package. Raises KeyError."""
        return GetMessageClass(self._pool.FindMessageTypeByName(f"{package}.{name}"))
