"""Buckets, and the resources of their objects."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from local.services.storage.conditions import Resource
from local.services.storage.errors import invalid

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


@dataclass
class Bucket:
    """One bucket with the resources of its objects by name."""

    resource: Resource
    objects: dict[str, Resource] = field(default_factory=dict)


def new_bucket(settings: Resource) -> Resource:
    """The resource of a new bucket with the caller's settings."""
    name = str(settings.get("name", ""))
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid bucket name: '{name}'")
    time = timestamp()
    own = {"kind": "storage#bucket", "id": name, "metageneration": "1", "timeCreated": time, "updated": time}
    return {"location": "US", "storageClass": "STANDARD", **settings, **own}


def merged(target: Resource, changes: Resource) -> Resource:
    """`target` after a JSON merge patch: null removes, objects are merged, any other value replaces."""
    result = dict(target)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged_value(result.get(name), value)
    return result


def _merged_value(current: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    return merged(current if isinstance(current, dict) else {}, change)


def timestamp() -> str:
    """The current time as in RFC 3339."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
