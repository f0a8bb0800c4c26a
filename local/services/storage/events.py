"""The events of a bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from local.services.storage.conditions import Resource

FINALIZED = "google.cloud.storage.object.v1.finalized"
DELETED = "google.cloud.storage.object.v1.deleted"

_HEADER_SAFE = "!#$&'()*+,/:;<=>?@[\\]^`{|}~"
"""Characters that CloudEvents does not percent-encode in an HTTP header, besides letters and digits."""


@dataclass(frozen=True)
class StorageEvent:
    """A CloudEvent in binary mode; every delivery of an event has the same id."""

    id: str
    type: str
    """`google.cloud.storage.object.v1.finalized` or `….deleted`."""
    bucket: str
    name: str
    headers: Mapping[str, str]
    """The `ce-*` headers and the content type."""
    body: bytes
    """The object resource as JSON."""


def storage_event(event_type: str, resource: Resource, event_id: str) -> StorageEvent:
    """The event that `resource` was finalized or deleted."""
    attributes = {
        "specversion": "1.0",
        "id": event_id,
        "type": event_type,
        "source": f"//storage.googleapis.com/projects/_/buckets/{resource['bucket']}",
        "subject": f"objects/{resource['name']}",
        "time": resource["updated"],
        "bucket": resource["bucket"],
    }
    headers = {f"ce-{name}": quote(value, safe=_HEADER_SAFE) for name, value in attributes.items()}
    return StorageEvent(
        id=event_id,
        type=event_type,
        bucket=resource["bucket"],
        name=resource["name"],
        headers={"content-type": "application/json", **headers},
        body=json.dumps(resource).encode(),
    )
